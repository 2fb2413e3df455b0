"""Leases change hands, sessions end and tasks do not: every lane is renewed again, and nothing waits without a bound."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from servicekit import work
from servicekit.durations import Durations
from servicekit.envelope import Received
from servicekit.lanes import Lanes
from servicekit.work import Finished

TIMES = Durations(lease=1.5, second_look=0.1, retry_first=0.1, retry_longest=0.4, settle_time=77.0)


class Working:
    """A lane's work that waits, and notes in `begun` how often it was begun."""

    def __init__(self, lane, begun):
        self._lane, self._begun = lane, begun

    async def execute(self, item):
        async with self._lane.unit_of_work() as unit:
            await unit.connection.execute("SELECT pg_sleep(0.01)")
        return Finished(work.saved(item, "1"))

    async def run(self):
        self._begun.append(self._lane.connection_id)
        while True:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read())
                group.create_task(self._read())

    async def _read(self):
        async with self._lane.unit_of_work() as unit:
            await unit.connection.execute("SELECT pg_sleep(0.02)")
        await asyncio.sleep(0.01)

    async def close(self):
        pass


class Breaking(Working):
    """Loses a session while another task of its group takes its time to end, and does so again whenever it is begun."""

    def __init__(self, lane, begun, is_aborting, may_end):
        super().__init__(lane, begun)
        self._is_aborting, self._may_end = is_aborting, may_end

    async def run(self):
        self._begun.append(self._lane.connection_id)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._end_slowly())
            await asyncio.sleep(0)
            group.create_task(self._lose_session())

    async def _end_slowly(self):
        try:
            await asyncio.Event().wait()
        finally:
            self._is_aborting.set()
            while not self._may_end.is_set():
                try:
                    await self._may_end.wait()
                except asyncio.CancelledError:
                    continue

    async def _lose_session(self):
        async with self._lane.database.pool.acquire() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def lanes_of(slice_, connections, work_of, active=None, times=TIMES):
    async def all_of_them():
        return connections

    async def work_in(lane):
        return work_of(lane)

    return Lanes(slice_.name, slice_.database, times, active or all_of_them, work_in)


async def enqueue(slice_, orders):
    async with slice_.database.unit_of_work() as unit:
        await work.enqueue(unit, [Received(order, uuid4(), "") for order in orders])


async def give(slice_, connection_id, holder, seconds):
    """Another replica takes the lane for so long."""
    await slice_.database.pool.execute(
        "UPDATE lane SET holder = $2, leased_until = now() + make_interval(secs => $3) WHERE connection_id = $1",
        connection_id,
        holder,
        seconds,
    )


async def is_leased(slice_, connection_id, other=None):
    """Whether somebody (but not `other`) holds it, by a renewal of just now."""
    return await slice_.database.pool.fetchval(
        "SELECT 1 FROM lane WHERE connection_id = $1 AND leased_until > now() + interval '1 s' AND holder IS DISTINCT FROM $2",
        connection_id,
        other,
    )


async def test_a_lane_that_ends_slowly_delays_no_other_and_is_begun_again(slice_):
    slow, quick, thief = uuid4(), uuid4(), uuid4()
    is_aborting, may_end, begun = asyncio.Event(), asyncio.Event(), []

    def work_of(lane):
        return Breaking(lane, begun, is_aborting, may_end) if lane.connection_id == slow else Working(lane, begun)

    lanes = lanes_of(slice_, [slow, quick], work_of)
    async with slice_.running(lanes.run):
        await asyncio.wait_for(is_aborting.wait(), 20)
        await give(slice_, slow, thief, 6)
        await asyncio.sleep(2 * TIMES.lease)
        assert await is_leased(slice_, quick), "the end of one lane delayed another's lease"
        may_end.set()
        before = begun.count(slow)
        await asyncio.sleep(TIMES.lease)
        assert begun.count(slow) == before, "a lane that was told to stop began again"
        await slice_.until(lambda: is_leased(slice_, slow, thief))
        await slice_.until(lambda: asyncio.sleep(0, begun.count(slow) > before))
        assert await is_leased(slice_, quick)


async def test_two_replicas_whose_sessions_are_ended_under_load_lose_no_lane_and_no_command(slice_):
    connections = [uuid4() for _ in range(6)]
    orders = [
        slice_.order(f"{number}", f"r{number}").model_copy(update={"connection_id": connections[number % 6]})
        for number in range(240)
    ]
    replicas = [lanes_of(slice_, connections, lambda lane: Working(lane, [])) for _ in range(2)]
    administrator = await asyncpg.connect(slice_.database._url)
    async with slice_.running(*(one.run for one in replicas)):
        await slice_.until(lambda: are_leased(slice_, administrator, connections))
        await enqueue(slice_, orders)
        for _ in range(40):
            await end_sessions(slice_, administrator)
            # Now and then another replica takes over, as it does when a renewal came too late.
            if random.random() < 0.3:
                lost = random.choice(connections)
                await administrator.execute("UPDATE lane SET holder = NULL, leased_until = now() WHERE connection_id = $1", lost)
            await asyncio.sleep(random.uniform(0.02, 0.15))
        await slice_.until(lambda: are_leased(slice_, administrator, connections))
        await slice_.until(lambda: are_finished(administrator))
    await administrator.close()


async def are_leased(_slice, connection, connections):
    live = "SELECT count(*) FROM lane WHERE leased_until > now() + interval '1 s'"
    return await connection.fetchval(live) == len(connections)


async def are_finished(connection):
    return await connection.fetchval("SELECT count(*) FROM work_item WHERE finished_at IS NULL") == 0


async def end_sessions(_slice, administrator):
    """Half of this schema's sessions, of both replicas, whatever they do."""
    await administrator.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND query <> '' AND backend_type = 'client backend' AND random() < 0.5
        """
    )


async def test_a_renewal_that_hangs_is_noticed_and_begun_again_while_the_lanes_go_on(slice_):
    hangs, asked, begun = asyncio.Event(), [], []

    async def active():
        asked.append(1)
        while hangs.is_set():
            # The first cancellation is lost, as a library may lose it.
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            await asyncio.Event().wait()
        return [slice_.connection_id]

    lanes = lanes_of(slice_, [], lambda lane: Working(lane, begun), active, replace(TIMES, lease=9.0))
    async with slice_.running(lanes.run):
        await slice_.until(lambda: is_leased(slice_, slice_.connection_id))
        assert lanes.stalled() is None
        asked.clear()
        hangs.set()
        sentence = await slice_.until(lambda: asyncio.sleep(0, lanes.stalled()))
        assert "no lease has been renewed for" in sentence
        await slice_.until(lambda: asyncio.sleep(0, len(asked) > 1))
        hangs.clear()
        await slice_.until(lambda: asyncio.sleep(0, lanes.stalled() is None))
        assert await is_leased(slice_, slice_.connection_id)
    assert begun == [slice_.connection_id], "the lane itself was not disturbed"


@pytest.mark.parametrize("swallows", [1, 1000])
async def test_the_process_ends_although_a_task_does_not_take_its_cancellation(slice_, swallows):
    lost = []

    class Deaf(Working):
        async def run(self):
            self._begun.append(1)
            while True:
                try:
                    await asyncio.sleep(8)
                    return
                except asyncio.CancelledError:
                    lost.append(1)
                    if len(lost) > swallows:
                        raise

    begun = []
    task = asyncio.ensure_future(lanes_of(slice_, [slice_.connection_id], lambda lane: Deaf(lane, begun)).run())
    await slice_.until(lambda: asyncio.sleep(0, begun))
    task.cancel()
    _, running = await asyncio.wait((task,), timeout=15)
    assert not running
    assert len(lost) > 1
