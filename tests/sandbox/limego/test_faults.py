"""Faults on demand, on any call."""

import httpx
import pytest

from .test_erp import an_invoice

RENAME = "mutation ($id: String!, $name: String) { updateOrganization(id: $id, name: $name) { id } }"
GRAPHQL = "POST /v1/graphql"
READ = "query ($id: String!) { organization(id: $id) { name email phoneNumber customerRelation } }"


def names(base):
    return [one["name"] for one in base.state()["organizations"]]


def rename(base, company, **options):
    return base.full.http.post("/graphql", json={"query": RENAME, "variables": {"id": company, "name": "B"}}, **options)


def consumed(base):
    return base.state()["cursors"].get("account", 0)


def all_writes(base):
    """Each operation that changes something: how it is called, and whether it has happened."""
    company = base.a_company()
    old = base.full.subscribe("http://x.example/old")
    base.bulk(deals=[{"name": "Gammal", "status": "ORDER"}], events=True)
    product = {"description": "Skruv", "price": "1.00", "unit": "st", "active": True}
    return {
        GRAPHQL: (lambda **o: rename(base, company, **o), lambda: names(base) == ["B"]),
        "POST /v1/event/subscription": (
            lambda **o: base.full.http.post("/event/subscription", json={"targeturl": "http://x.example/"}, **o),
            lambda: len(base.state()["subscriptions"]) == 2,
        ),
        "DELETE /v1/event/subscription": (
            lambda **o: base.full.http.delete("/event/subscription", params={"id": old}, **o),
            lambda: old not in [one["id"] for one in base.state()["subscriptions"]],
        ),
        "GET /v1/event/feed/": (lambda **o: base.full.http.get("/event/feed/", **o), lambda: consumed(base) == 2),
        "PUT /v1/erp/invoices/{documentNumber}": (
            lambda **o: base.full.http.put("/erp/invoices/1", json=an_invoice(company), **o),
            lambda: "1" in base.state()["invoices"],
        ),
        "PUT /v1/erp/products/{articleNumber}": (
            lambda **o: base.full.http.put("/erp/products/1", json=product, **o),
            lambda: "1" in base.state()["products"],
        ),
    }


OPERATIONS = [
    GRAPHQL,
    "POST /v1/event/subscription",
    "DELETE /v1/event/subscription",
    "GET /v1/event/feed/",
    "PUT /v1/erp/invoices/{documentNumber}",
    "PUT /v1/erp/products/{articleNumber}",
]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_refused_call_does_nothing(base, operation, status):
    call, happened = all_writes(base)[operation]
    base.fault(operation, f"status_{status}")
    answer = call()
    assert (answer.status_code, answer.content) == (status, b"")
    assert not happened()
    assert call().is_success
    assert happened()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("kind", "done"), [("answer_502", True), ("refuse_502", False)])
def test_a_page_of_a_gateway_may_hide_a_commit(base, operation, kind, done):
    call, happened = all_writes(base)[operation]
    base.fault(operation, kind)
    answer = call()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "Bad Gateway" in answer.text
    assert happened() is done


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("kind", "done"), [("lost_answer", True), ("cut", False)])
def test_a_cut_connection_may_hide_a_commit(base, operation, kind, done):
    call, happened = all_writes(base)[operation]
    base.fault(operation, kind)
    with pytest.raises(httpx.TransportError):
        call()
    assert happened() is done
    assert base.calls(status="0")[0]["route"] == operation.partition(" ")[2]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_late_commit_comes_after_the_client_has_gone(base, poll, operation):
    call, happened = all_writes(base)[operation]
    base.fault(operation, "late_commit", delay=3600)
    with pytest.raises(httpx.TimeoutException):
        call(timeout=0.2)
    assert not happened()
    base.control.post("/clock", json={"advance": 3600})
    poll(happened, "the late commit")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_stalled_call_has_happened_long_before_its_answer(base, poll, operation):
    call, happened = all_writes(base)[operation]
    base.fault(operation, "stall", delay=3600)
    with pytest.raises(httpx.TimeoutException):
        call(timeout=0.2)
    poll(happened, "the commit without an answer")
    base.control.post("/clock", json={"advance": 3600})


@pytest.mark.parametrize(
    ("kind", "done"), [("answer_408", True), ("early_409", True), ("refuse_423", False), ("status_302", False)]
)
def test_any_status_may_hide_whether_it_was_done(base, poll, kind, done):
    company = base.a_company()
    base.fault(GRAPHQL, kind, delay=1, retry_after="-1")
    answer = rename(base, company)
    assert (f"_{answer.status_code}", answer.headers["Retry-After"]) == (kind[-4:], "-1")
    if done:
        poll(lambda: names(base) == ["B"], "the name")
    assert (names(base) == ["B"]) is done


@pytest.mark.parametrize("kind", ["date_doubled", "date_missing", "date_garbled", "no_json"])
def test_what_goes_with_a_good_answer_may_be_spoiled(base, kind):
    company = base.a_company()
    base.fault(GRAPHQL, kind)
    answer = rename(base, company)
    assert (answer.status_code, names(base)) == (200, ["B"])
    assert len(answer.headers.get_list("Date")) == {"date_doubled": 2, "date_missing": 0}.get(kind, 1)


def test_a_throttle_may_come_inside_a_good_answer(base):
    base.fault(GRAPHQL, "throttled")
    answer = rename(base, base.a_company())
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (200, {"code": "THROTTLED"})


def test_a_fault_may_strike_one_mutation_only(base):
    company = base.a_company()
    base.fault(GRAPHQL, "status_503", connection="updateDeal")
    base.full.data(RENAME, id=company, name="B")
    answer = base.full.http.post("/graphql", json={"query": "mutation { updateDeal(id: 1) { id } }"})
    assert answer.status_code == 503


def test_a_refusal_has_the_words_that_the_switches_give_it(base):
    base.switch(error_body="json", retry_after_header=True, limit_window=7.0)
    base.fault(GRAPHQL, "status_429", connection=base.name)
    answer = rename(base, base.a_company())
    assert (answer.json(), answer.headers["retry-after"]) == ({"message": "refused"}, "7")


def test_an_enum_may_have_a_value_that_nobody_knows(base, receiver, poll):
    company = base.a_company()
    base.fault(GRAPHQL, "unknown_enum")
    assert base.full.data(READ, id=company)["organization"]["customerRelation"] == "HAS_LEFT_US"
    assert base.full.data(READ, id=company)["organization"]["customerRelation"] == "NO_RELATION"
    base.full.subscribe(receiver.url)
    base.fault("webhook", "unknown_enum")
    base.event("CallPositive", organizationId=company)
    poll(lambda: receiver.types() == ["DealPostponed"], "a webhook of an unknown type")
    base.fault("GET /v1/event/feed/", "unknown_enum")
    assert [one["eventType"] for one in base.full.feed()] == ["DealPostponed"]
    base.event("DealPostponed")
    assert [one["eventType"] for one in base.full.feed()] == ["DealPostponed"]


def test_a_right_may_be_gone_for_a_call(base):
    company = base.a_company(email="info@x.example", phoneNumber=["1"])
    base.fault(GRAPHQL, "hidden_right", times=2)
    read = base.full.data(READ, id=company)["organization"]
    assert (read["email"], read["phoneNumber"]) == (None, [])
    assert "may not change" in base.full.error(RENAME, id=company, name="B")
    assert base.full.data(READ, id=company)["organization"]["email"] == "info@x.example"
    base.fault("PUT /v1/erp/invoices/{documentNumber}", "hidden_right")
    assert base.full.http.put("/erp/invoices/1", json=an_invoice(company)).status_code == 403


def test_a_field_may_appear_without_notice(base, receiver, poll):
    company = base.a_company()
    base.fault(GRAPHQL, "unknown_field")
    answer = base.full.ask(READ, id=company)
    assert set(answer) == {"data", "extensions"}
    base.full.http.put("/erp/invoices/1", json=an_invoice(company))
    base.fault("GET /v1/erp/invoices/{documentNumber}", "unknown_field")
    shown = base.full.http.get("/erp/invoices/1").json()
    assert shown["addedWithoutNotice"] == shown["rows"][0]["addedWithoutNotice"] == "?"
    base.full.subscribe(receiver.url)
    base.fault("webhook", "unknown_field")
    base.event("CallPositive", organizationId=company)
    poll(lambda: receiver.bodies, "a webhook")
    assert receiver.bodies[0]["organization"]["addedWithoutNotice"] == "?"


@pytest.mark.parametrize(
    ("kind", "fortnox", "limego"),
    [("hidden_right", 400, 200), ("hidden_numbers", 200, 400), ("unknown_enum", 200, 200), ("unknown_field", 200, 200)],
)
def test_a_surprise_is_ordered_of_the_system_that_has_it(base, kind, fortnox, limego):
    for system, status in (("fortnox", fortnox), ("limego", limego)):
        rule = {"system": system, "operation": "*", "kind": kind, "connection": base.name}
        assert base.control.put("/faults", json={"faults": [rule]}).status_code == status, system


def test_a_fault_of_a_record_strikes_the_queries_whose_variables_name_it(base):
    broken, other = base.a_company(), base.a_company()
    base.fault(operation=GRAPHQL, kind="status_400", record=broken, times=None)
    query = "query ($company0: String!) { company0: organization(id: $company0) { id } }"
    statuses = {
        company: base.full.http.post("/graphql", json={"query": query, "variables": {"company0": company}}).status_code
        for company in (broken, other)
    }
    assert statuses == {broken: 400, other: 200}
