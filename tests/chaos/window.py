"""How long the unguardable moment is: from the lease check until the POST has left."""

from __future__ import annotations

import statistics
import time

import httpx

from chaos.report import Figure
from chaos.stage import Stage
from fortnox_connector.client import FortnoxClient
from servicekit.budget import RateBudget
from servicekit.http_client import Remote
from support.emulators import Bookkeeper

TIMES = 200
GOAL_MILLISECONDS = 50.0


class _OneToken:
    def __init__(self, token: str) -> None:
        self._token = token

    async def get(self) -> str:
        return self._token

    async def forget(self) -> None:
        raise AssertionError("the token is good for the whole measurement")

    def accepted(self) -> None: ...

    def refused(self) -> None:
        raise AssertionError("the token is good for the whole measurement")


async def check_to_send(stage: Stage) -> Figure:
    """The real client's way from its reserved place to the last byte of the request, p99 of 200 POSTs."""
    books = Bookkeeper(stage.sandbox, stage.tenant)
    customer = await books.add_customer(Name="Mätningen AB")
    # The bookkeeper's own client id: the budget of the sync is another one.
    client = _client(stage.sandbox.url, await books.token())
    body: dict[str, object] = {"Invoice": {"CustomerNumber": customer}}
    seconds = [await _one(client, body) for _ in range(TIMES)]
    await client.close()
    await books.close()
    p99 = statistics.quantiles(seconds, n=100)[98] * 1000
    return Figure("check_to_send_p99", round(p99, 2), "ms", f"<= {GOAL_MILLISECONDS:g}", holds=p99 <= GOAL_MILLISECONDS)


_left_at = 0.0


def _client(sandbox_url: str, token: str) -> FortnoxClient:
    remote = Remote("fortnox", f"{sandbox_url}/fortnox", timeout=10)
    send = remote._client.send

    async def traced(request: httpx.Request) -> httpx.Response:
        request.extensions["trace"] = _note
        return await send(request)

    remote._client.send = traced  # type: ignore[method-assign, assignment]
    # As many a second as the sandbox takes at this scale; the bookkeeper has just spent some.
    budget = RateBudget(limit=25, window=0.3, flight=10, starts_full=True)
    return FortnoxClient(remote, _OneToken(token), budget, 0.3)


async def _note(event: str, _info: object) -> None:
    global _left_at
    if event == "http11.send_request_body.complete":
        _left_at = time.perf_counter()


async def _one(client: FortnoxClient, body: dict[str, object]) -> float:
    place = await client.reserve()
    checked_at = time.perf_counter()
    await client.create_invoice(body, place)
    return _left_at - checked_at
