"""State, restore and seed, without a server."""

import json

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.limego import LimeGo
from sandbox.limego.seed import seed
from sandbox.seed import companies


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
