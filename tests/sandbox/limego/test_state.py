"""State, restore and seed, without a server."""

import json
from decimal import Decimal

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.limego import LimeGo
from sandbox.limego.events import read_feed, subscribe
from sandbox.limego.execution import Documents, execute
from sandbox.limego.seed import seed
from sandbox.seed import companies

CALLS = [
    'mutation { createOrganization(name: "Ny AB", organizationNumber: "559900-0019") { id } }',
    'mutation { createPerson(name: "Vera Tallmo", organizationId: "pase106001") { id } }',
    'mutation { createDeal(name: "Affär", organizationId: "pase106001", value: 99.5) { id } }',
    'mutation { updateDeal(id: 1003, status: "Ny") { status } }',
    'mutation { updateDeal(id: 1003, status: "ORDER") { id responsibleCoworker { name } } }',
    "{ organizations(offset: 290) { id name temperature } deals(first: 20) { id value } persons(first: 20) { id } }",
]


def a_seeded_lime_go(number=1):
    limego = LimeGo(Clock(), Faults())
    seed(limego, companies(300), number)
    return limego


def test_a_state_is_json_and_can_be_put_back():
    limego = a_seeded_lime_go()
    limego.create_database("annat")
    saved = json.loads(json.dumps(limego.state()))
    other = LimeGo(Clock(), Faults())
    other.load(saved)
    assert other.state() == limego.state() == saved
    limego.reset()
    assert limego.state()["databases"]["bolaget"]["deals"] == []
    assert list(limego.databases) == ["bolaget"]


def test_a_seed_makes_the_same_believable_pipeline():
    first, again = a_seeded_lime_go().state(), a_seeded_lime_go().state()
    assert first == again
    bolaget = first["databases"]["bolaget"]
    assert len(bolaget["organizations"]) == 300
    assert len(bolaget["deals"]) > 200
    statuses = {deal["status"] for deal in bolaget["deals"]}
    assert statuses == {"Ny", "Offert", "Förhandling", "ORDER", "Förlorad"}
    assert {event["type"] for event in bolaget["feed"]} == {"DealWon", "DealStatusChange"}


def test_a_seeded_register_has_each_number_once_and_no_company_without_one():
    made = a_seeded_lime_go().state()["databases"]["bolaget"]["organizations"]
    numbers = [one["organization_number"] for one in made if one["id"].startswith("pase")]
    digits = [number.replace("-", "") for number in numbers]
    assert len(set(digits)) == len(digits) > 200
    assert len(made) > len(digits)


def test_the_log_of_events_says_when_a_deal_was_won_and_for_what_value_and_no_reader_is_told():
    limego = a_seeded_lime_go()
    database, before = limego.databases["bolaget"], limego.clock.now().isoformat()
    deal = next(one for one in database.deals.values() if one.status == "Offert")
    won = 'mutation ($d: Int!) { updateDeal(id: $d, status: "ORDER") { id } }'
    execute(limego.caller_of("bolaget", "personal"), Documents().get(won), {"d": deal.id}, None)
    event = next(one for one in database.feed if one.at and one.type == "DealWon")
    assert before <= event.at <= limego.clock.now().isoformat()
    assert (event.deal["id"], Decimal(str(event.deal["value"]))) == (deal.id, deal.value)
    limego.switches = limego.switches.changed({"feed_starts": "oldest"})
    assert not any("at" in one for one in read_feed(limego.caller_of("bolaget", "full"), peek=True))


def test_the_same_calls_have_the_same_answers_ids_included():
    def transcript():
        limego = a_seeded_lime_go()
        caller, listener = limego.caller_of("bolaget", "personal"), limego.caller_of("bolaget", "full")
        told = [execute(caller, Documents().get(text), None, None) for text in CALLS]
        told += [[subscribe(listener, {"targeturl": "http://x.example/"}).id for _ in range(2)], read_feed(listener, peek=False)]
        state = limego.state()
        for event in state["databases"]["bolaget"]["feed"]:
            del event["at"]
        return json.dumps([told, limego.create_database("annat"), state])

    assert transcript() == transcript()
