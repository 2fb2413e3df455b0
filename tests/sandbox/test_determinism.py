"""The same seed and the same calls give the same answers, ids included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from sandbox.app import create_app
from sandbox.clock import Clock

# How long a call took is measured, and says so.
MEASURED = {"x-rack-responsetime"}
FULL = {"Authorization": "go-api:00000000-0000-4000-8000-000000000001"}
ROW = {"Description": "Arbete", "DeliveredQuantity": "2", "Price": 500, "VAT": 25}
NEW_COMPANY = 'mutation { createOrganization(name: "Nya bolaget AB", organizationNumber: "559900-0019") { id } }'


class StillClock(Clock):
    """Stands at noon of one day until it is moved."""

    def now(self) -> datetime:
        return datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(seconds=self.offset)

    def monotonic(self) -> float:
        return self.offset


class Run:
    """One sandbox, and all that it answered."""

    def __init__(self) -> None:
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(create_app()), base_url="http://sandbox")
        self.transcript: list[object] = []

    async def call(self, method: str, path: str, **more: object) -> httpx.Response:
        answer = await self.http.request(method, path, **more)
        headers = {name: value for name, value in answer.headers.items() if name not in MEASURED}
        self.transcript.append((method, path, answer.status_code, headers, answer.text))
        return answer

    async def fortnox(self, method: str, path: str, body: object = None) -> httpx.Response:
        return await self.call(method, f"/fortnox/3/{path}", json=body, headers=self.bearer)

    async def limego(self, query: str) -> httpx.Response:
        return await self.call("POST", "/limego/v1/graphql", json={"query": query}, headers=FULL)


async def _play(run: Run, seed: int) -> None:
    await run.call("POST", "/control/seed", json={"seed": seed, "companies": 30})
    await run.call(
        "POST",
        "/control/faults",
        json={"system": "fortnox", "operation": "*", "kind": "status_503", "times": None, "probability": 0.3},
    )
    head, ask = {"TenantId": "100001"}, {"grant_type": "client_credentials"}
    signed_in = {"auth": ("dubbelsynk", "sandbox-secret"), "headers": head, "data": ask}
    while (answer := await run.call("POST", "/fortnox/oauth-v1/token", **signed_in)).status_code != 200:
        pass
    run.bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    for number in range(5):
        await run.fortnox("POST", "customers", {"Customer": {"Name": f"Kund {number} AB"}})
        await run.fortnox("POST", "invoices", {"Invoice": {"CustomerNumber": "1", "InvoiceRows": [ROW]}})
        await run.call("POST", "/control/clock", json={"advance": 7})
    for path in ("customers?limit=10", "invoices?limit=10&sortby=invoicedate", "articles", "invoices/41", "settings/company"):
        await run.fortnox("GET", path)
    await run.limego(NEW_COMPANY)
    await run.limego("{ organizations(first: 20) { id name organizationNumber } deals(first: 20) { id value status } }")
    subscription = {"targeturl": "http://127.0.0.1:9/hook", "events": ["DealWon"]}
    await run.call("POST", "/limego/v1/event/subscription", json=subscription, headers=FULL)
    await run.call("GET", "/limego/v1/event/feed/?peek=true", headers=FULL)
    await run.call("GET", "/control/state")


async def _transcript(seed: int) -> list[object]:
    run = Run()
    await _play(run, seed)
    await run.http.aclose()
    return run.transcript


async def test_two_runs_have_one_transcript_and_another_seed_has_another(monkeypatch):
    monkeypatch.setattr("sandbox.app.Clock", StillClock)
    first, second = await _transcript(1), await _transcript(1)
    for one, other in zip(first, second, strict=True):
        assert one == other
    assert [entry for entry in first if entry[1] == "/control/state"] != [
        entry for entry in await _transcript(2) if entry[1] == "/control/state"
    ]
    statuses = {entry[2] for entry in first}
    assert {200, 201, 503} <= statuses, statuses
