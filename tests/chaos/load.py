"""A steady load while processes are killed: deals won, a few payments, prices and second thoughts."""

from __future__ import annotations

import asyncio
import random

import httpx

from support.activation import DATABASE, TENANT, Site
from support.companies import a_company
from support.emulators import OPEN

SECOND_DATABASE, SECOND_TENANT = "grannen", 100002
UNFINISHED = 24
"""Deals won and not at their end: above this nothing new is won, for a load that only grows would never converge."""
SETTLED = "SELECT count(*) FROM record WHERE kind = 'invoice' AND state IN ('done', 'needs_attention', 'withdrawn', 'held')"
LOST = (("lost_answer", 0.08, 0), ("answer_502", 0.04, 0), ("late_commit", 0.05, 20), ("stall", 0.03, 30))
FAULTS = [
    {"system": "fortnox", "operation": f"POST /3/{what}", "kind": kind, "times": None, "probability": share, "delay": delay}
    for what in ("customers", "invoices")
    for kind, share, delay in LOST
] + [
    {"system": "limego", "operation": "webhook", "kind": kind, "times": None, "probability": 0.1, "delay": 5}
    for kind in ("drop", "double", "reorder")
]


class Load:
    """Wins deals of both connections until cancelled."""

    def __init__(self, site: Site, luck: random.Random) -> None:
        self._site = site
        self._luck = luck
        self.won = 0
        self._known: dict[str, list[str]] = {DATABASE: [], SECOND_DATABASE: []}

    async def prepare(self) -> None:
        """Two connections, and companies that both systems have."""
        await self._site.seed(companies=60)
        await self._site.sandbox.add_tenant(SECOND_TENANT, SECOND_DATABASE)
        # A token of 4 s: its save is passed often enough to be killed in it.
        await self._site.sandbox.switch(token_life=80)
        await self._site.activate(DATABASE, TENANT)
        await self._site.activate(SECOND_DATABASE, SECOND_TENANT)
        limego = (await self._site.sandbox.state())["limego"]["databases"][DATABASE]
        has_number = [one["id"] for one in limego["organizations"] if one["organization_number"]]
        self._known[DATABASE] = has_number[:40]
        await self._site.sandbox.add_faults(*FAULTS)

    async def fill_feed(self) -> None:
        """More than a page of events, about an open deal that nobody ever wins."""
        sales, _ = self._site.people(DATABASE)
        deal = await sales.add_deal(None)
        for turn in range(60):
            await sales.move(deal, ("Förhandling", OPEN)[turn % 2])

    async def run(self) -> None:
        while True:
            settled = int((await self._site.world.rows("sync_coordinator", SETTLED))[0][0])
            if self.won - settled >= UNFINISHED:
                await asyncio.sleep(0.3)
                continue
            try:
                await self._turn(self._luck.choice((DATABASE, SECOND_DATABASE)))
            except httpx.TransportError:
                await asyncio.sleep(0.3)
            await asyncio.sleep(self._luck.uniform(0.05, 0.4))

    async def _turn(self, database: str) -> None:
        sales, _ = self._site.people(database)
        known = self._known[database]
        share = self._luck.random()
        if share < 0.5 or not known:
            company = await sales.add_company(**a_company())
            await self._win(database, company, 1)
            known.append(company)
        elif share < 0.7:
            await self._win(database, await sales.add_company(**a_company()), 2)
        elif share < 0.9:
            await self._win(database, self._luck.choice(known), 1)
        else:
            await self._second_thought(database)

    async def _win(self, database: str, company: str, deals: int) -> None:
        sales, _ = self._site.people(database)
        made = [await sales.add_deal(company, self._value()) for _ in range(deals)]
        await sales.win(*made)
        self.won += deals

    def _value(self) -> float:
        return self._luck.randrange(100, 9_000_000) / 100

    async def _second_thought(self, database: str) -> None:
        """An invoiced deal is reopened and won again, its invoice is paid, or a price changes."""
        sales, books = self._site.people(database)
        query = """
            SELECT record_key, remote_id FROM record JOIN connection USING (connection_id)
            WHERE limego_database = $1 AND kind = 'invoice' AND record.state = 'done' ORDER BY random() LIMIT 1
        """
        rows = await self._site.world.rows("sync_coordinator", query, database)
        if not rows:
            return
        match self._luck.randrange(3):
            case 0:
                await sales.move(int(rows[0]["record_key"]), OPEN)
                await sales.win(int(rows[0]["record_key"]))
            case 1:
                invoice = (await books.call("GET", f"invoices/{rows[0]['remote_id']}"))["Invoice"]
                if not invoice["Booked"]:
                    await books.book_and_pay(rows[0]["remote_id"])
            case _:
                await books.set_price("1000", self._luck.randrange(100, 2000))
