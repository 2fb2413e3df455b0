"""Who is who in the live flow: what the ladder finds for one company, and what that means for it; no clock and no I/O.

The rungs themselves are the batch's (matcher.linking); here is what a company's history and its number add to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.events import Evidence, MatchCandidate
from matcher.records import Rung
from normal_forms.numbers import NumberState

Rule = Callable[["Situation"], "Decision | None"]
_BY_NUMBER = frozenset({Rung.ORGANISATION_NUMBER, Rung.VAT_NUMBER, Rung.PERSONAL_NUMBER})


class Reason(StrEnum):
    """Why a person must look; stable codes, explained in docs/field-mapping.md. The ladder's are those of ReviewReason."""

    NUMBER_MISSING = "organisation_number_missing"
    NUMBER_INVALID = "organisation_number_invalid"
    NUMBER_SHARED = "organisation_number_shared"
    NUMBER_CHANGED = "organisation_number_changed"
    NUMBER_CLAIMED = "number_claimed"
    SEVERAL_CUSTOMERS = "several_customers"
    LINKED_ELSEWHERE = "customer_linked_elsewhere"
    COMPANY_TAKEN = "company_linked_elsewhere"
    NUMBERS_CONTRADICT = "numbers_contradict"
    NAME_CONTRADICTS = "name_contradicts"
    NAME_SHARED = "name_shared"
    LITTLE_AGREES = "little_agrees"
    SCORED = "scored"


@dataclass(frozen=True)
class Matched:
    """The company is this customer; `rung` of the ladder says so, `evidence` is what was compared, for a page to show."""

    customer_number: str
    rung: str
    evidence: tuple[Evidence, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class NotFound:
    """No customer is the company; it may be created under the company's number."""


@dataclass(frozen=True)
class Review:
    """Nothing may be guessed; `candidates` are customer numbers, `ranked` says how likely each is."""

    reason: Reason
    candidates: tuple[str, ...] = ()
    ranked: tuple[MatchCandidate, ...] = field(default=(), compare=False)


Decision = Matched | NotFound | Review


@dataclass(frozen=True)
class Number:
    """A company's organisation number as it is compared: `key` is its keyed hash, None where none can be read."""

    state: NumberState
    key: str | None = None


@dataclass(frozen=True)
class Settled:
    """What a company was last decided as, and under which number; `match` is None when it was free to be created."""

    number: str | None
    match: Matched | None


@dataclass(frozen=True)
class Finding:
    """What the ladder says of a company: its customer, or why a person must look; `likely` are candidates by the score alone."""

    decision: Matched | Review | None = None
    likely: tuple[MatchCandidate, ...] = ()


NOTHING_FOUND = Finding()


@dataclass(frozen=True)
class Situation:
    """Everything that the decision about one company rests on."""

    company_id: str
    number: Number
    settled: Settled | None = None
    companies: tuple[str, ...] = ()
    """Other companies with the number."""
    customers: tuple[str, ...] = ()
    """Customers with the number, active or not: a list of Fortnox customers does not tell which."""
    owners: Mapping[str, str] | None = None
    """Which company a customer was decided to be, by customer number."""
    claimed_by: str | None = None
    """The company that got the permission to create a customer with the number."""
    approved: str | None = None
    """The customer that a person said the company is."""
    is_confirmed_new: bool = False
    """A person said that the company is none of the customers that are alike."""
    finding: Finding = NOTHING_FOUND


def decide(situation: Situation) -> Decision:
    """The first rule with something to say decides; where all are silent, the permission to create is judged."""
    for rule in RULES:
        if (decision := rule(situation)) is not None:
            return decision
    return _permission_to_create(situation)


def _by_approval(situation: Situation) -> Decision | None:
    """A person's word stands, whatever number the company had when it was given, until the number changes after it."""
    if situation.approved is None:
        return None
    settled = situation.settled
    if settled and settled.match and settled.match.customer_number == situation.approved and settled.match.rung == Rung.APPROVAL:
        return None
    found = situation.finding.decision
    is_compared = isinstance(found, Matched) and found.customer_number == situation.approved
    return Matched(situation.approved, Rung.APPROVAL, found.evidence if isinstance(found, Matched) and is_compared else ())


def _by_earlier_decision(situation: Situation) -> Decision | None:
    """A settled company stays what it is: another number leads to a review, never to a duplicate or another customer.

    So does a second customer with the number: somebody, or we, made it twice. Who linked it by hand saw the others and chose.
    """
    settled = situation.settled
    if settled is None:
        return None
    if settled.number != situation.number.key and _is_changed_on_both_sides(situation, settled):
        return settled.match
    if settled.number != situation.number.key and not _is_first_number(situation, settled):
        candidates = (settled.match.customer_number,) if settled.match else ()
        return Review(Reason.NUMBER_CHANGED, candidates)
    if settled.match is None or settled.match.rung == Rung.APPROVAL:
        return settled.match
    if len(doubles := _doubles(situation, settled.match)) > 1:
        return Review(Reason.SEVERAL_CUSTOMERS, doubles)
    return settled.match


def _is_changed_on_both_sides(situation: Situation, settled: Settled) -> bool:
    """The company's customer, and no other, has its new number: the two were given it together."""
    return settled.match is not None and not situation.companies and situation.customers == (settled.match.customer_number,)


def _is_first_number(situation: Situation, settled: Settled) -> bool:
    """A company that was matched without a number got its first; it is no change while nobody else has that number."""
    if settled.number is not None or settled.match is None:
        return False
    return not situation.companies and set(situation.customers) <= {settled.match.customer_number}


def _doubles(situation: Situation, match: Matched) -> tuple[str, ...]:
    """The matched customer, and those that got its number since: it was the only one when it was matched.

    A customer that was decided to be another company is no double. Where two always had the number nothing was matched.
    """
    if match.customer_number not in situation.customers:
        return ()
    owners = situation.owners or {}
    return tuple(number for number in situation.customers if owners.get(number, situation.company_id) == situation.company_id)


def _by_ladder(situation: Situation) -> Decision | None:
    """A rung's word. Who was free to be created, by us or by a person's word, waits for the customer with its number: a
    namesake may be another one."""
    decision = situation.finding.decision
    if decision is None:
        return None
    is_beyond_likeness = situation.settled is not None or situation.is_confirmed_new
    if is_beyond_likeness and decision not in _about_numbers(situation, decision):
        return None
    return decision


def _about_numbers(situation: Situation, decision: Matched | Review) -> tuple[Matched | Review, ...]:
    if isinstance(decision, Matched):
        return (decision,) if decision.rung in _BY_NUMBER else ()
    return (decision,) if set(decision.candidates) & set(situation.customers) else ()


def _by_number(situation: Situation) -> Decision | None:
    """What the number says where the rungs are silent: somebody else has it, claimed it, or is the customer with it."""
    if situation.number.key is None:
        return None
    # Who was free to be created keeps that right: a later namesake or claim concerns the other one.
    if situation.settled is None:
        if situation.companies:
            return Review(Reason.NUMBER_SHARED, situation.customers)
        if situation.claimed_by not in (None, situation.company_id):
            return Review(Reason.NUMBER_CLAIMED, situation.customers)
    owners = situation.owners or {}
    if any(owners.get(number, situation.company_id) != situation.company_id for number in situation.customers):
        return Review(Reason.LINKED_ELSEWHERE, situation.customers)
    # A person's word is about who is alike; a second customer with one number is a duplicate, whoever asks for it.
    if situation.is_confirmed_new and situation.customers:
        return Review(Reason.SEVERAL_CUSTOMERS, situation.customers)
    return None


def _permission_to_create(situation: Situation) -> Decision:
    likely = situation.finding.likely if situation.settled is None else ()
    candidates = tuple(candidate.customer_number for candidate in likely)
    match situation.number.state:
        case NumberState.MISSING:
            return Review(Reason.NUMBER_MISSING, candidates, likely)
        case NumberState.INVALID:
            return Review(Reason.NUMBER_INVALID, candidates, likely)
    return Review(Reason.SCORED, candidates, likely) if likely and not situation.is_confirmed_new else NotFound()


def settle(number: Number, settled: Settled | None, decision: Decision) -> Settled | None:
    """What a company is settled as after the decision; a review settles nothing and unsettles nothing."""
    if isinstance(decision, Review):
        return settled
    return Settled(number.key, decision if isinstance(decision, Matched) else None)


RULES: tuple[Rule, ...] = (_by_approval, _by_earlier_decision, _by_ladder, _by_number)
"""In order of trust: people, what was decided, the ladder, what is left to say of the number."""
