"""The customers of Fortnox, and which companies Lime Go no longer has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from contracts.values import Company
from contracts.values import Customer as Snapshot
from normal_forms.numbers import read_digits
from servicekit.database import Connection as Session
from sync_coordinator.domain.linked import Linked
from sync_coordinator.domain.linking import Customer

Key = tuple[UUID, str]


async def customers(session: Session, keys: Sequence[Key]) -> dict[Key, Customer]:
    """Those of the customers that are stored, looked up ones too."""
    rows = await session.fetch(
        """
        SELECT customer.* FROM customer
        JOIN unnest($1::uuid[], $2::text[]) AS wanted (connection_id, customer_number) USING (connection_id, customer_number)
        """,
        [connection_id for connection_id, _ in keys],
        [number for _, number in keys],
    )
    return {(row["connection_id"], row["customer_number"]): _customer(row) for row in rows}


async def find_customer(session: Session, connection_id: UUID, number: str) -> Customer | None:
    """One customer."""
    return (await customers(session, [(connection_id, number)])).get((connection_id, number))


async def save_customers(session: Session, rows: Sequence[tuple[UUID, int, Snapshot]]) -> None:
    """Stores snapshots in one statement; a lower version than the stored one changes nothing."""
    await session.execute(
        """
        INSERT INTO customer AS stored (connection_id, customer_number, version, name, organisation_number, city, active)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::boolean[])
        ON CONFLICT (connection_id, customer_number) DO UPDATE SET
            version = excluded.version, name = excluded.name, organisation_number = excluded.organisation_number,
            city = excluded.city, active = coalesce(excluded.active, stored.active), is_missing = false
            WHERE stored.version < excluded.version
        """,
        [connection_id for connection_id, _, _ in rows],
        [customer.customer_number for _, _, customer in rows],
        [version for _, version, _ in rows],
        [customer.name for _, _, customer in rows],
        [customer.organisation_number for _, _, customer in rows],
        [customer.address.city for _, _, customer in rows],
        [customer.active for _, _, customer in rows],
    )


async def note_lookup(session: Session, connection_id: UUID, number: str, now: datetime) -> None:
    """A customer's number is being looked up."""
    await session.execute(
        """
        INSERT INTO customer (connection_id, customer_number, version, asked_at) VALUES ($1, $2, 0, $3)
        ON CONFLICT (connection_id, customer_number) DO UPDATE SET asked_at = excluded.asked_at, is_missing = false
        """,
        connection_id,
        number,
        now,
    )


async def end_lookup(session: Session, connection_id: UUID, number: str, *, is_missing: bool) -> None:
    """A lookup brought no customer: Fortnox has none (`is_missing`), or it was refused, and the next one asks again."""
    await session.execute(
        """
        UPDATE customer SET is_missing = $3, asked_at = NULL, version = CASE WHEN $3 THEN 0 ELSE version END
        WHERE connection_id = $1 AND customer_number = $2
        """,
        connection_id,
        number,
        is_missing,
    )


async def company_snapshots(session: Session, keys: Sequence[Key]) -> dict[Key, Company]:
    """The stored snapshots of companies."""
    rows = await session.fetch(
        """
        SELECT connection_id, company_id, body FROM company
        JOIN unnest($1::uuid[], $2::text[]) AS wanted (connection_id, company_id) USING (connection_id, company_id)
        """,
        [connection_id for connection_id, _ in keys],
        [company_id for _, company_id in keys],
    )
    return {(row["connection_id"], row["company_id"]): Company.model_validate_json(row["body"]) for row in rows}


async def mark_removed(
    session: Session, connection_id: UUID, company_id: str, version: int, merged_into: str | None, now: datetime
) -> bool:
    """Notes that Lime Go no longer has a company; False when a newer snapshot of it is known."""
    gone = Company(company_id=company_id, name="")
    changed = await session.fetchval(
        """
        INSERT INTO company AS stored (connection_id, company_id, version, body, removed_at, merged_into)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (connection_id, company_id) DO UPDATE SET
            version = excluded.version, removed_at = excluded.removed_at, merged_into = excluded.merged_into
            WHERE stored.version < excluded.version
        RETURNING 1
        """,
        connection_id,
        company_id,
        version,
        gone.model_dump_json(),
        now,
        merged_into,
    )
    return changed is not None


async def sharing_number(session: Session, connection_id: UUID, company_ids: Sequence[str]) -> set[str]:
    """The other companies of Lime Go with the organisation number of one of these, however it is written."""
    rows = await session.fetch(
        """
        SELECT company_id, body::json ->> 'organisation_number' AS number FROM company
        WHERE connection_id = $1 AND removed_at IS NULL AND body::json ->> 'organisation_number' <> ''
        """,
        connection_id,
    )
    numbers = {row["company_id"]: read_digits(row["number"]) for row in rows}
    own = {numbers[company_id] for company_id in company_ids if company_id in numbers}
    return {company_id for company_id, number in numbers.items() if number in own} - {*company_ids}


async def linked_pair(session: Session, connection_id: UUID, company_id: str) -> Linked | None:
    """The company with the customer that it is linked to."""
    row = await session.fetchrow(
        """
        SELECT link.company_id, link.customer_number, confirmed_numbers, company.body, coalesce(customer.version, 0) AS version,
               coalesce(customer.name, '') AS name, customer.organisation_number, customer.city, customer.active,
               coalesce(customer.is_missing, false) AS is_missing, customer.asked_at
        FROM link LEFT JOIN company USING (connection_id, company_id) LEFT JOIN customer USING (connection_id, customer_number)
        WHERE link.connection_id = $1 AND link.company_id = $2
        """,
        connection_id,
        company_id,
    )
    if row is None:
        return None
    company = Company.model_validate_json(row["body"]) if row["body"] else None
    return Linked(row["company_id"], company, _customer(row), row["confirmed_numbers"])


async def holder_of(session: Session, connection_id: UUID, customer_number: str) -> str | None:
    """The company that is linked to a customer."""
    found: str | None = await session.fetchval(
        "SELECT company_id FROM link WHERE connection_id = $1 AND customer_number = $2", connection_id, customer_number
    )
    return found


async def confirm_numbers(session: Session, connection_id: UUID, company_id: str, numbers: str) -> None:
    """A person said that company and customer belong together, with these numbers."""
    await session.execute(
        "UPDATE link SET confirmed_numbers = $3 WHERE connection_id = $1 AND company_id = $2", connection_id, company_id, numbers
    )


async def documents_of(session: Session, connection_id: UUID, customer_number: str, limit: int) -> tuple[str, ...]:
    """The newest invoices of a customer in Fortnox, by number."""
    rows = await session.fetch(
        """
        SELECT document_number FROM invoice WHERE connection_id = $1 AND customer_number = $2
        ORDER BY length(document_number) DESC, document_number DESC LIMIT $3
        """,
        connection_id,
        customer_number,
        limit,
    )
    return tuple(row["document_number"] for row in rows)


async def blocked_by(session: Session, connection_id: UUID, customer_number: str) -> list[str]:
    """Companies whose customer could not be linked because another company held it."""
    rows = await session.fetch(
        """
        SELECT company_id FROM record
        WHERE connection_id = $1 AND kind = 'customer' AND state = 'needs_attention' AND reason = 'customer_linked_elsewhere'
              AND $2 = ANY(candidates)
        ORDER BY company_id
        """,
        connection_id,
        customer_number,
    )
    return [row["company_id"] for row in rows]


async def made_for_nobody(session: Session, connection_id: UUID) -> list[tuple[UUID, str | None]]:
    """Creates of customers, under way or in doubt, whose company Lime Go has lost: the command, and the company's heir."""
    rows = await session.fetch(
        """
        SELECT command_id, merged_into FROM record JOIN company
            ON company.connection_id = record.connection_id AND company.company_id = record.record_key
        WHERE record.connection_id = $1 AND kind = 'customer' AND state IN ('sending', 'needs_attention')
              AND note = 'company_removed' AND command_id IS NOT NULL
        """,
        connection_id,
    )
    return [(row["command_id"], row["merged_into"]) for row in rows]


def _customer(row: asyncpg.Record) -> Customer:
    return Customer(
        customer_number=row["customer_number"],
        version=row["version"],
        name=row["name"],
        organisation_number=row["organisation_number"],
        city=row["city"],
        active=row["active"],
        is_missing=row["is_missing"],
        asked_at=row["asked_at"],
    )
