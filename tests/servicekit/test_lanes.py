"""Lanes: one holder, order per record, one outcome per command."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from uuid import uuid4

import pytest

from servicekit import work
from servicekit.clock import suspension_clock, utc_now
from servicekit.durations import Durations
from servicekit.envelope import Received
from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.lanes import Lane, Lanes, LaneStoppedError, LeaseLostError, Runner
from servicekit.work import Finished, Postponed

TIMES = Durations(lease=1.5, second_look=0.1, retry_first=0.2, retry_longest=0.4, settle_time=77.0)


class Doing:
    """What these lanes do: note what they are given, then what the test says."""

    def __init__(self, slice_, execute=None):
        self.done, self.slice, self._execute = [], slice_, execute
        self.lane = None

    async def execute(self, item):
        self.done.append(item.command.about)
        result = await self._execute(self, item) if self._execute else None
        return result or Finished(work.saved(item, "1"))

    async def run(self):
        await asyncio.Event().wait()

    async def close(self):
        pass


async def enqueue(slice_, *orders):
    async with slice_.database.unit_of_work() as unit:
        await work.enqueue(unit, [Received(order, uuid4(), "") for order in orders])


def lanes_of(slice_, doing, times=TIMES):
    async def active():
        return [slice_.connection_id]

    async def work_in(lane):
        doing.lane = lane
        return doing

    return Lanes(slice_.name, slice_.database, times, active, work_in)


async def item(slice_, order):
    row = await slice_.database.pool.fetchrow(
        "SELECT *, extract(epoch FROM available_at - now())::float AS waits FROM work_item WHERE command_id = $1",
        order.command_id,
    )
    return {**row, "outcome": json.loads(row["outcome"]) if row["outcome"] else None}


async def is_finished(slice_, order):
    return (await item(slice_, order))["finished_at"] is not None


async def outcomes(slice_):
    rows = await slice_.database.pool.fetch("SELECT type, body FROM outbox ORDER BY outbox_id")
    return [(row["type"], json.loads(row["body"])["command_id"]) for row in rows]


async def test_a_lane_is_held_by_one_of_two_and_given_back_at_the_end(slice_):
    first, second = Doing(slice_), Doing(slice_)
    async with slice_.running(lanes_of(slice_, second).run):
        async with slice_.running(lanes_of(slice_, first).run):
            orders = [slice_.order(f"{number}", f"r{number}") for number in range(8)]
            await enqueue(slice_, *orders)
            for order in orders:
                await slice_.until(lambda order=order: is_finished(slice_, order))
            await asyncio.sleep(2)
            assert sorted((len(first.done), len(second.done))) == [0, 8]
            assert (first.lane is None) != (second.lane is None)
        later = slice_.order("later")
        await enqueue(slice_, later)
        await slice_.until(lambda: is_finished(slice_, later), within=10)
    holders = await slice_.database.pool.fetchval("SELECT count(*) FROM lane WHERE leased_until > now()")
    assert holders == 0
    assert len(await outcomes(slice_)) == 9


async def test_a_lane_that_starts_again_is_new_no_longer(slice_):
    seen = []

    class Failing(Doing):
        async def run(self):
            seen.append(self.lane.is_new)
            raise RuntimeError("once more")

    async with slice_.running(lanes_of(slice_, Failing(slice_)).run):
        await slice_.until(lambda: asyncio.sleep(0, len(seen) > 1))
    assert seen[:2] == [True, False]


async def test_only_a_lane_that_nobody_held_before_is_new(slice_):
    for is_new in (True, False):
        doing = Doing(slice_)
        async with slice_.running(lanes_of(slice_, doing).run):
            await slice_.until(lambda doing=doing: asyncio.sleep(0, doing.lane))
        assert doing.lane.is_new is is_new


async def test_items_keep_their_order_per_record_and_a_waiting_one_stops_no_other_record(slice_):
    async def execute(doing, queued):
        if queued.command.about == "a1" and doing.done.count("a1") == 1:
            return Postponed(0.5)
        return None

    doing = Doing(slice_, execute)
    orders = [slice_.order("a1", "a"), slice_.order("a2", "a"), slice_.order("b1", "b"), slice_.order("b2", "b")]
    await enqueue(slice_, *orders)
    async with slice_.running(lanes_of(slice_, doing).run):
        await slice_.until(lambda: is_finished(slice_, orders[1]))
        await slice_.until(lambda: is_finished(slice_, orders[3]))
    assert [about for about in doing.done if about[0] == "a"] == ["a1", "a1", "a2"]
    assert [about for about in doing.done if about[0] == "b"] == ["b1", "b2"]
    assert doing.done.index("b2") < doing.done.index("a2")


async def test_a_newer_command_takes_the_place_of_an_older_one_that_was_not_begun(slice_):
    old, new, other = slice_.order("same"), slice_.order("same"), slice_.order("another")
    await enqueue(slice_, other, old)
    await enqueue(slice_, new)
    superseded = await item(slice_, old)
    assert (superseded["outcome_type"], superseded["outcome"]["superseded_by"]) == ("RecordSuperseded", str(new.command_id))
    assert not await is_finished(slice_, other)
    assert await outcomes(slice_) == [("RecordSuperseded", str(old.command_id))]


async def test_a_command_whose_write_may_have_left_is_not_superseded(slice_):
    old, new = slice_.order("same"), slice_.order("same")
    await enqueue(slice_, old)
    await mark_intent(slice_)
    await enqueue(slice_, new)
    assert not await is_finished(slice_, old)
    assert await outcomes(slice_) == []


async def mark_intent(slice_):
    async with slice_.database.unit_of_work() as unit:
        queued = await work.next_item(unit.connection, slice_.connection_id, [])
        assert await work.mark_intent(unit, queued)


async def test_a_superseded_command_gets_no_intent_any_more(slice_):
    await enqueue(slice_, slice_.order("same"))
    old = await work.next_item(slice_.database.pool, slice_.connection_id, [])
    await enqueue(slice_, slice_.order("same"))
    async with slice_.database.unit_of_work() as unit:
        assert not await work.mark_intent(unit, old)


async def test_a_repeated_command_repeats_its_outcome_and_is_not_done_again(slice_):
    doing, order = Doing(slice_), slice_.order()
    async with slice_.running(lanes_of(slice_, doing).run):
        await enqueue(slice_, order)
        await enqueue(slice_, order)
        await slice_.until(lambda: is_finished(slice_, order))
        before = len(await outcomes(slice_))
        await enqueue(slice_, order)
    assert doing.done == ["one"]
    assert await outcomes(slice_) == [("RecordSaved", str(order.command_id))] * (before + 1)


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (TransientError("busy"), 0.05, 0.2),
        (RuntimeError("a mistake of ours"), 0.05, 0.2),
        (RateLimitedError("slow down", 33.0), 30, 33),
        (OutcomeUnknownError("no answer"), 70, 77),
    ],
)
async def test_what_fails_is_tried_again_after_its_own_pause(slice_, error, least, most):
    async def execute(_doing, _item):
        raise error

    order = slice_.order()
    await enqueue(slice_, order)
    await run_one(slice_, Doing(slice_, execute))
    stored = await item(slice_, order)
    assert stored["attempts"] == 1
    assert stored["finished_at"] is None
    assert least - 1 <= stored["waits"] <= most


async def run_one(slice_, doing):
    """One item, by a lane of our own making."""
    holder = uuid4()
    await work.lease(slice_.database.pool, [slice_.connection_id], holder, 30)
    lane = Lane(slice_.connection_id, holder, is_new=True, duration=30, granted_at=suspension_clock(), database=slice_.database)
    runner = Runner(lane, doing, TIMES)
    queued = await work.next_item(slice_.database.pool, slice_.connection_id, [])
    await runner._do(queued)
    return lane


async def test_a_permanent_error_is_the_outcome(slice_):
    async def execute(_doing, _item):
        raise PermanentError("validation", "Namn saknas")

    order = slice_.order()
    await enqueue(slice_, order)
    await run_one(slice_, Doing(slice_, execute))
    stored = await item(slice_, order)
    assert stored["outcome_type"] == "RecordRefused"
    assert (stored["outcome"]["reason"], stored["outcome"]["detail"]) == ("validation", "Namn saknas")


async def test_a_lane_that_lost_its_lease_stores_nothing(slice_):
    async def execute(doing, queued):
        await steal(slice_)

        async def store(unit):
            await unit.connection.execute("INSERT INTO noted VALUES (1)")

        return Finished(work.saved(queued, "1"), store)

    order = slice_.order()
    await enqueue(slice_, order)
    await run_one(slice_, Doing(slice_, execute))
    assert not await is_finished(slice_, order)
    assert await slice_.noted() == []
    assert await outcomes(slice_) == []


@pytest.mark.parametrize("statement", ["INSERT INTO noted VALUES (1), (1)", "SELECT 1 / 0"])
async def test_an_outcome_that_cannot_be_stored_waits_as_any_failure_does(slice_, statement):
    async def execute(_doing, queued):
        async def store(unit):
            await unit.connection.execute(statement)

        return Finished(work.saved(queued, "1"), store)

    order = slice_.order()
    await enqueue(slice_, order)
    await run_one(slice_, Doing(slice_, execute))
    assert (await item(slice_, order))["attempts"] == 1
    assert not await is_finished(slice_, order)


async def steal(slice_):
    await slice_.database.pool.execute("UPDATE lane SET holder = $1, leased_until = now() + interval '1 minute'", uuid4())


async def test_a_write_is_not_sent_when_the_lease_ends_before_its_deadline(slice_):
    granted_at = suspension_clock() - 25
    lane = Lane(slice_.connection_id, uuid4(), is_new=True, duration=30, granted_at=granted_at, database=slice_.database)
    lane.require(4.5)
    with pytest.raises(LeaseLostError):
        lane.require(5.5)
    with pytest.raises(LeaseLostError):
        async with lane.unit_of_work():
            pass


@pytest.mark.parametrize("error", [RuntimeError("a mistake of ours"), PermanentError("validation"), LaneStoppedError("no right")])
async def test_a_poll_that_fails_is_started_again_and_cancels_no_command(slice_, error):
    failed, may_end = asyncio.Event(), asyncio.Event()

    class Polling(Doing):
        polls = 0

        async def run(self):
            self.polls += 1
            if self.polls > 3:
                failed.set()
            raise error

    async def execute(_doing, _item):
        await may_end.wait()

    doing, order = Polling(slice_, execute), slice_.order()
    await enqueue(slice_, order)
    async with slice_.running(lanes_of(slice_, doing).run):
        await asyncio.wait_for(failed.wait(), 20)
        may_end.set()
        await slice_.until(lambda: is_finished(slice_, order))
    assert doing.done == ["one"]


async def test_a_lane_that_was_stopped_begins_no_other_item_until_it_has_rested(slice_):
    begun = []

    async def execute(doing, _item):
        begun.append(suspension_clock())
        if len(begun) == 1:
            raise LaneStoppedError("no right", "Har inte behörighet")

    rest, doing = 1.5, Doing(slice_, execute)
    lanes = lanes_of(slice_, doing, replace(TIMES, retry_longest=rest))
    first, other = slice_.order("first", "a"), slice_.order("other", "b")
    before = utc_now()
    async with slice_.running(lanes.run):
        await enqueue(slice_, first)
        await slice_.until(lambda: is_postponed(slice_, first))
        await enqueue(slice_, other)
        for order in (first, other):
            await slice_.until(lambda order=order: is_finished(slice_, order))
        assert doing.lane.stopped_since(before) == "Har inte behörighet"
        assert doing.lane.stopped_since(utc_now()) is None
    assert begun[1] - begun[0] >= rest


async def is_postponed(slice_, order):
    return (await item(slice_, order))["attempts"] > 0


async def test_a_lease_that_ran_out_is_taken_by_another_and_not_before(slice_):
    pool, ids = slice_.database.pool, [slice_.connection_id]
    first, second = uuid4(), uuid4()
    assert await work.lease(pool, ids, first, 0.5) == {slice_.connection_id: True}
    assert await work.lease(pool, ids, second, 0.5) == {}
    assert await work.lease(pool, ids, first, 0.5) == {slice_.connection_id: False}
    await asyncio.sleep(0.6)
    assert await work.lease(pool, ids, second, 0.5) == {slice_.connection_id: False}
    assert await work.lease(pool, ids, first, 0.5) == {}


async def test_a_lane_goes_on_after_postgres_was_restarted(slice_):
    doing = Doing(slice_)
    async with slice_.running(lanes_of(slice_, doing).run):
        before, after = slice_.order("before"), slice_.order("after")
        await enqueue(slice_, before)
        await slice_.until(lambda: is_finished(slice_, before))
        await slice_.infrastructure.postgres.restart(hard=True)
        await asyncio.sleep(0.5)
        await enqueue(slice_, after)
        await slice_.until(lambda: is_finished(slice_, after))
    assert doing.done == ["before", "after"]
