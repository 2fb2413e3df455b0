"""What the decisions of one batch rest on, in memory: who shares a number, who claimed it, who is decided already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from contracts.values import Company
from matcher.domain import Decision, Matched, NotFound, Settled, Situation
from matcher.normal_forms.numbers import OrganisationNumber

Key = tuple[UUID, str]
"""A connection and, within it, a company id, a customer number or an organisation number."""


class RegisterKind(StrEnum):
    """Whose records a listing holds."""

    COMPANY = "company"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class NumberChange:
    """A company or customer whose organisation number is new; `numbers` are the valid ones among its old and new."""

    key: Key
    numbers: tuple[Key, ...]


@dataclass(frozen=True)
class Case:
    """A company that waits for a decision, or has one that may change."""

    connection_id: UUID
    company: Company
    number: OrganisationNumber
    decision: Decision | None
    settled: Settled | None

    @property
    def key(self) -> Key:
        """The company within its connection."""
        return self.connection_id, self.company.company_id

    @property
    def number_key(self) -> Key | None:
        """The number within the connection, if it has a valid one."""
        return (self.connection_id, self.number.normal) if self.number.normal else None


@dataclass
class Registers:
    """Both registers, as far as the cases at hand need them. What is decided is noted, so that the next case sees it."""

    companies: Mapping[Key, Sequence[str]] = field(default_factory=dict)
    customers: Mapping[Key, Sequence[str]] = field(default_factory=dict)
    claims: dict[Key, str] = field(default_factory=dict)
    owners: dict[Key, str] = field(default_factory=dict)

    def situation(self, case: Case) -> Situation:
        """The case with all that bears on it."""
        company_id, key = case.company.company_id, case.number_key
        customers = tuple(self.customers.get(key, ())) if key else ()
        owners = {number: self.owners.get((case.connection_id, number)) for number in customers}
        return Situation(
            company_id=company_id,
            number=case.number,
            settled=case.settled,
            companies=tuple(other for other in self.companies.get(key, ()) if other != company_id) if key else (),
            customers=customers,
            owners={number: owner for number, owner in owners.items() if owner is not None},
            claimed_by=self.claims.get(key) if key else None,
        )

    def note(self, case: Case, decision: Decision) -> None:
        """Remembers what the decision takes: a customer, or a number."""
        if isinstance(decision, Matched):
            self.owners[case.connection_id, decision.customer_number] = case.company.company_id
        elif isinstance(decision, NotFound) and case.number_key:
            self.claims.setdefault(case.number_key, case.company.company_id)
