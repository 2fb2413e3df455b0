"""Decides the cases that something bears on, in one pass over arrays, and publishes what is new."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from contracts.events import CustomerMatched, CustomerNotFound, MatchReviewRequested
from matcher import domain
from matcher.domain import Decision, Matched, NotFound
from matcher.registers import Case, Key, Registers
from matcher.repository import DecisionRepository, RegisterRepository
from servicekit.database import UnitOfWork, next_versions
from servicekit.fault_points import is_guard_on

logger = logging.getLogger(__name__)

Causes = dict[Key, str]
"""Companies to decide, each with the traceparent of what gave the reason to."""


async def decide(unit: UnitOfWork, causes: Causes, *, is_asked: bool = False) -> None:
    """Decides those of the companies that are open and whose connection's registers are both complete.

    A decision that is the same as the last one is published only when somebody asked for it.
    """
    repository = DecisionRepository(unit.connection)
    cases = await repository.cases(sorted(causes))
    if not cases:
        return
    registers = await _registers(unit, cases)
    decided = [(case, _decide_one(registers, case)) for case in cases]
    if is_guard_on("claim"):
        decided = await _claim(repository, registers, decided)
    news = [(case, decision) for case, decision in decided if is_asked or decision != case.decision]
    versions = await next_versions(unit.connection, len(news))
    await repository.save_decisions([(case, decision, version) for (case, decision), version in zip(news, versions, strict=True)])
    for (case, decision), version in zip(news, versions, strict=True):
        unit.publish(_message(case, decision, version), trace=causes[case.key])
    if news:
        logger.info("decided %s", dict(Counter(type(decision).__name__ for _, decision in news)))


async def _registers(unit: UnitOfWork, cases: Sequence[Case]) -> Registers:
    identities, decisions = RegisterRepository(unit.connection), DecisionRepository(unit.connection)
    numbers = sorted({case.number_key for case in cases if case.number_key})
    customers = await identities.customers_with(numbers)
    held = {(connection_id, customer) for (connection_id, _), found in customers.items() for customer in found}
    return Registers(
        companies=await identities.companies_with(numbers),
        customers=customers,
        claims=await decisions.claims_of(numbers) if is_guard_on("claim") else {},
        owners=await decisions.owners_of(sorted(held)),
    )


def _decide_one(registers: Registers, case: Case) -> Decision:
    decision = domain.decide(registers.situation(case))
    registers.note(case, decision)
    return decision


async def _claim(
    repository: DecisionRepository, registers: Registers, decided: Sequence[tuple[Case, Decision]]
) -> list[tuple[Case, Decision]]:
    """Takes the numbers of those that may be created; the table has the last word, so who lost a number is decided again."""
    wanted = {
        case.number_key: case.company.company_id
        for case, decision in decided
        if isinstance(decision, NotFound) and case.number_key
    }
    registers.claims.update(await repository.claim(wanted))
    return [(case, _unless_lost(registers, case, decision)) for case, decision in decided]


def _unless_lost(registers: Registers, case: Case, decision: Decision) -> Decision:
    if not isinstance(decision, NotFound) or case.number_key is None:
        return decision
    if registers.claims[case.number_key] == case.company.company_id:
        return decision
    return domain.decide(registers.situation(case))


def _message(case: Case, decision: Decision, version: int) -> CustomerMatched | CustomerNotFound | MatchReviewRequested:
    connection_id, company_id = case.key
    if isinstance(decision, Matched):
        return CustomerMatched(
            connection_id=connection_id,
            version=version,
            company_id=company_id,
            customer_number=decision.customer_number,
            rung=decision.rung,
            evidence=decision.evidence,
        )
    if isinstance(decision, NotFound):
        return CustomerNotFound(connection_id=connection_id, version=version, company_id=company_id, company=case.company)
    return MatchReviewRequested(
        connection_id=connection_id,
        version=version,
        company_id=company_id,
        reason=decision.reason,
        candidates=decision.candidates,
    )
