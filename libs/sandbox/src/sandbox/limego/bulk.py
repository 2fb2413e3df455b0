"""Puts many records in a database at once, as if they had always been there."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.limego.checks import VALUE_LIMIT
from sandbox.limego.database import Database
from sandbox.limego.eventlog import note
from sandbox.limego.records import LOST, OPEN, RELATIONS, WON, Address, CustomFieldDefinition, Deal, Organization, Person
from sandbox.limego.refusals import InputError
from sandbox.limego.world import LimeGo

ORGANIZATION = frozenset(
    (
        "id", "name", "organizationNumber", "email", "phoneNumber", "postalAddress", "visitAddress", "customerRelation",
        "customFields", "tags", "integrationId",
    )
)  # fmt: skip
PERSON = frozenset(("id", "name", "email", "phoneNumber", "organizationId"))
DEAL = frozenset(("id", "name", "value", "status", "organizationId", "organizationIndex", "customFields", "customerContactId"))
BODY = frozenset(("organizations", "persons", "deals", "customFields", "events"))


def insert(limego: LimeGo, database: Database, body: dict[str, Any]) -> dict[str, Any]:
    """Inserts organizations, persons and deals, and gives their ids. `events` true writes the won and lost deals to
    the feed (no webhooks). `organizationIndex` of a deal points into this call's organizations. All or nothing for
    what can be read wrongly; raises InputError."""
    _only(body, BODY, "body")
    definitions = [(kind, CustomFieldDefinition(**one)) for kind, found in body.get("customFields", {}).items() for one in found]
    organizations = _organizations(database, body.get("organizations", []))
    persons = [_person(one) for one in body.get("persons", [])]
    deals = _deals(database, body.get("deals", []), [one.id for one in organizations])
    for kind, definition in definitions:
        database.custom_fields[kind].append(definition)
    records: list[Organization | Person | Deal] = [*organizations, *persons, *deals]
    for record in records:
        database.add(record)
    if body.get("events"):
        _note(database, deals)
    return {
        "organizations": [one.id for one in organizations],
        "persons": [one.id for one in persons],
        "deals": [one.id for one in deals],
    }


def _only(data: object, fields: frozenset[str], what: str) -> None:
    if not isinstance(data, dict) or (what != "body" and not isinstance(data.get("name"), str)):
        raise InputError(f"a {what} is an object, with a name")
    if unknown := sorted(set(data) - fields):
        raise InputError(f"unknown field {unknown[0]!r} in {what}")


def _organizations(database: Database, found: list[dict[str, Any]]) -> list[Organization]:
    made = []
    for one in found:
        _only(one, ORGANIZATION, "organization")
        relation = one.get("customerRelation", "NO_RELATION")
        if relation not in RELATIONS:
            raise InputError(f"unknown customerRelation {relation!r}")
        organization_id = one.get("id")
        if organization_id is None:
            organization_id = database.new_organization_id()
            database.next_organization += 1
        if organization_id in database.organizations:
            raise InputError(f"organization {organization_id} is there already")
        made.append(_organization(str(organization_id), relation, one))
    return made


def _organization(organization_id: str, relation: str, one: dict[str, Any]) -> Organization:
    return Organization(
        id=organization_id,
        name=one["name"],
        organization_number=one.get("organizationNumber") or None,
        email=one.get("email"),
        phone_number=list(one.get("phoneNumber") or ()),
        postal_address=_address(one.get("postalAddress")),
        visit_address=_address(one.get("visitAddress")),
        customer_relation=relation,
        custom_fields=dict(one.get("customFields") or {}),
        tags=list(one.get("tags") or ()),
        integration_id=one.get("integrationId"),
        responsible=1,
    )


def _address(given: dict[str, str] | None) -> Address | None:
    if given is None:
        return None
    return Address(given.get("street"), given.get("zipCode"), given.get("city"), given.get("countryCode"))


def _person(one: dict[str, Any]) -> Person:
    _only(one, PERSON, "person")
    if not one.get("id"):
        raise InputError("a person needs an id")
    return Person(str(one["id"]), one["name"], one.get("email"), list(one.get("phoneNumber") or ()), one.get("organizationId"))


def _deals(database: Database, found: list[dict[str, Any]], new_organizations: list[str]) -> list[Deal]:
    made = []
    for one in found:
        _only(one, DEAL, "deal")
        deal_id = one.get("id")
        if deal_id is None:
            deal_id = database.new_deal_id()
            database.next_deal += 1
        if type(deal_id) is not int or deal_id in database.deals:
            raise InputError(f"deal {deal_id!r} is there already, or its id is not a whole number")
        made.append(_deal(database, deal_id, one, new_organizations))
    return made


def _deal(database: Database, deal_id: int, one: dict[str, Any], new_organizations: list[str]) -> Deal:
    organization = one.get("organizationId")
    if (index := one.get("organizationIndex")) is not None:
        if type(index) is not int or not 0 <= index < len(new_organizations):
            raise InputError(f"there is no organization {index!r} in this call")
        organization = new_organizations[index]
    elif organization is not None and organization not in database.organizations and organization not in new_organizations:
        raise InputError(f"there is no organization {organization!r}")
    status = one.get("status") or database.first_step(OPEN).label
    if database.step(status) is None:
        raise InputError(f"there is no step {status!r}")
    return Deal(
        id=deal_id,
        name=one["name"],
        status=status,
        organization=organization,
        value=_value(one.get("value")),
        responsible=1,
        contact=one.get("customerContactId"),
        custom_fields=dict(one.get("customFields") or {}),
    )


def _value(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise InputError(f"{value!r} is not a value") from error
    if not abs(found) < VALUE_LIMIT:
        raise InputError(f"{value!r} has too many digits")
    return found


def _note(database: Database, deals: list[Deal]) -> None:
    for deal in deals:
        event = {WON: "DealWon", LOST: "DealLost"}.get(database.assessment(deal))
        if event:
            coworker = database.coworkers.get(deal.responsible or 0)
            organization = database.organizations.get(deal.organization or "")
            note(database, event, coworker, organization, deal)
            note(database, "DealStatusChange", coworker, organization, deal)
