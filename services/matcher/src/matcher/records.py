"""What linking takes and gives: the rows of both registers as they are written, and a judgement per customer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """A company in Lime Go, as written there; "" where a field is empty. `street` to `city` is the postal address."""

    company_id: str
    name: str = ""
    organisation_number: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country_code: str = ""
    visiting_street: str = ""
    visiting_postcode: str = ""
    visiting_city: str = ""


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer in Fortnox, as written there; "" where a field is empty."""

    customer_number: str
    name: str = ""
    organisation_number: str = ""
    vat_number: str = ""
    phone: str = ""
    email: str = ""
    address1: str = ""
    address2: str = ""
    zip_code: str = ""
    city: str = ""
    country_code: str = ""
    active: bool = True


class Verdict(StrEnum):
    """How a field of two records compares."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One field that was compared; values are described, never quoted.

    `weight` is the base-2 logarithm of the Bayes factor: +10 makes the pair 1 024 times likelier. None on the rungs that
    do not score.
    """

    field: str
    verdict: Verdict
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A company that the customer may be. `odds` for it: 9.0 means right in nine cases of ten; None where nothing scored it."""

    company_id: str
    odds: float | None
    evidence: tuple[FieldEvidence, ...]


class Outcome(StrEnum):
    """What is decided about a customer."""

    LINKED = "linked"
    REVIEW = "review"
    NEW = "new"


class Rung(StrEnum):
    """The step of the ladder that decided, in order of trust."""

    LINK = "existing_link"
    APPROVAL = "approved"
    ORGANISATION_NUMBER = "organisation_number"
    VAT_NUMBER = "vat_number"
    PERSONAL_NUMBER = "personal_number"
    NAME_AND_POSTCODE = "name_and_postcode"
    SCORE = "score"


class ReviewReason(StrEnum):
    """Why a person must look."""

    LINKED_COMPANY_MISSING = "linked_company_missing"
    """The customer is linked to a company that the register does not hold."""
    COMPANY_TAKEN = "company_linked_elsewhere"
    """Another customer is the company already."""
    NUMBER_SHARED = "organisation_number_shared"
    """Several companies have the number."""
    SEVERAL_CUSTOMERS = "several_customers"
    """Several customers have the company's number, or one has the number and another the name, or all are linked to it."""
    NUMBERS_CONTRADICT = "numbers_contradict"
    """The organisation number and the VAT number name different companies."""
    NAME_CONTRADICTS = "name_contradicts"
    """The number says yes and the name says no: a parent company's number, or digits that were swapped."""
    NAME_SHARED = "name_shared"
    """Several have the same name and postcode."""
    LITTLE_AGREES = "little_agrees"
    """Name and postcode are the same, and nothing else that is known on both sides."""
    SCORED = "scored"
    """Nothing is certain; the candidates are likely."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The decision about one customer.

    `company_id` is set only when linked. `candidates` are ranked, best first, and are empty when the customer is new.
    `reason` says why a person must look; None unless the outcome is a review.
    """

    customer_number: str
    outcome: Outcome
    company_id: str | None = None
    rung: Rung | None = None
    odds: float | None = None
    evidence: tuple[FieldEvidence, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    reason: ReviewReason | None = None


@dataclass(frozen=True, slots=True)
class CustomerCandidate:
    """A customer that the company may be. `odds` are against the company's other candidates, and against none."""

    customer_number: str
    odds: float | None
    evidence: tuple[FieldEvidence, ...]


@dataclass(frozen=True, slots=True)
class CompanyJudgement:
    """The decision about one company; the fields are those of a judgement about a customer."""

    company_id: str
    outcome: Outcome
    customer_number: str | None = None
    rung: Rung | None = None
    odds: float | None = None
    evidence: tuple[FieldEvidence, ...] = ()
    candidates: tuple[CustomerCandidate, ...] = ()
    reason: ReviewReason | None = None
