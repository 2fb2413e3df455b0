"""The rules of edits: what a click or a mutation may change, and which events follow (UNCONFIRMED, all of it)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.limego.database import organization_text
from sandbox.limego.events import fire
from sandbox.limego.records import COMPANY, LOST, OPEN, RELATIONS, WON, Address, Deal, Organization
from sandbox.limego.refusals import RuleError
from sandbox.limego.world import Caller

NAME_LIMIT = 255
VALUE_LIMIT = Decimal(10) ** 20


def update_organization(caller: Caller, id: str, **changes: Any) -> Organization:
    """Changes a company. Omitted arguments keep their value; `customFields` only touches the titles it names."""
    _may_write(caller)
    organization = _organization(caller, id)
    fields = _custom_fields(caller, "organization", changes.get("customFields"))
    if "name" in changes:
        organization.name = _name(changes["name"])
    if "organizationNumber" in changes:
        organization.organization_number = changes["organizationNumber"] or None
    _merge(organization.custom_fields, fields)
    caller.database.count_write(caller.writer, organization)
    _index_organization(caller, organization)
    _set_relation(caller, organization, changes.get("customerRelation"))
    return organization


def update_deal(caller: Caller, id: int, **changes: Any) -> Deal:
    """Changes a deal, or moves it to the step with the label `status`. Closed deals must first be moved back."""
    _may_write(caller)
    deal = caller.database.deals.get(id)
    if deal is None:
        raise RuleError(f"There is no deal with id {id}")
    label = changes.get("status")
    after = caller.database.assessment(deal) if label is None else _assessment(caller, label)
    if caller.database.assessment(deal) != OPEN and after != OPEN:
        raise RuleError("A won or lost deal cannot be edited. Move it back into the sales process first")
    name = _name(changes["name"]) if "name" in changes else deal.name
    value = _value(caller, changes["value"]) if "value" in changes else deal.value
    moved = label is not None and label != deal.status
    deal.name, deal.value, deal.status = name, value, label or deal.status
    caller.database.count_write(caller.writer, caller.database.organizations.get(deal.organization or ""))
    _index_deal(caller, deal)
    if moved:
        _moved(caller, deal, after)
    return deal


def create_organization(caller: Caller, name: str, **given: Any) -> Organization:
    """Makes a company. Nothing stops a second one with the same number."""
    _may_write(caller)
    organization = Organization(
        id=caller.database.new_organization_id(),
        name=_name(name),
        organization_number=given.get("organizationNumber") or None,
        email=given.get("email") or None,
        phone_number=list(given.get("phoneNumber") or ()),
        postal_address=_address(given.get("postalAddress")),
        visit_address=_address(given.get("visitAddress")),
        responsible=caller.key.coworker,
    )
    caller.database.organizations[organization.id] = organization
    caller.database.count_write(caller.writer, organization)
    _index_organization(caller, organization)
    return organization


def create_deal(caller: Caller, name: str, **given: Any) -> Deal:
    """Makes a deal in the first open step, with or without a company."""
    _may_write(caller)
    database = caller.database
    organization = _organization(caller, given["organizationId"]) if given.get("organizationId") else None
    contact = given.get("customerContactId")
    if contact and contact not in database.persons:
        raise RuleError(f"There is no person with id {contact!r}")
    deal = Deal(
        id=database.new_deal_id(),
        name=_name(name),
        status=database.first_step(OPEN).label,
        organization=organization.id if organization else None,
        value=_value(caller, given.get("value")),
        responsible=caller.key.coworker or (organization.responsible if organization else None),
        contact=contact,
    )
    _merge(deal.custom_fields, _custom_fields(caller, "deal", given.get("customFields")))
    database.deals[deal.id] = deal
    if organization:
        database.deals_of.setdefault(organization.id, []).append(deal.id)
    database.count_write(caller.writer, organization)
    _index_deal(caller, deal)
    return deal


def _may_write(caller: Caller) -> None:
    if caller.key.kind == COMPANY and not caller.limego.switches.company_key_writes:
        raise RuleError("This API key may not change anything")


def _organization(caller: Caller, id: str) -> Organization:
    found = caller.database.organizations.get(id)
    if found is None:
        raise RuleError(f"There is no organization with id {id!r}")
    return found


def _name(name: str | None) -> str:
    if not name or not name.strip():
        raise RuleError("A name is required")
    if len(name) > NAME_LIMIT:
        raise RuleError(f"A name has at most {NAME_LIMIT} characters")
    return name


def _value(caller: Caller, value: Decimal | None) -> Decimal | None:
    if value is not None and abs(value) >= VALUE_LIMIT:
        raise RuleError("A deal's value has at most 20 digits")
    if value is not None and value < 0 and not caller.limego.switches.negative_deal_value:
        raise RuleError("A deal's value cannot be negative")
    return value


def _assessment(caller: Caller, label: str) -> str:
    step = caller.database.step(label)
    if step is None:
        raise RuleError(f"There is no step {label!r} in the sales process")
    return step.assessment


def _address(given: Mapping[str, str] | None) -> Address | None:
    if given is None:
        return None
    return Address(given.get("street"), given.get("zipCode"), given.get("city"), given.get("countryCode"))


def _custom_fields(caller: Caller, kind: str, given: list[dict[str, Any]] | None) -> dict[str, str]:
    known = {field.title for field in caller.database.custom_fields[kind]}
    fields = {field["title"]: field.get("value") or "" for field in given or ()}
    unknown = sorted(set(fields) - known)
    if unknown and caller.limego.switches.unknown_custom_field == "error":
        raise RuleError(f"There is no custom field {unknown[0]!r}")
    return fields


def _merge(fields: dict[str, str], changes: dict[str, str]) -> None:
    for title, value in changes.items():
        fields[title] = value
        if not value:
            del fields[title]


def _set_relation(caller: Caller, organization: Organization, relation: str | None) -> None:
    if relation is not None and relation != organization.customer_relation:
        organization.customer_relation = relation
        fire(caller, RELATIONS[relation], organization, None)


def _moved(caller: Caller, deal: Deal, assessment: str) -> None:
    organization = caller.database.organizations.get(deal.organization or "")
    if assessment == WON:
        fire(caller, "DealWon", organization, deal)
    if assessment == LOST:
        fire(caller, "DealLost", organization, deal)
    fire(caller, "DealStatusChange", organization, deal)
    if assessment == WON and organization and caller.limego.switches.winning_sets_relation:
        _set_relation(caller, organization, "IS_A_CUSTOMER")


def _index_organization(caller: Caller, organization: Organization) -> None:
    limego = caller.limego
    lag, moves = limego.clock.seconds(limego.switches.search_lag), limego.switches.listing_order == "changed"
    text = organization_text(organization)
    caller.database.organization_index.put(organization.id, text, limego.clock.monotonic(), lag, moves=moves)


def _index_deal(caller: Caller, deal: Deal) -> None:
    limego = caller.limego
    lag, moves = limego.clock.seconds(limego.switches.search_lag), limego.switches.listing_order == "changed"
    text = caller.database.deal_text(deal)
    caller.database.deal_index.put(deal.id, text, limego.clock.monotonic(), lag, moves=moves)
