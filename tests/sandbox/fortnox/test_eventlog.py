"""The log of events as part of the world: determinism, snapshot, restore, reset."""

from sandbox.clock import Clock
from sandbox.fortnox import customers
from sandbox.fortnox.company import Call
from sandbox.fortnox.eventlog import EventLog
from sandbox.fortnox.seed import seed
from sandbox.fortnox.topics import TOPICS, happening
from sandbox.fortnox.world import Fortnox
from sandbox.seed import companies

DAY = 86_400


def a_world():
    world = Fortnox(Clock())
    company = world.add_company("100", "Bolaget AB", {"app": "secret"})
    for name in ("Första AB", "Andra AB"):
        customers.create(company, Call(body={"Customer": {"Name": name}}))
    return world


def events(world, topic="customers"):
    return world.events.state()["topics"].get(topic, {"events": []})["events"]


def test_the_topics_hold_sixty_events():
    assert (len(TOPICS), sum(len(types) for types in TOPICS.values())) == (19, 60)


def test_a_reminder_has_a_type_of_its_own_and_a_made_payment_none():
    assert happening("invoices", {"Reminders": 0}, {"Reminders": 1}) == ("invoices", "reminder-sent-v1")
    assert happening("invoicepayments", None, {"Booked": False}) is None
    assert happening("termsofpayments", {}, None) == ("termsofpayments", "termsofpayments-deleted-v1")
    assert happening("currencies", None, {}) == ("currencies", "currency-created-v1")


def test_the_same_calls_give_the_same_offsets_and_another_seed_others():
    first, second = a_world(), a_world()
    assert [one["offset"] for one in events(first)] == [one["offset"] for one in events(second)]
    log = EventLog(Clock(), seed=2)
    assert log.offset("customers", 1) != first.events.offset("customers", 1)


def test_offsets_are_unique_in_their_topic_and_show_no_order():
    log = EventLog(Clock())
    offsets = [log.offset("customers", position) for position in range(1, 2000)]
    assert len(set(offsets)) == len(offsets)
    assert offsets != sorted(offsets)
    assert log.offset("customers", 1) != log.offset("orders", 1)


def test_an_offset_leads_back_to_its_position_also_when_its_event_is_gone():
    world = a_world()
    offsets = [one["offset"] for one in events(world)]
    world.clock.advance(15 * DAY)
    assert events(world) == []
    assert [world.events.position("customers", offset) for offset in offsets] == [1, 2]
    assert world.events.position("customers", world.events.offset("customers", 3)) is None


def test_a_restored_world_has_the_same_log_and_goes_on_after_it():
    world, other = a_world(), Fortnox(Clock())
    state = world.state()
    other.load(state)
    assert other.state()["stream"] == state["stream"]
    for one in (world, other):
        customers.create(one.companies["100"], Call(body={"Customer": {"Name": "Tredje AB"}}))
    assert [one["offset"] for one in events(other)] == [one["offset"] for one in events(world)]


def test_a_state_without_a_log_restores_to_an_empty_one():
    world = a_world()
    state = world.state()
    del state["stream"]
    world.load(state)
    assert events(world) == []


def test_a_reset_begins_anew_and_a_seed_tells_of_nothing():
    world = a_world()
    generation = world.events.generation
    world.reset()
    assert events(world) == []
    assert world.events.generation != generation
    seed(world, companies(20, 1, 0.5), 1)
    assert world.events.state()["topics"] == {}
