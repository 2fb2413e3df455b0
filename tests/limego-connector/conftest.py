"""The Lime Go connector as a process, on a real Kafka and a real Postgres, against the sandbox."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer

from contracts.events import ConnectionChanged
from contracts.message import Command, Message
from contracts.registry import TYPES
from contracts.values import ConnectionState
from devstack import Infrastructure
from devstack.process import free_port
from devstack.services import Sandbox, Service, migrate, provision, service_environment
from servicekit.envelope import headers

SCALE = 20
NAME = "limego-connector"
TOKEN = "a token for the tests only"
DATABASES = count(1)


async def until(look: Callable[[], Awaitable[Any]], within: float = 30.0) -> Any:
    """Polls until `look` gives something true."""
    deadline = time.monotonic() + within
    while not (found := await look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.03)
    return found


@dataclass
class World:
    """One connection of its own Lime Go database, and what a test does with it."""

    pool: asyncpg.Pool
    producer: AIOKafkaProducer
    sandbox: httpx.AsyncClient
    service: Service
    database: str = field(default_factory=lambda: f"prov-{next(DATABASES)}")
    connection_id: UUID = field(default_factory=uuid4)
    generation: int = 1
    version: int = 0
    resumed_at: datetime | None = None

    until = staticmethod(until)

    async def open(self) -> None:
        """Makes the database."""
        made = await self.sandbox.post("/control/limego/databases", json={"name": self.database})
        self.keys: dict[str, str] = made.json()["keys"]
        self.http = httpx.AsyncClient(base_url=self.service.url, timeout=10)

    async def activate(self, state: ConnectionState = ConnectionState.ACTIVE) -> None:
        """Tells the connector of the connection, gives it the key and waits until it is in service."""
        await self.tell(state)
        assert (await self.give_key(self.keys["full"])).status_code == 204
        await self.is_in_service()

    async def tell(self, state: ConnectionState = ConnectionState.ACTIVE) -> None:
        """The coordinator's message."""
        self.version += 1
        await self.send(
            ConnectionChanged(
                connection_id=self.connection_id,
                version=self.version,
                state=state,
                generation=self.generation,
                limego_database=self.database,
                fortnox_tenant=1,
                activated_at=datetime.now(UTC),
                resumed_at=self.resumed_at,
            )
        )

    async def pause(self) -> None:
        """The coordinator pauses; afterwards nobody works on the connection."""
        await self.tell(ConnectionState.PAUSED)
        query = """
            SELECT 1 FROM connection JOIN lane USING (connection_id)
            WHERE connection_id = $1 AND state = 'paused' AND leased_until <= clock_timestamp()
        """
        await until(lambda: self.pool.fetchrow(query, self.connection_id))

    async def resume(self) -> None:
        """The coordinator resumes."""
        self.resumed_at = datetime.now(UTC)
        await self.tell()

    async def has_caught_up(self) -> None:
        """Waits until what the last pause hid is found."""
        query = "SELECT 1 FROM connection WHERE connection_id = $1 AND resumed_at = $2 AND caught_up_at IS NOT NULL"
        await until(lambda: self.pool.fetchrow(query, self.connection_id, self.resumed_at))

    async def give_key(self, key: str, token: str = TOKEN) -> httpx.Response:
        """What the sign-in will do."""
        path = f"/internal/connections/{self.connection_id}/credentials"
        return await self.http.put(path, json={"api_key": key}, headers={"Authorization": f"Bearer {token}"})

    async def status(self) -> dict[str, Any]:
        """How far the connection has come."""
        head = {"Authorization": f"Bearer {TOKEN}"}
        answer = await self.http.get(f"/internal/connections/{self.connection_id}", headers=head)
        return answer.json() if answer.status_code == 200 else {}

    async def is_in_service(self) -> None:
        """Waits for baseline, web hook and listing."""

        async def look() -> bool:
            status = await self.status()
            return all(status.get(name) for name in ("baseline_completed", "listing_completed", "subscribed"))

        await until(look)

    async def send(self, message: Message) -> None:
        """Puts a message on its topic."""
        head = headers(uuid4(), type(message).__name__, message.key, "test", "")
        await self.producer.send_and_wait(
            message.destination, message.model_dump_json().encode(), message.key.encode(), headers=head
        )

    async def order(self, command: type[Command], within: float = 30.0, **fields: Any) -> dict[str, Any]:
        """Sends a command and waits for its outcome."""
        made = command(
            connection_id=self.connection_id,
            command_id=uuid4(),
            generation=self.generation,
            **{"limego_database": self.database, **fields},
        )
        await self.send(made)
        return await self.outcome(made.command_id, within)

    async def outcome(self, command_id: UUID, within: float = 30.0) -> dict[str, Any]:
        """The outcome of a command, once it has one."""
        query = "SELECT outcome_type, outcome FROM work_item WHERE command_id = $1 AND finished_at IS NOT NULL"
        row = await until(lambda: self.pool.fetchrow(query, command_id), within)
        return {"type": row["outcome_type"], **json.loads(row["outcome"])}

    async def said(self, *, listing: bool = False) -> list[Message]:
        """All events of this connection; those of the listing only when asked for."""
        rows = await self.pool.fetch(
            "SELECT type, body FROM outbox WHERE topic = 'limego.company' AND key LIKE $1 ORDER BY outbox_id",
            f"{self.connection_id}/%",
        )
        messages = [TYPES[row["type"]].model_validate_json(row["body"]) for row in rows]
        return [message for message in messages if bool(getattr(message, "listing_id", None)) is listing]

    async def names(self) -> list[str]:
        """The types of all events apart from the listing's."""
        return [type(message).__name__ for message in await self.said()]

    async def heard(self, *names: str, within: float = 30.0) -> None:
        """Waits until exactly these events have been said."""
        deadline = time.monotonic() + within
        while (found := await self.names()) != list(names):
            assert time.monotonic() < deadline, f"said {found}"
            await asyncio.sleep(0.03)

    async def is_quiet(self) -> None:
        """Waits until every hint has been read."""
        query = "SELECT count(*) FROM hint WHERE connection_id = $1"

        async def look() -> bool:
            return await self.pool.fetchval(query, self.connection_id) == 0

        await until(look)

    async def bulk(self, **body: Any) -> dict[str, Any]:
        """Records that have always been there; they fire nothing."""
        answer = await self.sandbox.post(f"/control/limego/databases/{self.database}/bulk", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def a_company(self, **fields: Any) -> str:
        """The id of a company."""
        made = await self.bulk(organizations=[{"name": "Nordvikens Bygg AB", "organizationNumber": "559900-1234", **fields}])
        return made["organizations"][0]

    async def a_deal(self, **fields: Any) -> int:
        """The id of a deal, open unless it says otherwise."""
        return (await self.bulk(deals=[{"name": "Serviceavtal", "value": 1000, **fields}]))["deals"][0]

    async def ask(self, query: str, **variables: Any) -> Any:
        """A salesperson's call."""
        head = {"Authorization": self.keys["personal"]}
        body = {"query": query, "variables": variables}
        answer = (await self.sandbox.post("/limego/v1/graphql", json=body, headers=head)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def move(self, deal_id: int, status: str) -> None:
        """A salesperson moves a deal."""
        await self.ask("mutation M($id: Int!, $to: String!) { updateDeal(id: $id, status: $to) { id } }", id=deal_id, to=status)

    async def edit(self, company_id: str, arguments: str) -> None:
        """A salesperson edits a company."""
        await self.ask(f"mutation M($id: String!) {{ updateOrganization(id: $id, {arguments}) {{ id }} }}", id=company_id)

    async def fault(self, operation: str, kind: str, **more: Any) -> None:
        """Orders a fault for this database."""
        fault = {"system": "limego", "operation": operation, "kind": kind, "connection": self.database, **more}
        (await self.sandbox.post("/control/faults", json=fault)).raise_for_status()

    async def switch(self, **switches: Any) -> None:
        """Turns switches."""
        (await self.sandbox.put("/control/limego/switches", json=switches)).raise_for_status()

    async def state(self) -> Any:
        """All that this database holds."""
        return (await self.sandbox.get("/control/state")).json()["limego"]["databases"][self.database]

    async def company(self, company_id: str) -> Any:
        """One company as the emulator holds it."""
        return next(one for one in (await self.state())["organizations"] if one["id"] == company_id)

    async def calls(self, **filters: str) -> list[dict[str, Any]]:
        """Calls to this database."""
        query = {"system": "limego", "credential": self.database, **filters}
        return (await self.sandbox.get("/control/calls", params=query)).json()["calls"]

    async def restart(self, points: str = "", *, ready: bool = True) -> None:
        """Starts the service again with these fault points."""
        # In order, if it lives: a killed consumer's partitions are given to its successor only after ten seconds.
        await self.service.terminate()
        assert self.service.environment is not None
        self.service.environment["FAULT_POINTS"] = points
        self.service.start()
        if ready:
            await self.service.ready()

    async def has_died(self) -> None:
        """Waits until a fault point has killed the service."""

        async def look() -> bool:
            return not self.service.alive

        await until(look)


@pytest.fixture(scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Any, ...]]:
    """Postgres, Kafka, the sandbox and the connector."""
    directory = tmp_path_factory.mktemp("limego-connector")
    sandbox = Sandbox(directory, time_scale=SCALE)
    sandbox.start()
    async with Infrastructure.start(directory, fsync=False) as infrastructure:
        url = infrastructure.database_url("limego_connector")
        await migrate(NAME, directory=directory, database_url=url)
        await provision(directory=directory, bootstrap_servers=infrastructure.bootstrap_servers)
        port = free_port()
        environment = service_environment(
            NAME,
            database_url=url,
            bootstrap_servers=infrastructure.bootstrap_servers,
            sandbox_url=sandbox.url,
            public_url=f"http://127.0.0.1:{port}",
            encryption_key=infrastructure.postgres.derived_key("test"),
            internal_token=TOKEN,
            time_scale=SCALE,
        )
        environment["LIMEGO_CONNECTOR_FEED_INTERVAL_SECONDS"] = "20"
        environment["LIMEGO_CONNECTOR_WALK_INTERVAL_SECONDS"] = "60"
        service = Service(NAME, 1, directory=directory, port=port, environment=environment)
        service.start()
        await sandbox.ready()
        await service.ready()
        async with asyncpg.create_pool(url, min_size=1) as pool, httpx.AsyncClient(base_url=sandbox.url, timeout=60) as client:
            async with AIOKafkaProducer(bootstrap_servers=infrastructure.bootstrap_servers) as producer:
                yield pool, producer, client, service
        await service.terminate()
        sandbox.kill()


@pytest.fixture
async def world(running: tuple[Any, ...]) -> AsyncIterator[World]:
    """A database of its own; not activated yet."""
    world = World(*running)
    switches = (await world.sandbox.get("/control/limego/switches")).json()
    await world.open()
    yield world
    await world.tell(ConnectionState.PAUSED)
    await world.sandbox.put("/control/limego/switches", json=switches)
    await world.sandbox.delete("/control/faults")
    await world.http.aclose()
