"""Mutations: what they change, what they refuse, the pipeline, and what is counted."""

import pytest

MOVE = "mutation ($id: Int!, $to: String!) { updateDeal(id: $id, status: $to) { status statusAssessment } }"
CHANGE = """mutation ($id: String!, $relation: CustomerRelation, $fields: [CustomFieldInput!]) {
  updateOrganization(id: $id, customerRelation: $relation, customFields: $fields) {
    customerRelation customFields { title value }
  }
}"""
RENAME = """mutation ($id: String!, $name: String, $number: String) {
  updateOrganization(id: $id, name: $name, organizationNumber: $number) { name organizationNumber } }"""
VALUE = "mutation ($id: Int!, $value: Decimal) { updateDeal(id: $id, value: $value) { value } }"


def test_a_closed_deal_must_be_reopened_before_it_changes_unless_a_switch_unlocks_it(base):
    deal = base.a_deal(status="ORDER")
    rename = 'mutation ($id: Int!, $to: String) { updateDeal(id: $id, name: "Ny", status: $to) { name } }'
    for to in (None, "Förlorad", "ORDER"):
        assert "Move it back" in base.person.error(rename, id=deal, to=to)
    assert base.state()["deals"][0]["name"] == "Serviceavtal"
    assert base.person.data(rename, id=deal, to="Ny")["updateDeal"] == {"name": "Ny"}
    base.switch(closed_deals_locked=False)
    for to in ("ORDER", "Förlorad"):
        base.person.data(MOVE, id=deal, to=to)
    assert base.person.data(rename, id=deal)["updateDeal"] == {"name": "Ny"}


def test_winning_leaves_the_relation_unless_the_switch_says_so(base):
    company = base.a_company()
    base.person.data(MOVE, id=base.a_deal(organizationId=company), to="ORDER")
    assert base.state()["organizations"][0]["customer_relation"] == "NO_RELATION"
    base.switch(winning_sets_relation=True)
    for _ in range(2):
        base.person.data(MOVE, id=base.a_deal(organizationId=company), to="ORDER")
    assert base.state()["organizations"][0]["customer_relation"] == "IS_A_CUSTOMER"
    assert [one["eventType"] for one in base.full.feed()].count("OrganizationIsACustomer") == 1
    # Three wins, and the company's own change.
    assert base.state()["organizations"][0]["writes"]["person"] == 4


def test_the_steps_are_the_customers_own(base):
    steps = [("Idé", "NONE"), ("Såld", "POSITIVE"), ("Såld i kassan", "POSITIVE"), ("Nej", "NEGATIVE")]
    given = [{"label": label, "assessment": assessment} for label, assessment in steps]
    assert base.change(steps=given).json()["steps"] == given
    deal = base.person.data('mutation { createDeal(name: "Ny") { id status statusAssessment } }')["createDeal"]
    assert (deal["status"], deal["statusAssessment"]) == ("Idé", "NONE")
    assert "no step" in base.person.error(MOVE, id=deal["id"], to="ORDER")
    assert base.person.data(MOVE, id=deal["id"], to="Såld i kassan")["updateDeal"]["statusAssessment"] == "POSITIVE"
    assert [one["eventType"] for one in base.full.feed()] == ["DealWon", "DealStatusChange"]
    for wrong in ([], given[:3], [*given, given[0]], [{"label": "x", "assessment": "WON"}], "x", given[:2] + given[3:]):
        assert base.change(steps=wrong).status_code == 400, wrong


def test_custom_fields_replace_only_those_named(base):
    company = base.a_company(customFields={"Fortnox": "väntar"})
    changed = base.full.data(CHANGE, id=company, fields=[{"title": "Fortnox kundnummer", "value": "17"}])
    fields = changed["updateOrganization"]["customFields"]
    assert fields == [{"title": "Fortnox kundnummer", "value": "17"}, {"title": "Fortnox", "value": "väntar"}]
    emptied = base.full.data(CHANGE, id=company, fields=[{"title": "Fortnox", "value": ""}])
    assert len(emptied["updateOrganization"]["customFields"]) == 1
    assert "no custom field" in base.full.error(CHANGE, id=company, fields=[{"title": "Okänt", "value": "1"}])
    base.switch(unknown_custom_field="create")
    made = base.full.data(CHANGE, id=company, fields=[{"title": "Okänt", "value": "1"}])["updateOrganization"]
    assert {"title": "Okänt", "value": "1"} in made["customFields"]


@pytest.mark.parametrize("what", ["name", "number"])
def test_a_company_of_the_register_keeps_its_name_and_number_without_a_word(base, what):
    company = base.a_company(id="pase106797", organizationNumber="559900-0019")
    before = {"name": "Nordvikens Bygg AB", "organizationNumber": "559900-0019"}
    assert base.full.data(RENAME, id=company, **{what: "Ny"})["updateOrganization"] == before
    base.switch(register_data="refused")
    assert "in the register" in base.full.error(RENAME, id=company, **{what: "Ny"})
    own = base.a_company()
    assert "Ny" in base.full.data(RENAME, id=own, **{what: "Ny"})["updateOrganization"].values()
    base.switch(register_data="free")
    assert "Ny" in base.full.data(RENAME, id=company, **{what: "Ny"})["updateOrganization"].values()


def test_what_is_wrong_changes_nothing_at_all(base):
    company, deal = base.a_company(organizationNumber="1"), base.a_deal()
    wrong = """mutation ($id: String!, $name: String, $who: Int, $field: String!) {
      updateOrganization(id: $id, organizationNumber: "2", name: $name, responsibleCoworkerId: $who,
        customerRelation: IS_A_CUSTOMER, customFields: [{title: $field, value: "x"}]) { id } }"""
    right = {"id": company, "name": "Ny", "who": 1, "field": "Fortnox"}
    state = base.state()
    for change in ({"name": " "}, {"name": "x" * 256}, {"name": None}, {"who": 9}, {"field": "Okänt"}, {"id": "9"}):
        assert "errors" in base.full.ask(wrong, **{**right, **change}), change
    for bad in ('value: 1e30, name: "Ny"', 'status: "Okänt", name: "Ny"', 'responsibleCoworkerId: 9, name: "Ny"', 'name: ""'):
        assert "errors" in base.full.ask(f"mutation {{ updateDeal(id: {deal}, {bad}) {{ id }} }}"), bad
    assert base.state() == state
    base.full.data(wrong, **right)


def test_a_text_has_at_most_255_characters_unless_a_switch_lets_it(base):
    company = base.a_company()
    fields = [{"title": "Fortnox", "value": "x" * 256}]
    assert "at most 255" in base.full.error(CHANGE, id=company, fields=fields)
    assert "at most 255" in base.full.error(RENAME, id=company, number="1" * 256)
    base.switch(text_limit=0)
    base.full.data(CHANGE, id=company, fields=fields)


def test_a_value_may_have_decimals_and_be_negative_unless_switches_forbid_it(base):
    deal = base.a_deal()
    for value in (99.5, -1, 0, None):
        assert base.full.data(VALUE, id=deal, value=value)["updateDeal"] == {"value": value}
    assert "JSON number" in base.full.error(VALUE, id=deal, value="99.5")
    base.switch(deal_value_decimals=False, negative_deal_value=False)
    assert "decimals" in base.full.error(VALUE, id=deal, value=99.5)
    assert "negative" in base.full.error(VALUE, id=deal, value=-1)
    base.full.data(VALUE, id=deal, value=99.0)


def test_somebody_else_becomes_responsible(base):
    company, deal = base.a_company(), base.a_deal()
    both = """mutation ($company: String!, $deal: Int!, $who: Int) {
      updateOrganization(id: $company, responsibleCoworkerId: $who) { responsibleCoworker { id } }
      updateDeal(id: $deal, responsibleCoworkerId: $who) { responsibleCoworker { id } } }"""
    for who in (None, 1):
        shown = {"responsibleCoworker": who and {"id": who}}
        assert base.person.data(both, company=company, deal=deal, who=who) == {"updateOrganization": shown, "updateDeal": shown}


def test_a_person_is_made_found_and_gets_another_e_mail(base):
    company = base.a_company()
    make = """mutation ($company: String) {
      createPerson(name: "Vera Tallmo", email: "v@x.example", organizationId: $company) { id employerName } }"""
    person = base.person.data(make, company=company)["createPerson"]
    assert person["employerName"] == "Nordvikens Bygg AB"
    change = 'mutation ($id: String!) { updatePerson(id: $id, email: "ny@x.example") { email } }'
    assert base.person.data(change, id=person["id"])["updatePerson"] == {"email": "ny@x.example"}
    base.switch(search_lag=0.0)
    query = 'query ($id: String!) { organization(id: $id) { employees { id } } persons(query: "ny@x") { id } }'
    found = base.full.data(query, id=company)
    assert found == {"organization": {"employees": [{"id": person["id"]}]}, "persons": [{"id": person["id"]}]}
    assert "no person" in base.person.error(change, id="9")
    assert "no organization" in base.person.error(make, company="9")


def test_a_deal_may_be_made_with_or_without_a_company(base):
    company = base.a_company()
    make = """mutation ($company: String, $value: Decimal) {
      createDeal(name: "Ny", organizationId: $company, value: $value) { id status value customer { id } } }"""
    first = base.person.data(make, company=company, value=99.5)["createDeal"]
    assert first == {"id": 1001, "status": "Ny", "value": 99.5, "customer": {"id": company}}
    assert base.person.data(make)["createDeal"] == {"id": 1002, "status": "Ny", "value": None, "customer": None}
    assert "no organization" in base.person.error(make, company="x")


def test_writes_are_counted_per_company_and_writer(base):
    company = base.a_company()
    base.person.data(CHANGE, id=company, relation="IS_A_CUSTOMER")
    base.full.data(CHANGE, id=company, fields=[{"title": "Fortnox", "value": "1"}])
    base.full.error(CHANGE, id=company, fields=[{"title": "Okänt", "value": "1"}])
    assert base.state()["organizations"][0]["writes"] == {"person": 1, "api": 1}


CONTACT = """mutation ($id: String!, $email: String, $phone: [String!], $post: AddressInput, $visit: AddressInput) {
  updateOrganization(id: $id, email: $email, phoneNumber: $phone, postalAddress: $post, visitAddress: $visit) {
    email phoneNumber postalAddress { street city } visitAddress { street } } }"""


def test_a_companys_contact_data_and_addresses_change_but_addresses_of_the_register_stay(base):
    given = {"email": "info@nordviken.example", "phone": ["010-555 01 01", ""], "post": {"street": "Kajen 1", "city": "Luleå"}}
    company = base.a_company(visitAddress={"street": "Kajen 2"})
    changed = base.person.data(CONTACT, id=company, **given)["updateOrganization"]
    assert (changed["email"], changed["phoneNumber"]) == ("info@nordviken.example", ["010-555 01 01"])
    assert (changed["postalAddress"], changed["visitAddress"]) == ({"street": "Kajen 1", "city": "Luleå"}, {"street": "Kajen 2"})
    assert base.person.data(CONTACT, id=company, visit=None)["updateOrganization"]["visitAddress"] is None
    registered = base.a_company(id="pase17")
    changed = base.person.data(CONTACT, id=registered, **given)["updateOrganization"]
    assert (changed["email"], changed["postalAddress"]) == ("info@nordviken.example", None)
    base.switch(register_data="refused")
    assert "register" in base.person.error(CONTACT, id=registered, **given)
    base.switch(register_data="free")
    assert base.person.data(CONTACT, id=registered, **given)["updateOrganization"]["postalAddress"]["city"] == "Luleå"


def test_a_deal_goes_to_another_company_and_stands_among_its_deals_by_age(base):
    first, second = base.a_company(), base.a_company(name="Sydvikens Bygg AB")
    moved, later = base.a_deal(organizationId=first), base.a_deal(organizationId=second)
    give = "mutation ($id: Int!, $to: String) { updateDeal(id: $id, organizationId: $to) { customerName } }"
    of = "query ($id: String!) { organization(id: $id) { deals { id } } }"
    assert base.person.data(give, id=moved, to=second)["updateDeal"] == {"customerName": "Sydvikens Bygg AB"}
    assert base.person.data(of, id=first)["organization"]["deals"] == []
    assert base.person.data(of, id=second)["organization"]["deals"] == [{"id": moved}, {"id": later}]
    assert "no organization" in base.person.error(give, id=moved, to="finns-inte")
    assert base.person.data(give, id=moved, to=None)["updateDeal"] == {"customerName": None}
    assert base.person.data(of, id=second)["organization"]["deals"] == [{"id": later}]
