"""What both systems and all four slices hold of one connection, read at one moment."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from support.emulators import APPLICATION, Sandbox

_DISTURBED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


RELEASES = """
    SELECT company_id, sum(times)::int AS number FROM timeline JOIN record USING (connection_id, kind, record_key)
    WHERE connection_id = $1 AND code = 'released' GROUP BY company_id
"""


@dataclass(frozen=True)
class Connection:
    """An activated connection and what was there before it: `position` is the feed's last event of that moment."""

    connection_id: UUID
    database: str
    tenant: int
    activated_at: datetime
    position: int
    baseline: frozenset[int]

    @property
    def prefix(self) -> str:
        """What begins every reference that we write for this connection."""
        return f"limego:{self.database}:"

    def deal_reference(self, deal_id: int) -> str:
        return f"{self.prefix}deal:{deal_id};"

    def company_reference(self, company_id: str) -> str:
        return f"{self.prefix}company:{company_id};"


@dataclass
class World:
    """Where everything is, for who checks it."""

    sandbox: Sandbox
    coordinator_url: str
    slices: dict[str, str]
    connections: list[Connection] = field(default_factory=list)
    _sessions: dict[str, asyncpg.Pool] = field(default_factory=dict)

    async def rows(self, role: str, query: str, *arguments: object) -> list[Any]:
        """Rows of one slice, asked with that role's own address; asked again for 30 s while Postgres is disturbed."""
        deadline = time.monotonic() + 30
        while True:
            try:
                return list(await (await self._session(role)).fetch(query, *arguments))
            except _DISTURBED:
                if time.monotonic() > deadline:
                    raise
                if role in self._sessions:
                    self._sessions.pop(role).terminate()
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def _session(self, role: str) -> asyncpg.Pool:
        if role not in self._sessions:
            self._sessions[role] = await asyncpg.create_pool(self.slices[role], min_size=0, max_size=3)
        return self._sessions[role]


@dataclass(frozen=True)
class Facts:
    """One connection. Of Fortnox: `customers`, `invoices`, `orders`, `articles`; of Lime Go: `companies`, `deals`, `tab`
    (invoices shown), `products`; of ours: `records`, `links`, `commands`, `told` (timelines),
    `rewritten` (invoices that the bookkeeper changed), `removed` (companies that a person took away),
    `events` (Lime Go's, with their times), `readings` (our calls that read one deal),
    `made` (what the connector says it made), `releases` (how often a person released something of a company)."""

    connection: Connection
    customers: dict[str, Any]
    invoices: dict[str, Any]
    orders: dict[str, Any]
    articles: dict[str, Any]
    modified: dict[str, dict[str, datetime]]
    payments: list[Any]
    companies: dict[str, Any]
    deals: dict[int, Any]
    tab: dict[str, Any]
    products: dict[str, Any]
    wins: Counter[int]
    records: list[Any]
    links: list[Any]
    commands: list[Any]
    told: list[Any]
    made: dict[str, str]
    posts: list[Any]
    searches: list[Any]
    events: list[Any]
    readings: list[Any]
    edits: Counter[str]
    rewritten: set[str]
    releases: Counter[str]
    removed: list[str]

    def records_of(self, kind: str) -> dict[str, Any]:
        return {row["record_key"]: row for row in self.records if row["kind"] == kind}

    @property
    def documents(self) -> dict[str, Any]:
        """Invoices with a reference of ours that are no credit notes, by number."""
        mine = self.connection.prefix
        return {
            number: invoice
            for number, invoice in self.invoices.items()
            if invoice["ExternalInvoiceReference1"].startswith(mine) and invoice["Credit"] != "true"
        }


async def gather(world: World) -> list[Facts]:
    """The facts of every connection. Ours are read before the emulators': what we have done is there to be found."""
    ours = [await _ours(world, connection) for connection in world.connections]
    state, (posts, searches, edits, readings) = await world.sandbox.state(), await _calls(world.sandbox)
    return [_facts(state, posts, searches, edits, readings, one, part) for one, part in zip(world.connections, ours, strict=True)]


async def _calls(sandbox: Sandbox) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    posts = await sandbox.calls(system="fortnox", method="POST", route="/3/customers")
    posts += await sandbox.calls(system="fortnox", method="POST", route="/3/invoices")
    searches = await sandbox.calls(system="fortnox", method="GET", route="/3/invoices")
    edits = await sandbox.calls(system="fortnox", client="bookkeeper")
    readings = await sandbox.calls(system="limego", route="/v1/graphql", status="200")
    return posts, searches, edits, readings


async def _ours(world: World, connection: Connection) -> dict[str, Any]:
    queries = {
        "records": ("sync_coordinator", "SELECT * FROM record WHERE connection_id = $1"),
        "links": ("sync_coordinator", "SELECT * FROM link WHERE connection_id = $1"),
        "commands": ("sync_coordinator", "SELECT * FROM command WHERE connection_id = $1"),
        "told": ("sync_coordinator", "SELECT * FROM timeline WHERE connection_id = $1"),
        "made": ("fortnox_connector", "SELECT * FROM creation WHERE connection_id = $1 AND remote_id IS NOT NULL"),
        "releases": ("sync_coordinator", RELEASES),
    }
    found = await asyncio.gather(*(world.rows(role, query, connection.connection_id) for role, query in queries.values()))
    parts: dict[str, Any] = dict(zip(queries, found, strict=True))
    return {
        **parts,
        "made": {row["business_key"]: row["remote_id"] for row in parts["made"]},
        "releases": Counter({row["company_id"]: row["number"] for row in parts["releases"]}),
    }


def _facts(
    state: Any,
    posts: list[Any],
    searches: list[Any],
    edits: list[Any],
    readings: list[Any],
    connection: Connection,
    ours: dict[str, Any],
) -> Facts:
    tenant = state["fortnox"]["tenants"][str(connection.tenant)]
    database = state["limego"]["databases"][connection.database]
    won = (event for event in database["feed"] if event["type"] == "DealWon" and event["position"] > connection.position)
    tenant_edits = [
        call
        for call in edits
        if call["credential"] == str(connection.tenant)
        and call["method"] != "GET"
        and datetime.fromisoformat(call["started"]) >= connection.activated_at
    ]
    return Facts(
        connection=connection,
        **{kind: tenant["registers"][kind]["records"] for kind in ("customers", "invoices", "orders", "articles")},
        modified={kind: _moments(tenant["registers"][kind]["modified"]) for kind in ("invoices", "articles")},
        payments=tenant["invoicepayments"],
        companies={company["id"]: company for company in database["organizations"]},
        deals={deal["id"]: deal for deal in database["deals"]},
        tab=database["invoices"],
        products=database["products"],
        wins=Counter(event["deal"]["id"] for event in won),
        posts=_own(posts, connection),
        searches=_own(searches, connection),
        events=database["feed"],
        readings=[call for call in readings if call["credential"] == connection.database and _reads_deals(call)],
        edits=_edits_by_customer(tenant, tenant_edits),
        rewritten=_rewritten(tenant_edits),
        removed=database["removed"],
        **ours,
    )


def _own(calls: list[Any], connection: Connection) -> list[Any]:
    """Our own calls with this connection's credential; the bookkeeper's are none of them."""
    own = {"client": APPLICATION[0], "tenant": str(connection.tenant)}
    return [call for call in calls if {"client": call["fields"].get("client"), "tenant": call["credential"]} == own]


def _reads_deals(call: Any) -> bool:
    return "deal" in call["fields"].get("field", "").split(",")


def _moments(modified: dict[str, str]) -> dict[str, datetime]:
    return {number: datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM) for number, text in modified.items()}


def _rewritten(calls: list[Any]) -> set[str]:
    """The invoices whose content the bookkeeper has changed; we never change one."""
    return {
        str(call["fields"].get("number"))
        for call in calls
        if (call["method"], call["route"]) == ("PUT", "/3/invoices/{number}") and 200 <= call["status"] < 300
    }


def _edits_by_customer(tenant: Any, calls: list[Any]) -> Counter[str]:
    """How many changes the bookkeeper made to each customer's invoices."""
    edits: Counter[str] = Counter()
    for call in calls:
        fields = call["fields"]
        if call["route"].startswith("/3/articles"):
            # What is put right there lets go what waited for it, whoever's it is.
            edits.update(customer["CustomerNumber"] for customer in tenant["customers"])
            continue
        number = fields.get("InvoiceNumber") or fields.get("DocumentNumber")
        if number is None and call["route"].startswith("/3/invoices/"):
            number = fields.get("number")
        if number is None and call["route"].startswith("/3/invoicepayments/"):
            found = next((one for one in tenant["invoicepayments"] if str(one["Number"]) == fields.get("number")), None)
            number = str(found["InvoiceNumber"]) if found else None
        invoice = tenant["registers"]["invoices"]["records"].get(str(number))
        if invoice:
            edits[invoice["CustomerNumber"]] += 1
    return edits
