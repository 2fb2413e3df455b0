"""Events: written to the feed and sent to the subscribers; the feed that forgets what it has shown; subscriptions."""

from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.limego.eventlog import note, shown
from sandbox.limego.records import EVENT_TYPES, PERSONAL, Deal, Organization, Person, Subscription
from sandbox.limego.refusals import ForbiddenError, InputError, MissingError

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
    event = note(caller.database, event_type, coworker, organization, deal, person, caller.limego.clock.now().isoformat())
    caller.limego.postman.send(caller.database, event)


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
