"""The connector reports how each connection does in Fortnox."""

from __future__ import annotations


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
