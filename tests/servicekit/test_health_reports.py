"""A lane's health goes on from the last report that was stored, and nothing waits for it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from contracts.health import Access, ReadHealth, Side, SideHealthReported
from servicekit import work
from servicekit.durations import Durations
from servicekit.envelope import Received
from servicekit.health import last_readings
from servicekit.lanes import Lanes
from servicekit.work import Finished

TIMES = Durations(lease=1.5, second_look=0.1, retry_first=0.2, retry_longest=0.4)


class Answering:
    """A lane's work that carries everything out at once."""

    async def execute(self, item):
        return Finished(work.saved(item, "1"))

    async def run(self):
        await asyncio.Event().wait()

    async def close(self):
        pass


def lanes_of(slice_):
    async def active():
        return [slice_.connection_id]

    async def work_in(_lane):
        return Answering()

    return Lanes(slice_.name, slice_.database, TIMES, active, work_in)


async def test_a_report_of_health_that_only_a_newer_replica_can_read_holds_no_command_up(slice_, caplog):
    stored = "INSERT INTO health_report (connection_id, body) VALUES ($1, $2)"
    await slice_.database.pool.execute(stored, slice_.connection_id, json.dumps({"access": "half open", "detail": "Exempel AB"}))
    order = slice_.order()
    async with slice_.database.unit_of_work() as unit:
        await work.enqueue(unit, [Received(order, uuid4(), "")])

    async def is_finished():
        finished = "SELECT finished_at IS NOT NULL FROM work_item WHERE command_id = $1"
        return await slice_.database.pool.fetchval(finished, order.command_id)

    async with slice_.running(lanes_of(slice_).run):
        await slice_.until(is_finished)
    assert "cannot be read" in caplog.text
    assert "Exempel" not in caplog.text


def test_a_reading_that_never_came_to_its_end_counts_from_its_first_failure():
    now = datetime(2026, 11, 29, tzinfo=UTC)
    earlier, longest = now - timedelta(hours=1), now - timedelta(hours=2)
    told = [
        [ReadHealth(resource="articles", interval=60, completed_at=now, failing_since=earlier)],
        [
            ReadHealth(resource="articles", interval=60, failing_since=longest, problem="status_403"),
            ReadHealth(resource="deals", interval=60, completed_at=earlier),
            ReadHealth(resource="feed", interval=60),
        ],
    ]
    common = {"side": Side.FORTNOX, "reported_at": now, "interval": 60, "access": Access.GRANTED}
    reports = [SideHealthReported(connection_id=uuid4(), reads=tuple(reads), **common) for reads in told]
    assert last_readings(reports) == {"articles": longest, "deals": earlier}
