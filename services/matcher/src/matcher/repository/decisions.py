"""SQL of what waits for a decision, what was decided, and who may create."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from contracts.events import CompanyConfirmedNew, CompanyLinked, Evidence, MatchCandidate
from contracts.values import Company
from matcher.domain import Decision, Matched, NotFound, Number, Reason, Review, Settled, settle
from matcher.keys import FORMS_VERSION, company_identity
from matcher.registers import Case, Key
from matcher.repository.columns import columns
from normal_forms.numbers import read_number
from servicekit.database import Connection

_EVIDENCE = TypeAdapter(tuple[Evidence, ...])
_CANDIDATES = TypeAdapter(tuple[MatchCandidate, ...])


@dataclass(frozen=True)
class Made:
    """A decision to store; `model_version` and `compared` are a review's (registers.Case)."""

    case: Case
    decision: Decision
    version: int
    model_version: str | None = None
    compared: int | None = None


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

    async def requested(self, companies: Sequence[Key]) -> list[Key]:
        """Those of the companies that have an open request."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, company_id
              FROM unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id)
              JOIN request USING (connection_id, company_id)
            """,
            *columns(companies),
        )
        return [(row["connection_id"], row["company_id"]) for row in rows]

    async def requests_in(self, connection_ids: Sequence[UUID]) -> list[Key]:
        """All open requests of connections."""
        rows = await self._connection.fetch(
            "SELECT connection_id, company_id FROM request WHERE connection_id = ANY($1)", connection_ids
        )
        return [(row["connection_id"], row["company_id"]) for row in rows]

    async def cases(self, companies: Sequence[Key], hashed: Callable[[UUID, str], str]) -> list[Case]:
        """Those of the companies that can be decided: open, known, and with both registers complete. The oldest first.

        `hashed` is the keyed hash of a number within its connection.
        """
        rows = await self._connection.fetch(
            """
            SELECT connection_id, company_id, company, approval.customer_number AS approved,
                   approval.company_id IS NOT NULL AND approval.customer_number IS NULL AS is_confirmed_new,
                   kind, decision.customer_number, rung, reason, candidates, ranked, model_version, compared,
                   settled_number_key, settled_customer_number, settled_rung, settled_evidence
              FROM unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id)
              JOIN connection USING (connection_id)
              JOIN request USING (connection_id, company_id)
              JOIN company_identity USING (connection_id, company_id)
              LEFT JOIN decision USING (connection_id, company_id)
              LEFT JOIN approval USING (connection_id, company_id)
             WHERE companies_listed AND customers_listed AND connection.forms_version = $3
             ORDER BY opened_at, connection_id, company_id
            """,
            *columns(companies),
            FORMS_VERSION,
        )
        return [_case(row, hashed) for row in rows]

    async def approve(self, words: Sequence[CompanyLinked | CompanyConfirmedNew]) -> list[Key]:
        """Stores what people decided, unless a newer word is known; tells the companies that this concerns.

        What they were settled as is open again; a company that is new stays what its number made it. The messages must be in
        the order of their versions.
        """
        concerned: list[Key] = []
        for word in words:
            customer_number = word.customer_number if isinstance(word, CompanyLinked) else None
            concerned += await self._approve(word.connection_id, word.company_id, customer_number, word.version)
        return concerned

    async def _approve(self, connection_id: UUID, company_id: str, customer_number: str | None, version: int) -> list[Key]:
        rows = await self._connection.fetch(
            """
            WITH newer AS (
                SELECT FROM approval
                 WHERE connection_id = $1 AND (company_id = $2 OR customer_number = $3::text) AND version >= $4
            ), gone AS (
                DELETE FROM approval
                 WHERE connection_id = $1 AND (company_id = $2 OR customer_number = $3::text) AND NOT EXISTS (SELECT FROM newer)
            ), reopened AS (
                UPDATE decision
                   SET settled_number_key = NULL, settled_customer_number = NULL, settled_rung = NULL, settled_evidence = '[]'
                 WHERE connection_id = $1 AND (company_id = $2 OR settled_customer_number = $3::text)
                   AND ($3::text IS NOT NULL OR settled_rung IN ('approved', 'name_and_postcode'))
                   AND NOT EXISTS (SELECT FROM newer)
                RETURNING company_id
            )
            SELECT company_id FROM reopened UNION SELECT $2 WHERE NOT EXISTS (SELECT FROM newer)
            """,
            connection_id,
            company_id,
            customer_number,
            version,
        )
        if rows:
            await self._connection.execute(
                "INSERT INTO approval (connection_id, company_id, customer_number, version) VALUES ($1, $2, $3, $4)",
                connection_id,
                company_id,
                customer_number,
                version,
            )
        return [(connection_id, row["company_id"]) for row in rows]

    async def reopen(self, companies: Sequence[Key]) -> None:
        """Nothing was made of the permission to create these companies: neither it nor the number that it was for binds them.

        A company that is linked stays what it is.
        """
        await self._connection.execute(
            """
            WITH free AS (
                UPDATE decision SET settled_number_key = NULL
                  FROM unnest($1::uuid[], $2::text[]) AS wanted(connection_id, company_id)
                 WHERE decision.connection_id = wanted.connection_id AND decision.company_id = wanted.company_id
                   AND settled_customer_number IS NULL
                RETURNING decision.connection_id, decision.company_id
            )
            DELETE FROM number_claim USING free
             WHERE number_claim.connection_id = free.connection_id AND number_claim.company_id = free.company_id
            """,
            *columns(companies),
        )

    async def blocked_by(self, companies: Sequence[Key]) -> list[Key]:
        """Companies in review that have a customer of one of these among their candidates."""
        rows = await self._connection.fetch(
            """
            WITH held AS (
                SELECT connection_id, coalesce(approval.customer_number, settled_customer_number) AS customer_number
                  FROM unnest($1::uuid[], $2::text[]) AS holder(connection_id, company_id)
                  LEFT JOIN decision USING (connection_id, company_id) LEFT JOIN approval USING (connection_id, company_id)
            )
            SELECT DISTINCT decision.connection_id, decision.company_id FROM held JOIN decision USING (connection_id)
             WHERE kind = 'review' AND candidates @> to_jsonb(held.customer_number) ORDER BY 1, 2
            """,
            *columns(companies),
        )
        return [(row["connection_id"], row["company_id"]) for row in rows]

    async def forget(self, companies: Sequence[Key]) -> None:
        """Takes back all that companies hold which Lime Go no longer has: request, decision, a person's word, and claims."""
        for table in ("request", "decision", "approval", "number_claim"):
            await self._connection.execute(
                f"""
                DELETE FROM {table}
                 USING unnest($1::uuid[], $2::text[]) AS gone(connection_id, company_id)
                 WHERE {table}.connection_id = gone.connection_id AND {table}.company_id = gone.company_id
                """,
                *columns(companies),
            )

    async def claims_of(self, numbers: Sequence[Key]) -> dict[Key, str]:
        """Who claimed each number."""
        rows = await self._connection.fetch(
            """
            SELECT connection_id, number_key AS number, company_id
              FROM number_claim
              JOIN unnest($1::uuid[], $2::text[]) AS wanted(connection_id, number_key)
             USING (connection_id, number_key)
            """,
            *columns(numbers),
        )
        return {(row["connection_id"], row["number"]): row["company_id"] for row in rows}

    async def claim(self, wanted: Mapping[Key, str]) -> dict[Key, str]:
        """Claims numbers for companies, for ever; tells who holds each now, which is the first who asked."""
        numbers = sorted(wanted)
        await self._connection.execute(
            """
            INSERT INTO number_claim (connection_id, number_key, company_id)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
            ON CONFLICT DO NOTHING
            """,
            *columns(numbers),
            [wanted[number] for number in numbers],
        )
        return await self.claims_of(numbers)

    async def owners_of(self, customers: Sequence[Key]) -> dict[Key, str]:
        """Which company each customer was decided to be, by a person before all."""
        rows = await self._connection.fetch(
            """
            SELECT wanted.connection_id, wanted.customer_number, coalesce(approval.company_id, decision.company_id) AS company_id
              FROM unnest($1::uuid[], $2::text[]) AS wanted(connection_id, customer_number)
              LEFT JOIN approval USING (connection_id, customer_number)
              LEFT JOIN decision ON decision.connection_id = wanted.connection_id
                                AND decision.settled_customer_number = wanted.customer_number
             WHERE coalesce(approval.company_id, decision.company_id) IS NOT NULL
            """,
            *columns(customers),
        )
        return {(row["connection_id"], row["customer_number"]): row["company_id"] for row in rows}

    async def save_decisions(self, decisions: Sequence[Made]) -> None:
        """Stores decisions with their versions, and what they settle."""
        ordered = sorted(decisions, key=lambda made: made.case.key)
        rows = [_stored(made.case, made.decision) for made in ordered]
        await self._connection.execute(
            """
            INSERT INTO decision (connection_id, company_id, kind, customer_number, rung, reason, candidates, ranked,
                                  settled_number_key, settled_customer_number, settled_rung, settled_evidence,
                                  version, model_version, compared)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[],
                                 $9::text[], $10::text[], $11::text[], $12::jsonb[], $13::bigint[], $14::text[], $15::bigint[])
            ON CONFLICT (connection_id, company_id) DO UPDATE
               SET kind = excluded.kind, customer_number = excluded.customer_number, rung = excluded.rung,
                   reason = excluded.reason, candidates = excluded.candidates, ranked = excluded.ranked,
                   settled_number_key = excluded.settled_number_key,
                   settled_customer_number = excluded.settled_customer_number, settled_rung = excluded.settled_rung,
                   settled_evidence = excluded.settled_evidence, version = excluded.version, decided_at = now(),
                   model_version = excluded.model_version, compared = excluded.compared
            """,
            *columns(made.case.key for made in ordered),
            *([row[column] for row in rows] for column in range(10)),
            [made.version for made in ordered],
            [made.model_version for made in ordered],
            [made.compared for made in ordered],
        )
        await self._connection.execute(
            """
            UPDATE company_identity SET is_waiting = decided.kind = 'review'
              FROM unnest($1::uuid[], $2::text[], $3::text[]) AS decided(connection_id, company_id, kind)
             WHERE company_identity.connection_id = decided.connection_id
               AND company_identity.company_id = decided.company_id AND is_waiting <> (decided.kind = 'review')
            """,
            *columns(made.case.key for made in ordered),
            [row[0] for row in rows],
        )


def _case(row: asyncpg.Record, hashed: Callable[[UUID, str], str]) -> Case:
    company = Company.model_validate_json(row["company"])
    state, number = read_number(company.organisation_number).state, company_identity(company).number
    return Case(
        connection_id=row["connection_id"],
        company=company,
        number=Number(state, hashed(row["connection_id"], number) if number else None),
        decision=_decision(row) if row["kind"] else None,
        settled=_settled(row) if row["settled_number_key"] or row["settled_customer_number"] else None,
        approved=row["approved"],
        is_confirmed_new=row["is_confirmed_new"],
        model_version=row["model_version"],
        compared=row["compared"],
    )


def _decision(row: asyncpg.Record) -> Decision:
    if row["kind"] == "matched":
        return Matched(row["customer_number"], row["rung"])
    if row["kind"] == "not_found":
        return NotFound()
    return Review(Reason(row["reason"]), tuple(json.loads(row["candidates"])), _CANDIDATES.validate_json(row["ranked"]))


def _settled(row: asyncpg.Record) -> Settled:
    customer_number = row["settled_customer_number"]
    evidence = _EVIDENCE.validate_json(row["settled_evidence"])
    match = Matched(customer_number, row["settled_rung"], evidence) if customer_number else None
    return Settled(row["settled_number_key"], match)


def _stored(case: Case, decision: Decision) -> tuple[str | None, ...]:
    """The columns from `kind` to `settled_evidence`."""
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
        _CANDIDATES.dump_json(review.ranked if review else ()).decode(),
        settled.number if settled else None,
        settled_match.customer_number if settled_match else None,
        settled_match.rung if settled_match else None,
        _EVIDENCE.dump_json(settled_match.evidence if settled_match else ()).decode(),
    )
