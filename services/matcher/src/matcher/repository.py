"""All SQL of the matcher's slice: one statement over arrays per call, keys in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.events import (
    CompanyChanged,
    CompanyListingCompleted,
    ConnectionChanged,
    CustomerChanged,
    CustomerListingCompleted,
)
from contracts.values import Company
from servicekit.database import Connection

from matcher.domain import (
    Decision,
    Matched,
    NotFound,
    NumberState,
    OrganisationNumber,
    Reason,
    Review,
    Settled,
    read_number,
    settle,
)
from matcher.registers import Case, Key, NumberChange, RegisterKind


class Repository:
    """The slice within one transaction. What it saves must have distinct keys in order."""

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
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[])
            ON CONFLICT (connection_id, company_id) DO UPDATE
               SET organisation_number_normal = excluded.organisation_number_normal,
                   number_state = excluded.number_state, version = excluded.version, company = excluded.company
             WHERE mine.version < excluded.version
            """,
            *_columns(keys),
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
            *_columns(keys),
            [number.normal for number in numbers],
            [message.customer.active for message in messages],
            [message.version for message in messages],
        )
        return _changes(keys, numbers, [message.version for message in messages], before)

    async def _companies(self, keys: Sequence[Key]) -> dict[Key, tuple[OrganisationNumber, int]]:
        rows = await self._connection.fetch(
            """
            SELECT connection_id, company_id AS id, number_state, organisation_number_normal, version
              FROM company_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id) USING (connection_id, company_id)
            """,
            *_columns(keys),
        )
        return {(row["connection_id"], row["id"]): (_number(row), row["version"]) for row in rows}

    async def _customers(self, keys: Sequence[Key]) -> dict[Key, tuple[OrganisationNumber, int]]:
        rows = await self._connection.fetch(
            """
            SELECT connection_id, customer_number AS id, organisation_number_normal, version,
                   CASE WHEN organisation_number_normal IS NULL THEN 'missing' ELSE 'valid' END AS number_state
              FROM customer_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, customer_number)
             USING (connection_id, customer_number)
            """,
            *_columns(keys),
        )
        return {(row["connection_id"], row["id"]): (_number(row), row["version"]) for row in rows}
