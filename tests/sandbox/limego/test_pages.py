"""The pages for people: what they show, and that a click is the API's own edit."""

import httpx

from sandbox.pages.rendering import local


def page(base, path, **query):
    answer = base.control.get(str(base.control.base_url).replace("/control/", path), params={"databas": base.name, **query})
    assert answer.status_code == 200, answer.text
    return answer.text


def click(base, path, **fields):
    answer = base.control.post(str(base.control.base_url).replace("/control/", path), data={"databas": base.name, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_deal_is_won_and_reopened_by_clicks(base):
    deal = base.a_deal()
    assert "Serviceavtal" in page(base, "/limego/")
    click(base, f"/limego/affar/{deal}/flytta", till="ORDER", tillbaka="/limego/")
    assert [one["eventType"] for one in base.full.feed()] == ["DealWon", "DealStatusChange"]
    assert "fel=" in click(base, f"/limego/affar/{deal}/flytta", till="Förlorad", tillbaka="/limego/")
    click(base, f"/limego/affar/{deal}/flytta", till="Ny", tillbaka="/limego/")
    assert base.state()["deals"][0]["status"] == "Ny"
    assert base.state()["organizations"][0]["writes"] == {"person": 2}


def test_a_company_shows_its_numbers_and_takes_a_new_one(base):
    company = base.a_company(customFields={"Fortnox kundnummer": "4711", "Fortnox": "väntar: organisationsnummer saknas"})
    shown = page(base, f"/limego/foretag/{company}")
    assert "4711" in shown
    assert 'http-equiv="refresh"' in shown
    assert 'http-equiv="refresh"' not in page(base, f"/limego/foretag/{company}", redigera="1")
    click(base, f"/limego/foretag/{company}/nummer", nummer="559900-0019")
    assert base.state()["organizations"][0]["organization_number"] == "559900-0019"
    assert "fel=" in click(base, f"/limego/foretag/{company}/nummer")
    assert base.state()["organizations"][0]["organization_number"] == "559900-0019"


def test_a_product_shows_when_it_changed_on_the_stockholm_clock():
    assert local("2026-07-01T10:00:00.000+00:00") == "2026-07-01 12:00:00"


def test_a_name_is_shown_as_text(base):
    base.a_deal(name="<script>alert(1)</script>")
    assert "<script>" not in page(base, "/limego/")


def test_a_click_never_leads_to_another_site(base):
    deal = base.a_deal()
    for address in ("https://example.com/", "//example.com/"):
        assert click(base, f"/limego/affar/{deal}/flytta", till="Offert", tillbaka=address) == "/"


def test_the_first_page_and_its_style_are_there(address):
    assert "Lime Go" in httpx.get(address).text
    assert httpx.get(f"{address}/static/sandbox.css").status_code == 200
    assert httpx.get(f"{address}/limego/", params={"databas": "finns-inte"}).status_code == 404
