"""Processes killed at random moments, two replicas of each service, while Postgres, Kafka and the leases are disturbed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg

from devstack import SERVICES, Service
from devstack.process import ProcessFailedError, free_port
from devstack.stack import ADMINISTRATOR
from support.activation import Site
from support.quiescence import until

LEASE_SECONDS = 30.0
"""`Durations.lease`, in the product's own time."""
HARD_EVERY = 20
"""Kills between two hard ends of Postgres, and two of Kafka."""
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
ROLES = list(SERVICES.values())
LEASED = ("limego_connector", "fortnox_connector")
POLLED = ("/3/customers", "/3/invoices", "/3/invoicepayments", "/3/articles")


class Disturbances:
    """All replicas of all services. A process that is being handled is left alone by everything else here."""

    def __init__(self, site: Site, luck: random.Random) -> None:
        self._site = site
        self._luck = luck
        self._scale = site.stack.time_scale
        self._busy: set[str] = set()
        self.replicas = dict(site.stack.services)
        self.by_service: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    @asynccontextmanager
    async def doubled(self) -> AsyncIterator[None]:
        """A second replica of each service; at the end the first ones are ready and run alone."""
        for first in list(self.replicas.values()):
            assert first.environment is not None
            second = Service(
                first.service, 2, directory=self._site.stack.directory, port=free_port(), environment=first.environment
            )
            self.replicas[second.name] = second.start()
        try:
            yield
            await asyncio.gather(*(self._running(one) for one in self.replicas.values()))
        finally:
            for name, replica in self.replicas.items():
                if name not in self._site.stack.services:
                    replica.kill()

    async def kill(self, times: int, told: Callable[[int], None]) -> None:
        """So many SIGKILLs of random processes at random moments; each is started again soon after."""
        for number in range(1, times + 1):
            await asyncio.sleep(self._luck.uniform(0.2, 3.0))
            async with self._one() as replica:
                await self._running(replica)
                await asyncio.sleep(self._luck.uniform(0, 1.5))
                replica.kill()
                self.by_service[replica.service] += 1
                await asyncio.sleep(self._luck.uniform(0, 1))
                replica.start()
            if number % HARD_EVERY == HARD_EVERY // 2:
                await self._count("Postgres killed", self._site.stack.postgres.restart(hard=True))
            if number % HARD_EVERY == 0:
                await self._count("Kafka killed", self._site.stack.kafka.restart(hard=True))
            told(number)

    async def disturb(self) -> None:
        """Until cancelled; what was begun is undone."""
        ways: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("sessions ended", self._end_sessions),
            ("statements timed out", self._cancel_statements),
            ("read-only", self._read_only),
            ("replica frozen beyond its lease", self._freeze),
            ("replica left and joined", self._leave),
        ]
        while True:
            await asyncio.sleep(self._luck.uniform(0.5, 3.0))
            name, way = self._luck.choice(ways)
            # Postgres may be away: it is killed from elsewhere.
            with suppress(*AWAY):
                await self._count(name, way())

    async def _count(self, name: str, way: Awaitable[None]) -> None:
        await way
        self.done[name] += 1

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[Service]:
        free = [name for name in self.replicas if name not in self._busy]
        name = self._luck.choice(free)
        self._busy.add(name)
        try:
            yield self.replicas[name]
        finally:
            self._busy.discard(name)

    async def _running(self, replica: Service) -> None:
        """Waits until it is ready; one that ended while Postgres or Kafka was away is started as an orchestrator would."""
        for _ in range(5):
            if not replica.alive:
                replica.start()
            with suppress(ProcessFailedError):
                await replica.ready()
                return
        await replica.ready()

    async def _execute(self, *statements: str) -> None:
        session = await asyncpg.connect(self._site.stack.database_url(ADMINISTRATOR), timeout=10)
        try:
            for statement in statements:
                await session.execute(statement)
        finally:
            await session.close(timeout=5)

    async def _end_sessions(self) -> None:
        roles = ", ".join(f"'{role}'" for role in ROLES)
        await self._execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ({roles}) AND random() < 0.5"
        )

    async def _cancel_statements(self) -> None:
        """What a statement meets that takes too long: SQLSTATE 57014."""
        roles = ", ".join(f"'{role}'" for role in ROLES)
        running = f"usename IN ({roles}) AND state = 'active'"
        for _ in range(self._luck.randrange(10, 60)):
            await self._execute(f"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {running}")
            await asyncio.sleep(0.02)

    async def _read_only(self) -> None:
        """Sessions that begin meanwhile take no writes, ever, as those to a standby that was promoted by a fresh address."""
        try:
            await self._execute(*(f"ALTER ROLE {role} SET default_transaction_read_only = on" for role in ROLES))
            await self._end_sessions()
            await asyncio.sleep(self._luck.uniform(0.5, 3))
        finally:
            await asyncio.shield(self._writable())

    async def _writable(self) -> None:
        async def done() -> bool:
            with suppress(*AWAY):
                await self._execute(*(f"ALTER ROLE {role} RESET default_transaction_read_only" for role in ROLES))
                return True
            return False

        await until(done, "Postgres takes writes again", within=60)

    async def _freeze(self) -> None:
        """SIGSTOP until another replica has long taken its leases."""
        async with self._one() as replica:
            replica.freeze()
            try:
                await asyncio.sleep(self._luck.uniform(1.2, 3) * LEASE_SECONDS / self._scale)
            finally:
                replica.thaw()

    async def _leave(self) -> None:
        async with self._one() as replica:
            await replica.terminate()
            await asyncio.sleep(self._luck.uniform(0, 2))
            replica.start()


async def lost_leases(site: Site, *, within: float = 15.0) -> list[str]:
    """Leases of active connections that nobody holds, and resources that are not polled any more (I9)."""
    missing: list[str] = []

    async def nothing() -> bool:
        missing[:] = [text for role in LEASED for text in await _without_lease(site, role)] + await _not_polled(site, since)
        return not missing

    since = str((await site.sandbox.ask("GET", "clock"))["now"])
    with suppress(AssertionError):
        await until(nothing, "every lease is live and every resource polled", within=within)
    return missing


async def _without_lease(site: Site, role: str) -> list[str]:
    query = "SELECT 1 FROM lane WHERE connection_id = $1 AND holder IS NOT NULL AND leased_until > now()"
    found = [(one, await site.world.rows(role, query, one.connection_id)) for one in site.world.connections]
    return [f"I9: {one.database}: nobody holds its lease in {role}" for one, rows in found if not rows]


async def _not_polled(site: Site, since: str) -> list[str]:
    missing = []
    for route in POLLED:
        calls = await site.sandbox.calls(system="fortnox", method="GET", route=route, status="200", client="dubbelsynk")
        polled = {call["credential"] for call in calls if call["started"] > since}
        missing += [
            f"I9: {one.database}: {route} is not polled" for one in site.world.connections if str(one.tenant) not in polled
        ]
    return missing
