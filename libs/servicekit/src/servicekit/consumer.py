"""Kafka in: a batch is one unit of work; what fails is tried alone; what cannot be understood becomes a dead letter.

The partition never stops for a message, and stops for the database: without it nothing can be stored, so nothing is
acknowledged (faststream.md, run-time rules 1 and 2). What may pass is waited for in the table of dead letters, and so is
what comes later under the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, groupby
from typing import Any

from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from opentelemetry.trace import Span, SpanKind, StatusCode

from contracts.message import Message
from servicekit import dead_letters
from servicekit.database import Database, UnitOfWork
from servicekit.database_errors import DATABASE_ERRORS, Fault, fault_of, is_outage, is_passing
from servicekit.durations import Durations
from servicekit.envelope import Received, decode
from servicekit.errors import PermanentError, UnknownConnectionError
from servicekit.fault_points import fault_point, is_guard_on
from servicekit.telemetry import start_span

logger = logging.getLogger(__name__)

Handler = Callable[[UnitOfWork, list[Received[Any]]], Awaitable[None]]
TRIES = 3
BATCH = 500
STOP_SECONDS = 15.0
"""For running handlers; saying goodbye to Kafka has 3 more."""


@dataclass(frozen=True)
class Record:
    """A Kafka record before it is understood."""

    topic: str
    key: str
    headers: dict[str, str]
    body: bytes


def kafka_broker(bootstrap_servers: str, name: str, durations: Durations) -> KafkaBroker:
    """The broker that a service's consumers are attached to."""
    return KafkaBroker(
        bootstrap_servers,
        client_id=name,
        allow_auto_create_topics=False,
        metadata_max_age_ms=int(durations.metadata * 1000),
        graceful_timeout=STOP_SECONDS,
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
    )


class Consumer:
    """Handles one topic with one function per message type; consumer group `<service>.<topic>`.

    `prepare` is called once per unit, before the handlers, with all messages that have one: locks that it takes there in
    sorted order cannot meet in a circle, as those of several handlers of one unit could.
    """

    def __init__(
        self,
        service: str,
        topic: str,
        handlers: Mapping[type[Message], Handler],
        database: Database,
        durations: Durations,
        *,
        prepare: Handler | None = None,
    ) -> None:
        self.topic = topic
        self.group = f"{service}.{topic}"
        self._handlers = {message.__name__: handler for message, handler in handlers.items()}
        self._database = database
        self._durations = durations
        self._prepare = prepare
        self._subscriber: Any = None

    def subscribe(self, broker: KafkaBroker) -> None:
        """Attaches to the broker."""

        session = int(max(2.0, self._durations.session) * 1000)
        self._subscriber = broker.subscriber(
            self.topic,
            batch=True,
            group_id=self.group,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            session_timeout_ms=session,
            heartbeat_interval_ms=session // 4,
            parser=_parsed,
            decoder=_undecoded,
            no_reply=True,
        )

        @self._subscriber  # type: ignore[untyped-decorator]
        async def on_batch(body: Any, message: KafkaMessage) -> None:
            await self.handle([_record(raw) for raw in message.raw_message])
            fault_point("consumer.before_ack")

        # FastStream sleeps 200 ms after 200 ms without a message, and what comes meanwhile waits for its waking.
        self._subscriber.get_msg = _next_batch

    def lag(self) -> int:
        """Messages of this consumer's partitions that it has not read yet."""
        consumer = getattr(self._subscriber, "consumer", None)
        if consumer is None:
            return 0
        return sum(self._behind(consumer, partition) for partition in consumer.assignment())

    @staticmethod
    def _behind(consumer: Any, partition: Any) -> int:
        highwater = consumer.highwater(partition)
        state = consumer._subscription.subscription.assignment.state_value(partition)
        return max(0, highwater - state.position) if highwater is not None and state.has_valid_position else 0

    async def handle(self, records: Sequence[Record]) -> None:
        """The whole batch in one unit; after a failure one by one. Raises while nothing can be stored: it comes again."""
        try:
            await self._handle(records)
        except DATABASE_ERRORS as error:
            await self._wait_for_database(error)
            raise

    async def _handle(self, records: Sequence[Record]) -> None:
        try:
            await self._in_one_unit(records)
        except Exception as error:
            if is_outage(error):
                raise
            if len(records) > 1:
                logger.info("batch of %d on %s failed (%s), trying one by one", len(records), self.topic, type(error).__name__)
            for record in records:
                await self._alone(record)

    async def _in_one_unit(self, records: Sequence[Record]) -> None:
        """A lost session says nothing of the batch: once more with another."""
        try:
            await self._unit(records)
        except Exception as error:
            if fault_of(error) is not Fault.SESSION:
                raise
            await self._unit(records)

    async def _alone(self, record: Record) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                await self._in_one_unit([record])
            except UnknownConnectionError as error:
                await self._keep(record, str(error), self._durations.unknown_connection)
            except PermanentError as error:
                await self._keep(record, str(error), None)
            except Exception as error:
                if is_outage(error):
                    raise
                name, passes = type(error).__name__, is_passing(error)
                # What the database says will pass is waited for in the table, so that the partition goes on.
                if attempt < TRIES and not (passes and fault_of(error)):
                    logger.warning("try %d of %s on %s failed: %s", attempt, TRIES, self.topic, name)
                    await asyncio.sleep(0.2 * 4**attempt)
                    continue
                if passes:
                    logger.warning("a message of %s waits: %s", self.topic, name)
                    await self._keep(record, f"{name}: it is tried again", self._durations.passing_fault)
                else:
                    logger.exception("gave up on a message of %s", self.topic)
                    await self._keep(record, f"{name}: gave up after {TRIES} tries", None)
            return

    async def _unit(self, records: Sequence[Record], *, is_letter: bool = False) -> None:
        decoded = [(record, *decode(record.headers, record.body)) for record in records]
        spans = [self._span(record, message_id, message) for record, message_id, message in decoded]
        try:
            async with self._database.unit_of_work() as unit:
                behind = set() if is_letter else await self._waiting_keys(unit, records)
                for record in records:
                    if record.key in behind:
                        wait = timedelta(seconds=self._durations.passing_fault)
                        await self._store(unit, record, "it waits behind an older message of its record", wait)
                new = await self._claim(unit, [message_id for record, message_id, _ in decoded if record.key not in behind])
                received = [
                    Received(message, message_id, trace)
                    for (_, message_id, message), (_, trace) in zip(decoded, spans, strict=True)
                    if message_id in new
                ]
                unique = list({item.message_id: item for item in received}.values()) if new else []
                if self._prepare is not None:
                    await self._prepare(unit, [item for item in unique if type(item.message).__name__ in self._handlers])
                # Order across types matters for a key, so a batch is cut into runs of one type.
                for name, run in groupby(unique, lambda item: type(item.message).__name__):
                    handler = self._handlers.get(name)
                    if handler is not None:
                        await handler(unit, list(run))
        except Exception as error:
            for span, _ in spans:
                span.set_status(StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            for span, _ in spans:
                span.end()

    def _span(self, record: Record, message_id: Any, message: Message) -> tuple[Span, str]:
        return start_span(
            f"{self.topic} process",
            SpanKind.CONSUMER,
            parent=record.headers.get("traceparent", ""),
            attributes={
                "messaging.system": "kafka",
                "messaging.destination.name": self.topic,
                "messaging.consumer.group.name": self.group,
                "messaging.message.id": str(message_id),
                "dubbelsynk.message.type": type(message).__name__,
                "dubbelsynk.connection.id": str(message.connection_id),
            },
        )

    async def _claim(self, unit: UnitOfWork, ids: list[Any]) -> set[Any]:
        if not is_guard_on("inbox"):
            return set(ids)
        rows = await unit.connection.fetch(
            """
            INSERT INTO inbox (consumer, message_id) SELECT $1, id FROM unnest($2::uuid[]) AS id ORDER BY id
            ON CONFLICT DO NOTHING RETURNING message_id
            """,
            self.group,
            sorted(set(ids)),
        )
        return {row["message_id"] for row in rows}

    async def _waiting_keys(self, unit: UnitOfWork, records: Sequence[Record]) -> set[str]:
        """Keys of which an older message waits: a later one must not overtake it."""
        keys = sorted({record.key for record in records if record.key})
        return await dead_letters.waiting_keys(unit.connection, self.topic, keys)

    async def _keep(self, record: Record, reason: str, wait: float | None) -> None:
        async with self._database.unit_of_work() as unit:
            await self._store(unit, record, reason, None if wait is None else timedelta(seconds=wait))
        if wait is None:
            logger.error("dead letter on %s: %s", record.topic, reason)

    @staticmethod
    async def _store(unit: UnitOfWork, record: Record, reason: str, wait: timedelta | None) -> None:
        await dead_letters.store(unit.connection, record.topic, record.key, record.headers, record.body, reason, wait)

    async def _wait_for_database(self, error: BaseException) -> None:
        logger.warning("Postgres is away (%s), %s waits", type(error).__name__, self.group)
        deadline = asyncio.get_running_loop().time() + 60
        while asyncio.get_running_loop().time() < deadline:
            # Also when it answers at once: what has just failed is not repeated without a pause.
            await asyncio.sleep(0.5)
            try:
                await self._database.require_writable(5)
                return
            except DATABASE_ERRORS:
                continue

    async def retry_waiting(self) -> None:
        """Handles waiting letters of this topic once more, in their order per key; those that fail still stay, until their
        time is up. A letter behind another of its key is not tried before that one has its answer.
        """
        last, stuck = 0, set[str]()
        while True:
            async with self._database.pool.acquire() as connection:
                waiting = await dead_letters.letters(connection, "waiting", self.topic, after=last)
            if not waiting:
                return
            for letter in waiting:
                if letter.key not in stuck and not await self._retry(letter) and letter.key:
                    stuck.add(letter.key)
            last = waiting[-1].dead_letter_id

    async def _retry(self, letter: dead_letters.Letter) -> bool:
        """Whether it waits no longer."""
        try:
            await self._unit([Record(letter.topic, letter.key, letter.headers, letter.body)], is_letter=True)
        except PermanentError as error:
            await self._bury(letter, str(error))
        except Exception as error:
            if is_outage(error):
                raise
            if not letter.is_over:
                if not isinstance(error, UnknownConnectionError):
                    logger.warning("letter %d fails still: %s", letter.dead_letter_id, type(error).__name__)
                return False
            unknown = isinstance(error, UnknownConnectionError)
            await self._bury(letter, str(error) if unknown else f"{type(error).__name__}: gave up when its time was up")
        else:
            async with self._database.pool.acquire() as connection:
                await dead_letters.settle(connection, letter.dead_letter_id)
        return True

    async def _bury(self, letter: dead_letters.Letter, reason: str) -> None:
        async with self._database.pool.acquire() as connection:
            await dead_letters.bury(connection, letter.dead_letter_id, reason)
        logger.error("dead letter on %s: %s", self.topic, reason)


async def _parsed(batch: Any, parse: Callable[[Any], Awaitable[Any]]) -> Any:
    """FastStream reads headers strictly, where no failure has an answer: a null or garbled one would stop the partition."""
    try:
        return await parse(batch)
    except (AttributeError, UnicodeDecodeError):
        whole = [[(name, _text(value).encode()) for name, value in raw.headers] for raw in batch]
        return await parse(tuple(replace(raw, headers=head) for raw, head in zip(batch, whole, strict=True)))


async def _next_batch(consumer: AIOKafkaConsumer) -> tuple[Any, ...]:
    """The records that are there, or the next that come; empty after a second, so that a stop is noticed."""
    by_partition = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
    return tuple(chain.from_iterable(by_partition.values()))


async def _undecoded(message: Any) -> Any:
    """Decoding happens by the header's type, in the unit, where a failure has an answer."""
    return message.body


def _record(raw: Any) -> Record:
    return Record(raw.topic, _text(raw.key), {name: _text(value) for name, value in raw.headers}, raw.value or b"")


def _text(value: bytes | None) -> str:
    """Whatever came, as a text that Postgres can store: a dead letter that cannot be would stop its partition."""
    return (value or b"").decode(errors="replace").replace("\0", "\ufffd")
