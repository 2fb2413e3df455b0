"""SQL of reading stored records again under newer normal forms."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from contracts.values import Company, Customer
from matcher.keys import FORMS_VERSION, Keys
from matcher.repository.columns import arrays
from servicekit.database import Connection


class FormsRepository:
    """Records and connections that were stored under older normal forms."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def outdated(self) -> list[UUID]:
        """Connections that were not read through under these normal forms."""
        rows = await self._connection.fetch(
            "SELECT connection_id FROM connection WHERE forms_version < $1 ORDER BY connection_id", FORMS_VERSION
        )
        return [row["connection_id"] for row in rows]

    async def is_current(self, connection_id: UUID) -> bool:
        """Whether another replica was faster."""
        found = await self._connection.fetchval("SELECT forms_version FROM connection WHERE connection_id = $1", connection_id)
        return bool(found >= FORMS_VERSION)

    async def set_current(self, connection_id: UUID) -> None:
        """The connection is read through."""
        await self._connection.execute(
            "UPDATE connection SET forms_version = $2 WHERE connection_id = $1", connection_id, FORMS_VERSION
        )

    async def outdated_companies(self, connection_id: UUID, most: int) -> list[Company]:
        """Snapshots that are to be read again, `most` at a time."""
        rows = await self._connection.fetch(
            "SELECT company FROM company_identity WHERE connection_id = $1 AND forms_version < $2 ORDER BY company_id LIMIT $3",
            connection_id,
            FORMS_VERSION,
            most,
        )
        return [Company.model_validate_json(row["company"]) for row in rows]

    async def outdated_customers(self, connection_id: UUID, most: int) -> list[Customer]:
        """Snapshots that are to be read again, `most` at a time."""
        rows = await self._connection.fetch(
            """
            SELECT customer FROM customer_identity
             WHERE connection_id = $1 AND forms_version < $2 ORDER BY customer_number LIMIT $3
            """,
            connection_id,
            FORMS_VERSION,
            most,
        )
        return [Customer.model_validate_json(row["customer"]) for row in rows]

    async def save_companies(self, connection_id: UUID, keys: Mapping[str, Keys]) -> None:
        """What companies are found by, by company id."""
        await self._connection.execute(_SAVE.format(side="company", id="company_id"), *_parameters(connection_id, keys))

    async def save_customers(self, connection_id: UUID, keys: Mapping[str, Keys]) -> None:
        """What customers are found by, by customer number."""
        await self._connection.execute(_SAVE.format(side="customer", id="customer_number"), *_parameters(connection_id, keys))

    async def plain_numbers(self, connection_id: UUID) -> list[str]:
        """Numbers kept for ever that were stored as their ten digits, before there was a keyed hash."""
        rows = await self._connection.fetch(
            r"""
            SELECT number_key AS number FROM number_claim WHERE connection_id = $1 AND number_key ~ '^\d{10}$'
             UNION
            SELECT settled_number_key FROM decision WHERE connection_id = $1 AND settled_number_key ~ '^\d{10}$'
            """,
            connection_id,
        )
        return [row["number"] for row in rows]

    async def save_number_keys(self, connection_id: UUID, keys: Mapping[str, str]) -> None:
        """The hashes in the place of the numbers."""
        numbers = sorted(keys)
        for table, column in (("number_claim", "number_key"), ("decision", "settled_number_key")):
            await self._connection.execute(
                f"""
                UPDATE {table} SET {column} = known.hashed FROM unnest($2::text[], $3::text[]) AS known(number, hashed)
                 WHERE connection_id = $1 AND {column} = known.number
                """,
                connection_id,
                numbers,
                [keys[number] for number in numbers],
            )


_SAVE = """
    UPDATE {side}_identity
       SET digest = item.digest, ladder_keys = item.ladder::bigint[], likeness_keys = item.likeness::bigint[], forms_version = $2
      FROM unnest($3::text[], $4::bigint[], $5::text[], $6::text[]) AS item(id, digest, ladder, likeness)
     WHERE connection_id = $1 AND {id} = item.id
    """


def _parameters(connection_id: UUID, keys: Mapping[str, Keys]) -> tuple[object, ...]:
    return connection_id, FORMS_VERSION, list(keys), *arrays(list(keys.values()))
