"""Kafka in: identities of both registers, listings, and the companies that ask to be decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from contracts.events import (
    CompanyChanged,
    CompanyListingCompleted,
    ConnectionChanged,
    CustomerBecameClient,
    CustomerChanged,
    CustomerListingCompleted,
)
from contracts.message import Message
from matcher.deciding import Causes, decide
from matcher.registers import Key, NumberChange, RegisterKind
from matcher.repository import DecisionRepository, RegisterRepository
from servicekit.database import UnitOfWork
from servicekit.envelope import Received
from servicekit.errors import UnknownConnectionError

M = TypeVar("M", bound=Message)
Listed = Received[CompanyChanged] | Received[CustomerChanged]
ListingCompleted = CompanyListingCompleted | CustomerListingCompleted


async def lock_connections(unit: UnitOfWork, received: Sequence[Received[Any]]) -> None:
    """Lets one replica at a time work on a connection; raises UnknownConnectionError.

    Two batches of different partitions would else not see each other's uncommitted half: the last item of a listing
    and its completion, a company and the customer with its number.
    """
    wanted = {item.message.connection_id for item in received}
    known = await RegisterRepository(unit.connection).lock(sorted(wanted))
    for connection_id in sorted(wanted - known):
        raise UnknownConnectionError(connection_id)


async def on_connection_changed(unit: UnitOfWork, received: list[Received[ConnectionChanged]]) -> None:
    """Makes the connections known."""
    await RegisterRepository(unit.connection).save_connections([item.message for _, item in _newest(received)])


async def on_company_changed(unit: UnitOfWork, received: list[Received[CompanyChanged]]) -> None:
    """Stores the companies; decides again for those whose number is new, and for those that share it or did."""
    newest = _newest(received)
    registers = RegisterRepository(unit.connection)
    changes = await registers.save_companies([item.message for _, item in newest])
    traces = {key: item.trace for key, item in newest}
    causes = await _sharing(unit, changes, traces)
    causes.update((change.key, traces[change.key]) for change in changes)
    await _note_listed(unit, RegisterKind.COMPANY, received, causes)
    await decide(unit, causes)


async def on_customer_changed(unit: UnitOfWork, received: list[Received[CustomerChanged]]) -> None:
    """Stores the customers; decides again for the companies that have a customer's old or new number."""
    newest = _newest(received)
    registers = RegisterRepository(unit.connection)
    changes = await registers.save_customers([item.message for _, item in newest])
    causes = await _sharing(unit, changes, {key: item.trace for key, item in newest})
    await _note_listed(unit, RegisterKind.CUSTOMER, received, causes)
    await decide(unit, causes)


async def on_listing_completed(unit: UnitOfWork, received: list[Received[ListingCompleted]]) -> None:
    """Notes how many distinct ids there are; the completion may come before its items, for it has another key."""
    causes: Causes = {}
    await RegisterRepository(unit.connection).expect([(_kind(item.message), item.message) for item in received])
    await _complete(unit, {item.message.connection_id: item.trace for item in received}, causes)
    await decide(unit, causes)


async def on_customer_became_client(unit: UnitOfWork, received: list[Received[CustomerBecameClient]]) -> None:
    """Opens the company's request and tells its decision, also when it was told before: the asker may have missed it."""
    causes = {(item.message.connection_id, item.message.company_id): item.trace for item in received}
    await DecisionRepository(unit.connection).open_requests(sorted(causes))
    await decide(unit, causes, is_asked=True)


def _newest(received: Sequence[Received[M]]) -> list[tuple[Key, Received[M]]]:
    """The newest message of each record, in key order: two batches that lock rows in one order cannot deadlock."""
    newest: dict[Key, Received[M]] = {}
    for item in received:
        key = (item.message.connection_id, item.message.record_id)
        if key not in newest or _version(item) >= _version(newest[key]):
            newest[key] = item
    return sorted(newest.items(), key=lambda pair: pair[0])


def _version(item: Received[Any]) -> int:
    return int(item.message.version)


def _kind(message: ListingCompleted) -> RegisterKind:
    return RegisterKind.COMPANY if isinstance(message, CompanyListingCompleted) else RegisterKind.CUSTOMER


async def _sharing(unit: UnitOfWork, changes: Sequence[NumberChange], traces: Causes) -> Causes:
    """The companies that have a number which somebody got or lost."""
    numbers = {number: traces[change.key] for change in changes for number in change.numbers}
    return {
        company: numbers[number] for company, number in await DecisionRepository(unit.connection).requests_with(sorted(numbers))
    }


async def _note_listed(unit: UnitOfWork, kind: RegisterKind, received: Sequence[Listed], causes: Causes) -> None:
    """Counts what belongs to a listing, also when its snapshot was older than ours; adds what a full listing releases."""
    listed = [item for item in received if item.message.listing_id is not None]
    if not listed:
        return
    await RegisterRepository(unit.connection).note_listed(kind, [item.message for item in listed])
    await _complete(unit, {item.message.connection_id: item.trace for item in listed}, causes)


async def _complete(unit: UnitOfWork, connections: dict[Any, str], causes: Causes) -> None:
    """Adds every open request of the connections whose second register has just become complete."""
    complete = await RegisterRepository(unit.connection).complete_listings(sorted(connections))
    for key in await DecisionRepository(unit.connection).requests_in(complete):
        causes.setdefault(key, connections[key[0]])
