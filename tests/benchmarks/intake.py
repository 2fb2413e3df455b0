"""Web hooks by the thousand: how many are taken in a second, how soon each is answered, and what waits behind them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks.figures import at_least, at_most, below, told
from chaos.report import Figure
from devstack import Stack
from support.activation import DATABASE, Site
from support.activation import site as opened
from support.companies import a_company

SERVICE = "limego-connector"
WEBHOOKS, CALLERS = 5_000, 10
UNKNOWN_DEALS = count(1_000_000)
RATE_GOAL, ANSWER_GOAL, WIN_GOAL = 500, 0.05, 2.0
GIVE_UP_SECONDS = 300.0
WON = "SELECT 1 FROM outbox WHERE type = 'DealWon' AND body::jsonb -> 'deal' ->> 'deal_id' = $1"
OPEN = "SELECT count(*) FROM hint"


async def measure(directory: Path, tell: Callable[[str], None]) -> list[Figure]:
    """5 000 web hooks with the right token, each of another deal that does not exist; then somebody wins a real one.

    The service has one core. The win counts from just before the salesperson's click until it is reported.
    """
    async with Stack.start(directory, report=tell) as stack, opened(stack) as site:
        await site.seed(companies=20)
        await site.activate()
        salesperson, _ = site.people()
        deal_id = await salesperson.add_deal(await salesperson.add_company(**a_company()), 1000)
        process = psutil.Process(stack.services[SERVICE].pid)
        process.cpu_affinity([0])
        [address] = {one["targeturl"] for one in (await site.sandbox.state())["limego"]["databases"][DATABASE]["subscriptions"]}
        used, started = _used(process), time.perf_counter()
        answered = sorted(await _flood(address))
        seconds = time.perf_counter() - started
        used = _used(process) - used
        tell(f"{WEBHOOKS} web hooks in {seconds:.1f} s")
        [[left]] = await site.world.rows("limego_connector", OPEN)
        waited = await _win(site, deal_id)
    return [
        at_least("intake_rate", WEBHOOKS / seconds, "web hooks a second", RATE_GOAL),
        below("intake_p99", answered[-(-len(answered) * 99 // 100) - 1], "s", ANSWER_GOAL),
        at_most("win_behind_flood", waited, "s", WIN_GOAL),
        told("intake_cpu", used / WEBHOOKS * 1000, "ms of processor time for each, with what is read meanwhile"),
        told("hints_behind_flood", left, "open hints when the deal is won"),
    ]


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _win(site: Site, deal_id: int) -> float:
    salesperson, _ = site.people()
    started = time.perf_counter()
    await salesperson.win(deal_id)
    while not await site.world.rows("limego_connector", WON, str(deal_id)):
        if time.perf_counter() - started > GIVE_UP_SECONDS:
            raise RuntimeError(f"deal {deal_id} is not reported after {GIVE_UP_SECONDS:g} s")
        await asyncio.sleep(0.05)
    return time.perf_counter() - started


async def _flood(address: str) -> list[float]:
    """Seconds until each answer; as many callers at once as Lime Go may have, without a client's own cost in between."""
    taken: list[float] = []
    await asyncio.gather(*(_call(address, WEBHOOKS // CALLERS, taken) for _ in range(CALLERS)))
    return taken


async def _call(address: str, times: int, taken: list[float]) -> None:
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for _ in range(times):
        body = json.dumps({"position": "1", "eventType": "DealWon", "deal": {"id": next(UNKNOWN_DEALS)}}).encode()
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
        started = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        taken.append(time.perf_counter() - started)
        if not answer.startswith(b"HTTP/1.1 204"):
            raise RuntimeError(f"a web hook got the answer {answer.splitlines()[0].decode()}")
    writer.close()
