"""Postgres: the pool, and the unit of work in which a batch's state and messages are stored together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from contracts.message import Message
from servicekit.database_errors import DATABASE_ERRORS, Fault, fault_of
from servicekit.errors import PermanentError
from servicekit.fault_points import fault_point, has_fault_points, is_guard_on

logger = logging.getLogger(__name__)

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection | asyncpg.Pool

FROZEN = "15s"
"""A process that is frozen inside a transaction holds row locks that others wait for; Postgres ends it after so long."""
STATEMENT_SECONDS = 60.0
"""The longest statement."""
CONNECT_SECONDS = 10.0
"""The longest sign-in; a server that is gone without a word would else be waited for a minute each time."""
MESSAGE_LIMIT = 900_000
"""Bytes of a message's body: Kafka takes 1 MiB with headers, and one that it refuses would stop the outbox for ever."""


class UnitOfWork:
    """One transaction: `connection` runs its statements, `publish` adds to the outbox. Neither commits by itself."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._messages: list[tuple[UUID, Message, str, str]] = []
        self.types: list[str] = []

    def publish(self, message: Message, *, trace: str, message_id: UUID | None = None) -> None:
        """Adds a message; it leaves after the commit, in the order of the calls. `trace` is the cause's traceparent.

        PermanentError when it is larger than MESSAGE_LIMIT.
        """
        body = message.model_dump_json()
        if len(body) > MESSAGE_LIMIT // 4 and len(body.encode()) > MESSAGE_LIMIT:
            raise PermanentError("message_too_large", f"{type(message).__name__} of {message.record_id}")
        self._messages.append((message_id or uuid4(), message, body, trace))
        self.types.append(type(message).__name__)

    async def flush(self) -> None:
        """Writes the outbox rows in one statement and wakes the relay at commit."""
        if not self._messages:
            return
        rows = self._messages
        await self.connection.execute(
            """
            INSERT INTO outbox (message_id, topic, key, type, body, trace)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
            """,
            [message_id for message_id, _, _, _ in rows],
            [message.destination for _, message, _, _ in rows],
            [message.key for _, message, _, _ in rows],
            [type(message).__name__ for _, message, _, _ in rows],
            [body for _, _, body, _ in rows],
            [trace for _, _, _, trace in rows],
        )
        await self.connection.execute("SELECT pg_notify(current_schema() || '_outbox', '')")
        self._messages = []


class Database:
    """The pool of one service's slice."""

    def __init__(self, url: str, *, size: int = 10) -> None:
        self._url = url
        self._size = size
        self._pool: asyncpg.Pool | None = None

    @property
    def pool(self) -> asyncpg.Pool:
        """The open pool; a service that uses it before `open` has a wiring mistake."""
        assert self._pool is not None, "open the database first"
        return self._pool

    async def open(self) -> None:
        """Waits for the server, for as long as it takes: after an engine restart nobody keeps the order of starting."""
        while True:
            try:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=self._size,
                    connect=_connect,
                    setup=self._refuse_read_only,
                    command_timeout=STATEMENT_SECONDS,
                    server_settings={"idle_in_transaction_session_timeout": FROZEN},
                )
                return
            except DATABASE_ERRORS as error:
                if fault_of(error) not in (Fault.OUTAGE, Fault.SESSION):
                    raise
                logger.warning("waiting for Postgres: %s", type(error).__name__)
                await asyncio.sleep(0.5)

    async def _refuse_read_only(self, connection: Connection) -> None:
        """A session to a server that has stopped to take writes would stay in the pool although another does (a switch of
        the primary). Postgres 14 and newer reports both settings by itself, so this asks nobody.
        """
        settings: Any = connection.get_settings()  # type: ignore[union-attr]
        if "on" in (getattr(settings, name, "off") for name in ("default_transaction_read_only", "in_hot_standby")):
            await self.pool.expire_connections()
            raise asyncpg.ReadOnlySQLTransactionError("this Postgres server takes no writes: connecting to another")

    async def require_writable(self, within: float) -> None:
        """One of DATABASE_ERRORS unless there is a session that can write, within so many seconds."""
        async with asyncio.timeout(within):
            if await self.pool.fetchval("SELECT current_setting('transaction_read_only')") == "on":
                raise asyncpg.ReadOnlySQLTransactionError("the server takes no writes")

    async def close(self) -> None:
        """Closes the pool; does nothing when it was never opened."""
        if self._pool is not None:
            await self._pool.close()

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """One transaction with its outbox rows; an exception rolls both back."""
        async with self.pool.acquire() as connection:
            async with connection.transaction():
                unit = UnitOfWork(connection)
                yield unit
                if is_guard_on("outbox"):
                    await unit.flush()
                fault_point("unit.before_commit")
            fault_point("unit.after_commit")
            if has_fault_points():
                await self._after_commit(unit)

    @staticmethod
    async def _after_commit(unit: UnitOfWork) -> None:
        """In chaos runs only: a kill with certain messages on their way, and what a sender without an outbox does."""
        for name in unit.types:
            fault_point(f"unit.after_commit.{name}")
        if not is_guard_on("outbox"):
            await unit.flush()

    async def listen(self) -> asyncpg.Connection:
        """A connection of its own, for LISTEN and for session locks."""
        return await _connect(self._url, command_timeout=STATEMENT_SECONDS)


async def _connect(*arguments: Any, **options: Any) -> asyncpg.Connection:
    """A session that can write. Of several hosts in the address the one is taken that takes writes."""
    try:
        return await asyncpg.connect(*arguments, **{**options, "target_session_attrs": "read-write", "timeout": CONNECT_SECONDS})
    except TimeoutError:
        # As an outage: a TimeoutError says that a statement took too long.
        raise ConnectionError(f"Postgres let nobody in within {CONNECT_SECONDS:g} s") from None


async def next_versions(connection: Connection, count: int) -> list[int]:
    """Versions for snapshots, taken *before* the reads that they number are sent (flows.md, order and versions)."""
    rows = await connection.fetch("SELECT nextval('version_number') AS version FROM generate_series(1, $1)", count)
    return sorted(int(row["version"]) for row in rows)


async def advance_versions(connection: Connection) -> None:
    """At start: versions go on from the time of day in microseconds, so a slice restored from a backup does not repeat any."""
    await connection.execute(
        """
        SELECT setval('version_number', greatest(
            nextval('version_number'), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint))
        """
    )
