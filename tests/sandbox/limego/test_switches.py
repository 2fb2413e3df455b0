"""The switches: their worst and their kind set, and that the README explains each."""

import re
from dataclasses import fields
from pathlib import Path

import httpx

from sandbox.limego.switches import Switches

README = Path(__file__).parents[3] / "libs/sandbox/README.md"
SAME = {
    "refused_key_status",
    "limit_requests",
    "limit_window",
    "unreadable",
    "event_ids",
    "webhook_retry_after",
    "dead_hook_after",
}
COMPANY = 'query ($id: String!) { organization(id: $id) { phoneNumber } organizations(query: "559900", first: 50) { id } }'


def explained():
    """By switch: default and kind value as the README's table of Lime Go has them."""
    table = README.read_text("utf-8").partition("## Switches of Lime Go")[2].partition("\n## ")[0]
    return {row[1]: (row[2], row[3]) for row in re.finditer(r"^\| `(\w+)` \| (.+?) \| (.+?) \|", table, re.MULTILINE)}


def shown(value):
    return (
        str(value).lower()
        if isinstance(value, bool)
        else "none"
        if value == ""
        else f"`{value}`"
        if isinstance(value, str)
        else f"{value:g}"
    )


def test_the_readme_has_each_switch_with_its_default_and_its_kind_value():
    worst, kind = Switches().to_json(), Switches.kind().to_json()
    assert explained() == {name: (shown(worst[name]), "=" if name in SAME else shown(kind[name])) for name in worst}
    assert {name for name in worst if worst[name] == kind[name]} == SAME


def test_every_switch_says_what_it_is_in_the_code_too():
    text = Path(__file__).parents[3].joinpath("libs/sandbox/src/sandbox/limego/switches.py").read_text("utf-8")
    assert len(re.findall(r'= _switch\(.*\)\n    """', text)) == len(fields(Switches))


def test_all_are_set_to_the_worst_or_the_kind_value_at_once(base):
    kind = base.control.get("/limego/switches/kind").json()
    assert base.control.put("/limego/switches", json={"all": "kind", "search_lag": 2.0}).json() == {**kind, "search_lag": 2.0}
    assert base.control.put("/limego/switches", json={"all": "worst"}).json() == Switches().to_json()


def test_a_wrong_switch_is_refused_and_none_is_set(base):
    before = base.control.get("/limego/switches").json()
    for wrong in ({"what": 1}, {"all": "best"}, {"too_many": "cut"}, {"search_lag": "5"}, {"search_lag": -1}, {"event_ids": 1}):
        answer = base.control.put("/limego/switches", json={"closed_deals_locked": False, **wrong})
        assert answer.status_code == 400, wrong
    assert base.control.put("/limego/switches", json=[]).status_code == 400
    assert base.control.get("/limego/switches").json() == before


def test_a_kind_lime_go_lives_the_same_life(base, receiver, poll):
    base.control.put("/limego/switches", json={"all": "kind"})
    company = base.a_company(organizationNumber="559900-0019", phoneNumber=["1"])
    subscription = base.full.http.post("/event/subscription", json={"targeturl": receiver.url, "what": 1}).json()["id"]
    deal = base.person.data('mutation { createDeal(name: "Affär") { id } }')["createDeal"]["id"]
    base.person.data('mutation ($id: Int!) { updateDeal(id: $id, status: "ORDER") { id } }', id=deal)
    poll(lambda: receiver.types() == ["DealWon"], "one webhook")
    found = base.company.data(COMPANY, id=company)
    assert found == {"organization": {"phoneNumber": None}, "organizations": [{"id": company}]}
    assert base.full.http.get("/event/feed/").json() == {"items": []}
    assert base.full.http.delete(f"/event/subscription/{subscription}").status_code == 204
    answer = httpx.get(f"{base.full.http.base_url}event/feed/", headers={"Authorization": base.keys["full"][7:]})
    assert answer.json() == {"items": []}
