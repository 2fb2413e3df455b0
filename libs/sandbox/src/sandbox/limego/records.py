"""What a Lime Go database holds, as plain records."""

from dataclasses import dataclass, field
from decimal import Decimal

RELATIONS = {
    "NO_RELATION": "OrganizationHasNoRelation",
    "WORKING_ON_IT": "OrganizationWorkingOnIt",
    "IS_A_CUSTOMER": "OrganizationIsACustomer",
    "WAS_A_CUSTOMER": "OrganizationWasACustomer",
    "BEEN_IN_TOUCH": "OrganizationBeenInTouch",
}
"""Each customer relation and the event that setting it fires."""

EVENT_TYPES = frozenset(RELATIONS.values()) | {
    "DealWon",
    "DealLost",
    "DealStatusChange",
    "CallPositive",
    "CallNegative",
    "MeetingBooked",
    "MeetingReported",
    "MeetingCancelled",
}
"""Exactly the thirteen that the documentation names."""

PERSONAL, COMPANY, FULL = "personal", "company", "full"
CREATE, ADMINISTER, DELETE = "create", "administer", "delete"
PERMISSIONS = (CREATE, ADMINISTER, DELETE)
"""What an administrator may allow a user; a personal key inherits it."""
SOURCES = ("pase", "eno", "edk")
"""Where Lime's register of companies comes from: Sweden, Norway, Denmark. They stand in front of the numbers in ids."""
OPEN, WON, LOST = "NONE", "POSITIVE", "NEGATIVE"


@dataclass
class Key:
    """An API key. A personal one acts as its coworker; a company one sees reduced data; a full one is for ERP systems."""

    guid: str
    kind: str
    coworker: int | None = None


@dataclass
class Coworker:
    """A user of Lime Go."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone_number: str
    permissions: list[str] = field(default_factory=lambda: list(PERMISSIONS))

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first_name} {self.last_name}"


@dataclass
class Address:
    """A postal or a visiting address."""

    street: str | None = None
    zip_code: str | None = None
    city: str | None = None
    country_code: str | None = None


@dataclass
class CustomFieldDefinition:
    """A custom field as an administrator made it. Values are always strings."""

    title: str
    type: str = "String"


@dataclass
class Step:
    """A step of the sales process: its label is free text, its assessment says whether it ends the deal."""

    label: str
    assessment: str = OPEN


@dataclass
class Organization:
    """A company. `writes` counts changes by kind of writer: person, api (GraphQL by another key) and erp."""

    id: str
    name: str
    organization_number: str | None = None
    email: str | None = None
    phone_number: list[str] = field(default_factory=list)
    postal_address: Address | None = None
    visit_address: Address | None = None
    responsible: int | None = None
    custom_fields: dict[str, str] = field(default_factory=dict)
    integration_id: str | None = None
    temperature: float = 0.0
    customer_relation: str = "NO_RELATION"
    tags: list[str] = field(default_factory=list)
    writes: dict[str, int] = field(default_factory=dict)

    @property
    def is_registered(self) -> bool:
        """Whether it comes from Lime's register, so that Lime keeps its name, number and addresses."""
        return self.id.startswith(SOURCES)


@dataclass
class Person:
    """A contact person."""

    id: str
    name: str
    email: str | None = None
    phone_number: list[str] = field(default_factory=list)
    employer: str | None = None
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Deal:
    """A deal. `status` is the label of a step; `value` is without VAT, in kronor, and may be missing."""

    id: int
    name: str
    status: str
    organization: str | None = None
    value: Decimal | None = None
    source: str | None = None
    tags: list[str] = field(default_factory=list)
    responsible: int | None = None
    contact: str | None = None
    custom_fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Subscription:
    """A webhook: where, which events (none named means all), by which key, and how it has gone."""

    id: str
    targeturl: str
    events: list[str]
    guid: str
    sent: int = 0
    failed: int = 0
    failures_in_a_row: int = 0


@dataclass
class Event:
    """One thing that happened, whole; what a key may not read is taken away when it is shown. `at` (UTC; empty for what has
    always been there) is shown by control only."""

    position: int
    type: str
    coworker: dict[str, object] | None
    deal: dict[str, object] | None
    organization: dict[str, object] | None
    person: dict[str, object] | None = None
    at: str = ""
