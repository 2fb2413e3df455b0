"""SQL of the two registers: connections, who is in them, and listings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from contracts.events import (
    CompanyChanged,
    CompanyListingCompleted,
    ConnectionChanged,
    CustomerChanged,
    CustomerListingCompleted,
)
from matcher.normal_forms.numbers import NumberState, OrganisationNumber, read_number
from matcher.registers import Key, NumberChange, RegisterKind
from matcher.repository.columns import columns
from servicekit.database import Connection

Stored = dict[Key, tuple[OrganisationNumber, int]]
"""Number and version by key, as they were before a batch."""


class RegisterRepository:
    """Identities and listings within one transaction. What is saved must have distinct keys, in order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, connection_ids: Sequence[UUID]) -> set[UUID]:
        """Locks the connections until the transaction's end; tells which of them are known."""
        rows = await self._connection.fetch(
            "SELECT connection_id FROM connection WHERE connection_id = ANY($1) ORDER BY connection_id FOR NO KEY UPDATE",
            connection_ids,
        )
        return {row["connection_id"] for row in rows}

    async def save_connections(self, connections: Sequence[ConnectionChanged]) -> None:
        """Stores connections, keeping the higher version."""
        await self._connection.execute(
            """
            INSERT INTO connection (connection_id, version)
            SELECT * FROM unnest($1::uuid[], $2::bigint[])
            ON CONFLICT (connection_id) DO UPDATE SET version = greatest(connection.version, excluded.version)
            """,
            [connection.connection_id for connection in connections],
            [connection.version for connection in connections],
        )

    async def save_companies(self, messages: Sequence[CompanyChanged]) -> list[NumberChange]:
        """Stores snapshots newer than ours; tells whose number is another than before."""
        keys = [(message.connection_id, message.company.company_id) for message in messages]
        numbers = [read_number(message.company.organisation_number) for message in messages]
        before = await self._companies(keys)
        await self._connection.execute(
            """
            INSERT INTO company_identity AS mine
                   (connection_id, company_id, organisation_number_normal, number_state, version, company)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::json[])
            ON CONFLICT (connection_id, company_id) DO UPDATE
               SET organisation_number_normal = excluded.organisation_number_normal,
                   number_state = excluded.number_state, version = excluded.version, company = excluded.company
             WHERE mine.version < excluded.version
            """,
            *columns(keys),
            [number.normal for number in numbers],
            [number.state for number in numbers],
            [message.version for message in messages],
            [message.company.model_dump_json() for message in messages],
        )
        return _changes(keys, numbers, [message.version for message in messages], before)

    async def save_customers(self, messages: Sequence[CustomerChanged]) -> list[NumberChange]:
        """Stores snapshots newer than ours; tells whose number is another than before."""
        keys = [(message.connection_id, message.customer.customer_number) for message in messages]
        numbers = [read_number(message.customer.organisation_number) for message in messages]
        before = await self._customers(keys)
        await self._connection.execute(
            """
            INSERT INTO customer_identity AS mine
                   (connection_id, customer_number, organisation_number_normal, active, version)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::bigint[])
            ON CONFLICT (connection_id, customer_number) DO UPDATE
               SET organisation_number_normal = excluded.organisation_number_normal,
                   active = coalesce(excluded.active, mine.active), version = excluded.version
             WHERE mine.version < excluded.version
            """,
            *columns(keys),
            [number.normal for number in numbers],
            [message.customer.active for message in messages],
            [message.version for message in messages],
        )
        return _changes(keys, numbers, [message.version for message in messages], before)

    async def _companies(self, keys: Sequence[Key]) -> Stored:
        rows = await self._connection.fetch(
            """
            SELECT connection_id, company_id AS id, number_state, organisation_number_normal AS number, version
              FROM company_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id) USING (connection_id, company_id)
            """,
            *columns(keys),
        )
        return {(row["connection_id"], row["id"]): (_number(row), row["version"]) for row in rows}

    async def _customers(self, keys: Sequence[Key]) -> Stored:
        rows = await self._connection.fetch(
            """
            SELECT connection_id, customer_number AS id, organisation_number_normal AS number, version,
                   CASE WHEN organisation_number_normal IS NULL THEN 'missing' ELSE 'valid' END AS number_state
              FROM customer_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, customer_number)
             USING (connection_id, customer_number)
            """,
            *columns(keys),
        )
        return {(row["connection_id"], row["id"]): (_number(row), row["version"]) for row in rows}

    async def companies_with(self, numbers: Sequence[Key]) -> dict[Key, list[str]]:
        """Company ids by number, in order."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, organisation_number_normal AS number, company_id AS id
              FROM company_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, organisation_number_normal)
             USING (connection_id, organisation_number_normal)
             ORDER BY company_id
            """,
            *columns(numbers),
        )
        return _by_number(rows)

    async def customers_with(self, numbers: Sequence[Key]) -> dict[Key, list[str]]:
        """Customer numbers by organisation number, in order."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, organisation_number_normal AS number, customer_number AS id
              FROM customer_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, organisation_number_normal)
             USING (connection_id, organisation_number_normal)
             ORDER BY customer_number
            """,
            *columns(numbers),
        )
        return _by_number(rows)

    async def note_listed(self, kind: RegisterKind, messages: Sequence[CompanyChanged | CustomerChanged]) -> None:
        """Counts the distinct records of listings."""
        members = sorted({(str(message.listing_id), message.connection_id, message.record_id) for message in messages})
        await self._connection.execute(
            """
            WITH incoming AS (
                SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS item(listing_id, connection_id, member_id)
            ), added AS (
                INSERT INTO listing_member (listing_id, member_id) SELECT listing_id, member_id FROM incoming
                ON CONFLICT DO NOTHING RETURNING listing_id
            )
            INSERT INTO listing (listing_id, connection_id, kind, seen)
            SELECT listing_id, connection_id, $1, (SELECT count(*) FROM added WHERE added.listing_id = incoming.listing_id)
              FROM incoming GROUP BY listing_id, connection_id ORDER BY listing_id
            ON CONFLICT (listing_id) DO UPDATE SET seen = listing.seen + excluded.seen
            """,
            kind,
            [listing_id for listing_id, _, _ in members],
            [connection_id for _, connection_id, _ in members],
            [member_id for _, _, member_id in members],
        )

    async def expect(
        self, completions: Sequence[tuple[RegisterKind, CompanyListingCompleted | CustomerListingCompleted]]
    ) -> None:
        """Stores how many distinct records each listing has."""
        newest = {message.listing_id: (kind, message) for kind, message in completions}
        ordered = [newest[listing_id] for listing_id in sorted(newest)]
        await self._connection.execute(
            """
            INSERT INTO listing (listing_id, connection_id, kind, expected)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[])
            ON CONFLICT (listing_id) DO UPDATE SET expected = excluded.expected
            """,
            [message.listing_id for _, message in ordered],
            [message.connection_id for _, message in ordered],
            [kind for kind, _ in ordered],
            [message.count for _, message in ordered],
        )

    async def complete_listings(self, connection_ids: Sequence[UUID]) -> list[UUID]:
        """Marks registers whose listing is whole; tells the connections that have both since this call."""
        rows = await self._connection.fetch(
            """
            WITH done AS (
                SELECT connection_id, bool_or(kind = 'company') AS companies, bool_or(kind = 'customer') AS customers
                  FROM listing WHERE connection_id = ANY($1) AND seen >= expected GROUP BY connection_id
            )
            UPDATE connection
               SET companies_listed = companies_listed OR done.companies, customers_listed = customers_listed OR done.customers
              FROM done
             WHERE connection.connection_id = done.connection_id
               AND (done.companies AND NOT companies_listed OR done.customers AND NOT customers_listed)
            RETURNING connection.connection_id, companies_listed AND customers_listed AS is_complete
            """,
            connection_ids,
        )
        await self._forget_members(connection_ids)
        return [row["connection_id"] for row in rows if row["is_complete"]]

    async def _forget_members(self, connection_ids: Sequence[UUID]) -> None:
        """A whole listing needs its ids no longer; its counts stay."""
        await self._connection.execute(
            """
            DELETE FROM listing_member USING listing
             WHERE listing_member.listing_id = listing.listing_id AND connection_id = ANY($1) AND seen >= expected
            """,
            connection_ids,
        )


def _number(row: asyncpg.Record) -> OrganisationNumber:
    return OrganisationNumber(NumberState(row["number_state"]), row["number"])


def _by_number(rows: Sequence[asyncpg.Record]) -> dict[Key, list[str]]:
    found: dict[Key, list[str]] = defaultdict(list)
    for row in rows:
        found[row["connection_id"], row["number"]].append(row["id"])
    return found


def _changes(
    keys: Sequence[Key], numbers: Sequence[OrganisationNumber], versions: Sequence[int], before: Stored
) -> list[NumberChange]:
    changes = []
    for key, number, version in zip(keys, numbers, versions, strict=True):
        old, stored = before.get(key, (None, -1))
        if stored < version and old != number:
            valid = {found.normal for found in (old, number) if found is not None and found.normal is not None}
            changes.append(NumberChange(key, tuple((key[0], normal) for normal in sorted(valid))))
    return changes
