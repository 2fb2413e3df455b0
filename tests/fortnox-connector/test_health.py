"""The connector reports how each connection does in Fortnox."""

from __future__ import annotations

from uuid import uuid4


async def access_is(world, access):
    """The newest report, once it says so."""

    async def look():
        found = await world.told("SideHealthReported")
        return found[-1] if found and found[-1]["access"] == access else None

    return await world.until(look)


async def test_a_revoked_consent_is_reported_with_fortnox_own_words_and_so_is_a_new_one(world):
    await access_is(world, "granted")
    path = f"/control/fortnox/tenants/{world.tenant}/consent"
    await world.sandbox.delete(path)
    # The access token lives on until it is refused.
    await world.fault("*", "status_401", times=2)
    await world.send(world.customer())
    report = await access_is(world, "refused")
    assert (report["side"], bool(report["detail"])) == ("fortnox", True)

    async def is_told_why():
        # The command has its outcome a moment after the refusal is reported.
        return (await world.told("SideHealthReported"))[-1]["waiting"] == 0

    await world.until(is_told_why)
    await world.sandbox.put(path)
    await access_is(world, "granted")


async def test_what_waits_and_the_last_write_are_reported(world):
    command = world.customer()
    await world.send(command)
    await world.outcome(command.command_id)

    async def look():
        found = (await world.told("SideHealthReported"))[-1]
        return found["written_at"] and found["waiting"] == 0

    await world.until(look)


async def test_a_list_that_is_refused_every_time_is_reported_beside_those_that_are_read(parts):
    await parts.world.fault("GET /3/articles", "status_403", times=None)
    async with parts.polling():

        async def look():
            reads = parts.lane.health.reads
            return "articles" in reads and reads["articles"].problem and reads["invoices"].completed_at

        await parts.world.until(look)
    assert not parts.lane.health.reads["articles"].completed_at


async def test_a_turn_in_which_the_unpaid_invoices_are_not_asked_for_is_no_completed_one(parts):
    async with parts.polling():
        reads = parts.lane.health.reads

        async def is_completed():
            return "unpaid invoices" in reads

        await parts.world.until(is_completed)
        first, articles = reads["unpaid invoices"].completed_at, reads["articles"].completed_at

        async def is_turn_over():
            return reads["articles"].completed_at > articles

        await parts.world.until(is_turn_over)
        assert reads["unpaid invoices"].completed_at == first
        # Ten minutes at this time scale.
        assert reads["unpaid invoices"].interval == 30


async def test_the_next_holder_of_a_lane_knows_what_the_one_before_has_read(world):
    async def reports():
        return [one for one in await world.told("SideHealthReported") if one["reads"]]

    async def all_completed():
        found = await reports()
        return found and {one["resource"]: one["completed_at"] for one in found[-1]["reads"] if one["completed_at"]}

    before = await world.until(lambda: _with(all_completed, "unpaid invoices", "articles"))
    await world.fault("*", "status_500", times=None)
    lost = "UPDATE lane SET holder = $2, leased_until = now() + interval '2 seconds' WHERE connection_id = $1"
    other = uuid4()
    await world.pool.execute(lost, world.connection_id, other)

    async def is_held_again():
        return await world.pool.fetchval("SELECT holder <> $2 FROM lane WHERE connection_id = $1", world.connection_id, other)

    await world.until(is_held_again)
    seen = len(await reports())

    async def is_reported():
        return len(await reports()) > seen

    await world.until(is_reported)
    last = (await reports())[-1]
    assert {one["resource"]: one["completed_at"] for one in last["reads"]}["articles"] == before["articles"]
    assert last["access"] == "granted"


async def _with(look, *names):
    found = await look()
    return found if found and all(name in found for name in names) else None
