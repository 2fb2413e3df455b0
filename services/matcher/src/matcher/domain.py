"""Who is who: normal forms, the ladder of rungs, and the decision about one company; no clock and no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum import luhn
from stdnum.util import clean

from contracts.events import Evidence

Rung = Callable[["Situation"], "Decision | None"]
ORGANISATION_NUMBER = "organisation_number"

_VAT_FORM = re.compile(r"SE(\d{10})(?:01)?")
_WITH_CENTURY = re.compile(r"(?:16|18|19|20)(\d{10})")
_PLAIN = re.compile(r"\d{10}")


class NumberState(StrEnum):
    """What a field for an organisation number holds."""

    VALID = "valid"
    MISSING = "missing"
    INVALID = "invalid"


@dataclass(frozen=True)
class OrganisationNumber:
    """An organisation number as it is compared: `normal` is its ten digits, None unless the state is valid."""

    state: NumberState
    normal: str | None = None


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


def read_number(text: str | None) -> OrganisationNumber:
    """Reads a Swedish organisation number, or a sole trader's personal number, in every form that people write it.

    Separators of any kind, the prefix 16 or a century, and the VAT form SE…01 are accepted. Ten digits of one kind and
    0000000000 pass the check digit and are refused: they are what people type to get past a required field.
    """
    written = re.sub(r"\s", "", clean(text or "", " -.:/+")).upper()
    if not written:
        return OrganisationNumber(NumberState.MISSING)
    digits = _ten_digits(written)
    if digits is None or not _is_plausible(digits):
        return OrganisationNumber(NumberState.INVALID)
    return OrganisationNumber(NumberState.VALID, digits)


def _ten_digits(written: str) -> str | None:
    if found := _VAT_FORM.fullmatch(written) or _WITH_CENTURY.fullmatch(written):
        return found.group(1)
    return written if _PLAIN.fullmatch(written) else None


def _is_plausible(digits: str) -> bool:
    if not digits.isascii() or not luhn.is_valid(digits) or len(set(digits)) == 1:
        return False
    # Skatteverket: the third digit of a legal entity's number is at least 2, which no month begins with.
    return digits[2] >= "2" or _is_birth_date(digits[:6])


def _is_birth_date(digits: str) -> bool:
    """Year, month, day of any century; the day of a coordination number is 60 higher."""
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    for century in (1900, 2000):
        try:
            date(century + year, month, day - 60 if day > 60 else day)
        except ValueError:
            continue
        return True
    return False


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
