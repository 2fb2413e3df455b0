"""The connector reports how each connection does in Lime Go."""

from __future__ import annotations

import json

REPORTS = "SELECT body FROM outbox WHERE type = 'SideHealthReported' AND key LIKE $1 ORDER BY outbox_id DESC LIMIT 1"


async def report(world):
    """The newest report of the connection."""
    body = await world.pool.fetchval(REPORTS, f"{world.connection_id}/%")
    return json.loads(body) if body else {}


async def access_is(world, access):
    async def look():
        found = await report(world)
        return found if found.get("access") == access else None

    return await world.until(look)


async def test_a_connection_without_a_key_is_reported_as_such_until_it_has_one(world):
    await world.tell()
    assert (await access_is(world, "missing"))["side"] == "limego"
    await world.give_key(world.keys["full"])
    await access_is(world, "granted")


async def test_a_key_that_is_refused_is_reported_and_so_is_its_return(world):
    await world.activate()
    await access_is(world, "granted")
    await world.fault("*", "status_401", times=None)
    await access_is(world, "refused")
    await world.sandbox.delete("/control/faults")
    await access_is(world, "granted")


async def test_each_regular_reading_is_reported_with_its_last_success_or_since_when_it_fails(world):
    await world.fault("GET /v1/event/feed/", "status_500", times=None)
    await world.activate()

    async def look():
        reads = {read["resource"]: read for read in (await report(world)).get("reads", ())}
        return "deals" in reads and "feed" in reads and reads

    reads = await world.until(look)
    assert reads["deals"]["completed_at"]
    assert (reads["feed"]["completed_at"], reads["feed"]["problem"]) == (None, "TransientError")
