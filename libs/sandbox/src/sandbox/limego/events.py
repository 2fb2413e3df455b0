"""Events: written to the feed and sent to the subscribers; the feed that forgets what it has shown; subscriptions."""

from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.limego.database import Database, number
from sandbox.limego.records import COMPANY, EVENT_TYPES, PERSONAL, Coworker, Deal, Event, Key, Organization, Person, Subscription
from sandbox.limego.refusals import ForbiddenError, InputError, MissingError
from sandbox.limego.schema import body, object_type
from sandbox.limego.switches import Switches

if TYPE_CHECKING:
    from sandbox.limego.world import Caller

PAGE = 50


def fire(
    caller: "Caller", event_type: str, organization: Organization | None, deal: Deal | None = None, person: Person | None = None
) -> None:
    """Something happened: the feed notes it and webhooks set off."""
    if caller.key.kind != PERSONAL and not caller.limego.switches.own_writes_fire_events:
        return
    responsible = (deal.responsible if deal else None) or (organization.responsible if organization else None)
    coworker = caller.coworker or caller.database.coworkers.get(responsible or 0)
    event = note(caller.database, event_type, coworker, organization, deal, person)
    caller.limego.postman.send(caller.database, event)


def note(
    database: Database,
    event_type: str,
    coworker: Coworker | None,
    organization: Organization | None,
    deal: Deal | None,
    person: Person | None = None,
) -> Event:
    """Writes an event to the feed only."""
    database.position += 1
    about = _deal(deal), _organization(organization), _person(person)
    event = Event(database.position, event_type, _coworker(coworker), *about)
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


def read_feed(caller: "Caller", *, peek: bool) -> list[dict[str, Any]]:
    """Up to 50 events, oldest first. Without `peek` they are gone for this key."""
    _may_listen(caller)
    database, switches = caller.database, caller.limego.switches
    reader = caller.key.guid if switches.feed_per == "key" else "account"
    start = 0 if switches.feed_starts == "oldest" else database.position
    cursor = database.cursors.setdefault(reader, start)
    first = database.feed[0].position if database.feed else 0
    page = list(islice(database.feed, max(0, cursor + 1 - first), max(0, cursor + 1 - first) + PAGE))
    if page and not peek:
        database.cursors[reader] = page[-1].position
    return [shown(event, caller.key, switches) for event in page]


def subscribe(caller: "Caller", data: object) -> Subscription:
    """Makes a subscription; raises InputError for a body that the API would refuse."""
    _may_listen(caller)
    if not isinstance(data, dict):
        raise InputError("the body is an object with targeturl and events")
    targeturl, events, switches = data.get("targeturl"), data.get("events", []), caller.limego.switches
    if (unknown := sorted(set(data) - {"targeturl", "events"})) and switches.extra_keys_refused:
        raise InputError(f"unknown key {unknown[0]!r}")
    if not isinstance(targeturl, str) or not _absolute(targeturl):
        raise InputError("targeturl is not an absolute address")
    if not isinstance(events, list) or not all(isinstance(one, str) for one in events):
        raise InputError("events is a list of event names")
    if (unknown := sorted(set(events) - EVENT_TYPES)) and switches.unknown_event == "error":
        raise InputError(f"there is no event {unknown[0]!r}")
    subscriptions = caller.database.subscriptions
    if not switches.same_target_subscribes_twice:
        for subscription in subscriptions.values():
            if subscription.targeturl == targeturl:
                subscription.events = events
                return subscription
    subscription = Subscription(caller.database.new_subscription_id(), targeturl, events, caller.key.guid)
    subscriptions[subscription.id] = subscription
    return subscription


def unsubscribe(caller: "Caller", subscription_id: str) -> None:
    """Ends a subscription of this database."""
    _may_listen(caller)
    if caller.database.subscriptions.pop(subscription_id, None) is None:
        raise MissingError("there is no such subscription")


def _may_listen(caller: "Caller") -> None:
    if caller.key.kind == PERSONAL and not caller.limego.switches.personal_key_subscribes:
        raise ForbiddenError("a personal key may neither subscribe nor read the feed")


def _absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
