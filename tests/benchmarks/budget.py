"""The lane's rate budget against Fortnox's exact limiter: nothing refused, and nearly all of the rate used."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from benchmarks.figures import at_least
from chaos.report import Figure
from devstack import Sandbox
from fortnox_connector.client import FortnoxClient
from fortnox_connector.wiring import BUDGET
from servicekit.budget import RateBudget
from servicekit.durations import Durations
from servicekit.errors import RateLimitedError
from servicekit.http_client import Remote
from support import emulators
from support.activation import TENANT
from support.emulators import APPLICATION

REQUESTS = 500
HANDED_OVER_AFTER = 260
"""Ten requests into a burst of 25: the change of holder costs the most there."""
JITTER_MILLISECONDS = (0.0, 400.0)
REQUESTS_PER_DEAL, DEAL_SECONDS = 9, 2.0
"""What a won deal needs, and how often one comes: nearly the whole budget; the polls want as much and get the rest."""
WINDOW_SECONDS = 5.2
"""The goal's measure: Fortnox's 5 s, and the way there and back."""
USED_GOAL = 90.0


async def measure(directory: Path, tell: Callable[[str], None]) -> list[Figure]:
    """500 requests with the budget, the client and the waiting of the product; only the token's source is ours."""
    durations = Durations()
    sandbox = Sandbox(directory, time_scale=1)
    try:
        sandbox.start()
        await sandbox.ready()
        control = emulators.Sandbox(sandbox.url)
        await control.ask("POST", "seed", {"seed": 1, "companies": 50})
        await control.switch(jitter=JITTER_MILLISECONDS)
        tokens = await _Token.fetch(sandbox.url)
        started = time.perf_counter()
        sent = _Count()
        await _hold(_client(sandbox.url, tokens, durations, starts_full=False), sent, HANDED_OVER_AFTER)
        tell(f"{sent.total} requests in {time.perf_counter() - started:.1f} s; another holder takes the lane")
        await _hold(_client(sandbox.url, tokens, durations, starts_full=True), sent, REQUESTS)
        seconds = time.perf_counter() - started
        calls = await control.calls(system="fortnox", credential=str(TENANT), client=APPLICATION[0])
        await control.close()
    finally:
        sandbox.kill()
    return _figures([call for call in calls if call["route"] != "/oauth-v1/token"], seconds)


def _figures(calls: list[dict[str, object]], seconds: float) -> list[Figure]:
    refused = sum(call["status"] == 429 for call in calls)
    good = len(calls) - refused
    # The last burst occupies its window too; without it a first burst for nothing would show more than 100 %.
    used = 100 * good / (BUDGET * (seconds + WINDOW_SECONDS) / WINDOW_SECONDS)
    return [
        Figure("refused", refused, f"of {len(calls)} requests", "0", refused == 0 and good >= REQUESTS),
        at_least("budget_used", used, f"% of {BUDGET} per {WINDOW_SECONDS:g} s", USED_GOAL),
    ]


class _Count:
    """Requests that have been started, over all holders."""

    total = 0


class _Token:
    """One access token, as the connector's token source would give it."""

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    async def fetch(cls, url: str) -> _Token:
        basic = base64.b64encode(":".join(APPLICATION).encode()).decode()
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            answer = await http.post(
                "/fortnox/oauth-v1/token",
                data={"grant_type": "client_credentials"},
                headers={"Authorization": f"Basic {basic}", "TenantId": str(TENANT)},
            )
        return cls(str(answer.raise_for_status().json()["access_token"]))

    async def get(self) -> str:
        return self._value

    async def forget(self) -> None:
        raise RuntimeError("the emulator refuses a token that it has just given")


def _client(url: str, tokens: _Token, durations: Durations, *, starts_full: bool) -> FortnoxClient:
    window, flight = durations.rate_window, durations.request_timeout
    budget = RateBudget(limit=BUDGET, window=window, flight=flight, starts_full=starts_full)
    remote = Remote("fortnox", f"{url}/fortnox", timeout=durations.request_timeout)
    return FortnoxClient(remote, tokens, budget, window)  # type: ignore[arg-type]  # what a source does


async def _hold(client: FortnoxClient, sent: _Count, until: int) -> None:
    """Holds the lane until so many requests have been started: polls for ever, and a deal every few seconds."""
    number = (await client.customers_page(1, {})).lines[0].CustomerNumber
    sent.total += 1

    async def one(call: Callable[[], Awaitable[object]]) -> None:
        if sent.total < until:
            sent.total += 1
            # A refusal is counted by the emulator's log; the client has then told the budget to wait.
            with contextlib.suppress(RateLimitedError):
                await call()

    async def poll() -> None:
        while sent.total < until:
            await one(lambda: client.customers_page(1, {}))

    async def deal() -> None:
        for _ in range(REQUESTS_PER_DEAL):
            await one(lambda: client.customer(number))

    async with asyncio.TaskGroup() as group:
        group.create_task(poll())
        while sent.total < until:
            group.create_task(deal())
            await asyncio.sleep(DEAL_SECONDS)
    await client.close()
