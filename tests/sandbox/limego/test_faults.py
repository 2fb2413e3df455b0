"""Faults on demand, on any call."""

import httpx
import pytest

RENAME = "mutation ($id: String!, $name: String) { updateOrganization(id: $id, name: $name) { id } }"
GRAPHQL = "POST /v1/graphql"


def names(base):
    return [one["name"] for one in base.state()["organizations"]]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_refused_call_does_nothing(base, status):
    company = base.a_company()
    base.fault(GRAPHQL, f"status_{status}")
    assert (
        base.full.http.post("/graphql", json={"query": RENAME, "variables": {"id": company, "name": "B"}}).status_code == status
    )
    assert names(base) == ["Nordvikens Bygg AB"]
    base.full.data(RENAME, id=company, name="B")


@pytest.mark.parametrize(("kind", "done"), [("answer_502", True), ("refuse_502", False)])
def test_a_502_may_hide_a_commit(base, kind, done):
    company = base.a_company()
    base.fault(GRAPHQL, kind)
    answer = base.full.http.post("/graphql", json={"query": RENAME, "variables": {"id": company, "name": "B"}})
    assert answer.status_code == 502
    assert (names(base) == ["B"]) is done


@pytest.mark.parametrize(("kind", "done"), [("lost_answer", True), ("cut", False)])
def test_a_cut_connection_may_hide_a_commit(base, kind, done):
    company = base.a_company()
    base.fault(GRAPHQL, kind)
    with pytest.raises(httpx.TransportError):
        base.full.ask(RENAME, id=company, name="B")
    assert (names(base) == ["B"]) is done


def test_a_late_commit_comes_after_the_client_has_gone(base, poll):
    company = base.a_company()
    base.fault(GRAPHQL, "late_commit", delay=1.0)
    with pytest.raises(httpx.TimeoutException):
        base.full.http.post("/graphql", json={"query": RENAME, "variables": {"id": company, "name": "B"}}, timeout=0.2)
    assert names(base) == ["Nordvikens Bygg AB"]
    poll(lambda: names(base) == ["B"], "the late commit")


def test_a_fault_may_strike_one_mutation_only(base):
    company = base.a_company()
    base.fault(GRAPHQL, "status_503", connection="updateDeal")
    base.full.data(RENAME, id=company, name="B")
    answer = base.full.http.post("/graphql", json={"query": "mutation { updateDeal(id: 1) { id } }"})
    assert answer.status_code == 503
