"""Guards of the send: look, settle time, second look, terminator, lease check.

Without its guard a scenario may end with two documents, and the deal's record with a person: both ends are waited for.
"""

from __future__ import annotations

import asyncio

from chaos.stage import FORTNOX, Stage, frozen, killed, second_replica


async def look(stage: Stage, off: str) -> None:
    """The process dies with the answer in its hands: only looking tells its successor that the invoice is there."""
    await stage.activate()
    deal = await stage.sales.add_deal(await stage.linked_company())
    await stage.site.restart(FORTNOX, _points("fortnox.after_answer:kill", off))
    await stage.sales.win(deal)
    await killed(stage.site.stack.services[FORTNOX])
    await stage.site.restart(FORTNOX, off)
    await stage.reached(deal, "done", "needs_attention", within=60)


async def settle_time(stage: Stage, off: str) -> None:
    """The POST takes effect 110 s after it left, and its sender is dead: who looks at once, and twice, sees nothing."""
    await stage.activate()
    deal = await stage.sales.add_deal(await stage.linked_company())
    await stage.fault("POST /3/invoices", "late_commit", delay=110)
    # It waits for the lane already: a process that has to start first would be late, on a busy machine.
    async with second_replica(stage.site, off):
        await stage.sales.win(deal)
        await stage.sent(deal)
        stage.site.stack.services[FORTNOX].kill()
        await stage.reached(deal, "done", "needs_attention", within=60)
        await stage.pause(120)
    await stage.site.restart(FORTNOX)


async def second_look(stage: Stage, off: str) -> None:
    """The POSTs take effect just before the settle time is over, and searches lag behind: the first look is blind."""
    await stage.activate()
    await stage.sandbox.switch(search_lag=9.0)
    companies = [await stage.linked_company() for _ in range(4)]
    for _ in range(2):
        deals = [await stage.sales.add_deal(company) for company in companies]
        for delay in (113, 115, 117, 119):
            await stage.fault("POST /3/invoices", "late_commit", delay=delay)
        await stage.sales.win(*deals)
        await stage.sent(*deals)
        # In the next holder's hands the item is due when the settle time is over, counted from the send.
        await stage.site.restart(FORTNOX, off)
        for deal in deals:
            await stage.reached(deal, "done", "needs_attention", within=60)


async def terminator(stage: Stage, off: str) -> None:
    """A reference is cut so that deal 1234's looks like deal 123's would without its end."""
    await stage.activate()
    await stage.site.restart(FORTNOX, off)
    company = await stage.linked_company()
    for deal, value in ((1234, 500), (123, 700)):
        await stage.sales.add_deal(company, value, id=deal)
    cut = len(f"{stage.connection.prefix}deal:123")
    await stage.sandbox.switch(reference_cut=cut)
    await stage.sales.win(1234)
    await stage.reached(1234, "done", "needs_attention")
    await stage.sandbox.switch(reference_cut=None)
    await stage.pause(10)
    await stage.sales.win(123)
    await stage.reached(123, "done", "needs_attention")


async def lease_check(stage: Stage, off: str) -> None:
    """The holder freezes just before it checks its lease, and thaws when its successor has long made the invoice."""
    await stage.activate()
    deal = await stage.sales.add_deal(await stage.linked_company())
    holder = stage.site.stack.services[FORTNOX]
    await stage.site.restart(FORTNOX, _points("fortnox.before_lease_check:freeze", off))
    await stage.pause(60)
    async with second_replica(stage.site):
        await stage.sales.win(deal)
        await frozen(holder)
        await stage.reached(deal, "done", "needs_attention", within=90)
        holder.thaw()
        await asyncio.sleep(2)
        await stage.pause(10)


def _points(*points: str) -> str:
    return ",".join(filter(None, points))
