"""Kafka out: one relay per service (advisory lock) sends outbox rows in the order of their ids and marks them sent.

Two relays with SKIP LOCKED were seen to reorder a key; one leader does not (faststream.md, run-time rule 4). Rows stay
seven days in daily partitions, so that `replay` can send them again under the same ids.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from opentelemetry.trace import SpanKind

from contracts.topics import RETENTION_DAYS
from servicekit.database import Connection, Database
from servicekit.database_errors import DATABASE_ERRORS
from servicekit.envelope import headers
from servicekit.fault_points import fault_point
from servicekit.telemetry import start_span

logger = logging.getLogger(__name__)
BATCH = 1000
STOP_SECONDS = 5.0
REPLAY_TRIES = 5
LEADER_SILENCE = "10s"
"""A leader asks every second. One that is frozen would keep the lock; Postgres ends its session after so long a silence."""


class Relay:
    """Sends one service's outbox. `run` ends only by cancellation."""

    def __init__(self, service: str, database: Database, bootstrap_servers: str) -> None:
        self._service = service
        self._database = database
        self._bootstrap_servers = bootstrap_servers
        self._wake = asyncio.Event()
        self._partitioned_on: date | None = None

    async def run(self) -> None:
        """Leads while the lock is held; whatever breaks, it starts again from the rows."""
        while True:
            try:
                await self._lead()
            except (*DATABASE_ERRORS, KafkaError) as error:
                logger.warning("relay starts again: %s", type(error).__name__)
            await asyncio.sleep(0.3)

    async def _lead(self) -> None:
        session = await self._database.listen()
        await session.execute("SELECT set_config('idle_session_timeout', $1, false)", LEADER_SILENCE)
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers, enable_idempotence=True, client_id=f"{self._service}.relay"
        )
        try:
            while not await session.fetchval("SELECT pg_try_advisory_lock(hashtext(current_schema() || '.relay'))"):
                await asyncio.sleep(0.5)
            await session.add_listener(f"{self._service.replace('-', '_')}_outbox", lambda *_: self._wake.set())
            await producer.start()
            while not session.is_closed():
                await self._make_partitions_daily(session)
                await self._send_all(session, producer)
                await self._sleep()
        finally:
            # It would wait for Kafka to take what is left, which stands in the outbox anyway.
            with suppress(TimeoutError):
                await asyncio.wait_for(producer.stop(), STOP_SECONDS)
            await session.close(timeout=2)

    async def _make_partitions_daily(self, session: asyncpg.Connection) -> None:
        today = datetime.now(UTC).date()
        if self._partitioned_on != today:
            await make_partitions(session)
            self._partitioned_on = today

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _send_all(self, session: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        while rows := await session.fetch("SELECT * FROM outbox WHERE sent_at IS NULL ORDER BY outbox_id LIMIT $1", BATCH):
            fault_point("relay.before_publish")
            await publish(producer, self._service, rows)
            fault_point("relay.after_publish")
            # By the partial index of unsent rows, in the partitions of these days only.
            await session.execute(
                """
                UPDATE outbox SET sent_at = now()
                WHERE outbox_id = ANY($1::bigint[]) AND sent_at IS NULL AND created_at BETWEEN $2 AND $3
                """,
                [row["outbox_id"] for row in rows],
                min(row["created_at"] for row in rows),
                max(row["created_at"] for row in rows),
            )


class Progress:
    """Tells since when nothing has left, whichever replica leads: by how far the outbox is sent at each look.

    The first look counts as if something had left just then. `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._front = 0
        self._moved_at = clock()

    async def age(self, connection: Connection) -> float:
        """Looks, and gives the seconds since a look first saw what left last."""
        # All rows before this id have left. Both are cheap: the index of unsent rows, and the sequence's one row.
        front = await connection.fetchval(
            """
            SELECT coalesce((SELECT outbox_id FROM outbox WHERE sent_at IS NULL ORDER BY outbox_id LIMIT 1),
                            (SELECT last_value + is_called::int FROM outbox_outbox_id_seq))
            """
        )
        if front > self._front:
            self._moved_at = self._clock()
        self._front = front
        return self._clock() - self._moved_at


async def oldest_unsent(connection: Connection) -> float:
    """Seconds that the oldest message has waited which has not left yet; 0 when all have."""
    age = await connection.fetchval(
        """
        SELECT extract(epoch FROM clock_timestamp() - created_at)::float FROM outbox
        WHERE sent_at IS NULL ORDER BY outbox_id LIMIT 1
        """
    )
    return max(0.0, age or 0.0)


async def publish(producer: AIOKafkaProducer, service: str, rows: Sequence[Any]) -> None:
    """Sends rows in order and waits for every acknowledgement; the stored trace context goes on."""
    pending = []
    for row in rows:
        span, trace = start_span(
            f"{row['topic']} publish",
            SpanKind.PRODUCER,
            parent=row["trace"],
            attributes={
                "messaging.system": "kafka",
                "messaging.destination.name": row["topic"],
                "messaging.message.id": str(row["message_id"]),
                "dubbelsynk.message.type": row["type"],
            },
        )
        span.end()
        head = headers(row["message_id"], row["type"], row["key"], f"/dubbelsynk/{service}", trace)
        pending.append(await producer.send(row["topic"], row["body"].encode(), row["key"].encode(), headers=head))
    await asyncio.gather(*pending)


async def make_partitions(connection: Connection) -> None:
    """Partitions for today and the next two days; those older than the retention are dropped whole."""
    today = datetime.now(UTC).date()
    for day in (today + timedelta(days=ahead) for ahead in range(3)):
        name = f"outbox_{day:%Y%m%d}"
        if await connection.fetchval("SELECT to_regclass($1) IS NULL", name):
            rows = await connection.fetchval(
                "SELECT count(*) FROM outbox_default WHERE created_at >= $1 AND created_at < $2",
                datetime.combine(day, datetime.min.time(), UTC),
                datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC),
            )
            if not rows:
                # Dates cannot be parameters of DDL; they are made here, not given.
                await connection.execute(
                    f"CREATE TABLE {name} PARTITION OF outbox FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
                )
    oldest = f"outbox_{today - timedelta(days=RETENTION_DAYS):%Y%m%d}"
    old = await connection.fetch(
        """
        SELECT inhrelid::regclass::text AS name FROM pg_inherits
        WHERE inhparent = 'outbox'::regclass AND inhrelid::regclass::text < $1
              AND inhrelid::regclass::text <> 'outbox_default'
        """,
        oldest,
    )
    for row in old:
        await connection.execute(f"DROP TABLE {row['name']}")


async def replay(database: Database, service: str, bootstrap_servers: str, since: datetime) -> int:
    """Sends every kept row since then again, under its old id (receivers' inboxes drop what they have). The count.

    An empty Kafka gives the same producer ids once more, so a producer may be refused for another's sequence: a new one
    goes on from the last page.
    """
    sent, last, failures = 0, 0, 0
    while True:
        try:
            async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, enable_idempotence=True) as producer:
                while rows := await _page(database, since, last):
                    await publish(producer, service, rows)
                    last, sent = rows[-1]["outbox_id"], sent + len(rows)
            return sent
        except KafkaError as error:
            failures += 1
            if failures == REPLAY_TRIES:
                raise
            logger.warning("replay goes on with a new producer: %s", type(error).__name__)


async def _page(database: Database, since: datetime, last: int) -> list[Any]:
    query = "SELECT * FROM outbox WHERE created_at >= $1 AND outbox_id > $2 ORDER BY outbox_id LIMIT $3"
    return list(await database.pool.fetch(query, since, last, BATCH))
