"""The healing loops: a connection in which a turn fails starves no other."""

from __future__ import annotations

import asyncio

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany
from contracts.events import ConnectionSettings


@pytest.fixture
async def two(house):
    """Two connections: the first by order of its id is the one whose rows nobody can read."""
    other = type(house)(house.database)
    await other.activate()
    return sorted((house, other), key=lambda one: one.connection_id)


async def spoil(house, table, column):
    await house.database.pool.execute(f"UPDATE {table} SET {column} = '{{' WHERE connection_id = $1", house.connection_id)


async def test_commands_of_one_connection_that_cannot_be_read_keep_no_other_from_being_sent_again(two, make):
    broken, good = two
    for one in two:
        await one.linked_company()
        await one.win(make.deal())
        await one.sent()
    await spoil(broken, "command", "body")
    for one in two:
        one.pass_time(901)
    assert await good.loops.resend() >= 1
    assert [type(one) for one in await good.sent()].count(CreateFortnoxInvoice) == 1
    assert await broken.sent() == []


async def test_a_connection_that_cannot_be_rechecked_keeps_no_other_from_it(two, make):
    broken, good = two
    for one in two:
        await one.win(make.deal())
        one.pass_time(901)
    await spoil(broken, "connection", "settings")
    await good.loops.recheck()
    await good.sent_one(ReadLimeGoCompany)
    assert await broken.sent() == []


async def test_a_connection_that_cannot_be_shown_keeps_no_other_from_it(two, make):
    broken, good = two
    for one in two:
        await one.invoiced()
        await one.hear(one.invoice_changed(make.invoice("1042")))
        await one.sent()
        await one.database.pool.execute("UPDATE invoice SET is_due = true, sent_digest = NULL")
    await spoil(broken, "connection", "settings")
    await good.loops.show()
    assert len(await good.sent()) == 1
    assert await broken.sent() == []


async def test_a_turn_that_fails_keeps_no_other_turn_from_being_taken_and_rests_ever_longer(two, make):
    broken, good = two
    loops = good.loops
    await good.win(make.deal())
    good.pass_time(901)
    await spoil(broken, "connection", "settings")
    await broken.database.pool.execute("ALTER TABLE command RENAME TO command_away")
    try:
        loops._durations = type(loops._durations).scaled(30_000)
        task = asyncio.create_task(loops._run())
        await asyncio.sleep(0)
        await broken.database.pool.execute("SELECT pg_sleep(0.2)")
        assert not task.done()
    finally:
        await broken.database.pool.execute("ALTER TABLE command_away RENAME TO command")
    try:
        async with asyncio.timeout(30):
            while not [one for one in await good.sent() if isinstance(one, ReadLimeGoCompany)]:
                await asyncio.sleep(0.05)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_settings_are_what_the_test_spoils():
    with pytest.raises(ValueError, match="JSON"):
        ConnectionSettings.model_validate_json("{")
