"""Decides the cases that something bears on, in one pass over arrays, and publishes what is new."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.events import CustomerMatched, CustomerNotFound, MatchReviewRequested
from matcher import domain
from matcher.domain import Decision, Matched, NotFound, Review
from matcher.gathering import MOST_UNDER_A_KEY, Gatherer
from matcher.holds import Holds
from matcher.keyed_hash import KeyedHash
from matcher.registers import Case, Change, Key, RegisterKind, Registers
from matcher.repository import DecisionRepository, Made, RegisterRepository
from matcher.score_models import ScoreModel, ScoreModels
from servicekit.database import UnitOfWork, next_versions
from servicekit.fault_points import is_guard_on

logger = logging.getLogger(__name__)

MOST_WAITING_ALIKE = 3
"""Of the few that wait for a person, what more share is a common word or place: it would have them decided without end."""

Models = Mapping[UUID, ScoreModel]
Causes = dict[Key, str]
"""Companies to decide, each with the traceparent of what gave the reason to."""


@dataclass(frozen=True)
class Decider:
    """Decides with the slice's keyed hash, and under each connection's model."""

    hashing: KeyedHash
    models: ScoreModels

    async def decide(self, unit: UnitOfWork, causes: Causes, *, is_asked: bool = False) -> None:
        """Decides those of the companies that are open and whose connection's registers are both complete.

        A decision that is the same as the last one, for the same number, is published only when somebody asked for it.
        """
        if not causes:
            return
        repository = DecisionRepository(unit.connection)
        cases = await repository.cases(sorted(causes), self.hashing.number)
        if not cases:
            return
        models = await self.models.of(unit.connection, sorted({case.connection_id for case in cases}))
        decided = await self._decided(unit, cases, models)
        news = [(case, decision) for case, decision in decided if is_asked or _is_new(case, decision)]
        made = await self._made(unit, news, models)
        await repository.save_decisions(made)
        for one in made:
            unit.publish(_message(one), trace=causes[one.case.key])
        if made:
            logger.info("decided %s", dict(Counter(type(one.decision).__name__ for one in made)))

    async def _made(self, unit: UnitOfWork, news: Sequence[tuple[Case, Decision]], models: Models) -> list[Made]:
        """The decisions with versions of their own; a review with the model that ranked it and the records it compared."""
        versions = await next_versions(unit.connection, len(news))
        reviews = [(case, decision) for case, decision in news if isinstance(decision, Review)]
        compared = await self._holds(unit).compared(reviews)
        return [
            Made(case, decision, version, _ranked_by(case, decision, models), compared[case.key])
            if isinstance(decision, Review)
            else Made(case, decision, version)
            for (case, decision), version in zip(news, versions, strict=True)
        ]

    def _holds(self, unit: UnitOfWork) -> Holds:
        return Holds(RegisterRepository(unit.connection), DecisionRepository(unit.connection), self.hashing)

    async def _decided(self, unit: UnitOfWork, cases: Sequence[Case], models: Models) -> list[tuple[Case, Decision]]:
        """By the ladder first; who is left without customer is looked at again together with what is merely alike."""
        repository = DecisionRepository(unit.connection)
        rankers = {connection_id: one.model for connection_id, one in models.items()}
        gatherer = Gatherer(RegisterRepository(unit.connection), repository, self.hashing, rankers)
        registers = await gatherer.registers_of(cases)
        decided = {case.key: _decide_one(registers, case) for case in cases}
        opened = [case for case in cases if case.settled is None and not isinstance(decided[case.key], Matched)]
        if opened:
            registers = await _with_likely(gatherer, opened)
            for case in cases:
                if isinstance(decided[case.key], Matched):
                    registers.note(case, decided[case.key])
            decided.update({case.key: _decide_one(registers, case) for case in opened})
        found = await self._holds(unit).kept([(case, decided[case.key]) for case in cases])
        return await _claim(repository, registers, found) if is_guard_on("claim") else found


async def _with_likely(gatherer: Gatherer, cases: Sequence[Case]) -> Registers:
    """The registers with the score's candidates. Only for those that are likely it matters which others they may be."""
    registers = await gatherer.registers_of(cases, await gatherer.alike(cases))
    hopeful = [case for case in cases if registers.findings[case.key].likely]
    if hopeful:
        likely = {
            (case.connection_id, candidate.customer_number)
            for case in hopeful
            for candidate in registers.findings[case.key].likely
        }
        better = await gatherer.registers_of(hopeful, likely, likely)
        registers.findings = {**registers.findings, **better.findings}
    return registers


async def affected(unit: UnitOfWork, kind: RegisterKind, changes: Sequence[Change]) -> dict[Key, Key]:
    """The companies with a request whose decision may be another now, each with the change that concerns it.

    The ladder looks at whoever shares a number or a name, and at who shares one with those; a review also at what is alike.
    """
    registers, decisions = RegisterRepository(unit.connection), DecisionRepository(unit.connection)
    ready = await registers.decidable(sorted({change.key[0] for change in changes}))
    changes = [change for change in changes if change.key[0] in ready]
    by_key = {key: change.key for change in changes for key in change.ladder}
    if kind is RegisterKind.COMPANY:
        between = await registers.customers_under(sorted(by_key), MOST_UNDER_A_KEY)
        origin = {customer: by_key[key] for key, found in between.items() for customer in found}
        for customer, stored in (await registers.customers(sorted(origin))).items():
            for key in stored.ladder:
                by_key.setdefault(key, origin[customer])
    sharing = await registers.companies_under(sorted(by_key), MOST_UNDER_A_KEY)
    concerned = {company: by_key[key] for key, found in sharing.items() for company in found}
    if kind is RegisterKind.COMPANY:
        concerned.update({change.key: change.key for change in changes})
        return {company: concerned[company] for company in await decisions.requested(sorted(concerned))}
    likeness = sorted({key for change in changes for key in change.likeness})
    alike = _alike(changes, await registers.waiting_like(likeness))
    return {company: concerned[company] for company in await decisions.requested(sorted(concerned))} | alike


def _alike(changes: Sequence[Change], waiting: Mapping[Key, Sequence[int]]) -> dict[Key, Key]:
    """The companies in review that share a key of likeness with a change; what many of them share tells little."""
    by_key = {key: change.key for change in changes for key in change.likeness}
    sharing: dict[int, list[Key]] = defaultdict(list)
    for company, keys in waiting.items():
        for key in by_key.keys() & set(keys):
            sharing[key].append(company)
    return {company: by_key[key] for key, found in sharing.items() if len(found) <= MOST_WAITING_ALIKE for company in found}


def _ranked_by(case: Case, decision: Review, models: Models) -> str | None:
    """A review that was kept (holds) still has the candidates and the odds of the model that it was made under."""
    return case.model_version if decision is case.decision else models[case.connection_id].version


def _is_new(case: Case, decision: Decision) -> bool:
    """Also when the decision is the same and rests on more now: a first number, or a person's word said again."""
    return decision != case.decision or domain.settle(case.number, case.settled, decision) != case.settled


def _decide_one(registers: Registers, case: Case) -> Decision:
    decision = domain.decide(registers.situation(case))
    registers.note(case, decision)
    return decision


async def _claim(
    repository: DecisionRepository, registers: Registers, decided: Sequence[tuple[Case, Decision]]
) -> list[tuple[Case, Decision]]:
    """Takes the numbers of those that may be created; the table has the last word, so who lost a number is decided again."""
    wanted = {
        case.claim_key: case.company.company_id for case, decision in decided if isinstance(decision, NotFound) and case.claim_key
    }
    registers.claims.update(await repository.claim(wanted))
    return [(case, _unless_lost(registers, case, decision)) for case, decision in decided]


def _unless_lost(registers: Registers, case: Case, decision: Decision) -> Decision:
    if not isinstance(decision, NotFound) or case.claim_key is None:
        return decision
    if registers.claims[case.claim_key] == case.company.company_id:
        return decision
    return domain.decide(registers.situation(case))


def _message(made: Made) -> CustomerMatched | CustomerNotFound | MatchReviewRequested:
    case, decision, version = made.case, made.decision, made.version
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
        model_version=made.model_version,
        reason=decision.reason,
        candidates=decision.candidates,
        ranked=decision.ranked,
    )
