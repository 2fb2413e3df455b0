"""What a command comes to that cannot be stored as it is: it has an outcome all the same, and its record goes on."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

from servicekit import work
from servicekit.durations import Durations
from servicekit.envelope import Received
from servicekit.errors import PermanentError
from servicekit.lanes import Lanes
from servicekit.work import Finished

TIMES = Durations(lease=1.5, second_look=0.1, retry_first=0.2, retry_longest=0.4)


class OddWork:
    """What is ordered says what comes of it."""

    async def execute(self, item):
        if item.command.about == "odd words":
            raise PermanentError("validation", "Fel\0 v\ud800ärde")
        return Finished(work.saved(item, "1"), self._too_large if item.command.about == "poison" else None)

    async def _too_large(self, _unit):
        raise PermanentError("message_too_large", "DealWon of 7")

    async def run(self):
        await asyncio.Event().wait()

    async def close(self):
        pass


async def outcomes(slice_, *orders):
    """The outcomes of orders, once all have one."""

    async def active():
        return [slice_.connection_id]

    async def work_in(_lane):
        return OddWork()

    async def found():
        query = "SELECT command_id, outcome FROM work_item WHERE finished_at IS NOT NULL"
        rows = {row["command_id"]: json.loads(row["outcome"]) for row in await slice_.database.pool.fetch(query)}
        return [rows[order.command_id] for order in orders if order.command_id in rows]

    async def are_all():
        return len(await found()) == len(orders)

    async with slice_.running(Lanes(slice_.name, slice_.database, TIMES, active, work_in).run):
        async with slice_.database.unit_of_work() as unit:
            await work.enqueue(unit, [Received(order, uuid4(), "") for order in orders])
        await slice_.until(are_all)
    return await found()


async def test_a_result_that_can_never_be_stored_is_refused_and_the_records_next_item_goes_on(slice_):
    poison, after = await outcomes(slice_, slice_.order("poison", "r1"), slice_.order("after", "r1"))
    assert (poison["reason"], poison["detail"]) == ("message_too_large", "DealWon of 7")
    assert after["remote_id"] == "1"


async def test_a_refusal_in_words_that_no_database_stores_is_told_without_them(slice_):
    (refused,) = await outcomes(slice_, slice_.order("odd words", "r1"))
    assert refused["detail"] == "Fel värde"
