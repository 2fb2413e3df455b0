"""A slice of its own for each test: a schema with servicekit's tables, a topic, and a service that is made of parts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.kinds import RecordKind
from contracts.message import Command, Message
from contracts.registry import TYPES
from devstack import Infrastructure
from servicekit.consumer import Consumer, Handler, Record, kafka_broker
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.envelope import headers
from servicekit.migrate import OWN
from servicekit.outbox import Relay

NUMBERS = count(1)
PARTITIONS = 2


class Happened(Message):
    """A fact that only these tests know; it says itself where it goes."""

    topic: ClassVar[str] = "none"
    where: str
    record: str
    number: int

    @property
    def record_id(self) -> str:
        return self.record

    @property
    def destination(self) -> str:
        return self.where


class Order(Command):
    """A command that only these tests know; several subjects may share a record."""

    topic: ClassVar[str] = "none"
    record: str
    about: str

    @property
    def record_id(self) -> str:
        return self.record

    @property
    def kind(self) -> RecordKind:
        return RecordKind.PRODUCT

    @property
    def subject(self) -> str:
        return self.about


async def until(look: Callable[[], Awaitable[Any]], within: float = 40.0) -> Any:
    """Polls until `look` gives something true."""
    deadline = time.monotonic() + within
    while not (found := await look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)
    return found


@dataclass
class Slice:
    """One service's schema and one topic."""

    infrastructure: Infrastructure
    database: Database
    name: str
    topic: str
    connection_id: UUID = field(default_factory=uuid4)
    handled: list[int] = field(default_factory=list)
    until: ClassVar = staticmethod(until)

    def happened(self, number: int, record: str = "a") -> Happened:
        return Happened(connection_id=self.connection_id, where=self.topic, record=record, number=number)

    def order(self, about: str = "one", record: str = "a") -> Order:
        return Order(connection_id=self.connection_id, command_id=uuid4(), generation=1, record=record, about=about)

    def record(self, message: Message, message_id: UUID | None = None, **changed: str) -> Record:
        """A message as it comes from Kafka; `changed` headers by name."""
        head = headers(message_id or uuid4(), type(message).__name__, message.key, "test", "")
        texts = {name: value.decode() for name, value in head}
        return Record(self.topic, message.key, texts | changed, message.model_dump_json().encode())

    async def publish(self, *messages: Message) -> None:
        """Through the outbox, in one unit."""
        async with self.database.unit_of_work() as unit:
            for message in messages:
                unit.publish(message, trace="")

    async def note(self, unit: Any, received: list[Any]) -> None:
        """The handler that remembers what it handled, in the unit's transaction."""
        for item in received:
            await unit.connection.execute("INSERT INTO noted VALUES ($1)", item.message.number)

    async def noted(self) -> list[int]:
        """What was handled and committed, sorted."""
        return [row["number"] for row in await self.database.pool.fetch("SELECT number FROM noted ORDER BY number")]

    async def letters(self) -> list[tuple[str, str]]:
        """State and reason of the dead letters."""
        rows = await self.database.pool.fetch("SELECT state, reason FROM dead_letter ORDER BY dead_letter_id")
        return [(row["state"], row["reason"]) for row in rows]

    def consumer(self, handler: Handler | None = None, **durations: float) -> Consumer:
        times = Durations(session=2.0, **durations)
        return Consumer(self.name, self.topic, {Happened: handler or self.note}, self.database, times)

    def relay(self) -> Relay:
        return Relay(self.name, self.database, self.infrastructure.bootstrap_servers)

    @asynccontextmanager
    async def running(self, *loops: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Loops run until the block is left."""
        tasks = [asyncio.ensure_future(loop()) for loop in loops]
        try:
            yield
            assert not [task for task in tasks if task.done() and not task.cancelled() and task.exception()]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def consuming(self, consumer: Consumer) -> AsyncIterator[None]:
        """The consumer, on the real Kafka."""
        broker = kafka_broker(self.infrastructure.bootstrap_servers, self.name, Durations(metadata=0.5))
        consumer.subscribe(broker)
        await broker.start()
        try:
            yield
        finally:
            await broker.stop()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.infrastructure.bootstrap_servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    @asynccontextmanager
    async def producer(self) -> AsyncIterator[AIOKafkaProducer]:
        async with AIOKafkaProducer(bootstrap_servers=self.infrastructure.bootstrap_servers) as producer:
            yield producer

    async def on_topic(self, at_least: int, within: float = 40.0) -> list[tuple[UUID, Happened]]:
        """What is on the topic, in order per key, once there is so much (and nothing more within half a second)."""
        found: list[tuple[UUID, Happened]] = []
        deadline = time.monotonic() + within
        address = self.infrastructure.bootstrap_servers
        async with AIOKafkaConsumer(self.topic, bootstrap_servers=address, auto_offset_reset="earliest") as consumer:
            while True:
                got = await consumer.getmany(timeout_ms=500)
                for raw in (raw for part in got.values() for raw in part):
                    found.append((UUID(dict(raw.headers)["ce_id"].decode()), Happened.model_validate_json(raw.value)))
                if not got and len(found) >= at_least:
                    return found
                assert time.monotonic() < deadline, f"{len(found)} of {at_least} messages came in time"


@pytest.fixture(autouse=True)
def known_to_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    for model in (Happened, Order):
        monkeypatch.setitem(TYPES, model.__name__, model)


@pytest.fixture
async def slice_(infrastructure: Infrastructure) -> AsyncIterator[Slice]:
    """A fresh one."""
    name = f"test_{next(NUMBERS)}"
    url = f"{infrastructure.database_url('administrator')}&search_path={name}"
    connection = await asyncpg.connect(url)
    up = "\n".join(path.read_text().partition("-- migrate:down")[0] for path in sorted(OWN.glob("*.sql")))
    await connection.execute(f"CREATE SCHEMA {name}; {up}; CREATE TABLE noted (number integer PRIMARY KEY)")
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=infrastructure.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    await admin.close()
    database = Database(url, size=8)
    await database.open()
    yield Slice(infrastructure, database, name, name)
    with suppress(TimeoutError):
        await asyncio.wait_for(database.close(), 5)
