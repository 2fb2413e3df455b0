"""A steady load while processes are killed: deals won, a few payments, prices and second thoughts."""

from __future__ import annotations

import asyncio
import random

import asyncpg
import httpx

from support.activation import DATABASE, TENANT, Site
from support.companies import a_company, an_organisation_number
from support.emulators import APPLICATION, OPEN, WON

SECOND_DATABASE, SECOND_TENANT = "grannen", 100002
UNFINISHED = 24
"""Deals won and not at their end: above this nothing new is won, for a load that only grows would never converge."""
SETTLED = "SELECT count(*) FROM record WHERE kind = 'invoice' AND state IN ('done', 'needs_attention', 'withdrawn', 'held')"
LOST = (
    ("lost_answer", 0.08, 0), ("answer_502", 0.04, 0), ("late_commit", 0.05, 20), ("stall", 0.03, 30), ("early_408", 0.02, 20),
    ("answer_409", 0.01, 0), ("garbled", 0.01, 0),
)  # fmt: skip
NOTHING = (("refuse_502", 0.03, 0), ("status_408", 0.02, 0), ("cut", 0.02, 0))
"""These look as if they might have committed, and have not."""
ODD = (("refuse_302", 0.01), ("refuse_502", 0.01), ("date_doubled", 0.02), ("date_garbled", 0.02), ("no_json", 0.01))
# Of our own application only: the bookkeeper has a good day.
FAULTS = (
    [
        {
            "system": "fortnox",
            "operation": f"POST /3/{what}",
            "kind": kind,
            "times": None,
            "probability": share,
            "delay": delay,
            "connection": APPLICATION[0],
        }
        for what in ("customers", "invoices")
        for kind, share, delay in LOST + NOTHING
    ]
    + [
        {
            "system": "fortnox",
            "operation": f"GET /3/{what}",
            "kind": kind,
            "times": None,
            "probability": share,
            "connection": APPLICATION[0],
        }
        for what in ("customers", "invoices", "articles")
        for kind, share in ODD
    ]
    + [
        {"system": "limego", "operation": "webhook", "kind": kind, "times": None, "probability": 0.1, "delay": 5}
        for kind in ("drop", "double", "reorder")
    ]
)


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
            try:
                settled = int((await self._site.world.rows("sync_coordinator", SETTLED))[0][0])
                if self.won - settled >= UNFINISHED:
                    await asyncio.sleep(0.3)
                    continue
                await self._turn(self._luck.choice((DATABASE, SECOND_DATABASE)))
            except (httpx.TransportError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                # Postgres is disturbed, too; the bookkeeper's and the salesperson's next click goes through.
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
        elif share < 0.8:
            await self._win(database, self._luck.choice(known), 1)
        elif share < 0.9:
            await self._change_of_mind(database)
        else:
            await self._second_thought(database)

    async def _win(self, database: str, company: str, deals: int) -> None:
        sales, _ = self._site.people(database)
        made = [await sales.add_deal(company, self._value()) for _ in range(deals)]
        await sales.win(*made)
        self.won += deals

    async def _change_of_mind(self, database: str) -> None:
        """A deal is reopened with another value, and most are won again, while its create waits or is in doubt."""
        sales, _ = self._site.people(database)
        number = an_organisation_number()
        company = await sales.add_company(**a_company(organizationNumber=number))
        deal = await sales.add_deal(company, self._value())
        await sales.win(deal)
        self.won += 1
        await asyncio.sleep(self._luck.choice((0.0, 0.3, 1.0, 4.0)))
        await sales.set_value(deal, self._value())
        if self._luck.random() < 0.3:
            await sales.set_number(company, an_organisation_number())
        await asyncio.sleep(self._luck.choice((0.0, 0.3, 1.0)))
        if self._luck.random() < 0.8:
            await sales.move(deal, WON)

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
