"""A deal is won in Lime Go: how long until its invoice stands in Fortnox, in a system that has nothing else to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.figures import at_most, below, told
from chaos.report import Figure
from devstack import Stack
from support.activation import DATABASE, TENANT, Site
from support.activation import site as opened
from support.companies import a_company
from support.emulators import APPLICATION

DEALS = 100
COMPANIES = 300
P50_GOAL, P99_GOAL = 0.5, 2.0
WEBHOOKS = 300
WEBHOOK_GOAL = 0.05
WINDOW = timedelta(seconds=5.2)
MOST_IN_WINDOW = 9
"""A deal of a company that Fortnox lacks takes nine requests of the 25: with nine in the window it waits for none."""
PAUSE = timedelta(seconds=1)
GIVE_UP_SECONDS = 60.0


async def measure(directory: Path, tell: Callable[[str], None]) -> list[Figure]:
    """The worst case: each deal is the first of a company that neither the matcher nor Fortnox has heard of.

    The product's own intervals and real time; one deal after the other, each with the rate budget at hand.
    """
    async with Stack.start(directory, report=tell) as stack, opened(stack) as site:
        await site.seed(companies=COMPANIES)
        await site.activate()
        taken: list[float] = []
        for number in range(1, DEALS + 1):
            taken.append(await _one_deal(site))
            if number % 10 == 0:
                tell(f"{number} deals, the last in {taken[-1]:.3f} s")
        answered = await _webhooks(site)
    taken.sort()
    return [
        at_most("win_to_invoice_p50", _percentile(taken, 50), "s", P50_GOAL),
        at_most("win_to_invoice_p99", _percentile(taken, 99), "s", P99_GOAL),
        told("win_to_invoice_slowest", taken[-1], "s"),
        below("webhook_answer_p99", _percentile(answered, 99), "s", WEBHOOK_GOAL),
    ]


def _percentile(ordered: list[float], percent: int) -> float:
    """By nearest rank: of 100 values the 99th percentile is the second largest."""
    return ordered[-(-len(ordered) * percent // 100) - 1]


async def _webhooks(site: Site) -> list[float]:
    """Seconds until a web hook has its answer, sorted: the hint is stored by then. One after the other, as Lime Go sends."""
    state = await site.sandbox.state()
    database = state["limego"]["databases"][DATABASE]
    [address] = {one["targeturl"] for one in database["subscriptions"]}
    body = next(event for event in reversed(database["feed"]) if event["type"] == "DealWon")
    event = {"position": "1", "eventType": "DealWon", "coworker": None, "deal": body["deal"], "organization": None}
    taken = []
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for _ in range(WEBHOOKS):
            started = time.perf_counter()
            (await client.post(address, json=event)).raise_for_status()
            taken.append(time.perf_counter() - started)
    return sorted(taken)


async def _one_deal(site: Site) -> float:
    """Seconds from just before the winning call to the end of the call that made the invoice, by Fortnox's own log."""
    salesperson, _ = site.people()
    company_id = await salesperson.add_company(**a_company())
    deal_id = await salesperson.add_deal(company_id, 1000)
    await _idle(site)
    won_at = datetime.now(UTC)
    await salesperson.win(deal_id)
    reference = f"limego:{DATABASE}:deal:{deal_id};"
    deadline = time.monotonic() + GIVE_UP_SECONDS
    # The log has the time, so looking seldom costs no accuracy and takes no machine time from what is measured.
    while not (made := await site.sandbox.calls(method="POST", route="/3/invoices", ExternalInvoiceReference1=reference)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"deal {deal_id} has no invoice after {GIVE_UP_SECONDS:g} s")
        await asyncio.sleep(0.2)
    if made[0]["status"] != 201:
        raise RuntimeError(f"Fortnox answers {made[0]['status']} to the invoice of deal {deal_id}")
    return (datetime.fromisoformat(made[0]["ended"]) - won_at).total_seconds()


async def _idle(site: Site) -> None:
    """Until neither system has been called for a second and the lane's budget is at hand."""
    while True:
        limego = await site.sandbox.calls(system="limego")
        fortnox = await site.sandbox.calls(system="fortnox", credential=str(TENANT), client=APPLICATION[0])
        ends = sorted(datetime.fromisoformat(call["ended"]) for call in fortnox)
        last = max([*ends[-1:], *(datetime.fromisoformat(call["ended"]) for call in limego[-1:])])
        free_at = ends[-1 - MOST_IN_WINDOW] + WINDOW if len(ends) > MOST_IN_WINDOW else last
        wait = (max(last + PAUSE, free_at) - datetime.now(UTC)).total_seconds()
        if wait <= 0:
            return
        await asyncio.sleep(wait)
