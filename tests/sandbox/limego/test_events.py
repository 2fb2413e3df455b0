"""Events: which exist, what fires them, what they hold, and the feed that forgets."""

import pytest

from sandbox.limego.records import EVENT_TYPES

MOVE = "mutation ($id: Int!, $to: String!) { updateDeal(id: $id, status: $to) { status } }"
RELATE = "mutation ($id: String!, $to: CustomerRelation) { updateOrganization(id: $id, customerRelation: $to) { id } }"
RELATIONS = {
    "NO_RELATION": "OrganizationHasNoRelation",
    "WORKING_ON_IT": "OrganizationWorkingOnIt",
    "IS_A_CUSTOMER": "OrganizationIsACustomer",
    "WAS_A_CUSTOMER": "OrganizationWasACustomer",
    "BEEN_IN_TOUCH": "OrganizationBeenInTouch",
}
DEALS = ["DealWon", "DealLost", "DealStatusChange"]
OTHERS = ["CallPositive", "CallNegative", "MeetingBooked", "MeetingReported", "MeetingCancelled"]


def types(items):
    return [one["eventType"] for one in items]


@pytest.mark.checklist("limego", 6)
def test_all_thirteen_events_come_and_no_other_can_be_subscribed_to(base, receiver, poll):
    names = [*RELATIONS.values(), *DEALS, *OTHERS]
    assert len(names) == 13
    assert set(names) == EVENT_TYPES
    base.full.subscribe(receiver.url, *names)
    company, deal = base.a_company(), base.a_deal()
    for relation in RELATIONS:
        base.person.data(RELATE, id=company, to=relation)
    for step in ("ORDER", "Ny", "Förlorad"):
        base.person.data(MOVE, id=deal, to=step)
    for name in OTHERS:
        base.event(name, organizationId=company)
    poll(lambda: set(receiver.types()) == set(names), "all events as webhooks")
    assert set(types(base.full.feed())) == set(names)
    for wrong in ("dealStatusUpdated", "organizationUpdated", "dealCreated", "dealwon", ""):
        body = {"targeturl": receiver.url, "events": [wrong]}
        assert base.full.http.post("/event/subscription", json=body).status_code == 400, wrong


@pytest.mark.checklist("limego", 6)
def test_nothing_is_told_of_records_that_are_made_or_edited(base):
    company, deal = base.a_company(), base.a_deal()
    made = base.person.data(
        'mutation { createOrganization(name: "A") { id } createPerson(name: "B") { id } createDeal(name: "C") { id } }'
    )
    base.person.data(
        """mutation ($c: String!, $d: Int!, $p: String!) {
          updateOrganization(id: $c, name: "Ny", organizationNumber: "1", customFields: [{title: "Fortnox", value: "x"}]) { id }
          updateDeal(id: $d, name: "Ny", value: 5) { id } updatePerson(id: $p, email: "x@x.example") { id } }""",
        c=company,
        d=deal,
        p=made["createPerson"]["id"],
    )
    assert base.full.feed() == []


def test_a_won_deal_fires_two_events(base):
    company = base.a_company(organizationNumber="5599000019")
    deal = base.a_deal(organizationId=company, value=1250.5)
    base.person.data(MOVE, id=deal, to="ORDER")
    won, changed = base.full.feed(peek=True)
    assert (won["eventType"], changed["eventType"]) == ("DealWon", "DealStatusChange")
    assert won == {
        "position": "1",
        "eventType": "DealWon",
        "coworker": {"firstName": "Siv", "lastName": "Säljkvist", "email": "siv.saljkvist@bolaget.example"},
        "deal": {"id": deal, "name": "Serviceavtal", "value": 1250.5, "status": "ORDER"},
        "organization": {"id": company, "name": "Nordvikens Bygg AB", "organizationNumber": "5599000019"},
        "person": None,
    }
    assert base.company.feed(peek=True)[0]["deal"]["value"] is None
    base.switch(company_key_reads_rest=True)
    assert base.company.feed(peek=True)[0] == won
    base.switch(event_ids=False)
    bare = base.full.feed()[0]
    assert (set(bare["deal"]), set(bare["organization"])) == ({"name", "value", "status"}, {"name", "organizationNumber"})


def test_an_event_about_a_person_names_it(base):
    person = base.a_person(email="vera@x.example", phoneNumber=["070-1"])
    base.event("CallPositive", personId=person)
    [told] = base.full.feed()
    assert told["person"] == {"id": person, "name": "Vera Tallmo", "email": "vera@x.example"}
    assert (told["deal"], told["organization"]) == (None, None)
    assert (
        base.control.post(f"/limego/databases/{base.name}/events", json={"type": "CallPositive", "dealId": 9}).status_code == 404
    )


def test_lost_and_reopened_deals_fire_theirs(base):
    deal = base.a_deal()
    for step in ("Förlorad", "Offert", "Förhandling"):
        base.person.data(MOVE, id=deal, to=step)
    assert types(base.full.feed()) == ["DealLost", *["DealStatusChange"] * 3]


def test_a_closing_may_fire_its_own_event_only(base):
    base.switch(closing_fires_status_change=False)
    deal = base.a_deal()
    for step in ("ORDER", "Ny", "Förlorad"):
        base.person.data(MOVE, id=deal, to=step)
    assert types(base.full.feed()) == ["DealWon", "DealStatusChange", "DealLost"]


@pytest.mark.parametrize("again", [True, False])
def test_what_is_set_to_what_it_is_fires_again_unless_a_switch_says_otherwise(base, again):
    base.switch(unchanged_fires=again)
    company, deal = base.a_company(), base.a_deal()
    for _ in range(2):
        base.person.data(RELATE, id=company, to="IS_A_CUSTOMER")
    base.person.data(MOVE, id=deal, to="Ny")
    assert types(base.full.feed()) == [
        "OrganizationIsACustomer",
        *(["OrganizationIsACustomer", "DealStatusChange"] if again else []),
    ]


def test_what_an_integration_writes_comes_back_unless_a_switch_says_otherwise(base):
    company = base.a_company()
    base.full.data(RELATE, id=company, to="IS_A_CUSTOMER")
    base.switch(own_writes_fire_events=False)
    base.full.data(RELATE, id=company, to="WAS_A_CUSTOMER")
    base.person.data(RELATE, id=company, to="BEEN_IN_TOUCH")
    assert types(base.full.feed()) == ["OrganizationIsACustomer", "OrganizationBeenInTouch"]


def a_full_feed(base, wins=30):
    base.bulk(deals=[{"name": "Gammal", "status": "ORDER"} for _ in range(wins)], events=True)


def positions(items):
    return [int(one["position"]) for one in items]


@pytest.mark.checklist("limego", 8)
def test_the_feed_is_consumed_fifty_at_a_time_and_peek_leaves_it(base):
    a_full_feed(base)
    assert positions(base.full.feed(peek=True)) == positions(base.full.feed(peek=True)) == list(range(1, 51))
    assert positions(base.full.feed()) == list(range(1, 51))
    assert positions(base.full.feed(peek=True)) == positions(base.full.feed()) == list(range(51, 61))
    assert base.full.feed() == base.full.feed(peek=True) == []
    base.event("CallPositive")
    assert positions(base.full.feed()) == [61]


@pytest.mark.checklist("limego", 8)
def test_a_drained_feed_says_nothing_and_without_peek_a_reading_consumes(base):
    a_full_feed(base, 1)
    assert len(base.full.http.get("/event/feed/").json()["items"]) == 2
    assert base.full.http.get("/event/feed/").json() == {}
    base.switch(drained_feed_lacks_items=False)
    assert base.full.http.get("/event/feed/").json() == {"items": []}
    assert base.full.http.get("/event/feed/", params={"peek": "1"}).status_code == 400


@pytest.mark.parametrize(("feed_per", "left"), [("account", 0), ("key", 2)])
def test_another_key_of_the_account_reads_the_rest_of_the_same_feed(base, feed_per, left):
    base.switch(feed_per=feed_per)
    a_full_feed(base, 1)
    assert len(base.full.feed()) == 2
    assert len(base.company.feed()) == left


def test_a_new_reader_begins_with_what_is_oldest_or_with_what_comes(base):
    a_full_feed(base, 1)
    base.switch(feed_starts="now")
    assert base.full.feed() == []
    base.event("CallPositive")
    assert types(base.full.feed()) == ["CallPositive"]


def test_a_personal_key_reads_no_feed_unless_a_switch_lets_it(base):
    assert base.person.http.get("/event/feed/").status_code == 403
    base.switch(personal_key_subscribes=True)
    assert base.person.feed() == []
