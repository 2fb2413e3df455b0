"""Random calls against a simple model: companies, deals and their steps, lists and pages, and what the feed tells in which
order. Run in this process, without a server; the number of runs is `SANDBOX_RUNS`."""

import json
import os
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.limego import LimeGo
from sandbox.limego.events import read_feed
from sandbox.limego.execution import Documents, execute
from sandbox.limego.records import RELATIONS

OPEN, WON, LOST = ["Ny", "Offert", "Förhandling"], ["ORDER"], ["Förlorad"]
MAKE = "mutation ($n: String!, $o: String, $v: Decimal) { createDeal(name: $n, organizationId: $o, value: $v) { id } }"
MOVE = "mutation ($id: Int!, $to: String!) { updateDeal(id: $id, status: $to) { status statusAssessment } }"
VALUE = "mutation ($id: Int!, $v: Decimal) { updateDeal(id: $id, value: $v) { value } }"
RELATE = "mutation ($id: String!, $to: CustomerRelation!) { updateOrganization(id: $id, customerRelation: $to) { id } }"
DEALS = "query ($first: Int, $offset: Int) { deals(first: $first, offset: $offset) { id } }"
OF_COMPANY = "query ($id: String!) { organization(id: $id) { customerRelation deals(first: 20) { id } } }"
DEAL = "query ($id: Int!) { deal(id: $id) { status value customer { id } } }"


class Machine(RuleBasedStateMachine):
    """The model knows the worst switches, but for the lag of searches."""

    companies, deals = Bundle("companies"), Bundle("deals")

    @initialize(keys_apart=st.booleans())
    def start(self, keys_apart):
        self.limego = LimeGo(Clock(), Faults())
        self.limego.switches = self.limego.switches.changed({"search_lag": 0.0, "feed_per": "key" if keys_apart else "account"})
        self.read = Documents().get
        self.keys_apart = keys_apart
        self.names = count(1)
        self.relation = {}
        self.deals_of = {}
        self.deal = {}
        self.order = []
        self.told = []
        self.taken = {}

    def ask(self, query, kind="personal", **variables):
        return execute(self.limego.caller_of("bolaget", kind), self.read(query), variables, None)

    def data(self, query, **variables):
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    @rule(target=companies)
    def make_company(self):
        made = self.data("mutation ($n: String!) { createOrganization(name: $n) { id } }", n=f"Bolag {next(self.names)}")
        company = made["createOrganization"]["id"]
        assert company not in self.relation
        self.relation[company], self.deals_of[company] = "NO_RELATION", []
        return company

    @rule(target=deals, company=st.one_of(st.none(), companies), value=st.one_of(st.none(), st.integers(-5, 10**12)))
    def make_deal(self, company, value):
        deal = self.data(MAKE, n=f"Affär {next(self.names)}", o=company, v=value)["createDeal"]["id"]
        assert deal == 1001 + len(self.deal)
        self.deal[deal] = {"status": "Ny", "value": value, "customer": company and {"id": company}}
        self.order.append(deal)
        if company:
            self.deals_of[company].append(deal)
        return deal

    @rule(deal=deals, to=st.sampled_from([*OPEN, *WON, *LOST, "Okänt"]))
    def move(self, deal, to):
        before, answer = self.deal[deal]["status"], self.ask(MOVE, id=deal, to=to)
        if to == "Okänt" or (before not in OPEN and to not in OPEN):
            assert answer["data"] is None
            assert answer["errors"]
            return
        self.touch(deal)
        self.deal[deal]["status"] = to
        self.told += [*(["DealWon"] if to in WON else ["DealLost"] if to in LOST else []), "DealStatusChange"]
        assert answer["data"]["updateDeal"]["statusAssessment"] == (
            "NONE" if to in OPEN else "POSITIVE" if to in WON else "NEGATIVE"
        )

    @rule(deal=deals, value=st.one_of(st.none(), st.integers(-5, 10**12), st.just(10**20)))
    def set_value(self, deal, value):
        answer = self.ask(VALUE, id=deal, v=value)
        if self.deal[deal]["status"] not in OPEN or value == 10**20:
            assert answer["errors"]
            return
        self.touch(deal)
        self.deal[deal]["value"] = value

    @rule(company=companies, to=st.sampled_from(list(RELATIONS)))
    def relate(self, company, to):
        self.data(RELATE, id=company, to=to)
        self.relation[company] = to
        self.told.append(RELATIONS[to])

    @rule(first=st.one_of(st.none(), st.integers(-1, 25)), offset=st.one_of(st.none(), st.integers(-1, 60)))
    def read_page(self, first, offset):
        answer = self.ask(DEALS, first=first, offset=offset)
        size, start = 10 if first is None else first, offset or 0
        if not 0 <= size <= 20 or start < 0:
            assert answer == {"data": None, "errors": answer["errors"]}
            return
        assert [one["id"] for one in answer["data"]["deals"]] == self.order[start : start + size]

    @rule(kind=st.sampled_from(["full", "company"]), peek=st.booleans())
    def read_feed(self, kind, peek):
        reader = kind if self.keys_apart else ""
        start = self.taken.get(reader, 0)
        items = read_feed(self.limego.caller_of("bolaget", kind), peek=peek)
        assert [one["eventType"] for one in items] == self.told[start : start + 50]
        assert [one["position"] for one in items] == [str(start + number) for number in range(1, len(items) + 1)]
        self.taken[reader] = start + (0 if peek else len(items))

    @rule()
    def go_through_json(self):
        state = json.loads(json.dumps(self.limego.state()))
        self.limego.load(state)
        assert self.limego.state() == state

    @invariant()
    def records_are_as_the_model_has_them(self):
        for deal, expected in getattr(self, "deal", {}).items():
            assert self.data(DEAL, id=deal)["deal"] == expected
        for company, relation in getattr(self, "relation", {}).items():
            found = self.data(OF_COMPANY, id=company)["organization"]
            assert found["customerRelation"] == relation
            assert [one["id"] for one in found["deals"]] == self.deals_of[company][:20]

    def touch(self, deal):
        """A changed record goes to the end of lists."""
        self.order.remove(deal)
        self.order.append(deal)


Machine.TestCase.settings = settings(
    max_examples=int(os.environ.get("SANDBOX_RUNS", "100")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_lime_go_agrees_with_a_simple_model = Machine.TestCase
