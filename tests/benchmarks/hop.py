"""What a hop costs: inbox, state and outbox in one transaction per batch, against FastStream alone on the same broker."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from benchmarks.figures import at_least, told
from chaos.report import Figure
from contracts.commands import SaveLimeGoInvoice
from contracts.events import InvoiceChanged
from contracts.topics import FORTNOX_DOCUMENT, LIMEGO_COMMAND, PARTITIONS
from contracts.values import DocumentRow, Invoice, PaymentStatus
from devstack import Infrastructure
from devstack.services import migrate, provision
from servicekit.consumer import Consumer, Record
from servicekit.database import Database, UnitOfWork
from servicekit.durations import Durations
from servicekit.envelope import Received, headers
from servicekit.outbox import Relay

MESSAGES, INVOICES, BATCH = 20_000, 4_000, 500
ROUNDS = 3
GOAL = 0.5
GIVE_UP_SECONDS = 120.0
SERVICE, ROLE = "matcher", "matcher"
"""The relay wakes by the name of its schema, so the hop lives in one of the four."""

STATE = """
    CREATE TABLE IF NOT EXISTS hop_state (
        connection_id uuid, document_number text, version bigint NOT NULL, body text NOT NULL,
        PRIMARY KEY (connection_id, document_number))
"""
UPSERT = """
    INSERT INTO hop_state AS stored SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[])
    ON CONFLICT (connection_id, document_number) DO UPDATE
        SET version = excluded.version, body = excluded.body WHERE stored.version < excluded.version
"""


async def measure(directory: Path, tell: Callable[[str], None]) -> list[Figure]:
    """Both kinds of hop take the same messages and send as many; pairs in turn, and the median of the pairs' ratios."""
    async with Infrastructure.start(directory, report=tell) as infrastructure:
        await migrate(SERVICE, directory=directory, database_url=infrastructure.database_url(ROLE))
        await provision(directory=directory, bootstrap_servers=infrastructure.bootstrap_servers)
        await _fill(infrastructure.bootstrap_servers)
        pairs = []
        # The first pair warms up the broker, the database and the interpreter, and does not count.
        for number in range(ROUNDS + 1):
            bare = await _bare(infrastructure.bootstrap_servers, number)
            ours = await _ours(infrastructure, number)
            tell(f"{MESSAGES / bare:7.0f} messages/s bare, {MESSAGES / ours:7.0f} with inbox, state and outbox")
            pairs.append((bare, ours))
    counted = pairs[1:]
    ratio = statistics.median(bare / ours for bare, ours in counted)
    bare, ours = (MESSAGES / statistics.median(side) for side in zip(*counted, strict=True))
    return [
        at_least("hop_ratio", ratio, "of the bare hop's rate", GOAL),
        told("hop_bare", bare, "messages/s"),
        told("hop_ours", ours, "messages/s"),
    ]


async def _ours(infrastructure: Infrastructure, number: int) -> float:
    """The hop as a service runs it: Consumer, unit of work, Relay."""
    database = Database(infrastructure.database_url(ROLE))
    await database.open()
    async with _cleaned(database):
        broker = KafkaBroker(infrastructure.bootstrap_servers, graceful_timeout=15.0, logger=None)
        consumer = _Timed(f"hop-{number}", FORTNOX_DOCUMENT, {InvoiceChanged: _save}, database, Durations())
        consumer.subscribe(broker)
        relay = asyncio.create_task(Relay(SERVICE, database, infrastructure.bootstrap_servers).run())
        try:
            async with _until_all_have_left(infrastructure.bootstrap_servers) as left:
                await broker.start()
                ended = await left()
        finally:
            await broker.stop()
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
    return ended - consumer.started


class _Timed(Consumer):
    """Knows when its first batch came, before it was decoded."""

    started = 0.0

    async def handle(self, records: Sequence[Record]) -> None:
        self.started = self.started or time.perf_counter()
        await super().handle(records)


async def _save(unit: UnitOfWork, received: list[Received[InvoiceChanged]]) -> None:
    """One statement over arrays per batch; of several messages about one invoice the last wins."""
    newest = {(item.message.connection_id, item.message.invoice.document_number): item.message for item in received}
    rows = sorted(newest.items())
    await unit.connection.execute(
        UPSERT,
        [connection_id for (connection_id, _), _ in rows],
        [document_number for (_, document_number), _ in rows],
        [message.version for _, message in rows],
        [message.invoice.model_dump_json() for _, message in rows],
    )
    for item in received:
        unit.publish(_command(item.message), trace=item.trace)


@asynccontextmanager
async def _cleaned(database: Database) -> AsyncIterator[None]:
    """The state's table, empty, and an outbox that holds nothing of the round before."""
    try:
        await database.pool.execute(STATE)
        await database.pool.execute("TRUNCATE hop_state, outbox, inbox")
        yield
    finally:
        await database.close()


async def _bare(bootstrap_servers: str, number: int) -> float:
    """FastStream's batch in and a producer out: the same messages into the same models, the same commands by their keys."""
    broker = KafkaBroker(bootstrap_servers, graceful_timeout=15.0, logger=None)
    started = 0.0
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:

        @broker.subscriber(
            FORTNOX_DOCUMENT,
            batch=True,
            group_id=f"bare-{number}",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            max_records=BATCH,
        )
        async def on_batch(body: list[InvoiceChanged]) -> None:
            nonlocal started
            started = started or time.perf_counter()
            commands = [_command(changed) for changed in body]
            sent = [await producer.send(LIMEGO_COMMAND, c.model_dump_json().encode(), c.key.encode()) for c in commands]
            await asyncio.gather(*sent)

        async with _until_all_have_left(bootstrap_servers) as left:
            await broker.start()
            try:
                return await left() - started
            finally:
                await broker.stop()


@asynccontextmanager
async def _until_all_have_left(bootstrap_servers: str) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """Gives a function that waits until as many messages have been sent as were read; when that was."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap_servers) as consumer:
        partitions = [TopicPartition(LIMEGO_COMMAND, partition) for partition in range(PARTITIONS[LIMEGO_COMMAND])]

        async def count() -> int:
            return sum((await consumer.end_offsets(partitions)).values())

        before = await count()

        async def left() -> float:
            deadline = time.perf_counter() + GIVE_UP_SECONDS
            while (sent := await count() - before) < MESSAGES:
                if time.perf_counter() > deadline:
                    raise RuntimeError(f"only {sent} of {MESSAGES} messages have left after {GIVE_UP_SECONDS:g} s")
                await asyncio.sleep(0.02)
            return time.perf_counter()

        yield left


async def _fill(bootstrap_servers: str) -> None:
    """The messages that every round reads."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, linger_ms=20) as producer:
        for message in _messages():
            head = headers(uuid4(), "InvoiceChanged", message.key, "/dubbelsynk/benchmark", "")
            await producer.send(message.topic, message.model_dump_json().encode(), message.key.encode(), headers=head)
        await producer.flush()


def _messages() -> Iterator[InvoiceChanged]:
    """Five versions of each invoice, of four connections."""
    row = DocumentRow(
        description="Konsulttjänst", quantity=Decimal(1), article_number="1000", price=Decimal(1000), total=Decimal(1000)
    )
    for index in range(MESSAGES):
        number = index % INVOICES
        invoice = Invoice(
            document_number=str(1000 + number),
            customer_number=str(number % 500),
            customer_name="Exempelbolaget AB",
            currency="SEK",
            invoice_date=date(2026, 1, 2),
            due_date=date(2026, 2, 1),
            net=Decimal(1000),
            vat=Decimal(250),
            round_off=Decimal(0),
            amount=Decimal(1250),
            balance=Decimal(1250),
            reminders=0,
            is_booked=True,
            is_cancelled=False,
            is_credit_note=False,
            rows=(row,),
        )
        yield InvoiceChanged(connection_id=UUID(int=number % 4), version=index, invoice=invoice)


def _command(changed: InvoiceChanged) -> SaveLimeGoInvoice:
    return SaveLimeGoInvoice(
        connection_id=changed.connection_id,
        command_id=uuid4(),
        generation=1,
        limego_database="bolaget",
        company_id=changed.invoice.customer_number,
        invoice=changed.invoice,
        payment_status=PaymentStatus.DUE,
    )
