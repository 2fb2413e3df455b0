"""What the decisions of one batch rest on, in memory: who shares a number, who claimed it, who is decided already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from contracts.values import Company
from matcher.domain import NOTHING_FOUND, Decision, Finding, Matched, NotFound, Number, Settled, Situation
from matcher.keys import Keys
from normal_forms.numbers import NumberState

Key = tuple[UUID, str]
"""A connection and, within it, a company id, a customer number or a number's keyed hash."""


class RegisterKind(StrEnum):
    """Whose records a listing holds."""

    COMPANY = "company"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class Change:
    """A company or customer that is not what it was, in something that decisions look at; with its old and new keys."""

    key: Key
    ladder: frozenset[int]
    likeness: frozenset[int]

    @classmethod
    def between(cls, key: Key, old: Keys | None, new: Keys) -> Change:
        """The change of a record; `old` is None when it was not known."""
        known = (old, new) if old is not None else (new,)
        return cls(
            key,
            frozenset(found for keys in known for found in keys.ladder),
            frozenset(found for keys in known for found in keys.likeness),
        )


@dataclass(frozen=True)
class Case:
    """A company that waits for a decision, or has one that may change."""

    connection_id: UUID
    company: Company
    number: Number
    decision: Decision | None
    settled: Settled | None
    approved: str | None = None
    is_confirmed_new: bool = False
    model_version: str | None = None
    """Under which model the candidates of the decision were ranked, if it is a review."""
    compared: int | None = None
    """Which records that review compared (holds.Holds)."""

    @property
    def key(self) -> Key:
        """The company within its connection."""
        return self.connection_id, self.company.company_id

    @property
    def claim_key(self) -> Key | None:
        """What has to be claimed before a customer is created: the number within the connection, if it is a valid one."""
        is_valid = self.number.state is NumberState.VALID and self.number.key is not None
        return (self.connection_id, self.number.key or "") if is_valid else None


@dataclass
class Registers:
    """Both registers, as far as the cases at hand need them. What is decided is noted, so that the next case sees it."""

    companies: Mapping[Key, Sequence[str]] = field(default_factory=dict)
    customers: Mapping[Key, Sequence[str]] = field(default_factory=dict)
    claims: dict[Key, str] = field(default_factory=dict)
    owners: dict[Key, str] = field(default_factory=dict)
    findings: Mapping[Key, Finding] = field(default_factory=dict)

    def situation(self, case: Case) -> Situation:
        """The case with all that bears on it."""
        company_id = case.company.company_id
        key = (case.connection_id, case.number.key) if case.number.key else None
        customers = tuple(self.customers.get(key, ())) if key else ()
        owners = {number: self.owners.get((case.connection_id, number)) for number in customers}
        situation = Situation(
            company_id=company_id,
            number=case.number,
            settled=case.settled,
            approved=case.approved,
            is_confirmed_new=case.is_confirmed_new,
            finding=self.findings.get(case.key, NOTHING_FOUND),
        )
        return replace(
            situation,
            companies=tuple(other for other in self.companies.get(key, ()) if other != company_id) if key else (),
            customers=customers,
            owners={number: owner for number, owner in owners.items() if owner is not None},
            claimed_by=self.claims.get(key) if key else None,
        )

    def note(self, case: Case, decision: Decision) -> None:
        """Remembers what the decision takes: a customer, or a number."""
        if isinstance(decision, Matched):
            self.owners[case.connection_id, decision.customer_number] = case.company.company_id
        elif isinstance(decision, NotFound) and case.claim_key:
            self.claims.setdefault(case.claim_key, case.company.company_id)
