"""SQL of the score's models: one per connection, and which have to be estimated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from contracts.values import Company, Customer
from matcher.keys import FORMS_VERSION
from servicekit.database import Connection

_PAGE = 1_000


@dataclass(frozen=True)
class StoredModel:
    """A model, sealed; `companies` and `customers` are how many records it was estimated from."""

    version: str
    sealed: bytes
    companies: int
    customers: int


class ModelRepository:
    """Models within one transaction, or each statement for itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def due(self, method: str, least: int, growth: float, age: timedelta, *, only: UUID | None = None) -> list[UUID]:
        """The connections whose registers are listed and hold `least` records each, without a model that still fits.

        A model fits while it was estimated by `method`, no register has grown by the share `growth`, and it is not older than
        `age`. Every record of every connection is counted, or of `only` one.
        """
        rows = await self._connection.fetch(
            """
            SELECT connection_id FROM connection
              LEFT JOIN score_model AS model USING (connection_id)
             CROSS JOIN LATERAL (SELECT count(*) AS size FROM company_identity AS one
                                  WHERE one.connection_id = connection.connection_id) AS company
             CROSS JOIN LATERAL (SELECT count(*) AS size FROM customer_identity AS one
                                  WHERE one.connection_id = connection.connection_id) AS customer
             WHERE companies_listed AND customers_listed AND forms_version = $1
               AND ($6::uuid IS NULL OR connection.connection_id = $6)
               AND least(company.size, customer.size) >= $2
               AND (model.version IS NULL OR method <> $3 OR estimated_at < now() - $5::interval
                    OR company.size >= companies * (1 + $4::float) OR customer.size >= customers * (1 + $4::float))
             ORDER BY estimated_at NULLS FIRST, connection_id
            """,
            FORMS_VERSION,
            least,
            method,
            growth,
            age,
            only,
        )
        return [row["connection_id"] for row in rows]

    async def is_taken(self, connection_id: UUID) -> bool:
        """Takes a connection for as long as the database session lasts; True when another session has it."""
        free = await self._connection.fetchval(
            "SELECT pg_try_advisory_lock(hashtext(current_schema() || '.score_model'), hashtext($1))", str(connection_id)
        )
        return not free

    async def save(self, connection_id: UUID, model: StoredModel, method: str) -> None:
        """The connection's model from now on."""
        await self._connection.execute(
            """
            INSERT INTO score_model (connection_id, version, sealed, companies, customers, method)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (connection_id) DO UPDATE
               SET version = excluded.version, sealed = excluded.sealed, companies = excluded.companies,
                   customers = excluded.customers, method = excluded.method, estimated_at = now()
            """,
            connection_id,
            model.version,
            model.sealed,
            model.companies,
            model.customers,
            method,
        )

    async def versions(self, connection_ids: Sequence[UUID], method: str) -> dict[UUID, str]:
        """The versions of the connections' models, of those estimated by `method`."""
        rows = await self._connection.fetch(
            "SELECT connection_id, version FROM score_model WHERE connection_id = ANY($1) AND method = $2",
            connection_ids,
            method,
        )
        return {row["connection_id"]: row["version"] for row in rows}

    async def sealed(self, connection_id: UUID, version: str) -> bytes | None:
        """The sealed text of a model; None when another has taken its place."""
        found: bytes | None = await self._connection.fetchval(
            "SELECT sealed FROM score_model WHERE connection_id = $1 AND version = $2", connection_id, version
        )
        return found

    async def remove(self, connection_id: UUID, version: str) -> None:
        """Forgets a model, so that it is estimated again."""
        await self._connection.execute(
            "DELETE FROM score_model WHERE connection_id = $1 AND version = $2", connection_id, version
        )

    async def companies(self, connection_id: UUID) -> list[Company]:
        """All companies of a connection, read in pages."""
        return [Company.model_validate_json(body) async for body in self._bodies(_COMPANIES, connection_id)]

    async def customers(self, connection_id: UUID) -> list[Customer]:
        """All customers of a connection, as `companies`."""
        return [Customer.model_validate_json(body) async for body in self._bodies(_CUSTOMERS, connection_id)]

    async def _bodies(self, query: str, connection_id: UUID) -> AsyncIterator[str]:
        last = ""
        while rows := await self._connection.fetch(query, connection_id, last, _PAGE):
            for row in rows:
                yield row["body"]
            last = rows[-1]["id"]


_COMPANIES = """
    SELECT company_id AS id, company AS body FROM company_identity
     WHERE connection_id = $1 AND company_id > $2 ORDER BY company_id LIMIT $3
    """
_CUSTOMERS = """
    SELECT customer_number AS id, customer AS body FROM customer_identity
     WHERE connection_id = $1 AND customer_number > $2 ORDER BY customer_number LIMIT $3
    """
