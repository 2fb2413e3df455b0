"""Who is who in the live flow: the ladder of rungs, and the decision about one company; no clock and no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.events import Evidence
from matcher.normal_forms.numbers import NumberState, OrganisationNumber

Rung = Callable[["Situation"], "Decision | None"]
ORGANISATION_NUMBER = "organisation_number"


class Reason(StrEnum):
    """Why a person must look; stable codes, explained in docs/field-mapping.md."""

    NUMBER_MISSING = "organisation_number_missing"
    NUMBER_INVALID = "organisation_number_invalid"
    NUMBER_SHARED = "organisation_number_shared"
    NUMBER_CHANGED = "organisation_number_changed"
    NUMBER_CLAIMED = "number_claimed"
    SEVERAL_CUSTOMERS = "several_customers"
    LINKED_ELSEWHERE = "customer_linked_elsewhere"


@dataclass(frozen=True)
class Matched:
    """The company is this customer; `rung` of the ladder says so."""

    customer_number: str
    rung: str

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What was compared, for a page to show."""
        return (Evidence(field=self.rung, verdict="same"),)


@dataclass(frozen=True)
class NotFound:
    """No customer is the company; it may be created under the company's number."""


@dataclass(frozen=True)
class Review:
    """Nothing may be guessed; `candidates` are customer numbers."""

    reason: Reason
    candidates: tuple[str, ...] = ()


Decision = Matched | NotFound | Review


@dataclass(frozen=True)
class Settled:
    """What a company was last decided as, and under which number; `match` is None when it was free to be created."""

    number: str
    match: Matched | None


@dataclass(frozen=True)
class Situation:
    """Everything that the decision about one company rests on."""

    company_id: str
    number: OrganisationNumber
    settled: Settled | None = None
    companies: tuple[str, ...] = ()
    """Other companies with the number."""
    customers: tuple[str, ...] = ()
    """Customers with the number, active or not: a list of Fortnox customers does not tell which."""
    owners: Mapping[str, str] | None = None
    """Which company a customer was decided to be, by customer number."""
    claimed_by: str | None = None
    """The company that got the permission to create a customer with the number."""


def decide(situation: Situation) -> Decision:
    """The first rung with something to say decides; where all are silent, the permission to create is judged."""
    for rung in LADDER:
        if (decision := rung(situation)) is not None:
            return decision
    return _permission_to_create(situation)


def _by_earlier_decision(situation: Situation) -> Decision | None:
    """A settled company stays what it is: another number leads to a review, never to a duplicate or another customer.

    So does a second customer with the number: somebody, or we, made it twice.
    """
    settled = situation.settled
    if settled is None:
        return None
    if situation.number.normal != settled.number:
        candidates = (settled.match.customer_number,) if settled.match else ()
        return Review(Reason.NUMBER_CHANGED, candidates)
    if settled.match and len(doubles := _doubles(situation, settled.match)) > 1:
        return Review(Reason.SEVERAL_CUSTOMERS, doubles)
    return settled.match


def _doubles(situation: Situation, match: Matched) -> tuple[str, ...]:
    """The matched customer, and those that got its number since: it was the only one when it was matched.

    A customer that was decided to be another company is no double. Where two always had the number nothing was matched.
    """
    if match.customer_number not in situation.customers:
        return ()
    owners = situation.owners or {}
    return tuple(number for number in situation.customers if owners.get(number, situation.company_id) == situation.company_id)


def _by_organisation_number(situation: Situation) -> Decision | None:
    """A valid number that is unique on both sides links; what is ambiguous goes to review with its candidates."""
    if situation.number.state is not NumberState.VALID:
        return None
    # Who was free to be created keeps that right: a later namesake or claim concerns the other one.
    if situation.settled is None:
        if situation.companies:
            return Review(Reason.NUMBER_SHARED, situation.customers)
        if situation.claimed_by not in (None, situation.company_id):
            return Review(Reason.NUMBER_CLAIMED, situation.customers)
    if not situation.customers:
        return None
    if len(situation.customers) > 1:
        return Review(Reason.SEVERAL_CUSTOMERS, situation.customers)
    (customer_number,) = situation.customers
    if (situation.owners or {}).get(customer_number, situation.company_id) != situation.company_id:
        return Review(Reason.LINKED_ELSEWHERE, situation.customers)
    return Matched(customer_number, ORGANISATION_NUMBER)


def _permission_to_create(situation: Situation) -> Decision:
    match situation.number.state:
        case NumberState.MISSING:
            return Review(Reason.NUMBER_MISSING)
        case NumberState.INVALID:
            return Review(Reason.NUMBER_INVALID)
    return NotFound()


def settle(number: OrganisationNumber, settled: Settled | None, decision: Decision) -> Settled | None:
    """What a company is settled as after the decision; a review settles nothing and unsettles nothing."""
    if isinstance(decision, Review) or number.normal is None:
        return settled
    return Settled(number.normal, decision if isinstance(decision, Matched) else None)


LADDER: tuple[Rung, ...] = (_by_earlier_decision, _by_organisation_number)
"""In order of trust. Later rungs (VAT number, name and postcode, score) join at the end."""
