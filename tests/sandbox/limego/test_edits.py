"""Mutations, the events they fire, the feed, and what is counted."""

MOVE = "mutation ($id: Int!, $to: String!) { updateDeal(id: $id, status: $to) { status statusAssessment } }"
CHANGE = """mutation ($id: String!, $relation: CustomerRelation, $fields: [CustomFieldInput!]) {
  updateOrganization(id: $id, customerRelation: $relation, customFields: $fields) {
    customerRelation customFields { title value }
  }
}"""


def test_a_won_deal_fires_two_events(base):
    company = base.a_company(organizationNumber="5599000019")
    deal = base.a_deal(organizationId=company, value=1250.5)
    moved = base.person.data(MOVE, id=deal, to="ORDER")["updateDeal"]
    assert moved == {"status": "ORDER", "statusAssessment": "POSITIVE"}
    won, changed = base.full.feed()
    assert (won["eventType"], changed["eventType"]) == ("DealWon", "DealStatusChange")
    assert won["deal"] == {"id": deal, "name": "Serviceavtal", "value": 1250.5, "status": "ORDER"}
    assert won["organization"] == {"id": company, "name": "Nordvikens Bygg AB", "organizationNumber": "5599000019"}
    assert won["coworker"] == {"firstName": "Siv", "lastName": "Säljkvist", "email": "siv.saljkvist@bolaget.example"}
    assert base.company.feed()[0]["deal"]["value"] is None


def test_lost_and_reopened_deals_fire_theirs(base):
    deal = base.a_deal()
    for step in ("Förlorad", "Offert", "Förhandling"):
        base.person.data(MOVE, id=deal, to=step)
    assert [one["eventType"] for one in base.full.feed()] == ["DealLost", *["DealStatusChange"] * 3]


def test_a_closed_deal_must_be_reopened_before_it_changes(base):
    deal = base.a_deal(status="ORDER")
    rename = 'mutation ($id: Int!, $to: String) { updateDeal(id: $id, name: "Ny", status: $to) { name } }'
    assert "Move it back" in base.person.error(rename, id=deal)
    assert "Move it back" in base.person.error(MOVE, id=deal, to="Förlorad")
    assert "Move it back" in base.person.error(MOVE, id=deal, to="ORDER")
    assert base.person.data(rename, id=deal, to="Ny")["updateDeal"] == {"name": "Ny"}


def test_winning_leaves_the_relation_unless_the_switch_says_so(base):
    company = base.a_company()
    base.person.data(MOVE, id=base.a_deal(organizationId=company), to="ORDER")
    assert base.state()["organizations"][0]["customer_relation"] == "NO_RELATION"
    base.switch(winning_sets_relation=True)
    base.person.data(MOVE, id=base.a_deal(organizationId=company), to="ORDER")
    assert base.state()["organizations"][0]["customer_relation"] == "IS_A_CUSTOMER"
    assert base.full.feed()[-1]["eventType"] == "OrganizationIsACustomer"


def test_a_relation_fires_an_event_only_when_it_changes(base):
    company = base.a_company()
    for relation in ("IS_A_CUSTOMER", "IS_A_CUSTOMER", "WAS_A_CUSTOMER"):
        base.person.data(CHANGE, id=company, relation=relation)
    assert [one["eventType"] for one in base.full.feed()] == ["OrganizationIsACustomer", "OrganizationWasACustomer"]


def test_custom_fields_replace_only_those_named(base):
    company = base.a_company(customFields={"Fortnox": "väntar"})
    changed = base.full.data(CHANGE, id=company, fields=[{"title": "Fortnox kundnummer", "value": "17"}])
    fields = changed["updateOrganization"]["customFields"]
    assert fields == [{"title": "Fortnox kundnummer", "value": "17"}, {"title": "Fortnox", "value": "väntar"}]
    emptied = base.full.data(CHANGE, id=company, fields=[{"title": "Fortnox", "value": ""}])
    assert len(emptied["updateOrganization"]["customFields"]) == 1
    assert "no custom field" in base.full.error(CHANGE, id=company, fields=[{"title": "Okänt", "value": "1"}])


def test_writes_are_counted_per_company_and_writer(base):
    company = base.a_company()
    base.person.data(CHANGE, id=company, relation="IS_A_CUSTOMER")
    base.full.data(CHANGE, id=company, fields=[{"title": "Fortnox", "value": "1"}])
    base.full.error(CHANGE, id=company, fields=[{"title": "Okänt", "value": "1"}])
    assert base.state()["organizations"][0]["writes"] == {"person": 1, "api": 1}


def test_a_company_key_may_not_write(base):
    assert "may not change" in base.company.error(CHANGE, id=base.a_company(), relation="IS_A_CUSTOMER")


def test_a_deal_may_be_made_with_or_without_a_company(base):
    company = base.a_company()
    make = """mutation ($company: String, $value: Decimal) {
      createDeal(name: "Ny", organizationId: $company, value: $value) { id status value customer { id } } }"""
    first = base.person.data(make, company=company, value=99.5)["createDeal"]
    assert first == {"id": 1001, "status": "Ny", "value": 99.5, "customer": {"id": company}}
    assert base.person.data(make)["createDeal"] == {"id": 1002, "status": "Ny", "value": None, "customer": None}
    assert "no organization" in base.person.error(make, company="x")


def test_the_feed_is_read_once_per_key_and_fifty_at_a_time(base):
    base.bulk(deals=[{"name": "Gammal", "status": "ORDER"} for _ in range(30)], events=True)
    seen = [one["position"] for one in base.full.feed(peek=True)]
    assert seen == [one["position"] for one in base.full.feed(peek=True)] == [str(number) for number in range(1, 51)]
    assert [one["position"] for one in base.full.feed()] == seen
    assert [one["position"] for one in base.full.feed()] == [str(number) for number in range(51, 61)]
    assert base.full.feed() == []
    assert len(base.company.feed()) == 50
    assert base.person.http.get("/event/feed/").status_code == 403
