"""A stack with activated connections, for tests that need little more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import httpx

from devstack import SERVICES, Stack
from support.emulators import Bookkeeper, Salesperson, Sandbox
from support.facts import Connection, World
from support.quiescence import until

DATABASE, TENANT, ARTICLE = "bolaget", 100001, "1000"
PLENTY = 100_000


class Site:
    """A running stack, its world for the checker, and people at work in each connection's two systems."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.sandbox = Sandbox(stack.sandbox_url)
        slices = {role: stack.database_url(role) for role in SERVICES.values()}
        self.world = World(self.sandbox, stack.coordinator_url, slices)
        # The services' server ends a connection that is idle for 5 s: a POST must not leave on one that is just being closed.
        self.http = httpx.AsyncClient(trust_env=False, timeout=30, limits=httpx.Limits(keepalive_expiry=1.0))
        self._people: dict[str, tuple[Salesperson, Bookkeeper]] = {}

    async def close(self) -> None:
        for _, bookkeeper in self._people.values():
            await bookkeeper.close()
        await self.world.close()
        await self.http.aclose()
        await self.sandbox.close()

    def people(self, database: str = DATABASE) -> tuple[Salesperson, Bookkeeper]:
        return self._people[database]

    async def seed(self, *, companies: int = 20, seed: int = 1) -> None:
        await self.sandbox.ask("POST", "seed", {"seed": seed, "companies": companies})

    async def activate(self, database: str = DATABASE, tenant: int = TENANT, **settings: object) -> Connection:
        """One connection, ready: old wins noted, both registers listed."""
        before = await self.sandbox.state()
        activated_at = datetime.now(UTC)
        chosen = {"standard_article": ARTICLE, "documents_per_hour_limit": PLENTY, **settings}
        wanted = {"limego_database": database, "fortnox_tenant": tenant, "settings": chosen}
        answer = await self.http.post(f"{self.stack.coordinator_url}/api/connections", json=wanted)
        assert answer.status_code == 201, answer.text
        limego = before["limego"]["databases"][database]
        connection = Connection(
            UUID(answer.json()["connection_id"]),
            database,
            tenant,
            activated_at,
            limego["position"],
            frozenset(deal["id"] for deal in limego["deals"] if deal["assessment"] == "POSITIVE"),
        )
        keys = (await self.sandbox.ask("GET", "limego/databases"))["databases"][database]
        await self._give_key(connection, keys["full"])
        self._people[database] = (Salesperson(self.sandbox, database, keys["personal"]), Bookkeeper(self.sandbox, tenant))
        await until(lambda: self._is_listed(connection), f"the baseline and both listings of {database}", within=90)
        self.world.connections.append(connection)
        return connection

    async def _give_key(self, connection: Connection, key: str) -> None:
        token = self.stack.internal_token
        url = f"{self.stack.limego_connector_url}/internal/connections/{connection.connection_id}/credentials"
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.http.put(url, json={"api_key": key}, headers=headers)
        assert answer.is_success, answer.text

    async def _is_listed(self, connection: Connection) -> bool:
        query = "SELECT companies_listed AND customers_listed FROM connection WHERE connection_id = $1"
        rows = await self.world.rows("matcher", query, connection.connection_id)
        return bool(rows) and bool(rows[0][0])

    async def record(self, kind: str, key: object, database: str = DATABASE) -> dict[str, object]:
        """A record of the coordinator, or {} when there is none."""
        connection = next(one for one in self.world.connections if one.database == database)
        query = "SELECT * FROM record WHERE connection_id = $1 AND kind = $2 AND record_key = $3"
        rows = await self.world.rows("sync_coordinator", query, connection.connection_id, kind, str(key))
        return dict(rows[0]) if rows else {}

    async def reached(self, kind: str, key: object, state: str, *, within: float = 30.0) -> dict[str, object]:
        """Waits until a record is in a state; the record."""

        async def look() -> dict[str, object] | None:
            record = await self.record(kind, key)
            return record if record.get("state") == state else None

        found = await until(look, f"{kind} {key} is {state}", within=within)
        assert isinstance(found, dict)
        return found

    async def restart(self, name: str, points: str = "", *, hard: bool = True) -> None:
        """Ends a service and starts it again with these fault points."""
        service = self.stack.services[name]
        if hard:
            service.kill()
        else:
            await service.terminate()
        assert service.environment is not None
        service.environment["FAULT_POINTS"] = points
        service.start()
        await service.ready()


@asynccontextmanager
async def site(stack: Stack) -> AsyncIterator[Site]:
    made = Site(stack)
    try:
        yield made
    finally:
        await asyncio.shield(made.close())
