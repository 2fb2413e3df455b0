"""The pages for people: what they show, and that a click is the API's own edit. The forms are in test_page_forms.py."""

from itertools import pairwise

import httpx
import pytest

from sandbox.pages.rendering import local

WIN = 'mutation ($id: Int!) { updateDeal(id: $id, status: "ORDER") { id } }'
RELATE = "mutation ($id: String!) { updateOrganization(id: $id, customerRelation: IS_A_CUSTOMER) { id } }"


def events(base):
    return [(one["eventType"], one["coworker"]) for one in base.full.feed()]


def test_a_deal_is_won_and_reopened_by_clicks(base, browser):
    deal = base.a_deal()
    assert "Serviceavtal" in browser.page("/limego/")
    browser.click(f"/limego/affar/{deal}/flytta", till="ORDER")
    assert [one["eventType"] for one in base.full.feed()] == ["DealWon", "DealStatusChange"]
    browser.click(f"/limego/affar/{deal}/flytta", till="Ny")
    assert base.state()["deals"][0]["status"] == "Ny"
    assert base.state()["organizations"][0]["writes"] == {"person": 2}


def test_a_click_tells_the_same_as_the_apis_own_mutation(base, browser):
    first, second = base.a_company(), base.a_company()
    clicked, asked = base.a_deal(organizationId=first), base.a_deal(organizationId=second)
    base.person.data(WIN, id=asked)
    base.person.data(RELATE, id=second)
    by_the_api = events(base)
    browser.click(f"/limego/affar/{clicked}/flytta", till="ORDER")
    browser.click(f"/limego/foretag/{first}/relation", relation="IS_A_CUSTOMER")
    assert events(base) == by_the_api
    assert [one["customer_relation"] for one in base.state()["organizations"]] == ["IS_A_CUSTOMER"] * 2


@pytest.mark.parametrize("wanted", [{"till": "Förlorad"}, {"till": "Okänt"}, {}])
def test_a_refused_click_says_what_the_api_says(base, browser, wanted):
    deal = base.a_deal(status="ORDER")
    mutation = "mutation ($id: Int!, $status: String!) { updateDeal(id: $id, status: $status) { id } }"
    said = base.person.error(mutation, id=deal, status=wanted.get("till"))
    shown = browser.follow(browser.click(f"/limego/affar/{deal}/flytta", **wanted))
    assert browser.alert(shown) == f"Lime Go sa nej: {said}"
    assert base.state()["deals"][0]["status"] == "ORDER"


def test_a_company_shows_its_erp_tab(base, browser):
    company = base.a_company(customFields={"Fortnox kundnummer": "4711", "Fortnox": "väntar: organisationsnummer saknas"})
    invoice = {
        **{"organizationId": company, "customerName": "Nordvikens Bygg AB", "amount": "1250.00", "currency": "SEK"},
        **{"invoiceDate": "2026-03-01", "balance": "0.00", "paymentStatus": "paid", "isCreditNote": False, "rows": []},
    }
    assert base.full.http.put("/erp/invoices/1023", json=invoice).status_code == 201
    shown = browser.page(f"/limego/foretag/{company}").partition('id="erp"')[2]
    for text in ("4711", "väntar: organisationsnummer saknas", "1023", "betald", "1\N{NO-BREAK SPACE}250,00 SEK"):
        assert text in shown


def test_ten_thousand_companies_are_shown_in_pages_and_found(base, browser):
    companies = [{"name": f"Företag {n:05d} AB", "organizationNumber": f"55{n:08d}"} for n in range(10_000)]
    companies[4321]["customerRelation"] = "WAS_A_CUSTOMER"
    base.bulk(organizations=companies)
    first = browser.page("/limego/foretag")
    assert "1–50 av 10000 företag" in first
    assert "Sida 1 av 200" in first
    assert ("Företag 09999 AB" in first, "Företag 09949 AB" in first) == (True, False)
    assert "Företag 09949 AB" in browser.page("/limego/foretag", sida="2")
    assert browser.page("/limego/foretag", sida="999").count("<tr>") == 51
    for found in ({"sok": "04321"}, {"sok": "550000-4321"}, {"relation": "WAS_A_CUSTOMER"}):
        assert "1 företag" in browser.page("/limego/foretag", **found)
        assert "Företag 04321 AB" in browser.page("/limego/foretag", **found)
    assert "Sida 1 av" in browser.page("/limego/foretag", sida="två")


def test_the_pipeline_shows_the_latest_of_each_step_and_leads_to_the_rest(base, browser):
    company = base.a_company()
    base.bulk(deals=[{"name": f"Affär {n}", "value": 100, "organizationId": company} for n in range(60)])
    board = browser.page("/limego/")
    assert ("Affär 59" in board, "Affär 51" in board) == (True, False)
    assert "52 till i Ny" in board
    assert "6\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}kr" in board
    assert "Affär 3<" in browser.page("/limego/affarer", steg="Ny", sida="2")
    assert "0 affärer" in browser.page("/limego/affarer", steg="ORDER")
    assert "1 affär<" in browser.page("/limego/affarer", sok="affär 37")
    assert "60 affärer" in browser.page("/limego/affarer", foretag=company)
    assert "Alla 60 affärer" in browser.page(f"/limego/foretag/{company}")


def test_products_are_found(base, browser):
    for number, name in (("A/1", "Skruv"), ("A/2", "Mutter")):
        base.full.http.put(f"/erp/products/{number.replace('/', '%2F')}", json={"description": name, "active": True})
    assert "2 produkter" in browser.page("/limego/produkter")
    found = browser.page("/limego/produkter", sok="skr")
    assert ("Skruv" in found, "Mutter" in found) == (True, False)


def test_a_page_loads_itself_anew_until_a_person_has_it_stand_still(base, browser):
    company = base.a_company()
    live = ("/limego/", f"/limego/foretag/{company}", "/limego/produkter")
    assert all('http-equiv="refresh"' in browser.page(path) for path in live)
    still = (f"/limego/foretag/{company}/redigera", "/limego/foretag", "/limego/affarer", "/limego/affar/ny")
    assert not any('http-equiv="refresh"' in browser.page(path) for path in still)
    # What went wrong is shown once, and not longer than it takes to read it.
    assert 'content="8;url=/limego/?databas=' in browser.page("/limego/", fel="nej")
    for path in live:
        still = browser.page(path, stilla="1")
        assert 'http-equiv="refresh"' not in still
        # It goes on so, until the person wants to watch again.
        assert all("stilla=1" in link for link in browser.parts(path, stilla="1").links if link.startswith("/limego/foretag?"))
        assert f'<a href="{path}?databas={base.name}">Hämta om löpande' in still


def test_every_page_is_made_for_keyboards_and_screen_readers(base, browser):
    company, deal = base.a_company(), base.a_deal()
    person = base.a_person(organizationId=company)
    paths = ("", "affarer", f"affar/{deal}", f"affar/{deal}/redigera", "affar/ny", "foretag", "foretag/ny", f"foretag/{company}")
    more = (f"foretag/{company}/redigera", f"foretag/{company}/person", f"person/{person}", "produkter")
    for path in (*paths, *more):
        found = browser.parts(f"/limego/{path}")
        assert found.levels[0] == 1, path
        assert 1 not in found.levels[1:], path
        assert all(after <= before + 1 for before, after in pairwise(found.levels)), path
        assert (found.nameless, found.scripts) == ([], []), path


def test_a_product_shows_when_it_changed_on_the_stockholm_clock():
    assert local("2026-07-01T10:00:00.000+00:00") == "2026-07-01 12:00:00"


def test_a_name_is_shown_as_text(base, browser):
    base.a_deal(name="<script>alert(1)</script>")
    assert "<script>" not in browser.page("/limego/")


def test_a_click_never_leads_to_another_site(base, browser):
    deal = base.a_deal()
    for address in ("https://example.com/", "//example.com/"):
        assert browser.click(f"/limego/affar/{deal}/flytta", till="Offert", tillbaka=address) == "/"


def test_what_is_not_there_is_a_page_that_says_so(base, browser):
    for path in ("foretag/finns-inte", "affar/1", "affar/1/redigera", "person/finns-inte", "foretag/finns-inte/redigera"):
        answer = browser.http.get(f"/limego/{path}", params={"databas": base.name})
        assert (answer.status_code, "finns inte" in browser.alert(answer.text)) == (404, True), path


def test_the_first_page_and_its_style_are_there(address):
    assert "Lime Go" in httpx.get(address).text
    assert httpx.get(f"{address}/static/sandbox.css").status_code == 200
    assert httpx.get(f"{address}/limego/", params={"databas": "finns-inte"}).status_code == 404
