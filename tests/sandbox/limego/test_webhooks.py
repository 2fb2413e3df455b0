"""Subscriptions and deliveries."""

import time

import pytest

MOVE = "mutation ($id: Int!, $to: String!) { updateDeal(id: $id, status: $to) { status } }"


def win(base, deal=None):
    deal = deal or base.a_deal()
    base.person.data(MOVE, id=deal, to="ORDER")
    return deal


@pytest.mark.checklist("limego", 7)
@pytest.mark.parametrize(
    "body",
    [
        {"events": []},
        {"targeturl": "/hook", "events": []},
        {"targeturl": "hook", "events": []},
        {"targeturl": "//x.example/hook", "events": []},
        {"targeturl": "example.com/hook"},
        {"targeturl": "ftp://x.example/"},
        {"targeturl": "http://"},
        {"targeturl": ""},
        {"targeturl": None},
        {"targeturl": ["http://x.example/"]},
        {"targeturl": "http://x.example/", "events": "DealWon"},
        {"targeturl": "http://x.example/", "events": [1]},
        {"targeturl": "http://x.example/", "url": "http://x.example/"},
        [],
    ],
)
def test_a_subscription_needs_an_absolute_address(base, body):
    assert base.full.http.post("/event/subscription", json=body).status_code == 400
    assert base.state()["subscriptions"] == []


@pytest.mark.parametrize(("kind", "read"), [("bare", lambda body: body), ("object", lambda body: body["id"])])
def test_the_answer_carries_the_id(base, kind, read):
    base.switch(subscription_answer=kind)
    answer = base.full.http.post("/event/subscription", json={"targeturl": "http://x.example/", "events": []})
    assert [read(answer.json())] == [one["id"] for one in base.state()["subscriptions"]]


def test_what_a_subscription_may_say_besides_is_a_switch(base):
    base.switch(unknown_event="ignore", extra_keys_refused=False)
    body = {"targeturl": "http://x.example/", "events": ["dealCreated"], "name": "x"}
    assert base.full.http.post("/event/subscription", json=body).status_code == 200


@pytest.mark.parametrize(("unsubscribe_by", "query", "path"), [("query", 204, 404), ("path", 400, 204), ("both", 204, 204)])
def test_a_subscription_ends_by_its_id_where_the_switch_wants_it(base, unsubscribe_by, query, path):
    base.switch(unsubscribe_by=unsubscribe_by)
    first, second = (base.full.subscribe(f"http://x.example/{one}") for one in range(2))
    assert base.full.http.delete("/event/subscription", params={"id": first}).status_code == query
    assert base.full.http.delete(f"/event/subscription/{second}").status_code == path
    left = {one["id"] for one in base.state()["subscriptions"]}
    assert left == {one for one, status in ((first, query), (second, path)) if status != 204}
    if query == 204:
        assert base.full.http.delete("/event/subscription", params={"id": first}).status_code == 404


def test_a_key_of_another_kind_may_or_may_not_subscribe(base):
    body = {"targeturl": "http://x.example/"}
    assert base.company.http.post("/event/subscription", json=body).status_code == 200
    assert base.person.http.post("/event/subscription", json=body).status_code == 403
    base.switch(personal_key_subscribes=True)
    assert base.person.http.post("/event/subscription", json=body).status_code == 200


def test_the_same_address_twice_sends_twice_unless_a_switch_says_otherwise(base, receiver, poll):
    ids = {base.full.subscribe(receiver.url, "DealWon") for _ in range(2)}
    assert len(ids) == 2
    win(base)
    poll(lambda: receiver.types() == ["DealWon"] * 2, "the event twice")
    base.switch(same_target_subscribes_twice=False)
    assert base.full.subscribe(receiver.url, "DealLost") in ids


def test_a_company_keys_webhook_holds_what_that_key_may_read(base, receiver, poll):
    base.company.subscribe(receiver.url, "DealWon")
    win(base)
    poll(lambda: receiver.bodies, "a webhook")
    assert receiver.bodies[0]["deal"]["value"] is None


@pytest.mark.checklist("limego", 9)
def test_a_webhook_is_the_feeds_item_and_is_not_signed(base, receiver, poll):
    base.full.subscribe(receiver.url)
    win(base)
    poll(lambda: len(receiver.bodies) == 2, "two webhooks")
    assert sorted(receiver.bodies, key=lambda one: one["position"]) == base.full.feed()
    told = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-type", "content-length"}
    assert set(receiver.headers[0]) <= told
    assert receiver.headers[0]["content-type"] == "application/json; charset=utf-8"


def test_only_named_events_come_and_none_after_the_end(base, receiver, poll):
    subscription = base.full.subscribe(receiver.url, "DealWon")
    win(base)
    poll(lambda: receiver.bodies, "a webhook")
    assert base.full.http.delete("/event/subscription", params={"id": subscription}).status_code == 204
    win(base)
    assert base.state()["subscriptions"] == []
    assert receiver.types() == ["DealWon"]


@pytest.mark.checklist("limego", 9)
def test_a_webhook_that_is_not_taken_is_not_sent_again_unless_a_switch_says_so(base, receiver, poll):
    receiver.status = 500
    base.full.subscribe(receiver.url, "DealWon")
    win(base)
    poll(lambda: base.state()["subscriptions"][0]["failed"] == 1, "a failure")
    assert len(receiver.bodies) == base.state()["subscriptions"][0]["sent"] == 1
    base.switch(webhook_attempts=3, webhook_retry_after=0.01, dead_hook_after=4)
    win(base)
    poll(lambda: base.state()["subscriptions"] == [], "the subscription's end after four failures")
    assert len(receiver.bodies) == 4


@pytest.mark.checklist("limego", 9)
def test_a_webhook_is_lost_doubled_and_reordered_on_demand(base, receiver, poll):
    base.full.subscribe(receiver.url, "DealWon")
    deals = [base.a_deal() for _ in range(4)]
    base.fault("webhook", "drop")
    win(base, deals[0])
    base.fault("webhook", "double")
    win(base, deals[1])
    poll(lambda: [one["deal"]["id"] for one in receiver.bodies] == [deals[1]] * 2, "the second twice, the first never")
    base.fault("webhook", "reorder")
    win(base, deals[2])
    win(base, deals[3])
    poll(lambda: [one["deal"]["id"] for one in receiver.bodies[2:]] == [deals[3], deals[2]], "the third after the fourth")


@pytest.mark.checklist("limego", 9)
def test_a_webhook_is_late_on_demand(base, receiver, poll):
    base.full.subscribe(receiver.url, "DealWon")
    base.fault("webhook", "delay", delay=3600)
    deal = win(base)
    time.sleep(0.1)
    assert receiver.bodies == []
    base.control.post("/clock", json={"advance": 3600})
    poll(lambda: [one["deal"]["id"] for one in receiver.bodies] == [deal], "the late webhook")
