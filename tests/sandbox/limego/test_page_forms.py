"""The forms on Lime Go's pages: they send what the API takes, and show what it refuses without losing what was filled in."""

from decimal import Decimal

ADDRESSES = {"post_gata": "Kajen 1", "post_postnummer": "972 31", "post_ort": "Luleå", "post_land": "SE", "visit_gata": "Kajen 2"}


def test_a_company_is_made_and_edited_in_its_forms(base, browser):
    given = {"namn": "Nordvikens Bygg AB", "nummer": "", "epost": "info@nordviken.example", "telefon": "010-555 01 01, 070-1"}
    place = browser.click("/limego/foretag/ny", **given, **ADDRESSES)
    assert "Skapat." in browser.follow(place)
    made = base.state()["organizations"][0]
    assert (made["name"], made["organization_number"], made["phone_number"]) == (given["namn"], None, ["010-555 01 01", "070-1"])
    assert made["postal_address"] == {"street": "Kajen 1", "zip_code": "972 31", "city": "Luleå", "country_code": "SE"}
    assert made["visit_address"] == {"street": "Kajen 2", "zip_code": None, "city": None, "country_code": None}
    edit = f"/limego/foretag/{made['id']}/redigera"
    assert 'value="Kajen 1"' in browser.page(edit)
    browser.click(edit, **{**given, **ADDRESSES, "nummer": "559900-0019", "epost": "", "visit_gata": "", "ansvarig": "1"})
    after = base.state()["organizations"][0]
    assert (after["organization_number"], after["email"], after["visit_address"], after["responsible"]) == (
        *("559900-0019", None, None, 1),
    )
    # As a client that names one field: the others stay.
    browser.click(edit, nummer="559900-0027")
    assert base.state()["organizations"][0] == {**after, "organization_number": "559900-0027", "writes": {"person": 3}}


def test_a_refused_form_says_why_and_keeps_what_was_filled_in(base, browser):
    company, deal = base.a_company(), base.a_deal(status="ORDER")
    create = "mutation ($n: String!) { createOrganization(name: $n) { id } }"
    refused = {
        "/limego/foretag/ny": ({"namn": " ", "epost": "x@y.example"}, base.person.error(create, n="")),
        f"/limego/foretag/{company}/redigera": ({"namn": "N" * 256}, base.person.error(create, n="N" * 256)),
        f"/limego/foretag/{company}/person": ({"namn": "", "epost": "x@y.example"}, base.person.error(create, n="")),
        f"/limego/affar/{deal}/redigera": (
            {"namn": "Ny"},
            base.person.error('mutation ($d: Int!) { updateDeal(id: $d, name: "Ny") { id } }', d=deal),
        ),
    }
    before = base.state()
    for path, (fields, said) in refused.items():
        shown = browser.refused(path, **fields)
        assert browser.alert(shown) == f"Lime Go sa nej: {said}", path
        assert all(f'value="{value}"' in shown for value in fields.values() if value.strip()), path
    assert base.state() == before


def test_who_may_not_create_is_told_so(base, browser):
    base.change(permissions={"1": []})
    for path in ("/limego/foretag/ny", "/limego/affar/ny"):
        assert "no permission" in browser.alert(browser.refused(path, namn="Nytt"))
    assert base.state()["organizations"] == base.state()["deals"] == []


def test_whoever_changes_what_the_register_keeps_is_told_that_it_stays(base, browser):
    company = base.a_company(id="pase17", organizationNumber="559900-0019")
    edit = f"/limego/foretag/{company}/redigera"
    assert "readonly" in browser.page(edit)
    assert "Limes register" in browser.alert(browser.refused(edit, nummer="559900-0027"))
    assert base.state()["organizations"][0]["organization_number"] == "559900-0019"
    assert "klart=" in browser.click(edit, nummer="559900-0019", epost="info@nordviken.example")
    base.switch(register_data="free")
    assert "readonly" not in browser.page(edit)
    browser.click(edit, nummer="559900-0027")
    assert base.state()["organizations"][0]["organization_number"] == "559900-0027"


def test_a_deal_is_made_for_a_company_and_edited(base, browser):
    company = base.a_company()
    person = base.a_person(organizationId=company)
    assert 'value="Nordvikens Bygg AB"' in browser.page("/limego/affar/ny", foretag=company)
    given = {"namn": "Serviceavtal", "varde": "48 000,50", "foretag": "Nordvikens Bygg AB", "foretag_id": company}
    place = browser.click("/limego/affar/ny", **given, kontakt=person, **{"falt:Beställningsnummer": "PO 17"})
    assert "Skapat." in browser.follow(place)
    deal = base.state()["deals"][0]
    assert (Decimal(str(deal["value"])), deal["organization"], deal["contact"]) == (Decimal("48000.5"), company, person)
    assert (deal["status"], deal["custom_fields"]) == ("Ny", {"Beställningsnummer": "PO 17"})
    edit = f"/limego/affar/{deal['id']}/redigera"
    assert 'value="48000,50"' in browser.page(edit)
    browser.click(edit, namn="Ramavtal", varde="", foretag="", foretag_id=company, ansvarig="1")
    after = base.state()["deals"][0]
    assert (after["name"], after["value"], after["organization"], after["responsible"]) == ("Ramavtal", None, None, 1)


def test_a_value_that_is_no_number_is_refused(base, browser):
    for value in ("gratis", "NaN", "1e99"):
        assert browser.alert(browser.refused("/limego/affar/ny", namn="Serviceavtal", varde=value))
    assert base.state()["deals"] == []


def test_a_deals_company_is_found_by_name_number_or_id_or_chosen_among_several(base, browser):
    one = base.a_company(name="Nordvikens Bygg AB", organizationNumber="559900-0019")
    other = base.a_company(name="Nordvikens Bygg AB", organizationNumber="559900-0027")
    alone = base.a_company(name="Sydvikens Måleri AB")
    for text, wanted in (("559900-0027", other), ("5599000019", one), (alone, alone), ("sydviken", alone)):
        browser.click("/limego/affar/ny", namn="Serviceavtal", foretag=text)
        assert base.state()["deals"][-1]["organization"] == wanted
    many = browser.refused("/limego/affar/ny", namn="Serviceavtal", foretag="Nordvikens Bygg AB")
    assert all(f'name="valt" value="{company}"' in many for company in (one, other))
    browser.click("/limego/affar/ny", namn="Serviceavtal", foretag="Nordvikens Bygg AB", valt=other)
    assert base.state()["deals"][-1]["organization"] == other
    assert "Inget företag heter" in browser.alert(browser.refused("/limego/affar/ny", namn="Serviceavtal", foretag="Okänt"))
    assert "no organization" in browser.alert(browser.refused("/limego/affar/ny", namn="X", foretag="Okänt", valt="finns-inte"))


def test_a_contact_person_is_made_and_gets_another_address(base, browser):
    company = base.a_company()
    assert "Vera Tallmo" in browser.follow(browser.click(f"/limego/foretag/{company}/person", namn="Vera Tallmo", epost=""))
    person = base.state()["persons"][0]
    assert (person["name"], person["email"], person["employer"]) == ("Vera Tallmo", None, company)
    assert "vera@x.example" in browser.follow(browser.click(f"/limego/person/{person['id']}", epost="vera@x.example"))
