"""Connections, companies and links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from contracts.events import ConnectionSettings
from contracts.values import Company, ConnectionState
from servicekit.database import Connection as Session
from servicekit.errors import Error
from sync_coordinator.domain.records import Connection, Link


class TakenError(Error):
    """Something that belongs to one owner has one: `what` says what, `owner` who."""

    def __init__(self, what: str, owner: str) -> None:
        super().__init__(f"{what}: {owner}")
        self.what = what
        self.owner = owner


async def lock(session: Session, connection_ids: Sequence[UUID]) -> dict[UUID, Connection]:
    """Locks the connections' rows, in the order of their ids, and returns those that exist.

    All decisions of one connection are made one after the other: the bijection, the brake and the one line of a company
    are rules across records, which two transactions side by side would each see half of.
    """
    rows = await session.fetch(
        "SELECT * FROM connection WHERE connection_id = ANY($1::uuid[]) ORDER BY connection_id FOR NO KEY UPDATE",
        sorted(set(connection_ids)),
    )
    return {row["connection_id"]: _connection(row) for row in rows}


async def get(session: Session, connection_id: UUID) -> Connection | None:
    """One connection."""
    row = await session.fetchrow("SELECT * FROM connection WHERE connection_id = $1", connection_id)
    return _connection(row) if row else None


async def connections(session: Session) -> list[Connection]:
    """All connections, the oldest first."""
    return [_connection(row) for row in await session.fetch("SELECT * FROM connection ORDER BY activated_at, connection_id")]


def _connection(row: asyncpg.Record) -> Connection:
    return Connection(
        connection_id=row["connection_id"],
        limego_database=row["limego_database"],
        fortnox_tenant=row["fortnox_tenant"],
        state=ConnectionState(row["state"]),
        generation=row["generation"],
        version=row["version"],
        plan=row["plan"],
        settings=ConnectionSettings.model_validate_json(row["settings"]),
        activated_at=row["activated_at"],
        resumed_at=row["resumed_at"],
    )


async def add(session: Session, connection: Connection) -> None:
    """Stores a new connection; TakenError when its database or its tenant has one: one each, for ever."""
    status = await session.execute(
        """
        INSERT INTO connection (
            connection_id, limego_database, fortnox_tenant, state, generation, version, plan, settings, activated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT DO NOTHING
        """,
        connection.connection_id,
        connection.limego_database,
        connection.fortnox_tenant,
        connection.state,
        connection.generation,
        connection.version,
        connection.plan,
        connection.settings.model_dump_json(),
        connection.activated_at,
    )
    if status != "INSERT 0 1":
        row = await session.fetchrow(
            "SELECT * FROM connection WHERE limego_database = $1 OR fortnox_tenant = $2 ORDER BY limego_database = $1 DESC",
            connection.limego_database,
            connection.fortnox_tenant,
        )
        assert row is not None
        what = "database_taken" if row["limego_database"] == connection.limego_database else "tenant_taken"
        raise TakenError(what, str(row["connection_id"]))


async def set_state(session: Session, connection: Connection) -> None:
    """Pauses or resumes."""
    await session.execute(
        "UPDATE connection SET state = $2, version = $3, resumed_at = $4 WHERE connection_id = $1",
        connection.connection_id,
        connection.state,
        connection.version,
        connection.resumed_at,
    )


async def save_companies(session: Session, rows: Sequence[tuple[UUID, int, Company]]) -> None:
    """Stores snapshots, in one statement; a lower version than the stored one changes nothing."""
    await session.execute(
        """
        INSERT INTO company AS stored (connection_id, company_id, version, body)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[])
        ON CONFLICT (connection_id, company_id) DO UPDATE SET
            version = excluded.version, body = excluded.body, removed_at = NULL, merged_into = NULL
            WHERE stored.version < excluded.version
        """,
        [connection_id for connection_id, _, _ in rows],
        [company.company_id for _, _, company in rows],
        [version for _, version, _ in rows],
        [company.model_dump_json() for _, _, company in rows],
    )


async def find_company(session: Session, connection_id: UUID, company_id: str) -> Company | None:
    """The newest snapshot of a company."""
    body = await session.fetchval(
        "SELECT body FROM company WHERE connection_id = $1 AND company_id = $2", connection_id, company_id
    )
    return Company.model_validate_json(body) if body else None


async def company_names(session: Session, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], str]:
    """The names of companies, for the pages."""
    rows = await session.fetch(
        """
        SELECT connection_id, company_id, body::json ->> 'name' AS name
        FROM company JOIN unnest($1::uuid[], $2::text[]) AS wanted (connection_id, company_id)
            USING (connection_id, company_id)
        """,
        [connection_id for connection_id, _ in keys],
        [company_id for _, company_id in keys],
    )
    return {(row["connection_id"], row["company_id"]): row["name"] for row in rows}


async def find_link(session: Session, connection_id: UUID, company_id: str) -> Link | None:
    """The link of a company."""
    row = await session.fetchrow("SELECT * FROM link WHERE connection_id = $1 AND company_id = $2", connection_id, company_id)
    return Link(row["company_id"], row["customer_number"], row["rung"]) if row else None


async def add_link(session: Session, connection_id: UUID, link: Link, now: datetime) -> bool:
    """Stores a link; False when it is there already, TakenError when either side has another one."""
    status = await session.execute(
        """
        INSERT INTO link (connection_id, company_id, customer_number, rung, linked_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        """,
        connection_id,
        link.company_id,
        link.customer_number,
        link.rung,
        now,
    )
    if status == "INSERT 0 1":
        return True
    own = await find_link(session, connection_id, link.company_id)
    if own is not None and own.customer_number == link.customer_number:
        return False
    if own is not None:
        raise TakenError("company_linked_elsewhere", own.customer_number)
    owner = await session.fetchval(
        "SELECT company_id FROM link WHERE connection_id = $1 AND customer_number = $2", connection_id, link.customer_number
    )
    raise TakenError("customer_linked_elsewhere", str(owner))


async def confirm_link(session: Session, connection_id: UUID, link: Link) -> None:
    """A link that was there already has another rung now: a person chose it."""
    await session.execute(
        "UPDATE link SET rung = $3 WHERE connection_id = $1 AND company_id = $2", connection_id, link.company_id, link.rung
    )


async def remove_link(session: Session, connection_id: UUID, company_id: str) -> None:
    """Takes a company's link away, if it has one."""
    await session.execute("DELETE FROM link WHERE connection_id = $1 AND company_id = $2", connection_id, company_id)
