"""The Fortnox connector as a process, on a real Kafka and a real Postgres, against the sandbox."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer

from contracts.commands import CreateFortnoxInvoice, SaveFortnoxCustomer
from contracts.events import ConnectionChanged
from contracts.message import Command, Message
from contracts.values import Company, ConnectionState, Deal
from devstack import Infrastructure
from devstack.process import free_port
from devstack.services import Sandbox, Service, migrate, provision, service_environment
from fortnox_connector.client import AuthClient, FortnoxClient
from fortnox_connector.customer import CustomerMaker
from fortnox_connector.executor import Executor
from fortnox_connector.invoice import InvoiceMaker
from fortnox_connector.lookup import CustomerLookup
from fortnox_connector.poller import Poller
from fortnox_connector.repository import Repository
from fortnox_connector.single_records import SingleRecords
from fortnox_connector.tokens import TokenSource
from fortnox_connector.unread_repository import UnreadRepository
from servicekit import work
from servicekit.budget import RateBudget
from servicekit.clock import suspension_clock
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.envelope import Received, headers
from servicekit.http_client import Remote
from servicekit.lanes import Lane

SCALE = 20
STOCKHOLM = ZoneInfo("Europe/Stockholm")
NAME = "fortnox-connector"
NUMBERS = count(200_000)
DEALS = count(1)


async def until(look: Callable[[], Awaitable[Any]], within: float = 30.0) -> Any:
    """Polls until `look` gives something true."""
    deadline = time.monotonic() + within
    while not (found := await look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)
    return found


@dataclass
class World:
    """One connection of its own company in Fortnox, and what a test does with it."""

    pool: asyncpg.Pool
    producer: AIOKafkaProducer
    sandbox: httpx.AsyncClient
    service: Service
    tenant: int = field(default_factory=lambda: next(NUMBERS))
    connection_id: UUID = field(default_factory=uuid4)
    generation: int = 1
    _told: int = 0
    until: ClassVar = staticmethod(until)

    async def open(self, state: ConnectionState = ConnectionState.ACTIVE) -> None:
        """Makes the company with a standard article, and the connection."""
        body = {"tenant": str(self.tenant), "name": "Provbolaget AB", "clients": {"dubbelsynk": "sandbox-secret", "person": "p"}}
        (await self.sandbox.post("/control/fortnox/tenants", json=body)).raise_for_status()
        await self.fortnox("POST", "articles", {"Article": {"ArticleNumber": "1000", "Description": "Tjänst", "VAT": 25}})
        await self.activate(state)

    async def activate(self, state: ConnectionState = ConnectionState.ACTIVE) -> None:
        """Tells the connector of the connection, and waits until it knows."""
        await self.tell(state)
        await until(
            lambda: self.pool.fetchval(
                "SELECT 1 FROM connection WHERE connection_id = $1 AND generation = $2", self.connection_id, self.generation
            )
        )

    async def tell(self, state: ConnectionState) -> None:
        """The coordinator's message, newer than all before it of this generation."""
        self._told += 1
        await self.send(
            ConnectionChanged(
                connection_id=self.connection_id,
                version=1000 * self.generation + self._told,
                state=state,
                generation=self.generation,
                limego_database="bolaget",
                fortnox_tenant=self.tenant,
                activated_at=datetime.now(UTC),
            )
        )

    async def send(self, message: Message, message_id: UUID | None = None) -> None:
        """Puts a message on its topic."""
        head = headers(message_id or uuid4(), type(message).__name__, message.key, "test", "")
        await self.producer.send_and_wait(
            message.destination, message.model_dump_json().encode(), message.key.encode(), headers=head
        )

    async def fortnox(self, method: str, path: str, body: object = None) -> Any:
        """A call of a person, with a client of their own."""
        token = await self.sandbox.post(
            "/fortnox/oauth-v1/token",
            data={"grant_type": "client_credentials"},
            headers={"TenantId": str(self.tenant)},
            auth=("person", "p"),
        )
        head = {"Authorization": f"Bearer {token.json()['access_token']}"}
        answer = await self.sandbox.request(method, f"/fortnox/3/{path}", json=body, headers=head)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def fault(self, operation: str, kind: str, **more: object) -> None:
        """Orders a fault for this company."""
        fault = {"system": "fortnox", "operation": operation, "kind": kind, "connection": str(self.tenant), **more}
        (await self.sandbox.post("/control/faults", json=fault)).raise_for_status()

    async def asked(self, operation: str) -> None:
        """Waits until the connector has made such a call, "METHOD /route"."""
        method, _, route = operation.partition(" ")
        await until(lambda: self.calls(method=method, route=route))

    async def calls(self, **wanted: str) -> list[dict[str, Any]]:
        """The connector's own calls to this company, in order."""
        query = {"credential": str(self.tenant), "client": "dubbelsynk", **wanted}
        return (await self.sandbox.get("/control/calls", params=query)).json()["calls"]

    async def alter(self, kind: str, key: str, **values: object) -> None:
        """Gives a record values that no API call would let in, as if changed now, and seen in lists at once."""
        state = (await self.sandbox.get("/control/state")).json()
        register = state["fortnox"]["tenants"][str(self.tenant)]["registers"][kind]
        register["records"][key] |= values
        register["modified"][key] = datetime.now(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")
        (await self.sandbox.put("/control/state", json={"fortnox": state["fortnox"]})).raise_for_status()

    async def switch(self, **switches: object) -> None:
        """Sets switches of the emulator, for all companies."""
        (await self.sandbox.put("/control/switches", json=switches)).raise_for_status()

    async def told(self, type_name: str) -> list[dict[str, Any]]:
        """The messages of a type that were published for this connection."""
        rows = await self.pool.fetch(
            "SELECT body FROM outbox WHERE type = $1 AND body::jsonb ->> 'connection_id' = $2 ORDER BY outbox_id",
            type_name,
            str(self.connection_id),
        )
        return [json.loads(row["body"]) for row in rows]

    async def state(self) -> Any:
        """All that this company holds."""
        state = (await self.sandbox.get("/control/state")).json()
        return state["fortnox"]["tenants"][str(self.tenant)]

    def customer(self, company_id: str = "pase1", name: str = "Exempel AB", number: str = "556000-0001") -> SaveFortnoxCustomer:
        """A command to create a customer."""
        return SaveFortnoxCustomer(
            connection_id=self.connection_id,
            command_id=uuid4(),
            generation=self.generation,
            fortnox_tenant=self.tenant,
            limego_database="bolaget",
            company=Company(company_id=company_id, name=name, organisation_number=number),
            currency="SEK",
            decided_at=datetime.now(UTC),
        )

    def invoice(self, customer_number: str, deal_id: int | None = None, **deal: Any) -> CreateFortnoxInvoice:
        """A command to create an invoice."""
        content = {"name": "Införande", "company_id": "pase1", "value": Decimal("1000.50"), **deal}
        return CreateFortnoxInvoice(
            connection_id=self.connection_id,
            command_id=uuid4(),
            generation=self.generation,
            fortnox_tenant=self.tenant,
            limego_database="bolaget",
            deal=Deal(deal_id=deal_id or next(DEALS), **content),
            customer_number=customer_number,
            standard_article="1000",
            currency="SEK",
            decided_at=datetime.now(UTC),
        )

    async def outcome(self, command_id: UUID, within: float = 30.0) -> dict[str, Any]:
        """The outcome of a command, once it has one."""
        row = await until(
            lambda: self.pool.fetchrow(
                "SELECT outcome_type, outcome FROM work_item WHERE command_id = $1 AND finished_at IS NOT NULL", command_id
            ),
            within,
        )
        return {"type": row["outcome_type"], **json.loads(row["outcome"])}

    async def made_customer(self) -> str:
        """A customer that a person made by hand; its number."""
        return (await self.fortnox("POST", "customers", {"Customer": {"Name": "Exempel AB"}}))["Customer"]["CustomerNumber"]


@pytest.fixture(scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Any, ...]]:
    """Postgres, Kafka, the sandbox and the connector."""
    directory = tmp_path_factory.mktemp("fortnox-connector")
    sandbox = Sandbox(directory, time_scale=SCALE)
    sandbox.start()
    async with Infrastructure.start(directory, fsync=False) as infrastructure:
        url = infrastructure.database_url("fortnox_connector")
        await migrate(NAME, directory=directory, database_url=url)
        await provision(directory=directory, bootstrap_servers=infrastructure.bootstrap_servers)
        environment = service_environment(
            NAME,
            database_url=url,
            bootstrap_servers=infrastructure.bootstrap_servers,
            sandbox_url=sandbox.url,
            public_url="http://127.0.0.1:1",
            encryption_key=infrastructure.postgres.derived_key("test"),
            internal_token="not used",
            time_scale=SCALE,
        )
        environment["FORTNOX_CONNECTOR_POLL_INTERVAL_SECONDS"] = "600"
        service = Service(NAME, 1, directory=directory, port=free_port(), environment=environment)
        service.start()
        await sandbox.ready()
        await service.ready()
        async with asyncpg.create_pool(url, min_size=1) as pool, httpx.AsyncClient(base_url=sandbox.url, timeout=60) as client:
            async with AIOKafkaProducer(bootstrap_servers=infrastructure.bootstrap_servers) as producer:
                yield pool, producer, client, service
        await service.terminate()
        sandbox.kill()


@pytest.fixture
async def open_world(running: tuple[Any, ...]) -> AsyncIterator[Callable[[], Awaitable[World]]]:
    """Makes connections, each with a company of its own; all are paused at the end, or they would be polled to the last."""
    made: list[World] = []

    async def make() -> World:
        world = World(*running)
        made.append(world)
        await world.open()
        return world

    yield make
    for world in made:
        await world.tell(ConnectionState.PAUSED)


@pytest.fixture
async def world(open_world: Callable[[], Awaitable[World]]) -> World:
    """A connection of its own."""
    return await open_world()


@dataclass
class Parts:
    """What works in one lane, in this process and a step at a time."""

    world: World
    database: Database
    lane: Lane
    auth: AuthClient
    repository: Repository
    vault: Vault
    durations: Durations = field(default_factory=lambda: Durations.scaled(SCALE))

    def __post_init__(self) -> None:
        environment, limits = self.world.service.environment, self.durations
        self.tokens = self.token_source()
        budget = RateBudget(limit=25, window=limits.rate_window, flight=limits.request_timeout, starts_full=False)
        remote = Remote("fortnox", environment["FORTNOX_CONNECTOR_API_URL"], timeout=limits.request_timeout)
        self.client = FortnoxClient(remote, self.tokens, budget, limits.rate_window)
        makers = CustomerMaker(self.client, limits, self.repository), InvoiceMaker(self.client)
        self.executor = Executor(
            self.lane, self.repository, limits, *makers, CustomerLookup(self.client, self.repository, self.database)
        )
        single = SingleRecords(self.lane, UnreadRepository(self.database), limits)
        self.poller = Poller(self.lane, self.client, self.repository, single, limits, 0.2, datetime.now(UTC), SCALE)

    async def queued(self, command: Command, age: float = 0.0) -> work.Item:
        """A command in the lane's queue, for so many seconds already."""
        async with self.database.unit_of_work() as unit:
            await work.enqueue(unit, [Received(command, uuid4(), "")])
            await unit.connection.execute(
                "UPDATE work_item SET created_at = now() - make_interval(secs => $2) WHERE command_id = $1",
                command.command_id,
                age,
            )
        found = await work.next_item(self.database.pool, command.connection_id, [])
        assert found is not None
        return found

    def token_source(self) -> TokenSource:
        """Another source of the same connection, as after a restart."""
        return TokenSource(self.lane, self.world.tenant, self.auth, self.repository, self.vault, SCALE)

    @asynccontextmanager
    async def polling(self) -> AsyncIterator[None]:
        """The poller runs, and has not ended when the block has."""
        task = asyncio.create_task(self.poller.run())
        try:
            yield
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def parts(running: tuple[Any, ...]) -> AsyncIterator[Parts]:
    """A connection whose lane this process holds: the service leaves it alone."""
    world = World(*running)
    await world.open(ConnectionState.PAUSED)
    environment = world.service.environment
    database = Database(environment["DATABASE_URL"], size=4)
    await database.open()
    holder = uuid4()
    await work.lease(database.pool, [world.connection_id], holder, 600)
    await database.pool.execute("UPDATE connection SET state = 'active' WHERE connection_id = $1", world.connection_id)
    lane = Lane(world.connection_id, holder, is_new=True, duration=600, granted_at=suspension_clock(), database=database)
    secret = environment["FORTNOX_CONNECTOR_CLIENT_SECRET"]
    auth = AuthClient(environment["FORTNOX_CONNECTOR_AUTH_URL"], environment["FORTNOX_CONNECTOR_CLIENT_ID"], secret, 10)
    made = Parts(world, database, lane, auth, Repository(database), Vault(environment["ENCRYPTION_KEY"]))
    yield made
    await database.pool.execute("UPDATE connection SET state = 'paused' WHERE connection_id = $1", world.connection_id)
    await made.client.close()
    await auth.close()
    await database.close()
