"""A database to JSON and back."""

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sandbox.limego.database import FEED_KEEPS, Database, number
from sandbox.limego.index import Index
from sandbox.limego.records import (
    Address,
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

PLAIN = (
    "position", "cursors", "invoices", "products", "merged", "removed", "writes", "subscriptions_made",
    "next_organization", "next_person", "next_deal",
)  # fmt: skip


def dump(database: Database) -> dict[str, Any]:
    """Everything that the database holds, ready for JSON. Records are in the order in which they were made; `listed` has the
    order of those lists that have another."""
    return {
        **{name: getattr(database, name) for name in PLAIN},
        "keys": {kind: asdict(key) for kind, key in database.keys.items()},
        "coworkers": [asdict(one) for one in database.coworkers.values()],
        "steps": [asdict(one) for one in database.steps],
        "custom_fields": {kind: [asdict(one) for one in found] for kind, found in database.custom_fields.items()},
        "organizations": [asdict(one) for one in database.organizations.values()],
        "persons": [asdict(one) for one in database.persons.values()],
        "deals": [_deal(database, one) for one in database.deals.values()],
        "subscriptions": [asdict(one) for one in database.subscriptions.values()],
        "feed": [asdict(one) for one in database.feed],
        "listed": {name: index.ids() for name, (index, records) in _lists(database).items() if index.ids() != list(records)},
    }


def _lists(database: Database) -> dict[str, tuple[Index[Any], Mapping[Any, Any]]]:
    return {
        "organizations": (database.organization_index, database.organizations),
        "persons": (database.person_index, database.persons),
        "deals": (database.deal_index, database.deals),
    }


def _deal(database: Database, deal: Deal) -> dict[str, Any]:
    return {**asdict(deal), "value": number(deal.value), "assessment": database.assessment(deal)}


def restore(name: str, data: dict[str, Any]) -> Database:
    """The database that `dump` wrote down. Everything in it counts as settled."""
    database = Database(name)
    for plain in PLAIN:
        setattr(database, plain, data[plain])
    database.keys = {kind: Key(**one) for kind, one in data["keys"].items()}
    database.coworkers = {one["id"]: Coworker(**one) for one in data["coworkers"]}
    database.steps = [Step(**one) for one in data["steps"]]
    database.custom_fields = {
        kind: [CustomFieldDefinition(**one) for one in found] for kind, found in data["custom_fields"].items()
    }
    database.subscriptions = {one["id"]: Subscription(**one) for one in data["subscriptions"]}
    database.feed = deque((Event(**one) for one in data["feed"]), maxlen=FEED_KEEPS)
    for one in data["organizations"]:
        database.add(_organization(one))
    for one in data["persons"]:
        database.add(Person(**one))
    for one in data["deals"]:
        database.add(_restored_deal(one))
    for kind, ids in data["listed"].items():
        _lists(database)[kind][0].arrange(ids)
    return database


def _organization(data: dict[str, Any]) -> Organization:
    addresses = {name: data[name] and Address(**data[name]) for name in ("postal_address", "visit_address")}
    return Organization(**{**data, **addresses})


def _restored_deal(data: dict[str, Any]) -> Deal:
    value = None if data["value"] is None else Decimal(str(data["value"]))
    return Deal(**{name: one for name, one in data.items() if name != "assessment"} | {"value": value})
