"""How far the listing of all companies has come, and what walks have cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from limego_connector.domain import KnownCompany
from limego_connector.paging import Cursor
from servicekit.database import Connection, UnitOfWork


@dataclass(frozen=True)
class Listing:
    """The connection's one listing. `age` is in seconds."""

    listing_id: UUID
    round: int
    found_in_round: int
    cursor: Cursor
    age: float
    completed_at: datetime | None


@dataclass(frozen=True)
class Walk:
    """A walk over all deals and its cost."""

    connection_id: UUID
    kind: str
    deals: int
    requests: int
    seconds: float
    hints: int
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Status:
    """How far a connection has come into service."""

    connection_id: UUID
    state: str
    baseline_completed: bool
    listing_completed: bool
    has_credential: bool
    subscribed: bool
    hints_waiting: int


async def find_listing(connection: Connection, connection_id: UUID) -> Listing | None:
    """The listing, begun or done."""
    row = await connection.fetchrow(
        "SELECT *, extract(epoch FROM now() - started_at) AS age FROM listing WHERE connection_id = $1", connection_id
    )
    if row is None:
        return None
    cursor = Cursor(row["page_offset"], tuple(row["seam"]), row["steps_back"])
    return Listing(row["listing_id"], row["round"], row["found_in_round"], cursor, float(row["age"]), row["completed_at"])


async def begin_listing(unit: UnitOfWork, connection_id: UUID) -> None:
    """Makes the listing, once."""
    await unit.connection.execute(
        "INSERT INTO listing (connection_id, listing_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", connection_id, uuid4()
    )


async def add_listed(unit: UnitOfWork, connection_id: UUID, listing_id: UUID, companies: Sequence[KnownCompany]) -> set[str]:
    """Stores a page's companies; those that this listing had not seen. What a company was at first sight stays."""
    rows = await unit.connection.fetch(
        """
        INSERT INTO company AS stored (connection_id, company_id, is_baseline, digest, version, listing_id)
        SELECT $1, given.company_id, given.is_baseline, given.digest, given.version, $2
        FROM unnest($3::text[], $4::boolean[], $5::text[], $6::bigint[])
             AS given (company_id, is_baseline, digest, version)
        ORDER BY given.company_id
        ON CONFLICT (connection_id, company_id) DO UPDATE
        SET listing_id = excluded.listing_id,
            digest = CASE WHEN stored.version < excluded.version THEN excluded.digest ELSE stored.digest END,
            version = greatest(stored.version, excluded.version)
        WHERE stored.listing_id IS DISTINCT FROM excluded.listing_id
        RETURNING company_id
        """,
        connection_id,
        listing_id,
        [company.company_id for company in companies],
        [company.is_baseline for company in companies],
        [company.digest for company in companies],
        [company.version for company in companies],
    )
    return {row["company_id"] for row in rows}


async def save_listing_cursor(unit: UnitOfWork, connection_id: UUID, cursor: Cursor, found: int) -> None:
    """Moves the cursor, in the unit that stores its page."""
    await unit.connection.execute(
        """
        UPDATE listing SET page_offset = $2, seam = $3, steps_back = $4, found_in_round = found_in_round + $5
        WHERE connection_id = $1
        """,
        connection_id,
        cursor.offset,
        list(cursor.seam),
        cursor.steps_back,
        found,
    )


async def begin_listing_round(unit: UnitOfWork, connection_id: UUID) -> None:
    """Starts again from the first page."""
    await unit.connection.execute(
        """
        UPDATE listing SET round = round + 1, round_started_at = now(), found_in_round = 0, page_offset = 0, seam = '{}',
                           steps_back = 0
        WHERE connection_id = $1
        """,
        connection_id,
    )


async def complete_listing(unit: UnitOfWork, connection_id: UUID, listing_id: UUID) -> int:
    """Ends the listing; how many distinct companies it has."""
    await unit.connection.execute("UPDATE listing SET completed_at = now() WHERE connection_id = $1", connection_id)
    return int(
        await unit.connection.fetchval(
            "SELECT count(*) FROM company WHERE connection_id = $1 AND listing_id = $2", connection_id, listing_id
        )
    )


async def add_walk(connection: Connection, walk: Walk) -> None:
    """Notes a walk that has ended; the last hundred of a connection are kept."""
    await connection.execute(
        """
        INSERT INTO walk (connection_id, kind, deals, requests, seconds, hints) VALUES ($1, $2, $3, $4, $5, $6)
        """,
        walk.connection_id,
        walk.kind,
        walk.deals,
        walk.requests,
        walk.seconds,
        walk.hints,
    )
    await connection.execute(
        """
        DELETE FROM walk WHERE connection_id = $1 AND walk_id <= (
            SELECT walk_id FROM walk WHERE connection_id = $1 ORDER BY walk_id DESC OFFSET 100 LIMIT 1)
        """,
        walk.connection_id,
    )


async def seconds_since_walk(connection: Connection, connection_id: UUID) -> float | None:
    """How long ago the last walk ended; None when there was none."""
    seconds = await connection.fetchval(
        "SELECT extract(epoch FROM now() - max(ended_at)) FROM walk WHERE connection_id = $1", connection_id
    )
    return None if seconds is None else float(seconds)


async def last_walks(connection: Connection, connection_id: UUID, limit: int = 5) -> list[Walk]:
    """The newest walks."""
    rows = await connection.fetch(
        "SELECT * FROM walk WHERE connection_id = $1 ORDER BY walk_id DESC LIMIT $2", connection_id, limit
    )
    return [
        Walk(
            row["connection_id"],
            row["kind"],
            row["deals"],
            row["requests"],
            row["seconds"],
            row["hints"],
            row["ended_at"],
        )
        for row in rows
    ]


async def statuses(connection: Connection) -> list[Status]:
    """Every connection's way into service."""
    rows = await connection.fetch(
        """
        SELECT connection.connection_id, state, baseline_completed_at IS NOT NULL AS baseline_completed,
               listing.completed_at IS NOT NULL AS listing_completed,
               EXISTS (SELECT 1 FROM credential WHERE credential.connection_id = connection.connection_id) AS has_credential,
               EXISTS (SELECT 1 FROM webhook WHERE webhook.connection_id = connection.connection_id
                                                   AND subscription_id IS NOT NULL) AS subscribed,
               (SELECT count(*) FROM hint WHERE hint.connection_id = connection.connection_id) AS hints_waiting
        FROM connection LEFT JOIN listing USING (connection_id) ORDER BY 1
        """
    )
    return [Status(**row) for row in rows]
