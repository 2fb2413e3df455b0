"""Subscriptions and deliveries."""

import pytest

MOVE = "mutation ($id: Int!, $to: String!) { updateDeal(id: $id, status: $to) { status } }"


def subscribe(base, receiver, *events):
    answer = base.full.http.post("/event/subscription", json={"targeturl": receiver.url, "events": list(events)})
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


@pytest.mark.parametrize(
    "body",
    [
        {"events": []},
        {"targeturl": "/hook", "events": []},
        {"targeturl": "example.com/hook"},
        {"targeturl": "http://x.example/", "events": ["dealStatusUpdated"]},
        {"targeturl": "http://x.example/", "events": "DealWon"},
    ],
)
def test_a_subscription_needs_an_absolute_address_and_known_events(base, body):
    assert base.full.http.post("/event/subscription", json=body).status_code == 400


def test_exactly_thirteen_events_exist(base):
    names = [
        *("OrganizationBeenInTouch", "OrganizationHasNoRelation", "OrganizationIsACustomer", "OrganizationWasACustomer"),
        *("OrganizationWorkingOnIt", "DealWon", "DealLost", "DealStatusChange", "CallPositive", "CallNegative"),
        *("MeetingBooked", "MeetingReported", "MeetingCancelled"),
    ]
    answer = base.full.http.post("/event/subscription", json={"targeturl": "http://x.example/", "events": names})
    assert answer.status_code == 200


def test_a_webhook_is_the_feeds_item(base, receiver, poll):
    subscribe(base, receiver)
    base.person.data(MOVE, id=base.a_deal(), to="ORDER")
    poll(lambda: len(receiver.bodies) == 2, "two webhooks")
    assert sorted(receiver.bodies, key=lambda one: one["position"]) == base.full.feed()


def test_only_named_events_come_and_none_after_the_end(base, receiver, poll):
    subscription = subscribe(base, receiver, "DealWon")
    base.person.data(MOVE, id=base.a_deal(), to="ORDER")
    poll(lambda: receiver.bodies, "a webhook")
    assert base.full.http.delete(f"/event/subscription/{subscription}").status_code == 204
    assert base.full.http.delete(f"/event/subscription/{subscription}").status_code == 404
    base.person.data(MOVE, id=base.a_deal(), to="ORDER")
    assert base.state()["subscriptions"] == []
    assert receiver.types() == ["DealWon"]


def test_a_webhook_that_is_not_taken_is_not_sent_again(base, receiver, poll):
    receiver.status = 500
    subscribe(base, receiver, "DealWon")
    base.person.data(MOVE, id=base.a_deal(), to="ORDER")
    poll(lambda: base.state()["subscriptions"][0]["failed"] == 1, "a failure")
    assert len(receiver.bodies) == base.state()["subscriptions"][0]["sent"] == 1


def test_a_webhook_is_dropped_doubled_and_reordered_on_demand(base, receiver, poll):
    subscribe(base, receiver, "DealWon")
    deals = [base.a_deal() for _ in range(4)]
    base.fault("webhook", "drop")
    base.person.data(MOVE, id=deals[0], to="ORDER")
    base.fault("webhook", "double")
    base.person.data(MOVE, id=deals[1], to="ORDER")
    poll(lambda: [one["deal"]["id"] for one in receiver.bodies] == [deals[1]] * 2, "the second twice, the first never")
    base.fault("webhook", "reorder")
    base.person.data(MOVE, id=deals[2], to="ORDER")
    base.person.data(MOVE, id=deals[3], to="ORDER")
    poll(lambda: [one["deal"]["id"] for one in receiver.bodies[2:]] == [deals[3], deals[2]], "the third after the fourth")
