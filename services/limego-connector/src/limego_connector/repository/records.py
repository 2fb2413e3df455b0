"""What was last known and reported of deals and companies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from limego_connector.domain import DealState, KnownCompany, KnownDeal
from servicekit.database import Connection, UnitOfWork


async def lock_company(unit: UnitOfWork, connection_id: UUID, company_id: str) -> KnownCompany:
    """The company, locked to the unit's end; an unknown one is made."""
    await unit.connection.execute(
        "INSERT INTO company (connection_id, company_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", connection_id, company_id
    )
    row = await unit.connection.fetchrow(
        "SELECT * FROM company WHERE connection_id = $1 AND company_id = $2 FOR UPDATE", connection_id, company_id
    )
    assert row is not None
    return KnownCompany(
        row["company_id"], row["is_baseline"], row["is_reported"], row["is_set_by_us"], row["digest"], row["version"]
    )


async def lock_deals(unit: UnitOfWork, connection_id: UUID, deal_ids: Sequence[int]) -> dict[int, KnownDeal]:
    """The deals, locked to the unit's end; unknown ones are made, as open."""
    wanted = sorted(set(deal_ids))
    await unit.connection.execute(
        """
        INSERT INTO deal (connection_id, deal_id, state) SELECT $1, unnest($2::bigint[]), 'open' ON CONFLICT DO NOTHING
        """,
        connection_id,
        wanted,
    )
    rows = await unit.connection.fetch(
        "SELECT * FROM deal WHERE connection_id = $1 AND deal_id = ANY($2::bigint[]) ORDER BY deal_id FOR UPDATE",
        connection_id,
        wanted,
    )
    return {
        row["deal_id"]: KnownDeal(row["deal_id"], DealState(row["state"]), row["company_id"], row["digest"], row["version"])
        for row in rows
    }


async def save_company(unit: UnitOfWork, connection_id: UUID, company: KnownCompany) -> None:
    """Remembers a company that was locked before."""
    await unit.connection.execute(
        """
        UPDATE company SET is_reported = $3, is_set_by_us = $4, digest = $5, version = $6, is_removed = false,
                           missing_since = NULL, merged_into = NULL
        WHERE connection_id = $1 AND company_id = $2
        """,
        connection_id,
        company.company_id,
        company.is_reported,
        company.is_set_by_us,
        company.digest,
        company.version,
    )


async def mark_removed(unit: UnitOfWork, connection_id: UUID, company_id: str, version: int) -> bool:
    """Notes that Lime Go no longer has a company; False when it is noted already, or was never or more lately read.

    Its digest goes, so that it is reported again, whole, should it come back.
    """
    status = await unit.connection.execute(
        """
        UPDATE company SET is_removed = true, digest = '', version = $3
        WHERE connection_id = $1 AND company_id = $2 AND NOT is_removed AND version > 0 AND version < $3
        """,
        connection_id,
        company_id,
        version,
    )
    return str(status) == "UPDATE 1"


async def companies_to_scan(connection: Connection, connection_id: UUID, spread: int) -> dict[str, str]:
    """The companies to compare next, with the digest of what was reported: every client, every one that is missing, and the
    `spread` others that were compared longest ago."""
    rows = await connection.fetch(
        """
        SELECT company_id, digest FROM company WHERE connection_id = $1 AND NOT is_removed
               AND (is_reported OR missing_since IS NOT NULL)
        UNION ALL
        (SELECT company_id, digest FROM company
         WHERE connection_id = $1 AND NOT is_removed AND NOT is_reported AND missing_since IS NULL
         ORDER BY scanned_at NULLS FIRST, company_id LIMIT $2)
        """,
        connection_id,
        spread,
    )
    return {row["company_id"]: row["digest"] for row in rows}


async def note_scanned(unit: UnitOfWork, connection_id: UUID, company_ids: Sequence[str]) -> None:
    """These have been compared."""
    await unit.connection.execute(
        "UPDATE company SET scanned_at = now() WHERE connection_id = $1 AND company_id = ANY($2::text[])",
        connection_id,
        sorted(company_ids),
    )


async def save_deals(unit: UnitOfWork, connection_id: UUID, deals: Sequence[KnownDeal]) -> None:
    """Remembers deals that were locked before."""
    await unit.connection.execute(
        """
        UPDATE deal SET state = given.state, company_id = given.company_id, digest = given.digest, version = given.version
        FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[])
             AS given (deal_id, state, company_id, digest, version)
        WHERE deal.connection_id = $1 AND deal.deal_id = given.deal_id
        """,
        connection_id,
        [deal.deal_id for deal in deals],
        [deal.state.value for deal in deals],
        [deal.company_id for deal in deals],
        [deal.digest for deal in deals],
        [deal.version for deal in deals],
    )


async def note_relation_write(unit: UnitOfWork, connection_id: UUID, company_id: str) -> None:
    """We are about to set "Är kund" ourselves: its echo is no trigger. Stored before the write, for echoes are fast."""
    await unit.connection.execute(
        """
        INSERT INTO company (connection_id, company_id, is_set_by_us) VALUES ($1, $2, true)
        ON CONFLICT (connection_id, company_id) DO UPDATE SET is_set_by_us = true
        """,
        connection_id,
        company_id,
    )


async def reported_deals(connection: Connection, connection_id: UUID, company_id: str) -> list[int]:
    """Deals of a company that were reported as won at some time."""
    rows = await connection.fetch(
        """
        SELECT deal_id FROM deal
        WHERE connection_id = $1 AND company_id = $2 AND state IN ('won', 'reopened') ORDER BY deal_id
        """,
        connection_id,
        company_id,
    )
    return [row["deal_id"] for row in rows]


async def company_of(unit: UnitOfWork, connection_id: UUID, deal_id: int) -> str | None:
    """The company that a deal was last seen with."""
    found: str | None = await unit.connection.fetchval(
        "SELECT company_id FROM deal WHERE connection_id = $1 AND deal_id = $2", connection_id, deal_id
    )
    return found


async def deal_states(connection: Connection, connection_id: UUID, deal_ids: Sequence[int]) -> dict[int, DealState]:
    """The states of those deals that are known."""
    rows = await connection.fetch(
        "SELECT deal_id, state FROM deal WHERE connection_id = $1 AND deal_id = ANY($2::bigint[])",
        connection_id,
        list(deal_ids),
    )
    return {row["deal_id"]: DealState(row["state"]) for row in rows}


async def note_first_sight(unit: UnitOfWork, connection_id: UUID, page: Sequence[tuple[int, bool]]) -> int:
    """Stores a baseline page of (deal, is won): what a deal was when it was first seen decides. How many old wins it had."""
    rows = await unit.connection.fetch(
        """
        INSERT INTO deal (connection_id, deal_id, state)
        SELECT $1, given.deal_id, CASE WHEN given.is_won THEN 'baseline' ELSE 'open' END
        FROM unnest($2::bigint[], $3::boolean[]) AS given (deal_id, is_won) ORDER BY given.deal_id
        ON CONFLICT DO NOTHING RETURNING state
        """,
        connection_id,
        [deal_id for deal_id, _ in page],
        [is_won for _, is_won in page],
    )
    return sum(1 for row in rows if row["state"] == "baseline")


async def count_baseline(connection: Connection, connection_id: UUID) -> tuple[int, int]:
    """How many deals and companies are old business."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM deal WHERE connection_id = $1 AND state = 'baseline') AS deals,
               (SELECT count(*) FROM company WHERE connection_id = $1 AND is_baseline) AS companies
        """,
        connection_id,
    )
    assert row is not None
    return row["deals"], row["companies"]
