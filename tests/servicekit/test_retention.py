"""What is erased when its time is over, and what stays for ever."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.outcomes import RecordRefused, RecordSaved
from servicekit import retention, work
from servicekit.envelope import Received

DAY = timedelta(days=1)
WORDS = 'Kunden "Åsa\x00" finns redan'


async def keep(slice_, days, outcome):
    """A command that was finished so many days ago, with its outcome."""
    order = slice_.order(about=str(uuid4()))
    async with slice_.database.unit_of_work() as unit:
        await work.enqueue(unit, [Received(order, uuid4(), "")])
    about = {"connection_id": order.connection_id, "command_id": order.command_id, "command_record_id": order.record_id}
    made = outcome.model_validate({**about, "kind": order.kind, "generation": 1, **MORE[outcome]})
    await slice_.database.pool.execute(
        "UPDATE work_item SET finished_at = now() - $2::interval, outcome_type = $3, outcome = $4 WHERE command_id = $1",
        order.command_id,
        days * DAY,
        outcome.__name__,
        made.model_dump_json(),
    )
    return order, made


MORE = {RecordRefused: {"reason": "validation", "detail": WORDS}, RecordSaved: {"remote_id": "42"}}


async def test_a_finished_command_loses_its_body_and_the_remotes_words_after_30_days_and_repeats_its_outcome(slice_):
    order, told = await keep(slice_, 31, RecordRefused)
    for _ in range(2):
        await retention.erase_old(slice_.database.pool)
    row = await slice_.database.pool.fetchrow("SELECT body, outcome FROM work_item WHERE command_id = $1", order.command_id)
    assert row["body"] is None
    assert RecordRefused.model_validate_json(row["outcome"]) == told.model_copy(update={"detail": ""})
    async with slice_.database.unit_of_work() as unit:
        await work.enqueue(unit, [Received(order, uuid4(), "")])
    repeated = await slice_.database.pool.fetchval("SELECT body FROM outbox WHERE type = 'RecordRefused'")
    assert json.loads(repeated)["reason"] == "validation"


@pytest.mark.parametrize(("days", "outcome"), [(29, RecordRefused), (31, RecordSaved)])
async def test_a_younger_command_and_an_outcome_without_words_stay_as_they_are(slice_, days, outcome):
    order, told = await keep(slice_, days, outcome)
    await retention.erase_old(slice_.database.pool)
    row = await slice_.database.pool.fetchrow("SELECT body, outcome FROM work_item WHERE command_id = $1", order.command_id)
    assert (row["body"] is None) is (days > 30)
    assert row["outcome"] == told.model_dump_json()


async def test_a_command_without_outcome_keeps_its_body_however_old_it_is(slice_):
    order = slice_.order()
    async with slice_.database.unit_of_work() as unit:
        await work.enqueue(unit, [Received(order, uuid4(), "")])
    await slice_.database.pool.execute("UPDATE work_item SET created_at = now() - interval '90 days'")
    await retention.erase_old(slice_.database.pool)
    assert await slice_.database.pool.fetchval("SELECT body IS NOT NULL FROM work_item")


async def test_the_inbox_forgets_after_14_days(slice_):
    for days in (13, 15):
        await slice_.database.pool.execute(
            "INSERT INTO inbox VALUES ($1, $2, now() - $3::interval)", str(days), uuid4(), days * DAY
        )
    await retention.erase_old(slice_.database.pool)
    assert [row["consumer"] for row in await slice_.database.pool.fetch("SELECT consumer FROM inbox")] == ["13"]


async def test_a_dead_letter_loses_its_body_after_30_days_and_stays(slice_):
    query = """
        INSERT INTO dead_letter (topic, key, type, body, headers, state, reason, created_at)
        VALUES ('t', $1, 'T', 'body', '{}', 'dead', 'unreadable_body', now() - $2::interval)
    """
    for days in (29, 31):
        await slice_.database.pool.execute(query, str(days), days * DAY)
    await retention.erase_old(slice_.database.pool)
    rows = await slice_.database.pool.fetch("SELECT key, body IS NOT NULL AS has_body FROM dead_letter ORDER BY key")
    assert [tuple(row) for row in rows] == [("29", True), ("31", False)]
