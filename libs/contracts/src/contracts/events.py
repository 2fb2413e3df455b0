"""Facts, in the past tense: what happened in Lime Go, in Fortnox, in the matcher and to a connection."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts import topics
from contracts.message import Message, Value
from contracts.values import Company, ConnectionState, Customer, Deal, Invoice, Product, Trigger


def company_key(company_id: str | None, deal_id: int) -> str:
    """The record that a deal's messages are ordered by: its company, or the deal itself while it has none."""
    return company_id if company_id is not None else deal_key(deal_id)


def deal_key(deal_id: int) -> str:
    """The record that is the deal itself."""
    return f"deal/{deal_id}"


class CompanyChanged(Message):
    """A company as Lime Go holds it now. A lower `version` than one already stored is dropped."""

    topic: ClassVar[str] = topics.LIMEGO_COMPANY
    version: int
    company: Company
    listing_id: UUID | None = None

    @property
    def record_id(self) -> str:
        return self.company.company_id


class CustomerBecameClient(Message):
    """One of the brief's two triggers: a deal was won, or the relation status became "Är kund"."""

    topic: ClassVar[str] = topics.LIMEGO_COMPANY
    company_id: str
    cause: Trigger
    deal_id: int | None = None

    @property
    def record_id(self) -> str:
        return self.company_id


class DealWon(Message):
    """A deal stands in a positive end state. Sent again with a higher `version` when a re-read shows other content.

    A deal without a company (`deal.company_id` is None) is sent alone, without `CompanyChanged` before it.
    `won_while_paused`: it was first seen won after a pause and may have been won, and invoiced by hand, in it.
    """

    topic: ClassVar[str] = topics.LIMEGO_COMPANY
    version: int
    deal: Deal
    won_while_paused: bool = False

    @property
    def record_id(self) -> str:
        return company_key(self.deal.company_id, self.deal.deal_id)


class DealReopened(Message):
    """A deal that was won is won no longer: moved back into the process, or lost.

    It also answers a `ReadLimeGoCompany` that waits for a deal which is not won.
    """

    topic: ClassVar[str] = topics.LIMEGO_COMPANY
    version: int
    deal_id: int
    company_id: str | None

    @property
    def record_id(self) -> str:
        return company_key(self.company_id, self.deal_id)


class TriggerUnreadable(Message):
    """A deal was won, or a company became a client (no `deal_id`), and its reading is refused or cannot be understood.

    `won_while_paused` is as in `DealWon`.
    """

    topic: ClassVar[str] = topics.LIMEGO_COMPANY
    version: int
    company_id: str | None
    deal_id: int | None = None
    won_while_paused: bool = False

    @property
    def record_id(self) -> str:
        return company_key(self.company_id, self.deal_id or 0)


class CompanyRemoved(Message):
    """A company that was known is not in Lime Go any more: deleted, or merged into `merged_into` where that can be known.

    A direct read of its id has shown so. A `CompanyChanged` with a higher `version` brings it back.
    """

    topic: ClassVar[str] = topics.LIMEGO_COMPANY
    version: int
    company_id: str
    merged_into: str | None = None

    @property
    def record_id(self) -> str:
        return self.company_id


class CompanyListingCompleted(Message):
    """All companies have been listed; the receiver acts when it has stored `count` distinct ones of this listing."""

    topic: ClassVar[str] = topics.LIMEGO_COMPANY
    listing_id: UUID
    count: int

    @property
    def record_id(self) -> str:
        return f"listing/{self.listing_id}"


class CustomerChanged(Message):
    """A customer as Fortnox holds it now."""

    topic: ClassVar[str] = topics.FORTNOX_CUSTOMER
    version: int
    customer: Customer
    listing_id: UUID | None = None

    @property
    def record_id(self) -> str:
        return self.customer.customer_number


class CustomerListingCompleted(Message):
    """All customers have been listed; as `CompanyListingCompleted`."""

    topic: ClassVar[str] = topics.FORTNOX_CUSTOMER
    listing_id: UUID
    count: int

    @property
    def record_id(self) -> str:
        return f"listing/{self.listing_id}"


class InvoiceChanged(Message):
    """An invoice as Fortnox holds it now."""

    topic: ClassVar[str] = topics.FORTNOX_DOCUMENT
    version: int
    invoice: Invoice

    @property
    def record_id(self) -> str:
        return self.invoice.document_number


class ProductUpdated(Message):
    """An article as Fortnox holds it now."""

    topic: ClassVar[str] = topics.FORTNOX_ARTICLE
    version: int
    product: Product

    @property
    def record_id(self) -> str:
        return self.product.article_number


class Evidence(Value):
    """One field that was compared; values are described, never quoted.

    `similar`: different, but no more than people write the same thing differently. `weight` is the base-2 logarithm of the
    Bayes factor (+10 makes the pair 1 024 times likelier), where the field was scored.
    """

    field: str
    verdict: Literal["same", "different", "missing"]
    similar: bool = False
    weight: float | None = None


class MatchCandidate(Value):
    """A customer that the company may be. `odds`: 9.0 means right in nine cases of ten; None where nothing scored it."""

    customer_number: str
    odds: float | None = None
    evidence: tuple[Evidence, ...] = ()


class CustomerMatched(Message):
    """This company is that customer, by a rung of the ladder that decides by itself."""

    topic: ClassVar[str] = topics.MATCHER_DECISION
    version: int
    company_id: str
    customer_number: str
    rung: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def record_id(self) -> str:
        return self.company_id


class CustomerNotFound(Message):
    """No customer matches this company: the only permission to create one. The company keeps its claim on the number."""

    topic: ClassVar[str] = topics.MATCHER_DECISION
    version: int
    company_id: str
    company: Company

    @property
    def record_id(self) -> str:
        return self.company_id


class MatchReviewRequested(Message):
    """Nothing may be guessed here: `reason` is a stable code (docs/field-mapping.md), `candidates` customer numbers.

    The likeliest candidate comes first; `ranked` holds the same ones with their odds and evidence, under the model that
    `model_version` names.
    """

    topic: ClassVar[str] = topics.MATCHER_DECISION
    version: int
    company_id: str
    reason: str
    candidates: tuple[str, ...] = ()
    ranked: tuple[MatchCandidate, ...] = ()
    model_version: str | None = None

    @property
    def record_id(self) -> str:
        return self.company_id


class ConnectionSettings(Value):
    """What the customer chose for a connection."""

    create_document: Literal["invoice", "nothing"] = "invoice"
    standard_article: str = "1"
    currency: str = "SEK"
    documents_per_hour_limit: int = 20
    home_country: str = "SE"


class ConnectionChanged(Message):
    """A connection, whole. `generation` rises with every disconnect and plan change; `resumed_at` ended its last pause."""

    topic: ClassVar[str] = topics.COORDINATOR_CONNECTION
    version: int
    state: ConnectionState
    generation: int
    limego_database: str
    fortnox_tenant: int
    plan: Literal["standard", "premium"] = "premium"
    settings: ConnectionSettings = ConnectionSettings()
    activated_at: datetime
    resumed_at: datetime | None = None

    @property
    def record_id(self) -> str:
        return "connection"


class CompanyLinked(Message):
    """A person decided that this company is that customer. A higher `version` replaces what was said of either before."""

    topic: ClassVar[str] = topics.COORDINATOR_CONNECTION
    version: int
    company_id: str
    customer_number: str

    @property
    def record_id(self) -> str:
        return self.company_id


class CustomerCreateWithdrawn(Message):
    """The permission to create this company's customer was given back: nothing was made of it, and it may be decided afresh."""

    topic: ClassVar[str] = topics.COORDINATOR_CONNECTION
    version: int
    company_id: str

    @property
    def record_id(self) -> str:
        return self.company_id


class CompanyConfirmedNew(Message):
    """A person decided that this company is none of the customers that are like it, and is to be created.

    It overrules likeness, names and addresses, never the organisation number. A higher `version` replaces what was said of the
    company before, by `CompanyLinked` too.
    """

    topic: ClassVar[str] = topics.COORDINATOR_CONNECTION
    version: int
    company_id: str

    @property
    def record_id(self) -> str:
        return self.company_id
