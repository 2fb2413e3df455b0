"""An event: written to the feed's log, and as a reader sees it."""

from typing import Any

from sandbox.limego.database import Database, number
from sandbox.limego.records import COMPANY, Coworker, Deal, Event, Key, Organization, Person
from sandbox.limego.schema import body, object_type
from sandbox.limego.switches import Switches


def note(
    database: Database,
    event_type: str,
    coworker: Coworker | None,
    organization: Organization | None,
    deal: Deal | None,
    person: Person | None = None,
    at: str = "",
) -> Event:
    """Writes an event to the feed only."""
    database.position += 1
    about = _deal(deal), _organization(organization), _person(person)
    event = Event(database.position, event_type, _coworker(coworker), *about, at)
    database.feed.append(event)
    return event


def _coworker(coworker: Coworker | None) -> dict[str, object] | None:
    if coworker is None:
        return None
    return {"firstName": coworker.first_name, "lastName": coworker.last_name, "email": coworker.email}


def _deal(deal: Deal | None) -> dict[str, object] | None:
    if deal is None:
        return None
    return {"id": deal.id, "name": deal.name, "value": number(deal.value), "status": deal.status}


def _organization(organization: Organization | None) -> dict[str, object] | None:
    if organization is None:
        return None
    return {"id": organization.id, "name": organization.name, "organizationNumber": organization.organization_number}


def _person(person: Person | None) -> dict[str, object] | None:
    return {"id": person.id, "name": person.name, "email": person.email} if person else None


def shown(event: Event, key: Key, switches: Switches) -> dict[str, Any]:
    """The event as this key may read it: the body of a webhook and an item of the feed, shaped by the schema file."""
    parts: dict[str, dict[str, object] | None] = {
        "coworker": event.coworker,
        "deal": event.deal,
        "organization": event.organization,
        "person": event.person,
    }
    if event.deal and key.kind == COMPANY and not switches.company_key_reads_rest:
        parts["deal"] = {**event.deal, "value": None}
    if not switches.event_ids:
        parts = {name: part and {one: value for one, value in part.items() if one != "id"} for name, part in parts.items()}
    return body(object_type("Event"), {"position": str(event.position), "eventType": event.type, **parts})
