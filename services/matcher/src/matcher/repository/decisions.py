"""SQL of what waits for a decision, what was decided, and who may create."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from contracts.values import Company
from matcher.domain import Decision, Matched, NotFound, Reason, Review, Settled, settle
from matcher.normal_forms.numbers import NumberState, OrganisationNumber
from matcher.registers import Case, Key
from matcher.repository.columns import columns
from servicekit.database import Connection


class DecisionRepository:
    """Requests, decisions and claims within one transaction. What is saved must have distinct keys, in order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def open_requests(self, companies: Sequence[Key]) -> None:
        """Opens requests; one that is open stays."""
        await self._connection.execute(
            """
            INSERT INTO request (connection_id, company_id) SELECT * FROM unnest($1::uuid[], $2::text[])
            ON CONFLICT DO NOTHING
            """,
            *columns(companies),
        )

    async def requests_with(self, numbers: Sequence[Key]) -> list[tuple[Key, Key]]:
        """Open requests of companies that have one of the numbers; company and number."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, company_id, organisation_number_normal AS number
              FROM unnest($1::uuid[], $2::text[]) AS wanted(connection_id, organisation_number_normal)
              JOIN company_identity USING (connection_id, organisation_number_normal)
              JOIN request USING (connection_id, company_id)
            """,
            *columns(numbers),
        )
        return [((row["connection_id"], row["company_id"]), (row["connection_id"], row["number"])) for row in rows]

    async def requests_in(self, connection_ids: Sequence[UUID]) -> list[Key]:
        """All open requests of connections."""
        rows = await self._connection.fetch(
            "SELECT connection_id, company_id FROM request WHERE connection_id = ANY($1)", connection_ids
        )
        return [(row["connection_id"], row["company_id"]) for row in rows]

    async def cases(self, companies: Sequence[Key]) -> list[Case]:
        """Those of the companies that can be decided: open, known, and with both registers complete. The oldest first."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, company_id, company, number_state, organisation_number_normal,
                   kind, customer_number, rung, reason, candidates, settled_number, settled_customer_number, settled_rung
              FROM unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id)
              JOIN connection USING (connection_id)
              JOIN request USING (connection_id, company_id)
              JOIN company_identity USING (connection_id, company_id)
              LEFT JOIN decision USING (connection_id, company_id)
             WHERE companies_listed AND customers_listed
             ORDER BY opened_at, connection_id, company_id
            """,
            *columns(companies),
        )
        return [_case(row) for row in rows]

    async def claims_of(self, numbers: Sequence[Key]) -> dict[Key, str]:
        """Who claimed each number."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, organisation_number_normal AS number, company_id
              FROM number_claim
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, organisation_number_normal)
             USING (connection_id, organisation_number_normal)
            """,
            *columns(numbers),
        )
        return {(row["connection_id"], row["number"]): row["company_id"] for row in rows}

    async def claim(self, wanted: Mapping[Key, str]) -> dict[Key, str]:
        """Claims numbers for companies, for ever; tells who holds each now, which is the first who asked."""
        numbers = sorted(wanted)
        await self._connection.execute(
            """
            INSERT INTO number_claim (connection_id, organisation_number_normal, company_id)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
            ON CONFLICT DO NOTHING
            """,
            *columns(numbers),
            [wanted[number] for number in numbers],
        )
        return await self.claims_of(numbers)

    async def owners_of(self, customers: Sequence[Key]) -> dict[Key, str]:
        """Which company each customer was decided to be."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, settled_customer_number AS customer_number, company_id
              FROM decision
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, settled_customer_number)
             USING (connection_id, settled_customer_number)
            """,
            *columns(customers),
        )
        return {(row["connection_id"], row["customer_number"]): row["company_id"] for row in rows}

    async def save_decisions(self, decisions: Sequence[tuple[Case, Decision, int]]) -> None:
        """Stores decisions with their versions, and what they settle."""
        ordered = sorted(decisions, key=lambda item: item[0].key)
        rows = [_stored(case, decision) for case, decision, _ in ordered]
        await self._connection.execute(
            """
            INSERT INTO decision (connection_id, company_id, kind, customer_number, rung, reason, candidates,
                                  settled_number, settled_customer_number, settled_rung, version)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
                                 $8::text[], $9::text[], $10::text[], $11::bigint[])
            ON CONFLICT (connection_id, company_id) DO UPDATE
               SET kind = excluded.kind, customer_number = excluded.customer_number, rung = excluded.rung,
                   reason = excluded.reason, candidates = excluded.candidates, settled_number = excluded.settled_number,
                   settled_customer_number = excluded.settled_customer_number, settled_rung = excluded.settled_rung,
                   version = excluded.version, decided_at = now()
            """,
            *columns(case.key for case, _, _ in ordered),
            *([row[column] for row in rows] for column in range(8)),
            [version for _, _, version in ordered],
        )


def _case(row: asyncpg.Record) -> Case:
    return Case(
        connection_id=row["connection_id"],
        company=Company.model_validate_json(row["company"]),
        number=OrganisationNumber(NumberState(row["number_state"]), row["organisation_number_normal"]),
        decision=_decision(row) if row["kind"] else None,
        settled=_settled(row) if row["settled_number"] else None,
    )


def _decision(row: asyncpg.Record) -> Decision:
    if row["kind"] == "matched":
        return Matched(row["customer_number"], row["rung"])
    if row["kind"] == "not_found":
        return NotFound()
    return Review(Reason(row["reason"]), tuple(json.loads(row["candidates"])))


def _settled(row: asyncpg.Record) -> Settled:
    customer_number = row["settled_customer_number"]
    return Settled(row["settled_number"], Matched(customer_number, row["settled_rung"]) if customer_number else None)


def _stored(case: Case, decision: Decision) -> tuple[str | None, ...]:
    """The columns from `kind` to `settled_rung`."""
    match = decision if isinstance(decision, Matched) else None
    review = decision if isinstance(decision, Review) else None
    settled = settle(case.number, case.settled, decision)
    settled_match = settled.match if settled else None
    return (
        "matched" if match else "review" if review else "not_found",
        match.customer_number if match else None,
        match.rung if match else None,
        review.reason if review else None,
        json.dumps(review.candidates if review else ()),
        settled.number if settled else None,
        settled_match.customer_number if settled_match else None,
        settled_match.rung if settled_match else None,
    )
