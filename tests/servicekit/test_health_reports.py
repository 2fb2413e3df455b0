"""A lane's health goes on from the last report that was stored, and nothing waits for it."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

from servicekit import work
from servicekit.durations import Durations
from servicekit.envelope import Received
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
