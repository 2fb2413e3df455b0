"""All SQL of the Fortnox connector's slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from contracts.commands import SaveFortnoxCustomer
from contracts.events import ConnectionChanged
from contracts.values import ConnectionState
from servicekit import work
from servicekit.database import Database, UnitOfWork


@dataclass(frozen=True)
class StoredConnection:
    """A connection as the coordinator last told it."""

    connection_id: UUID
    state: ConnectionState
    generation: int
    fortnox_tenant: int
    limego_database: str
    activated_at: datetime


@dataclass(frozen=True)
class Creation:
    """What is known of one thing to be made. `sent_at`: a POST of the command `sent_by` may have left then, its effect is not
    known."""

    business_key: str
    intent_at: datetime
    sent_at: datetime | None
    looked_at: datetime | None
    remote_id: str | None
    sent_by: UUID | None = None


@dataclass(frozen=True)
class Cursor:
    """How far a `lastmodified` poll has come: the mark, and inside a pass the next page and when its first was answered."""

    mark: datetime
    first_page_at: datetime | None
    next_page: int


@dataclass(frozen=True)
class Seen:
    """What was last read of a record."""

    record_id: str
    slim: str
    whole: str
    read_at: datetime


class Repository:
    """The connector's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_connections(self, unit: UnitOfWork, changes: Sequence[ConnectionChanged]) -> None:
        """Stores connections; a lower version than the stored one is dropped."""
        for change in changes:
            await unit.connection.execute(
                """
                INSERT INTO connection AS stored
                    (connection_id, version, state, generation, fortnox_tenant, limego_database, activated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (connection_id) DO UPDATE
                    SET version = excluded.version, state = excluded.state, generation = excluded.generation
                    WHERE stored.version < excluded.version
                """,
                change.connection_id,
                change.version,
                change.state,
                change.generation,
                change.fortnox_tenant,
                change.limego_database,
                change.activated_at,
            )
        await unit.connection.execute("SELECT pg_notify(current_schema() || '_work', '')")

    async def find_connection(self, connection_id: UUID) -> StoredConnection | None:
        """A connection, or None when it is not known yet."""
        row = await self._database.pool.fetchrow("SELECT * FROM connection WHERE connection_id = $1", connection_id)
        if row is None:
            return None
        return StoredConnection(
            row["connection_id"],
            ConnectionState(row["state"]),
            row["generation"],
            row["fortnox_tenant"],
            row["limego_database"],
            row["activated_at"],
        )

    async def known(self, unit: UnitOfWork, connection_ids: Sequence[UUID]) -> set[UUID]:
        """Which of these connections are known."""
        rows = await unit.connection.fetch(
            "SELECT connection_id FROM connection WHERE connection_id = ANY($1::uuid[])", list(connection_ids)
        )
        return {row["connection_id"] for row in rows}

    async def active_connections(self) -> list[UUID]:
        """Connections that sync."""
        rows = await self._database.pool.fetch("SELECT connection_id FROM connection WHERE state = 'active'")
        return [row["connection_id"] for row in rows]

    async def find_token(self, connection_id: UUID) -> tuple[bytes, datetime] | None:
        """The sealed token and its end."""
        row = await self._database.pool.fetchrow("SELECT sealed, expires_at FROM token WHERE connection_id = $1", connection_id)
        return (row["sealed"], row["expires_at"]) if row else None

    async def save_token(self, unit: UnitOfWork, connection_id: UUID, sealed: bytes, expires_at: datetime) -> None:
        """Keeps a sealed token."""
        await unit.connection.execute(
            """
            INSERT INTO token (connection_id, sealed, expires_at) VALUES ($1, $2, $3)
            ON CONFLICT (connection_id) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at
            """,
            connection_id,
            sealed,
            expires_at,
        )

    async def remove_token(self, unit: UnitOfWork, connection_id: UUID) -> None:
        """Forgets a token."""
        await unit.connection.execute("DELETE FROM token WHERE connection_id = $1", connection_id)

    async def find_creation(self, connection_id: UUID, business_key: str, unit: UnitOfWork | None = None) -> Creation | None:
        """What is known of one thing to be made. Inside a unit of work it is read in its session: another may not be free."""
        session = unit.connection if unit is not None else self._database.pool
        row = await session.fetchrow(
            "SELECT * FROM creation WHERE connection_id = $1 AND business_key = $2", connection_id, business_key
        )
        if row is None:
            return None
        return _creation(business_key, row)

    async def other_customers_sent(
        self, connection_id: UUID, business_key: str, since: datetime
    ) -> list[tuple[SaveFortnoxCustomer, str | None]]:
        """The commands whose POST of a customer has left for other companies: those not settled, and those made since then.

        Each with the number of what was made, or None while that is not known.
        """
        rows = await self._database.pool.fetch(
            """
            SELECT type, body, remote_id FROM creation JOIN work_item ON work_item.command_id = creation.sent_by
            WHERE creation.connection_id = $1 AND business_key LIKE 'company:%' AND business_key <> $2
                  AND (remote_id IS NULL AND sent_at IS NOT NULL OR made_at >= $3)
            """,
            connection_id,
            business_key,
            since,
        )
        found = ((work.decode_command(row["type"], row["body"]), row["remote_id"]) for row in rows if row["body"])
        return [(command, remote_id) for command, remote_id in found if isinstance(command, SaveFortnoxCustomer)]

    async def add_intent(self, unit: UnitOfWork, connection_id: UUID, business_key: str) -> Creation:
        """From here on this thing is being made; an intent that is there already stays."""
        row = await unit.connection.fetchrow(
            """
            INSERT INTO creation (connection_id, business_key, intent_at) VALUES ($1, $2, now())
            ON CONFLICT (connection_id, business_key) DO UPDATE SET intent_at = creation.intent_at
            RETURNING *
            """,
            connection_id,
            business_key,
        )
        assert row is not None
        return _creation(business_key, row)

    async def mark_sent(self, unit: UnitOfWork, connection_id: UUID, business_key: str, command_id: UUID) -> datetime | None:
        """A POST of this command leaves next; when. None when one is on its way already, or the thing is made."""
        sent_at: datetime | None = await unit.connection.fetchval(
            """
            UPDATE creation SET sent_at = now(), looked_at = NULL, first_sent_at = coalesce(first_sent_at, now()), sent_by = $3
            WHERE connection_id = $1 AND business_key = $2 AND remote_id IS NULL AND sent_at IS NULL
            RETURNING sent_at
            """,
            connection_id,
            business_key,
            command_id,
        )
        return sent_at

    async def mark_looked(self, unit: UnitOfWork, connection_id: UUID, business_key: str, sent_at: datetime) -> None:
        """The first look for the POST of `sent_at` was empty."""
        await self._update(unit, connection_id, business_key, sent_at, "looked_at = now()")

    async def mark_unsent(self, unit: UnitOfWork, connection_id: UUID, business_key: str, sent_at: datetime) -> None:
        """It is certain that the POST of `sent_at` made nothing: the remote said so, or two looks were empty."""
        await self._update(unit, connection_id, business_key, sent_at, "sent_at = NULL, looked_at = NULL")

    async def mark_made(self, unit: UnitOfWork, connection_id: UUID, business_key: str, remote_id: str) -> None:
        """Made, for ever."""
        await unit.connection.execute(
            """
            UPDATE creation SET remote_id = $3, made_at = now(), sent_at = NULL, looked_at = NULL
            WHERE connection_id = $1 AND business_key = $2 AND remote_id IS NULL
            """,
            connection_id,
            business_key,
            remote_id,
        )

    async def _update(self, unit: UnitOfWork, connection_id: UUID, business_key: str, sent_at: datetime, assignment: str) -> None:
        """About that POST only: another command of the thing may have sent one since."""
        await unit.connection.execute(
            f"""
            UPDATE creation SET {assignment}
            WHERE connection_id = $1 AND business_key = $2 AND remote_id IS NULL AND sent_at = $3
            """,
            connection_id,
            business_key,
            sent_at,
        )

    async def remove_intent(self, unit: UnitOfWork, connection_id: UUID, business_key: str) -> None:
        """A refused creation that was never sent leaves no intent behind; one that was is looked for from its first POST on."""
        await unit.connection.execute(
            """
            DELETE FROM creation WHERE connection_id = $1 AND business_key = $2 AND remote_id IS NULL
                   AND first_sent_at IS NULL AND sent_at IS NULL
            """,
            connection_id,
            business_key,
        )

    async def cursor(self, connection_id: UUID, resource: str, start: datetime) -> Cursor:
        """The cursor of a poll; a new one starts at `start`."""
        row = await self._database.pool.fetchrow(
            """
            INSERT INTO cursor (connection_id, resource, mark) VALUES ($1, $2, $3)
            ON CONFLICT (connection_id, resource) DO UPDATE SET mark = cursor.mark
            RETURNING *
            """,
            connection_id,
            resource,
            start,
        )
        assert row is not None
        return Cursor(row["mark"], row["first_page_at"], row["next_page"])

    async def save_cursor(self, unit: UnitOfWork, connection_id: UUID, resource: str, cursor: Cursor) -> None:
        """Stores how far a poll has come."""
        await unit.connection.execute(
            "UPDATE cursor SET mark = $3, first_page_at = $4, next_page = $5 WHERE connection_id = $1 AND resource = $2",
            connection_id,
            resource,
            cursor.mark,
            cursor.first_page_at,
            cursor.next_page,
        )

    async def seen(self, connection_id: UUID, resource: str, record_ids: Sequence[str]) -> dict[str, Seen]:
        """What was last read of these records."""
        rows = await self._database.pool.fetch(
            "SELECT * FROM seen WHERE connection_id = $1 AND resource = $2 AND record_id = ANY($3::text[])",
            connection_id,
            resource,
            list(record_ids),
        )
        return {row["record_id"]: Seen(row["record_id"], row["slim"], row["whole"], row["read_at"]) for row in rows}

    async def save_seen(self, unit: UnitOfWork, connection_id: UUID, resource: str, records: Sequence[Seen]) -> None:
        """Stores what was read; one record at most once per call."""
        ordered = sorted(records, key=lambda record: record.record_id)
        await unit.connection.execute(
            """
            INSERT INTO seen (connection_id, resource, record_id, slim, whole, read_at)
            SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[])
            ON CONFLICT (connection_id, resource, record_id) DO UPDATE
                SET slim = excluded.slim, whole = excluded.whole, read_at = excluded.read_at
            """,
            connection_id,
            resource,
            [record.record_id for record in ordered],
            [record.slim for record in ordered],
            [record.whole for record in ordered],
            [record.read_at for record in ordered],
        )

    async def listing(self, connection_id: UUID) -> tuple[UUID, int] | None:
        """The customer listing that is under way (its id, the next page), or None when it is complete."""
        row = await self._database.pool.fetchrow(
            """
            INSERT INTO listing (connection_id, listing_id) VALUES ($1, $2)
            ON CONFLICT (connection_id) DO UPDATE SET listing_id = listing.listing_id
            RETURNING *
            """,
            connection_id,
            uuid4(),
        )
        assert row is not None
        return None if row["completed_at"] else (row["listing_id"], row["next_page"])

    async def save_listed(self, unit: UnitOfWork, listing_id: UUID, numbers: Sequence[str], next_page: int) -> int:
        """Stores a listed page and its progress; how many distinct customers the listing has."""
        await unit.connection.execute(
            "INSERT INTO listed SELECT $1, number FROM unnest($2::text[]) AS number ORDER BY number ON CONFLICT DO NOTHING",
            listing_id,
            sorted(set(numbers)),
        )
        await unit.connection.execute("UPDATE listing SET next_page = $2 WHERE listing_id = $1", listing_id, next_page)
        return int(await unit.connection.fetchval("SELECT count(*) FROM listed WHERE listing_id = $1", listing_id))

    async def complete_listing(self, unit: UnitOfWork, listing_id: UUID) -> None:
        """The listing is complete; its members are no longer needed."""
        await unit.connection.execute("UPDATE listing SET completed_at = now() WHERE listing_id = $1", listing_id)
        await unit.connection.execute("DELETE FROM listed WHERE listing_id = $1", listing_id)


def _creation(business_key: str, row: asyncpg.Record) -> Creation:
    return Creation(business_key, row["intent_at"], row["sent_at"], row["looked_at"], row["remote_id"], row["sent_by"])
