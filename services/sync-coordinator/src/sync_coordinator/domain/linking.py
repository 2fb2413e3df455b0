"""What a link would change, and what speaks against it; pure, for a person to see before anything is done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from contracts.values import Company
from normal_forms.names import Name, read_names
from normal_forms.numbers import is_personal, read_digits


@dataclass(frozen=True)
class Customer:
    """A customer of Fortnox, as far as a person needs it to be recognised.

    A version of 0 means that the number is being looked up since `asked_at`; `is_missing` that Fortnox does not have it.
    """

    customer_number: str
    version: int = 0
    name: str = ""
    organisation_number: str | None = None
    city: str | None = None
    active: bool | None = None
    is_missing: bool = False
    asked_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether Fortnox has this customer."""
        return self.version > 0 and not self.is_missing


@dataclass(frozen=True)
class LinkPreview:
    """A link that a person asks for: both sides, who holds the customer now, and what moves with it.

    `waiting` are deals that would be invoiced to the customer, `under_way` deals whose invoice is being created under the
    link before, `shown` invoices in Fortnox that this company would show, `left` those that it would follow no longer.
    """

    company_id: str
    company: Company | None
    customer: Customer
    before: Customer | None = None
    holder_id: str | None = None
    holder: Company | None = None
    waiting: tuple[str, ...] = ()
    under_way: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def contradictions(self) -> tuple[str, ...]:
        """What says that company and customer are two: `organisation_number`, `name`; and `inactive`."""
        return contradictions(self.company, self.customer)

    @property
    def moves(self) -> bool:
        """Whether somebody loses what they had."""
        is_another = self.before is not None and self.before.customer_number != self.customer.customer_number
        return is_another or self.holder_id is not None

    @property
    def may_swap(self) -> bool:
        """Whether the holder could get the customer that this company has now."""
        return self.holder_id is not None and self.before is not None

    @property
    def is_plain(self) -> bool:
        """Whether nothing moves and nothing contradicts."""
        return not self.moves and not self.contradictions

    @property
    def token(self) -> str:
        """Changes with what the preview shows, so that nobody confirms something else than what was seen."""
        company = self.company
        before = self.before.customer_number if self.before else None
        shown = [
            *(self.company_id, company.name if company else "", company.organisation_number if company else ""),
            *(self.customer.customer_number, self.customer.name, self.customer.organisation_number, self.customer.city),
            *(before, self.holder_id, list(self.waiting), list(self.under_way), list(self.contradictions)),
        ]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def contradictions(company: Company | None, customer: Customer) -> tuple[str, ...]:
    """What differs where both sides are known; what is unknown contradicts nothing."""
    found = []
    own, theirs = numbers_of(company, customer)
    if own and theirs and own != theirs:
        found.append("organisation_number")
    if company and not _names_agree(company.name, customer.name):
        found.append("name")
    if customer.active is False:
        found.append("inactive")
    return tuple(found)


def numbers_of(company: Company | None, customer: Customer | None) -> tuple[str, str]:
    """The organisation numbers of both sides in one form; "" where unknown."""
    own, theirs = (side.organisation_number or "" if side else "" for side in (company, customer))
    return read_digits(own), read_digits(theirs)


def may_be_one(one: Company, other: Company) -> bool:
    """Whether two companies of Lime Go may be one: the same organisation number, or names that do not differ."""
    own, theirs = (read_digits(company.organisation_number or "") for company in (one, other))
    return (bool(own) and own == theirs) or _names_agree(one.name, other.name)


def masked(number: str | None) -> str:
    """An organisation number for a page: a sole trader's is a personal number, whose last four digits are hidden.

    What has not the shape of a number is shown as it is written.
    """
    digits = read_digits(number or "")
    if len(digits) != 10 or not digits.isdecimal():
        return number or ""
    return f"{digits[:6]}-{'****' if is_personal(digits) else digits[6:]}"


def _names_agree(one: str, other: str) -> bool:
    """Whether a name of one is within a name of the other, or is the same but for order and spaces; unread names agree."""
    first, second = read_names(one), read_names(other)
    return not first or not second or any(_is_within(name, theirs) for name in first for theirs in second)


def _is_within(one: Name, other: Name) -> bool:
    own, theirs = ({*name.words, *name.place.split()} for name in (one, other))
    return own <= theirs or theirs <= own or "".join(sorted(own)) == "".join(sorted(theirs))
