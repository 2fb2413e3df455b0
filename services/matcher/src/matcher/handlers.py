"""Kafka in: identities of both registers, listings, and the companies that ask to be decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.events import (
    CompanyChanged,
    CompanyConfirmedNew,
    CompanyLinked,
    CompanyListingCompleted,
    CompanyRemoved,
    ConnectionChanged,
    CustomerBecameClient,
    CustomerChanged,
    CustomerCreateWithdrawn,
    CustomerListingCompleted,
)
from contracts.message import Message
from contracts.values import Company
from matcher.deciding import Causes, Decider, affected
from matcher.keyed_hash import KeyedHash
from matcher.keys import company_identity, customer_identity, keys_of
from matcher.registers import Change, Key, RegisterKind
from matcher.repository import DecisionRepository, ListingRepository, RegisterRepository
from matcher.score_models import ScoreModels
from servicekit.database import UnitOfWork
from servicekit.envelope import Received
from servicekit.errors import UnknownConnectionError

M = TypeVar("M", bound=Message)
ABOUT_COMPANIES = (CompanyLinked, CompanyConfirmedNew, CustomerCreateWithdrawn)
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


async def lock_linked(unit: UnitOfWork, received: Sequence[Received[Any]]) -> None:
    """As lock_connections, for the topic on which connections become known: only what is said of companies needs the lock."""
    await lock_connections(unit, [item for item in received if isinstance(item.message, ABOUT_COMPANIES)])


@dataclass(frozen=True)
class Handlers:
    """One method per message type, each over a batch's messages of that type."""

    hashing: KeyedHash
    models: ScoreModels

    async def on_connection_changed(self, unit: UnitOfWork, received: list[Received[ConnectionChanged]]) -> None:
        """Makes the connections known."""
        await RegisterRepository(unit.connection).save_connections([item.message for _, item in _newest(received)])

    async def on_company_changed(self, unit: UnitOfWork, received: list[Received[CompanyChanged]]) -> None:
        """Stores the companies; decides again for those that changed, and for those whose decision rests on them."""
        messages = [item.message for _, item in _newest(received)]
        keys = [keys_of(self.hashing.key, one.connection_id, company_identity(one.company)) for one in messages]
        changes = await RegisterRepository(unit.connection).save_companies(messages, keys)
        await self._decide_affected(unit, RegisterKind.COMPANY, received, changes)

    async def on_company_removed(self, unit: UnitOfWork, received: list[Received[CompanyRemoved]]) -> None:
        """A company that Lime Go no longer has keeps neither number, claim, decision nor a person's word; the others that
        it stood in the way of are decided again."""
        messages = [item.message for _, item in _newest(received)]
        gone = [
            CompanyChanged(
                connection_id=one.connection_id, version=one.version, company=Company(company_id=one.company_id, name="")
            )
            for one in messages
        ]
        keys = [keys_of(self.hashing.key, one.connection_id, company_identity(one.company)) for one in gone]
        registers, decisions = RegisterRepository(unit.connection), DecisionRepository(unit.connection)
        known = await registers.older_than(gone)
        blocked = await decisions.blocked_by(known)
        changes = await registers.save_companies(gone, keys)
        await decisions.forget(known)
        await self._decide_affected(unit, RegisterKind.COMPANY, received, changes)
        traces = {item.message.connection_id: item.trace for item in received}
        await self._decide(unit, {key: traces[key[0]] for key in blocked if key not in known})

    async def on_customer_changed(self, unit: UnitOfWork, received: list[Received[CustomerChanged]]) -> None:
        """Stores the customers; decides again for the companies that have, had or may have to do with them."""
        messages = [item.message for _, item in _newest(received)]
        keys = [keys_of(self.hashing.key, one.connection_id, customer_identity(one.customer)) for one in messages]
        changes = await RegisterRepository(unit.connection).save_customers(messages, keys)
        await self._decide_affected(unit, RegisterKind.CUSTOMER, received, changes)

    async def _decide_affected(
        self, unit: UnitOfWork, kind: RegisterKind, received: Sequence[Received[Any]], changes: Sequence[Change]
    ) -> None:
        traces = {key: item.trace for key, item in _newest(received)}
        found = await affected(unit, kind, changes)
        causes = {company: traces[change] for company, change in found.items()}
        await _note_listed(unit, kind, received, causes)
        await self._decide(unit, causes)

    async def on_listing_completed(self, unit: UnitOfWork, received: list[Received[ListingCompleted]]) -> None:
        """Notes how many distinct ids there are; the completion may come before its items, for it has another key."""
        causes: Causes = {}
        await ListingRepository(unit.connection).expect([(_kind(item.message), item.message) for item in received])
        await _complete(unit, {item.message.connection_id: item.trace for item in received}, causes)
        await self._decide(unit, causes)

    async def on_customer_became_client(self, unit: UnitOfWork, received: list[Received[CustomerBecameClient]]) -> None:
        """Opens the company's request and tells its decision, also when it was told before: the asker may have missed it."""
        causes = {(item.message.connection_id, item.message.company_id): item.trace for item in received}
        await DecisionRepository(unit.connection).open_requests(sorted(causes))
        await self._decide(unit, causes, is_asked=True)

    async def on_company_linked(self, unit: UnitOfWork, received: list[Received[CompanyLinked]]) -> None:
        """Takes a person's word for who a company is; decides again for it, and for whoever the customer was before."""
        traces = {item.message.connection_id: item.trace for item in received}
        ordered = sorted((item.message for item in received), key=lambda message: message.version)
        concerned = await DecisionRepository(unit.connection).approve(ordered)
        await self._decide(unit, {company: traces[company[0]] for company in concerned})

    async def on_company_confirmed_new(self, unit: UnitOfWork, received: list[Received[CompanyConfirmedNew]]) -> None:
        """Takes a person's word that a company is nobody who is alike; tells what that makes of it, also when it is the same."""
        traces = {item.message.connection_id: item.trace for item in received}
        ordered = sorted((item.message for item in received), key=lambda message: message.version)
        concerned = await DecisionRepository(unit.connection).approve(ordered)
        await self._decide(unit, {company: traces[company[0]] for company in concerned}, is_asked=True)

    async def on_create_withdrawn(self, unit: UnitOfWork, received: list[Received[CustomerCreateWithdrawn]]) -> None:
        """A permission to create was given back unused: the company is decided afresh, and the asker is told."""
        causes = {(item.message.connection_id, item.message.company_id): item.trace for item in received}
        await DecisionRepository(unit.connection).reopen(sorted(causes))
        await self._decide(unit, causes, is_asked=True)

    async def _decide(self, unit: UnitOfWork, causes: Causes, *, is_asked: bool = False) -> None:
        await Decider(self.hashing, self.models).decide(unit, causes, is_asked=is_asked)


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


async def _note_listed(unit: UnitOfWork, kind: RegisterKind, received: Sequence[Listed], causes: Causes) -> None:
    """Counts what belongs to a listing, also when its snapshot was older than ours; adds what a full listing releases."""
    listed = [item for item in received if getattr(item.message, "listing_id", None) is not None]
    if not listed:
        return
    await ListingRepository(unit.connection).note_listed(kind, [item.message for item in listed])
    await _complete(unit, {item.message.connection_id: item.trace for item in listed}, causes)


async def _complete(unit: UnitOfWork, connections: dict[Any, str], causes: Causes) -> None:
    """Adds every open request of the connections whose second register has just become complete."""
    complete = await ListingRepository(unit.connection).complete_listings(sorted(connections))
    for key in await DecisionRepository(unit.connection).requests_in(complete):
        causes.setdefault(key, connections[key[0]])
