"""The sandbox alone: how soon it answers, how much it answers on one core, and what a large company weighs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from benchmarks.figures import at_least, below, told
from chaos.report import Figure
from devstack import Sandbox
from support import emulators

CUSTOMERS, INVOICES = 100_000, 200_000
TENANT, CLIENT, SECRET = "700001", "bench", "secret"
PAGE = 500
SECONDS = 5.0
CALLERS = 4
"""So many at once: the emulator's core is busy, and they wait for it."""


async def measure(directory: Path, tell: Callable[[str], None]) -> list[Figure]:
    """A sandbox on one core, with 100 000 customers and 200 000 invoices."""
    sandbox = Sandbox(directory, time_scale=1)
    began = time.perf_counter()
    try:
        sandbox.start()
        await sandbox.ready()
        started = time.perf_counter() - began
        process = psutil.Process(sandbox.pid)
        process.cpu_affinity([0])
        token = await _filled(sandbox.url, tell)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"{sandbox.url}/fortnox/3", headers=headers, timeout=60) as http:
            get_rate = await _rate(http, lambda number: f"invoices/{number * 7919 % INVOICES + 1}")
            page_rate = await _rate(http, lambda number: f"invoices?limit={PAGE}&page={number * 31 % (INVOICES // PAGE) + 1}")
        memory = process.memory_info().rss / 1e9
    finally:
        await sandbox.terminate()
    return [
        below("box_start", started, "s", 1.5),
        at_least("box_get_rate", get_rate, "GET of one invoice a second", 400),
        at_least("box_page_rate", page_rate, f"pages of {PAGE} invoices a second", 50),
        below("box_memory", memory, "GB", 1.5),
        told("box_records", CUSTOMERS + INVOICES, "customers and invoices"),
    ]


async def _filled(url: str, tell: Callable[[str], None]) -> str:
    """The large company, and a token for it."""
    control = emulators.Sandbox(url)
    await control.switch(limit_requests=1_000_000)
    began = time.perf_counter()
    async with httpx.AsyncClient(base_url=url, timeout=600) as http:
        made = {"tenant": TENANT, "clients": {CLIENT: SECRET}}
        (await http.post("/control/fortnox/tenants", json=made)).raise_for_status()
        wanted = {"customers": CUSTOMERS, "invoices": INVOICES}
        (await http.post(f"/control/fortnox/tenants/{TENANT}/fill", json=wanted)).raise_for_status()
        tell(f"filled in {time.perf_counter() - began:.0f} s")
        head, ask = {"TenantId": TENANT}, {"grant_type": "client_credentials"}
        answer = await http.post("/fortnox/oauth-v1/token", data=ask, headers=head, auth=(CLIENT, SECRET))
        return str(answer.raise_for_status().json()["access_token"])


async def _rate(http: httpx.AsyncClient, path: Callable[[int], str]) -> float:
    """Answers a second, all of them 200."""
    (await http.get(path(1))).raise_for_status()
    began, done = time.perf_counter(), 0

    async def call() -> None:
        nonlocal done
        while time.perf_counter() - began < SECONDS:
            (await http.get(path(done))).raise_for_status()
            done += 1

    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return done / (time.perf_counter() - began)
