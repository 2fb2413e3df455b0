"""What the batch's own linking says of single companies, over those records only that can bear on them; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contracts.events import Evidence, MatchCandidate
from matcher.domain import Finding, Matched, Reason, Review
from matcher.identity import Identity
from matcher.linking import agreement
from matcher.linking.judging import MOST_CANDIDATES, Judge, score
from matcher.linking.ladder import Step
from matcher.linking.model import Commonness, Model
from matcher.linking.preparing import Prepared, prepare
from matcher.records import FieldEvidence, Judgement, Outcome, ReviewReason, Rung, Verdict

# Where several customers point at a company, each for its own reason, the person reads the one that comes first here.
_GRAVEST_FIRST = (
    ReviewReason.NUMBER_SHARED,
    ReviewReason.SEVERAL_CUSTOMERS,
    ReviewReason.NUMBERS_CONTRADICT,
    ReviewReason.NAME_CONTRADICTS,
    ReviewReason.COMPANY_TAKEN,
    ReviewReason.NAME_SHARED,
    ReviewReason.LITTLE_AGREES,
)


@dataclass
class Neighbourhood:
    """Normal forms of one connection by their ids: the companies to judge, and all that share a key of the ladder with them.

    `links` is the company by customer number. `crowded` are companies whose name more records have than were read: whether
    it is unique cannot be told.
    """

    companies: dict[str, Identity] = field(default_factory=dict)
    customers: dict[str, Identity] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    crowded: set[str] = field(default_factory=set)


def findings(near: Neighbourhood, wanted: Sequence[str], model: Model) -> dict[str, Finding]:
    """What is found for each of the companies: every customer near them is judged as linking both registers would judge it."""
    customers = [near.customers[number] for number in sorted(near.customers)]
    prepared = prepare(list(near.companies.values()), lambda: customers, near.links, {})
    commonness = Commonness.of(model.frequencies, prepared.vocabularies)
    pairs = prepared.pairs(commonness)
    judge = Judge(prepared.company_ids, score(model, pairs, commonness, len(customers)), None, prepared.are_two)
    by_company: dict[str, list[_Word]] = defaultdict(list)
    asked = frozenset(wanted)
    for row, (customer_number, step) in enumerate(zip(prepared.customer_ids, prepared.steps, strict=True)):
        for company_id, word in _words(prepared, row, step, judge.judge(customer_number, row, step), asked):
            by_company[company_id].append(word)
    return {company_id: _finding(by_company.get(company_id, []), is_crowded=company_id in near.crowded) for company_id in wanted}


@dataclass(frozen=True)
class _Word:
    """What one customer's judgement says of one company."""

    candidate: MatchCandidate
    rung: Rung | None = None
    reason: ReviewReason | None = None


def _words(
    prepared: Prepared, row: int, step: Step | None, judgement: Judgement, asked: frozenset[str]
) -> Iterable[tuple[str, _Word]]:
    """Of the companies that are `asked` about: a thousand customers may point at a thousand companies each."""
    number = judgement.customer_number
    if judgement.outcome is Outcome.LINKED and judgement.company_id is not None:
        yield judgement.company_id, _Word(_candidate(number, None, judgement.evidence), rung=judgement.rung)
        return
    scored = {candidate.company_id: candidate for candidate in judgement.candidates}
    pointed = {prepared.company_ids[place] for place in step.candidates} if step is not None else set()
    ladder = prepared.ladder
    strangers = {one for one in scored if _are_strangers(ladder.companies[ladder.companies_by_id[one]], ladder.customers[row])}
    for company_id in sorted((pointed | (scored.keys() - strangers)) & asked):
        found = scored.get(company_id)
        candidate = _candidate(number, found.odds if found else None, found.evidence if found else ())
        yield company_id, _Word(candidate, reason=judgement.reason if company_id in pointed else None)


def _are_strangers(company: Identity, customer: Identity) -> bool:
    """By number and name both: neighbours in an office hotel must not keep each other from being created."""
    return agreement.numbers_contradict(company, customer) and agreement.names_agree(company, customer) is False


def _finding(words: Sequence[_Word], *, is_crowded: bool) -> Finding:
    ranked = sorted(words, key=lambda word: (-(word.candidate.odds or 0.0), word.candidate.customer_number))
    likely = tuple(word.candidate for word in ranked if word.rung is None and word.candidate.odds is not None)[:MOST_CANDIDATES]
    for word in ranked:
        if word.rung is Rung.NAME_AND_POSTCODE and is_crowded:
            return Finding(_review(ReviewReason.NAME_SHARED, [word]), likely)
        if word.rung is not None:
            return Finding(Matched(word.candidate.customer_number, word.rung, word.candidate.evidence), likely)
    for reason in _GRAVEST_FIRST:
        if any(word.reason is reason for word in ranked):
            return Finding(_review(reason, ranked), likely)
    return Finding(None, likely)


def _review(reason: ReviewReason, words: Sequence[_Word]) -> Review:
    """With all that a rung or the score points at, the likeliest first: the reason's own may be the less likely."""
    ranked = tuple(word.candidate for word in words)
    return Review(Reason(reason.value), tuple(candidate.customer_number for candidate in ranked), ranked)


def _candidate(customer_number: str, odds: float | None, evidence: tuple[FieldEvidence, ...]) -> MatchCandidate:
    return MatchCandidate(customer_number=customer_number, odds=odds, evidence=tuple(map(_evidence, evidence)))


def _evidence(found: FieldEvidence) -> Evidence:
    is_similar = found.verdict is Verdict.SIMILAR
    verdict = Verdict.DIFFERENT if is_similar else found.verdict
    return Evidence.model_validate(
        {"field": found.field, "verdict": verdict.value, "similar": is_similar, "weight": found.weight}
    )
