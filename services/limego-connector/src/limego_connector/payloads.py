"""Lime Go's JSON as models. Fields that are not named are ignored: the remote may grow."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from normal_forms.figures import read_amount
from servicekit.payload import Payload


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_text)]
"""Examples show ids both as strings and as numbers (limego.md, 2.2)."""


def _amount(value: object) -> object:
    """A text is read as people write amounts; one that cannot be read is unknown, which is not 0."""
    return read_amount(value) if isinstance(value, str) else value


Amount = Annotated[Decimal | None, BeforeValidator(_amount)]


class AddressPayload(Payload):
    """UNCONFIRMED names; null for a key with reduced data."""

    street: str | None = None
    zipCode: str | None = None
    city: str | None = None
    countryCode: str | None = None


class CustomFieldPayload(Payload):
    """Keyed by title; values are always strings."""

    title: str
    value: str | None = None


class PersonPayload(Payload):
    """A coworker or a contact person; only the name is asked for."""

    name: str


class OrganizationPayload(Payload):
    """A company, whole."""

    id: Id
    name: str
    city: str | None = None
    email: str | None = None
    phoneNumber: tuple[str, ...] | None = None
    organizationNumber: str | None = None
    customerRelation: str
    customFields: tuple[CustomFieldPayload, ...] = ()
    postalAddress: AddressPayload | None = None
    visitAddress: AddressPayload | None = None


class DealSummaryPayload(Payload):
    """A deal as a walk asks for it."""

    id: int
    statusAssessment: str


class DealPayload(DealSummaryPayload):
    """A deal, whole, with its company."""

    name: str
    value: Amount = None
    customer: OrganizationPayload | None = None
    responsibleCoworker: PersonPayload | None = None
    customerContact: PersonPayload | None = None
    customFields: tuple[CustomFieldPayload, ...] = ()


class DealReferencePayload(Payload):
    """The deal of an event: its number, which GraphQL takes as an Int."""

    id: int = Field(gt=0, lt=2**31)


class OrganizationReferencePayload(Payload):
    """The company of an event."""

    id: Id = Field(min_length=1, max_length=100)


class EventPayload(Payload):
    """A web hook's body or an item of the feed. UNCONFIRMED: only what a hint needs, and none of it is trusted."""

    eventType: str = ""
    position: Id | None = None
    deal: DealReferencePayload | None = None
    organization: OrganizationReferencePayload | None = None
