"""SQL of the two registers: connections, and who is in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from contracts.events import CompanyChanged, ConnectionChanged, CustomerChanged
from contracts.values import Company, Customer
from matcher.keys import FORMS_VERSION, Keys
from matcher.registers import Change, Key
from matcher.repository.columns import arrays, columns
from servicekit.database import Connection

Stored = dict[Key, tuple[Keys, int]]
"""Keys and version by record, as they were before a batch."""


@dataclass(frozen=True)
class StoredCustomer:
    """A customer's snapshot, and the keys under which it is found."""

    customer: Customer
    ladder: tuple[int, ...]
    likeness: tuple[int, ...]


class RegisterRepository:
    """Identities within one transaction. What is saved must have distinct keys, in order."""

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
            INSERT INTO connection (connection_id, version, forms_version)
            SELECT *, $3::integer FROM unnest($1::uuid[], $2::bigint[])
            ON CONFLICT (connection_id) DO UPDATE SET version = greatest(connection.version, excluded.version)
            """,
            [connection.connection_id for connection in connections],
            [connection.version for connection in connections],
            FORMS_VERSION,
        )

    async def decidable(self, connection_ids: Sequence[UUID]) -> set[UUID]:
        """Those connections for which something can be decided, and somebody asked."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id FROM connection
             WHERE connection_id = ANY($1) AND companies_listed AND customers_listed AND forms_version = $2
               AND EXISTS (SELECT FROM request WHERE request.connection_id = connection.connection_id)
            """,
            connection_ids,
            FORMS_VERSION,
        )
        return {row["connection_id"] for row in rows}

    async def save_companies(self, messages: Sequence[CompanyChanged], keys: Sequence[Keys]) -> list[Change]:
        """Stores snapshots newer than ours, with their keys; tells which differ in what decisions look at."""
        records = [(message.connection_id, message.company.company_id) for message in messages]
        versions = [message.version for message in messages]
        before = await self._stored(_STORED_COMPANIES, records)
        await self._connection.execute(
            """
            INSERT INTO company_identity AS mine
                   (connection_id, company_id, version, company, digest, ladder_keys, likeness_keys, forms_version)
            SELECT connection_id, id, version, body, digest, ladder::bigint[], likeness::bigint[], $8::integer
              FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::json[], $5::bigint[], $6::text[], $7::text[])
                   AS item(connection_id, id, version, body, digest, ladder, likeness)
            ON CONFLICT (connection_id, company_id) DO UPDATE
               SET version = excluded.version, company = excluded.company, digest = excluded.digest,
                   ladder_keys = excluded.ladder_keys, likeness_keys = excluded.likeness_keys,
                   forms_version = excluded.forms_version
             WHERE mine.version < excluded.version
            """,
            *columns(records),
            versions,
            [message.company.model_dump_json() for message in messages],
            *arrays(keys),
            FORMS_VERSION,
        )
        return _changes(records, keys, versions, before)

    async def older_than(self, messages: Sequence[CompanyChanged]) -> list[Key]:
        """Those of the companies of which no snapshot as new as the message's is stored."""
        rows = await self._connection.fetch(
            """
            SELECT item.connection_id, item.company_id
              FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS item(connection_id, company_id, version)
              LEFT JOIN company_identity AS mine USING (connection_id, company_id)
             WHERE mine.version IS NULL OR mine.version < item.version
             ORDER BY 1, 2
            """,
            *columns((message.connection_id, message.company.company_id) for message in messages),
            [message.version for message in messages],
        )
        return [(row["connection_id"], row["company_id"]) for row in rows]

    async def save_customers(self, messages: Sequence[CustomerChanged], keys: Sequence[Keys]) -> list[Change]:
        """Stores snapshots newer than ours, with their keys; tells which differ in what decisions look at."""
        records = [(message.connection_id, message.customer.customer_number) for message in messages]
        versions = [message.version for message in messages]
        before = await self._stored(_STORED_CUSTOMERS, records)
        await self._connection.execute(
            """
            INSERT INTO customer_identity AS mine
                   (connection_id, customer_number, version, customer, digest, ladder_keys, likeness_keys, forms_version, active)
            SELECT connection_id, id, version, body, digest, ladder::bigint[], likeness::bigint[], $8::integer, active
              FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::json[], $5::bigint[], $6::text[], $7::text[], $9::boolean[])
                   AS item(connection_id, id, version, body, digest, ladder, likeness, active)
            ON CONFLICT (connection_id, customer_number) DO UPDATE
               SET version = excluded.version, customer = excluded.customer, digest = excluded.digest,
                   ladder_keys = excluded.ladder_keys, likeness_keys = excluded.likeness_keys,
                   forms_version = excluded.forms_version, active = coalesce(excluded.active, mine.active)
             WHERE mine.version < excluded.version
            """,
            *columns(records),
            versions,
            [message.customer.model_dump_json() for message in messages],
            *arrays(keys),
            FORMS_VERSION,
            [message.customer.active for message in messages],
        )
        return _changes(records, keys, versions, before)

    async def _stored(self, query: str, records: Sequence[Key]) -> Stored:
        rows = await self._connection.fetch(query, *columns(records))
        return {
            (row["connection_id"], row["id"]): (
                Keys(tuple(row["ladder_keys"]), tuple(row["likeness_keys"]), row["digest"]),
                row["version"],
            )
            for row in rows
        }

    async def companies(self, keys: Sequence[Key]) -> dict[Key, Company]:
        """The snapshots of companies."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, company_id AS id, company FROM company_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id) USING (connection_id, company_id)
            """,
            *columns(keys),
        )
        return {(row["connection_id"], row["id"]): Company.model_validate_json(row["company"]) for row in rows}

    async def customers(self, keys: Sequence[Key]) -> dict[Key, StoredCustomer]:
        """The snapshots of customers, with their keys."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, customer_number AS id, customer, ladder_keys, likeness_keys FROM customer_identity
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, customer_number)
             USING (connection_id, customer_number)
            """,
            *columns(keys),
        )
        return {
            (row["connection_id"], row["id"]): StoredCustomer(
                Customer.model_validate_json(row["customer"]), tuple(row["ladder_keys"]), tuple(row["likeness_keys"])
            )
            for row in rows
        }

    async def companies_under(self, keys: Sequence[int], most: int) -> dict[int, list[Key]]:
        """Companies by key of the ladder; at most one more than `most` each."""
        return await self._under(_UNDER.format(side="company", id="company_id", keys="ladder_keys"), keys, most)

    async def companies_like(self, keys: Sequence[int], most: int) -> dict[int, list[Key]]:
        """Companies by key of likeness; at most one more than `most` each."""
        return await self._under(_UNDER.format(side="company", id="company_id", keys="likeness_keys"), keys, most)

    async def waiting_like(self, keys: Sequence[int]) -> dict[Key, list[int]]:
        """Companies that wait for a person and have one of the keys of likeness, with all their keys."""
        rows = await self._by_index(
            """
            SELECT connection_id, company_id, likeness_keys FROM company_identity
             WHERE is_waiting AND likeness_keys && $1::bigint[]
            """,
            keys,
        )
        return {(row["connection_id"], row["company_id"]): row["likeness_keys"] for row in rows}

    async def customers_under(self, keys: Sequence[int], most: int) -> dict[int, list[Key]]:
        """Customers by key of the ladder; at most one more than `most` each."""
        return await self._under(_UNDER.format(side="customer", id="customer_number", keys="ladder_keys"), keys, most)

    async def customers_like(self, keys: Sequence[int], most: int) -> dict[int, list[Key]]:
        """Customers by key of likeness; at most one more than `most` each."""
        return await self._under(_UNDER.format(side="customer", id="customer_number", keys="likeness_keys"), keys, most)

    async def _under(self, query: str, keys: Sequence[int], most: int) -> dict[int, list[Key]]:
        found: dict[int, list[Key]] = defaultdict(list)
        for row in await self._by_index(query, keys, most + 1):
            found[row["key"]].append((row["connection_id"], row["id"]))
        return found

    async def _by_index(self, query: str, keys: Sequence[int], *more: int) -> list[asyncpg.Record]:
        """Without statistics, or with a limit, the planner would rather read all rows in turn, hoping to find enough soon."""
        if not keys:
            return []
        await self._connection.execute("SELECT set_config('enable_seqscan', 'off', true)")
        rows = await self._connection.fetch(query, keys, *more)
        await self._connection.execute("SELECT set_config('enable_seqscan', 'on', true)")
        return list(rows)


_STORED_COMPANIES = """
    SELECT connection_id, company_id AS id, ladder_keys, likeness_keys, digest, version
      FROM company_identity
      JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id) USING (connection_id, company_id)
    """
_STORED_CUSTOMERS = """
    SELECT connection_id, customer_number AS id, ladder_keys, likeness_keys, digest, version
      FROM customer_identity
      JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, customer_number) USING (connection_id, customer_number)
    """
_UNDER = """
    SELECT key, connection_id, id
      FROM unnest($1::bigint[]) AS wanted(key)
     CROSS JOIN LATERAL (
           SELECT connection_id, {id} AS id FROM {side}_identity WHERE {keys} @> ARRAY[wanted.key] LIMIT $2) AS found
    """


def _changes(records: Sequence[Key], keys: Sequence[Keys], versions: Sequence[int], before: Stored) -> list[Change]:
    changes = []
    for record, new, version in zip(records, keys, versions, strict=True):
        old, stored = before.get(record, (None, -1))
        if stored < version and (old is None or old.digest != new.digest):
            changes.append(Change.between(record, old, new))
    return changes
