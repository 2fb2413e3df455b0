"""One Lime Go database: a customer of Lime's with its keys, people, companies, deals, feed and ERP tab."""

from collections import deque
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.limego.index import Index
from sandbox.limego.records import (
    COMPANY,
    FULL,
    LOST,
    OPEN,
    PERSONAL,
    WON,
    Coworker,
    CustomFieldDefinition,
    Deal,
    Event,
    Key,
    Organization,
    Person,
    Step,
    Subscription,
)

DEFAULT = "bolaget"
FIRST_DEAL = 1001
FEED_KEEPS = 50_000
KEY_NUMBERS = {FULL: 1, COMPANY: 2, PERSONAL: 3}


class Database:
    """The records by id, and what finds them. It knows no rules: those are in `edits`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.coworkers = {1: Coworker(1, "Siv", "Säljkvist", "siv.saljkvist@bolaget.example", "010-555 01 01")}
        self.keys = {kind: Key(_guid(name, kind), kind, 1 if kind == PERSONAL else None) for kind in KEY_NUMBERS}
        self.steps = [Step("Ny"), Step("Offert"), Step("Förhandling"), Step("ORDER", WON), Step("Förlorad", LOST)]
        self.custom_fields = {
            "organization": [CustomFieldDefinition("Fortnox kundnummer"), CustomFieldDefinition("Fortnox")],
            "person": [CustomFieldDefinition("Roll")],
            "deal": [CustomFieldDefinition("Rabatt"), CustomFieldDefinition("Beställningsnummer")],
        }
        self.organizations: dict[str, Organization] = {}
        self.persons: dict[str, Person] = {}
        self.deals: dict[int, Deal] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.feed: deque[Event] = deque(maxlen=FEED_KEEPS)
        self.position = 0
        self.cursors: dict[str, int] = {}
        self.invoices: dict[str, dict[str, Any]] = {}
        self.products: dict[str, dict[str, Any]] = {}
        self.merged: dict[str, str] = {}
        self.removed: list[str] = []
        self.writes: dict[str, int] = {}
        self.subscriptions_made = 0
        self.next_organization = 100_001
        self.next_person = 500_001
        self.next_deal = FIRST_DEAL
        self.clear_indexes()

    def clear_indexes(self) -> None:
        """Empties what lists and searches read."""
        self.organization_index: Index[str] = Index()
        self.person_index: Index[str] = Index()
        self.deal_index: Index[int] = Index()
        self.deals_of: dict[str, list[int]] = {}
        self.persons_of: dict[str, list[str]] = {}

    def step(self, label: str) -> Step | None:
        """The step with exactly this label."""
        return next((step for step in self.steps if step.label == label), None)

    def first_step(self, assessment: str) -> Step:
        """The first step that is assessed like this."""
        return next(step for step in self.steps if step.assessment == assessment)

    def assessment(self, deal: Deal) -> str:
        """Whether the deal is open, won or lost."""
        step = self.step(deal.status)
        return step.assessment if step else OPEN

    def new_organization_id(self) -> str:
        """The next id of a company that is not in Lime's register: digits only."""
        while str(self.next_organization) in self.organizations:
            self.next_organization += 1
        return str(self.next_organization)

    def new_person_id(self) -> str:
        """The next id of a person that is not in Lime's register: digits only."""
        while str(self.next_person) in self.persons:
            self.next_person += 1
        return str(self.next_person)

    def new_subscription_id(self) -> str:
        """An id that nobody guesses, but the same in every run."""
        self.subscriptions_made += 1
        return str(uuid5(NAMESPACE_URL, f"limego:{self.name}:subscription:{self.subscriptions_made}"))

    def new_deal_id(self) -> int:
        """The next free number of a deal. Every database counts from the same one."""
        while self.next_deal in self.deals:
            self.next_deal += 1
        return self.next_deal

    def add(self, record: Organization | Person | Deal) -> None:
        """Stores a record that has been there for long: lists and searches find it at once."""
        if isinstance(record, Organization):
            self.organizations[record.id] = record
            self.organization_index.put_settled(record.id, organization_text(record))
        elif isinstance(record, Person):
            self.persons[record.id] = record
            self.person_index.put_settled(record.id, self.person_text(record))
            if record.employer:
                self.persons_of.setdefault(record.employer, []).append(record.id)
        else:
            self.deals[record.id] = record
            self.deal_index.put_settled(record.id, self.deal_text(record))
            if record.organization:
                self.deals_of.setdefault(record.organization, []).append(record.id)

    def give_deal(self, deal: Deal, organization: Organization | None) -> None:
        """Makes the deal this company's, among whose deals it stands where it would if it had always been there."""
        if deal.organization == (organization.id if organization else None):
            return
        if deal.organization:
            self.deals_of[deal.organization].remove(deal.id)
        deal.organization = organization.id if organization else None
        if organization:
            mine = {deal.id, *self.deals_of.get(organization.id, ())}
            self.deals_of[organization.id] = [one for one in self.deals if one in mine]

    def survivor(self, organization_id: str) -> str:
        """The company that this one was merged into, and that one in its turn; itself when it was not."""
        while organization_id in self.merged:
            organization_id = self.merged[organization_id]
        return organization_id

    def person_text(self, person: Person) -> str:
        """What a search for persons reads: name, e-mail and employer."""
        employer = self.organizations.get(person.employer or "")
        return " ".join((person.name, person.email or "", employer.name if employer else ""))

    def deal_text(self, deal: Deal) -> str:
        """What a search for deals reads: name, then customer."""
        customer = self.organizations.get(deal.organization or "")
        return _lines(deal.name, customer.name if customer else None)

    def count_write(self, writer: str, organization: Organization | None) -> None:
        """Counts one change, for the database and for the company it is about."""
        self.writes[writer] = self.writes.get(writer, 0) + 1
        if organization:
            organization.writes[writer] = organization.writes.get(writer, 0) + 1


def organization_text(organization: Organization) -> str:
    """What a search for companies reads: name, then number, e-mail and city."""
    city = organization.postal_address.city if organization.postal_address else None
    return _lines(organization.name, organization.organization_number, organization.email, city)


def _lines(name: str, *rest: str | None) -> str:
    """The name alone on the first line."""
    return "\n".join((" ".join(name.split()), " ".join(filter(None, rest))))


def number(value: Decimal | None) -> int | float | None:
    """A deal's value as a JSON number."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _guid(name: str, kind: str) -> str:
    if name == DEFAULT:
        return f"00000000-0000-4000-8000-{KEY_NUMBERS[kind]:012d}"
    return str(uuid5(NAMESPACE_URL, f"limego:{name}:{kind}"))
