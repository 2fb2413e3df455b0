"""What is checked before a customer or a document is made: never 0, never a guess (docs/field-mapping.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from contracts.message import Command
from contracts.values import Company, CustomField, Deal
from normal_forms.places import read_country
from sync_coordinator.domain.reasons import ABOUT_THE_NUMBER

DESCRIPTION_LIMIT = 255
REFERENCE_LIMIT = 50
REMARKS_LIMIT = 1024
AMOUNT_DIGITS = 15
AMOUNT_DECIMALS = 2
BRAKE_TIMES_USUAL = 5
USUAL_DAYS = 30


def deal_problem(deal: Deal) -> str | None:
    """The reason why no document may be made of this deal, or None."""
    if not deal.company_id:
        return "company_missing"
    if not deal.name.strip():
        return "deal_name_missing"
    if len(deal.name) > DESCRIPTION_LIMIT:
        return "deal_name_too_long"
    return value_problem(deal.value)


def value_problem(value: Decimal | None) -> str | None:
    """The reason why this value cannot be invoiced, or None."""
    if value is None:
        return "value_unreadable"
    if not value.is_finite():
        return "value_unusable"
    if value == 0:
        return "value_zero"
    if value < 0:
        return "value_negative"
    _, digits, exponent = value.normalize().as_tuple()
    # A finite value's exponent is a number; positive, it stands for zeros that count as digits.
    places = int(exponent)
    if len(digits) + max(places, 0) > AMOUNT_DIGITS or -places > AMOUNT_DECIMALS:
        return "value_unusable"
    return None


def customer_problem(company: Company, home_country: str) -> str | None:
    """The reason why no customer may be created of this company, or None.

    A customer that we made of a foreign company would get domestic VAT: a person settles that in Fortnox first.
    """
    written = written_country(company)
    country = read_country(written)
    if written and not country:
        return "country_unreadable"
    if country and country != home_country:
        return "foreign_vat_unsettled"
    return None


def written_country(company: Company) -> str:
    """The country to which the invoice goes, as it is written: the postal address's, else the visiting address's."""
    return (company.postal_address.country_code or "").strip() or (company.visiting_address.country_code or "").strip()


def first_cause(reason: str, company: Company | None, home_country: str) -> str:
    """What must be settled before anything else: a foreign company lacks no Swedish number, but its VAT is not settled."""
    problem = customer_problem(company, home_country) if company is not None and reason in ABOUT_THE_NUMBER else None
    return problem or reason


@dataclass(frozen=True)
class Fitted:
    """A deal as it is sent, and which of its texts are cut; a cut is told in the timeline, never silent."""

    deal: Deal
    cuts: tuple[str, ...]


def fitted(deal: Deal) -> Fitted:
    """Cuts the references to Fortnox's 50 characters and tells when the remarks will not fit 1 024."""
    contact, coworker = deal.contact_person, deal.responsible_coworker
    cuts = []
    if contact is not None and len(contact) > REFERENCE_LIMIT:
        contact = contact[:REFERENCE_LIMIT]
        cuts.append("your_reference_cut")
    if coworker is not None and len(coworker) > REFERENCE_LIMIT:
        coworker = coworker[:REFERENCE_LIMIT]
        cuts.append("our_reference_cut")
    if len(remarks(deal.custom_fields)) > REMARKS_LIMIT:
        cuts.append("remarks_cut")
    return Fitted(deal.model_copy(update={"contact_person": contact, "responsible_coworker": coworker}), tuple(cuts))


def remarks(fields: tuple[CustomField, ...]) -> str:
    """Custom fields with a value as the invoice's remarks: "title: value" joined by "; "."""
    return "; ".join(f"{field.title}: {field.value}" for field in fields if field.value)


def amount(deal: Deal | None) -> Decimal | None:
    """What an invoice of this deal is for, excluding VAT; None when it is not known."""
    return deal.value if deal is not None and deal.value is not None and deal.value.is_finite() else None


def pause_after(refusals: int, first: float, longest: float) -> float:
    """Seconds until what was refused so often in a row is tried again: doubled each time."""
    return min(first * 2.0 ** min(refusals - 1, 30), longest)


def is_braked(last_hour: int, last_30_days: int, hourly_limit: int) -> bool:
    """Whether one more document in this hour is too many: above the limit, or five times the usual hourly rate."""
    usual = last_30_days / (USUAL_DAYS * 24)
    return last_hour >= max(hourly_limit, BRAKE_TIMES_USUAL * usual)


def needs_fresh_read(deal_at: datetime | None, now: datetime, stale: timedelta) -> bool:
    """Whether a deal released from waiting was read too long ago to be invoiced without another look."""
    return deal_at is None or now - deal_at > stale


def content_digest(command: Command) -> str:
    """A command's content without what differs every time; equal digests ask for the same thing."""
    text = command.model_dump_json(exclude={"command_id", "generation", "decided_at", "is_withdrawn"})
    return hashlib.sha256(f"{type(command).__name__}\n{text}".encode()).hexdigest()
