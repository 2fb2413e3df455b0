"""The edits: what a click or a mutation changes, and which events follow (UNCONFIRMED, all of it)."""

from collections.abc import Callable
from typing import Any

from sandbox.limego import checks
from sandbox.limego.database import organization_text
from sandbox.limego.events import fire
from sandbox.limego.index import Index
from sandbox.limego.records import LOST, OPEN, RELATIONS, WON, Deal, Organization, Person
from sandbox.limego.refusals import RuleError
from sandbox.limego.world import Caller


def update_organization(caller: Caller, id: str, **changes: Any) -> Organization:
    """Changes a company. Omitted arguments keep their value; `customFields` only touches the titles it names."""
    checks.may_write(caller)
    organization = checks.organization(caller, id)
    fields = checks.custom_fields(caller, "organization", changes.get("customFields"))
    known = {**_register_data(caller, organization, changes), **_contact_data(caller, changes)}
    if "responsibleCoworkerId" in changes:
        known["responsible"] = checks.coworker(caller, changes["responsibleCoworkerId"])
    for attribute, value in known.items():
        setattr(organization, attribute, value)
    _merge(organization.custom_fields, fields)
    caller.database.count_write(caller.writer, organization)
    _index_organization(caller, organization)
    relation = changes.get("customerRelation")
    if relation is not None and (relation != organization.customer_relation or caller.limego.switches.unchanged_fires):
        _set_relation(caller, organization, relation)
    return organization


def update_deal(caller: Caller, id: int, **changes: Any) -> Deal:
    """Changes a deal, or moves it to the step with the label `status`. Closed deals must first be moved back."""
    checks.may_write(caller)
    deal = caller.database.deals.get(id)
    if deal is None:
        raise RuleError(f"There is no deal with id {id}")
    label, switches = changes.get("status"), caller.limego.switches
    before = caller.database.assessment(deal)
    after = before if label is None else checks.step(caller, label)
    if switches.closed_deals_locked and before != OPEN and after != OPEN:
        raise RuleError("A won or lost deal cannot be edited. Move it back into the sales process first")
    name = checks.name(caller, changes["name"]) if "name" in changes else deal.name
    value = checks.deal_value(caller, changes["value"]) if "value" in changes else deal.value
    organization = caller.database.organizations.get(deal.organization or "")
    if "organizationId" in changes:
        organization = checks.organization_or_none(caller, changes["organizationId"])
    if "responsibleCoworkerId" in changes:
        deal.responsible = checks.coworker(caller, changes["responsibleCoworkerId"])
    moved = label is not None and (label != deal.status or switches.unchanged_fires)
    deal.name, deal.value, deal.status = name, value, label or deal.status
    caller.database.give_deal(deal, organization)
    caller.database.count_write(caller.writer, organization)
    _index(caller, caller.database.deal_index, deal.id, caller.database.deal_text(deal))
    if moved:
        _moved(caller, deal, after)
    return deal


def update_person(caller: Caller, id: str, **changes: Any) -> Person:
    """Changes a person's e-mail; what else can be changed is not known."""
    checks.may_write(caller)
    person = caller.database.persons.get(id)
    if person is None:
        raise RuleError(f"There is no person with id {id!r}")
    if "email" in changes:
        person.email = checks.text(caller, changes["email"])
    _store_person(caller, person)
    return person


def create_organization(caller: Caller, name: str, **given: Any) -> Organization:
    """Makes a company. Nothing stops a second one with the same number."""
    checks.may_create(caller)
    organization = Organization(
        id=caller.database.new_organization_id(),
        name=checks.name(caller, name),
        organization_number=checks.text(caller, given.get("organizationNumber")),
        email=checks.text(caller, given.get("email")),
        phone_number=checks.texts(caller, given.get("phoneNumber")),
        postal_address=checks.address(caller, given.get("postalAddress")),
        visit_address=checks.address(caller, given.get("visitAddress")),
        responsible=caller.key.coworker,
    )
    caller.database.organizations[organization.id] = organization
    caller.database.count_write(caller.writer, organization)
    _index_organization(caller, organization)
    return organization


def create_person(caller: Caller, name: str, **given: Any) -> Person:
    """Makes a person, with or without an employer."""
    checks.may_create(caller)
    database = caller.database
    employer = checks.organization_or_none(caller, given.get("organizationId"))
    person = Person(
        id=database.new_person_id(),
        name=checks.name(caller, name),
        email=checks.text(caller, given.get("email")),
        employer=employer.id if employer else None,
    )
    database.persons[person.id] = person
    if employer:
        database.persons_of.setdefault(employer.id, []).append(person.id)
    _store_person(caller, person)
    return person


def create_deal(caller: Caller, name: str, **given: Any) -> Deal:
    """Makes a deal in the first open step, with or without a company."""
    checks.may_create(caller)
    database = caller.database
    organization = checks.organization_or_none(caller, given.get("organizationId"))
    contact = given.get("customerContactId")
    if contact and contact not in database.persons:
        raise RuleError(f"There is no person with id {contact!r}")
    deal = Deal(
        id=database.new_deal_id(),
        name=checks.name(caller, name),
        status=database.first_step(OPEN).label,
        organization=organization.id if organization else None,
        value=checks.deal_value(caller, given.get("value")),
        responsible=caller.key.coworker or (organization.responsible if organization else None),
        contact=contact,
    )
    _merge(deal.custom_fields, checks.custom_fields(caller, "deal", given.get("customFields")))
    database.deals[deal.id] = deal
    if organization:
        database.deals_of.setdefault(organization.id, []).append(deal.id)
    database.count_write(caller.writer, organization)
    _index(caller, database.deal_index, deal.id, database.deal_text(deal))
    return deal


def _register_data(caller: Caller, organization: Organization, changes: dict[str, Any]) -> dict[str, Any]:
    """Name, number and addresses that change, by attribute: a company's that Lime's register knows are Lime's."""
    read: dict[str, tuple[str, Callable[[Caller, Any], Any]]] = {
        "name": ("name", checks.name),
        "organizationNumber": ("organization_number", checks.text),
        "postalAddress": ("postal_address", checks.address),
        "visitAddress": ("visit_address", checks.address),
    }
    wanted = {attribute: check(caller, changes[name]) for name, (attribute, check) in read.items() if name in changes}
    what = caller.limego.switches.register_data
    if what == "free" or not organization.is_registered:
        return wanted
    if what == "refused" and any(value != getattr(organization, attribute) for attribute, value in wanted.items()):
        raise RuleError("The name, number and addresses of a company in the register cannot be changed")
    return {}


def _contact_data(caller: Caller, changes: dict[str, Any]) -> dict[str, Any]:
    """E-mail and phone numbers that change, by attribute."""
    changed: dict[str, Any] = {}
    if "email" in changes:
        changed["email"] = checks.text(caller, changes["email"])
    if "phoneNumber" in changes:
        changed["phone_number"] = checks.texts(caller, changes["phoneNumber"])
    return changed


def _merge(fields: dict[str, str], changes: dict[str, str]) -> None:
    for title, value in changes.items():
        fields[title] = value
        if not value:
            del fields[title]


def _set_relation(caller: Caller, organization: Organization, relation: str) -> None:
    organization.customer_relation = relation
    fire(caller, RELATIONS[relation], organization)


def _moved(caller: Caller, deal: Deal, assessment: str) -> None:
    switches, organization = caller.limego.switches, caller.database.organizations.get(deal.organization or "")
    closing = {WON: "DealWon", LOST: "DealLost"}.get(assessment)
    if closing:
        fire(caller, closing, organization, deal)
    if not closing or switches.closing_fires_status_change:
        fire(caller, "DealStatusChange", organization, deal)
    is_new_customer = organization and organization.customer_relation != "IS_A_CUSTOMER"
    if assessment == WON and organization and is_new_customer and switches.winning_sets_relation:
        # The click changes two records, and either may be heard of without the other.
        caller.database.count_write(caller.writer, organization)
        _set_relation(caller, organization, "IS_A_CUSTOMER")


def _store_person(caller: Caller, person: Person) -> None:
    database = caller.database
    database.count_write(caller.writer, database.organizations.get(person.employer or ""))
    _index(caller, database.person_index, person.id, database.person_text(person))


def _index_organization(caller: Caller, organization: Organization) -> None:
    _index(caller, caller.database.organization_index, organization.id, organization_text(organization))


def _index(caller: Caller, index: Index[Any], record_id: str | int, text: str) -> None:
    limego = caller.limego
    lag, moves = limego.clock.seconds(limego.switches.search_lag), limego.switches.listing_order == "changed"
    index.put(record_id, text, limego.clock.monotonic(), lag, moves=moves)
