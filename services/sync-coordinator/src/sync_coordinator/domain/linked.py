"""Whether the two sides of a link still agree on the organisation number; pure."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.values import Company
from sync_coordinator.domain.linking import Customer, numbers_of


@dataclass(frozen=True)
class Linked:
    """A linked company and customer, and the numbers with which a person said that they belong together ("" if nobody did)."""

    company_id: str
    company: Company | None
    customer: Customer
    confirmed_numbers: str


def contradicts(pair: Linked) -> bool:
    """Whether both numbers are known and differ, and no person said that the two belong together all the same."""
    own, theirs = numbers_of(pair.company, pair.customer)
    return bool(own and theirs) and own != theirs and not is_confirmed(pair)


def is_confirmed(pair: Linked) -> bool:
    """Whether a person linked the two when they had just these numbers."""
    return pair.confirmed_numbers == "|".join(numbers_of(pair.company, pair.customer))


def agrees(pair: Linked) -> bool:
    """Whether both have one number, or a person said that they are one with those they have."""
    own, theirs = numbers_of(pair.company, pair.customer)
    return (bool(own) and own == theirs) or is_confirmed(pair)
