"""Lime Go's payloads to the contracts' values, pure."""

from __future__ import annotations

from contracts.values import Address, Company, CustomField, Deal
from limego_connector.domain import Expectation, ReadDeal
from limego_connector.payloads import AddressPayload, DealPayload, EventPayload, OrganizationPayload
from normal_forms.places import read_country

IS_A_CUSTOMER = "IS_A_CUSTOMER"
POSITIVE = "POSITIVE"
DEAL_EVENTS = {
    "DealWon": Expectation.WON,
    "DealLost": Expectation.NOT_WON,
    "DealStatusChange": Expectation.ANYTHING,
}
COMPANY_EVENTS = {"OrganizationIsACustomer": Expectation.CUSTOMER}
EVENTS = (*DEAL_EVENTS, *COMPANY_EVENTS)
"""What the connector subscribes to. There are no events for created or edited records (limego.md, 5.2)."""


def company(payload: OrganizationPayload) -> Company:
    """A company; what is null or blank is None: unknown, never empty."""
    return Company(
        company_id=payload.id,
        name=payload.name,
        organisation_number=_filled(payload.organizationNumber),
        phone=next((number for number in payload.phoneNumber or () if number.strip()), None),
        email=_filled(payload.email),
        postal_address=_address(payload.postalAddress) if payload.postalAddress else Address(city=_filled(payload.city)),
        visiting_address=_address(payload.visitAddress),
        is_customer=payload.customerRelation == IS_A_CUSTOMER,
    )


def _address(payload: AddressPayload | None) -> Address:
    if payload is None:
        return Address()
    return Address(
        street=_filled(payload.street),
        postcode=_filled(payload.zipCode),
        city=_filled(payload.city),
        country_code=_country(payload.countryCode),
    )


def _country(text: str | None) -> str | None:
    """The country's code; a country that cannot be read stays as it is written, so that a person can be told."""
    return read_country(text or "") or _filled(text)


def _filled(text: str | None) -> str | None:
    return text.strip() or None if text else None


def deal(payload: DealPayload) -> ReadDeal:
    """A deal and whether it stands in a positive end state. A value of null stays unknown: it is not 0."""
    value = Deal(
        deal_id=payload.id,
        name=payload.name,
        company_id=payload.customer.id if payload.customer else None,
        value=payload.value,
        contact_person=payload.customerContact.name if payload.customerContact else None,
        responsible_coworker=payload.responsibleCoworker.name if payload.responsibleCoworker else None,
        custom_fields=tuple(CustomField(title=one.title, value=one.value) for one in payload.customFields if one.value),
    )
    return ReadDeal(value, is_won=payload.statusAssessment == POSITIVE)


def hint(event: EventPayload) -> tuple[str, Expectation] | None:
    """The record that an event is about, and what it says of it; None when the event means nothing to us.

    An event without a type (the body's schema is not public) still names a record: reading it does no harm.
    """
    if event.eventType in COMPANY_EVENTS and event.organization:
        return company_record(event.organization.id), COMPANY_EVENTS[event.eventType]
    if event.deal and (event.eventType in DEAL_EVENTS or not event.eventType):
        return deal_record(event.deal.id), DEAL_EVENTS.get(event.eventType, Expectation.ANYTHING)
    if event.organization and not event.eventType:
        return company_record(event.organization.id), Expectation.ANYTHING
    return None


def deal_record(deal_id: int) -> str:
    """How hints name a deal."""
    return f"deal/{deal_id}"


def company_record(company_id: str) -> str:
    """How hints name a company."""
    return f"company/{company_id}"


def position(event: EventPayload) -> str:
    """What tells items of the feed apart; its own parts, should an item have no position."""
    if event.position is not None:
        return event.position
    deal_id = event.deal.id if event.deal else ""
    return f"{event.eventType}/{deal_id}/{event.organization.id if event.organization else ''}"
