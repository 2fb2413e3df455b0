"""Connections, their keys and their web hooks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.events import ConnectionChanged
from servicekit.database import Connection, UnitOfWork


@dataclass(frozen=True)
class StoredConnection:
    """A connection as the coordinator told it, whether its baseline stands, and whether what a pause hid is still sought."""

    connection_id: UUID
    state: str
    generation: int
    limego_database: str
    activated_at: datetime
    has_baseline: bool
    resumed_at: datetime | None
    is_catching_up: bool


@dataclass(frozen=True)
class Webhook:
    """An address that Lime Go may call; `subscription_id` is None when the process ended while subscribing."""

    token_hash: bytes
    public_url: str
    subscription_id: str | None


async def save(unit: UnitOfWork, changes: Sequence[ConnectionChanged]) -> None:
    """Keeps the highest version of each, and wakes the lanes. Another resume is to be caught up with anew."""
    newest = {one.connection_id: one for one in sorted(changes, key=lambda one: one.version)}
    rows = [newest[connection_id] for connection_id in sorted(newest)]
    await unit.connection.execute(
        """
        INSERT INTO connection AS stored (
            connection_id, version, state, generation, limego_database, activated_at, resumed_at)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::timestamptz[])
        ON CONFLICT (connection_id) DO UPDATE
        SET version = excluded.version, state = excluded.state, generation = excluded.generation,
            limego_database = excluded.limego_database, activated_at = excluded.activated_at,
            resumed_at = excluded.resumed_at,
            caught_up_at = CASE WHEN stored.resumed_at = excluded.resumed_at THEN stored.caught_up_at END
        WHERE stored.version < excluded.version
        """,
        [row.connection_id for row in rows],
        [row.version for row in rows],
        [row.state.value for row in rows],
        [row.generation for row in rows],
        [row.limego_database for row in rows],
        [row.activated_at for row in rows],
        [row.resumed_at for row in rows],
    )
    await unit.connection.execute("SELECT pg_notify(current_schema() || '_work', '')")


async def find(connection: Connection, connection_id: UUID) -> StoredConnection | None:
    """One connection."""
    row = await connection.fetchrow("SELECT * FROM connection WHERE connection_id = $1", connection_id)
    if row is None:
        return None
    return StoredConnection(
        row["connection_id"],
        row["state"],
        row["generation"],
        row["limego_database"],
        row["activated_at"],
        row["baseline_completed_at"] is not None,
        row["resumed_at"],
        row["resumed_at"] is not None and row["caught_up_at"] is None,
    )


async def known(connection: Connection, connection_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these have been told of."""
    rows = await connection.fetch(
        "SELECT connection_id FROM connection WHERE connection_id = ANY($1::uuid[])", list(connection_ids)
    )
    return {row["connection_id"] for row in rows}


async def workable(connection: Connection) -> list[UUID]:
    """Connections that are active and have a key."""
    rows = await connection.fetch(
        "SELECT connection_id FROM connection JOIN credential USING (connection_id) WHERE state = 'active' ORDER BY 1"
    )
    return [row["connection_id"] for row in rows]


async def without_key(connection: Connection) -> list[UUID]:
    """Connections that are active and have no key."""
    rows = await connection.fetch(
        """
        SELECT connection_id FROM connection LEFT JOIN credential USING (connection_id)
        WHERE state = 'active' AND sealed IS NULL ORDER BY 1
        """
    )
    return [row["connection_id"] for row in rows]


async def complete_baseline(unit: UnitOfWork, connection_id: UUID) -> None:
    """From now on a won deal triggers."""
    await unit.connection.execute(
        "UPDATE connection SET baseline_completed_at = now() WHERE connection_id = $1 AND baseline_completed_at IS NULL",
        connection_id,
    )


async def complete_catch_up(unit: UnitOfWork, connection_id: UUID, resumed_at: datetime) -> None:
    """What that pause hid is found, unless there was another one meanwhile; wakes the hints that waited for it."""
    await unit.connection.execute(
        "UPDATE connection SET caught_up_at = now() WHERE connection_id = $1 AND resumed_at = $2", connection_id, resumed_at
    )
    await unit.connection.execute("SELECT pg_notify(current_schema() || '_hint', $1)", str(connection_id))


async def save_credential(unit: UnitOfWork, connection_id: UUID, sealed: bytes) -> None:
    """Stores a sealed key in the place of the one before, and wakes lane and lanes."""
    await unit.connection.execute(
        """
        INSERT INTO credential (connection_id, sealed) VALUES ($1, $2)
        ON CONFLICT (connection_id) DO UPDATE SET sealed = excluded.sealed, stored_at = now()
        """,
        connection_id,
        sealed,
    )
    await unit.connection.execute(
        "SELECT pg_notify(current_schema() || '_work', ''), pg_notify(current_schema() || '_hint', 'key:' || $1::text)",
        str(connection_id),
    )


async def find_credential(connection: Connection, connection_id: UUID) -> bytes | None:
    """The sealed key."""
    sealed: bytes | None = await connection.fetchval("SELECT sealed FROM credential WHERE connection_id = $1", connection_id)
    return sealed


def hash_token(token: str) -> bytes:
    """How a web hook's token is stored and looked up; a token of 256 random bits needs no salt."""
    return hashlib.sha256(token.encode()).digest()


async def webhooks(connection: Connection, connection_id: UUID) -> list[Webhook]:
    """The connection's addresses."""
    rows = await connection.fetch("SELECT * FROM webhook WHERE connection_id = $1 ORDER BY created_at DESC", connection_id)
    return [Webhook(row["token_hash"], row["public_url"], row["subscription_id"]) for row in rows]


async def add_webhook(unit: UnitOfWork, connection_id: UUID, token_hash: bytes, public_url: str) -> None:
    """An address that is about to be subscribed."""
    await unit.connection.execute(
        "INSERT INTO webhook (token_hash, connection_id, public_url) VALUES ($1, $2, $3)", token_hash, connection_id, public_url
    )


async def confirm_webhook(unit: UnitOfWork, token_hash: bytes, subscription_id: str) -> None:
    """The address is subscribed."""
    await unit.connection.execute("UPDATE webhook SET subscription_id = $2 WHERE token_hash = $1", token_hash, subscription_id)


async def remove_webhook(unit: UnitOfWork, token_hash: bytes) -> None:
    """The address is answered no longer."""
    await unit.connection.execute("DELETE FROM webhook WHERE token_hash = $1", token_hash)
