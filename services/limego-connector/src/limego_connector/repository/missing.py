"""SQL of companies that Lime Go did not find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from servicekit.database import Connection, UnitOfWork


@dataclass(frozen=True)
class MissingCompany:
    """A company that was not found, first so many `seconds` ago, and the one that it was merged into, if known."""

    company_id: str
    seconds: float
    merged_into: str | None


async def note(unit: UnitOfWork, connection_id: UUID, heirs: Mapping[str, str | None]) -> None:
    """Remembers companies that were not found, each with the one that it was merged into, if known.

    The first time of either is kept. A company that was never reported is ignored: its end is no news.
    """
    await unit.connection.execute(
        """
        UPDATE company SET missing_since = coalesce(company.missing_since, now()),
                           merged_into = coalesce(given.merged_into, company.merged_into)
        FROM unnest($2::text[], $3::text[]) AS given (company_id, merged_into)
        WHERE connection_id = $1 AND company.company_id = given.company_id AND NOT is_removed AND version > 0
              AND (missing_since IS NULL OR company.merged_into IS DISTINCT FROM coalesce(given.merged_into, company.merged_into))
        """,
        connection_id,
        sorted(heirs),
        [heirs[company_id] for company_id in sorted(heirs)],
    )


async def note_found(unit: UnitOfWork, connection_id: UUID, company_ids: Sequence[str]) -> None:
    """Forgets that these were missing: they are there, or are back."""
    await unit.connection.execute(
        """
        UPDATE company SET missing_since = NULL, merged_into = NULL
        WHERE connection_id = $1 AND company_id = ANY($2::text[]) AND missing_since IS NOT NULL
        """,
        connection_id,
        sorted(company_ids),
    )


async def find(connection: Connection, connection_id: UUID, company_id: str) -> MissingCompany | None:
    """The company, if it is missing and not reported as gone."""
    row = await connection.fetchrow(
        """
        SELECT company_id, extract(epoch FROM now() - missing_since)::float8 AS seconds, merged_into FROM company
        WHERE connection_id = $1 AND company_id = $2 AND missing_since IS NOT NULL AND NOT is_removed
        """,
        connection_id,
        company_id,
    )
    return MissingCompany(**row) if row is not None else None


async def due(connection: Connection, connection_id: UUID, *, merged_for: float, others_for: float, limit: int) -> list[str]:
    """Companies that have been missing for at least so many seconds, merged or not, the longest missing first."""
    rows = await connection.fetch(
        """
        SELECT company_id FROM company
        WHERE connection_id = $1 AND NOT is_removed AND missing_since
              <= now() - make_interval(secs => CASE WHEN merged_into IS NULL THEN $3::float8 ELSE $2::float8 END)
        ORDER BY missing_since, company_id LIMIT $4
        """,
        connection_id,
        merged_for,
        others_for,
        limit,
    )
    return [row["company_id"] for row in rows]


async def count(connection: Connection, connection_id: UUID) -> int:
    """How many companies are missing that are neither known to be merged nor reported as gone."""
    found: int = await connection.fetchval(
        """
        SELECT count(*) FROM company
        WHERE connection_id = $1 AND missing_since IS NOT NULL AND NOT is_removed AND merged_into IS NULL
        """,
        connection_id,
    )
    return found


async def count_known(connection: Connection, connection_id: UUID) -> int:
    """How many companies there are, the missing ones included. Reads every row of the connection."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM company WHERE connection_id = $1 AND NOT is_removed", connection_id
    )
    return found


async def first_due_at(connection: Connection, connection_id: UUID, seconds: float) -> datetime | None:
    """When the first of the companies that `count` counts will have been missing for so many seconds."""
    found: datetime | None = await connection.fetchval(
        """
        SELECT min(missing_since) + make_interval(secs => $2) FROM company
        WHERE connection_id = $1 AND missing_since IS NOT NULL AND NOT is_removed AND merged_into IS NULL
        """,
        connection_id,
        seconds,
    )
    return found
