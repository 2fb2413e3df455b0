"""SQL of the records that a poll could not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from servicekit.database import Database, UnitOfWork


@dataclass(frozen=True)
class Unread:
    """A record that could not be read, and the digest of its line in the list then ("" when no list named it)."""

    resource: str
    record_id: str
    slim: str = ""

    def __str__(self) -> str:
        return f"{self.resource} {self.record_id}"


class UnreadRepository:
    """The table `unread`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, unit: UnitOfWork, connection_id: UUID, record: Unread, first: float, longest: float) -> None:
        """It could not be read, once more: its next try comes in `first` seconds, doubled each time up to `longest`."""
        await unit.connection.execute(
            """
            INSERT INTO unread AS stored (connection_id, resource, record_id, slim, retry_at)
            VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
            ON CONFLICT (connection_id, resource, record_id) DO UPDATE
                SET slim = excluded.slim, failures = stored.failures + 1,
                    retry_at = now() + make_interval(secs => least($6, $5 * 2 ^ least(stored.failures, 20)))
            """,
            connection_id,
            record.resource,
            record.record_id,
            record.slim,
            first,
            longest,
        )

    async def remove(self, unit: UnitOfWork, connection_id: UUID, record: Unread) -> None:
        """It has been read, or is gone."""
        await unit.connection.execute(
            "DELETE FROM unread WHERE connection_id = $1 AND resource = $2 AND record_id = $3",
            connection_id,
            record.resource,
            record.record_id,
        )

    async def unread(self, connection_id: UUID, resource: str, record_ids: Sequence[str]) -> dict[str, Unread]:
        """Those of these records that could not be read."""
        rows = await self._database.pool.fetch(
            """
            SELECT resource, record_id, slim FROM unread
            WHERE connection_id = $1 AND resource = $2 AND record_id = ANY($3::text[])
            """,
            connection_id,
            resource,
            list(record_ids),
        )
        return {row["record_id"]: Unread(**row) for row in rows}

    async def due(self, connection_id: UUID, limit: int) -> list[Unread]:
        """Those whose pause is over, the longest first."""
        rows = await self._database.pool.fetch(
            """
            SELECT resource, record_id, slim FROM unread
            WHERE connection_id = $1 AND retry_at <= now() ORDER BY retry_at, resource, record_id LIMIT $2
            """,
            connection_id,
            limit,
        )
        return [Unread(**row) for row in rows]

    async def all_unread(self, connection_id: UUID, limit: int) -> list[Unread]:
        """Those that have failed longest."""
        rows = await self._database.pool.fetch(
            """
            SELECT resource, record_id, slim FROM unread
            WHERE connection_id = $1 ORDER BY failures DESC, resource, record_id LIMIT $2
            """,
            connection_id,
            limit,
        )
        return [Unread(**row) for row in rows]
