"""Kafka in: each handler opens the contexts of its run's connections and calls inwards. None commits or publishes itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from contracts import topics
from contracts.events import (
    CompanyChanged,
    CompanyRemoved,
    CustomerBecameClient,
    CustomerChanged,
    CustomerMatched,
    CustomerNotFound,
    DealReopened,
    DealWon,
    InvoiceChanged,
    MatchReviewRequested,
    ProductUpdated,
    TriggerUnreadable,
)
from contracts.health import SideHealthReported
from contracts.message import Message
from contracts.outcomes import Outcome, RecordRefused, RecordSaved, RecordSuperseded
from contracts.values import Company, Customer, Invoice, Product
from servicekit.consumer import Handler
from servicekit.database import UnitOfWork
from servicekit.durations import Durations
from servicekit.envelope import Received
from sync_coordinator import changed_numbers, customers, differences, documents, outcomes, removal, shown, standing
from sync_coordinator.context import Clock, ConnectionContext, connection_ids, open_contexts
from sync_coordinator.repository import connections, display, health, register

S = TypeVar("S", Company, Customer, Invoice, Product)


class Handlers:
    """What the coordinator does with each type of message."""

    def __init__(self, durations: Durations, now: Clock) -> None:
        self._durations = durations
        self._now = now

    def by_topic(self) -> Mapping[str, Mapping[type[Message], Handler]]:
        """The topics that the coordinator consumes."""
        outcome: dict[type[Message], Handler] = {
            RecordSaved: self.on_outcome,
            RecordRefused: self.on_outcome,
            RecordSuperseded: self.on_outcome,
            SideHealthReported: self.on_side_health_reported,
        }
        return {
            topics.LIMEGO_COMPANY: {
                CompanyChanged: self.on_company_changed,
                CustomerBecameClient: self.on_customer_became_client,
                DealWon: self.on_deal_won,
                DealReopened: self.on_deal_reopened,
                TriggerUnreadable: self.on_trigger_unreadable,
                CompanyRemoved: self.on_company_removed,
            },
            topics.FORTNOX_CUSTOMER: {CustomerChanged: self.on_customer_changed},
            topics.MATCHER_DECISION: {
                CustomerMatched: self.on_customer_matched,
                CustomerNotFound: self.on_customer_not_found,
                MatchReviewRequested: self.on_match_review_requested,
            },
            topics.FORTNOX_DOCUMENT: {InvoiceChanged: self.on_invoice_changed},
            topics.FORTNOX_ARTICLE: {ProductUpdated: self.on_product_updated},
            topics.FORTNOX_OUTCOME: outcome,
            topics.LIMEGO_OUTCOME: outcome,
        }

    async def lock(self, unit: UnitOfWork, received: list[Received[Any]]) -> None:
        """Before a batch: locks all its connections in one order, so that two batches never wait for each other in a ring."""
        await connections.lock(unit.connection, connection_ids(item.message for item in received))

    @asynccontextmanager
    async def _contexts(
        self, unit: UnitOfWork, received: Sequence[Received[Message]]
    ) -> AsyncIterator[dict[UUID, ConnectionContext]]:
        ids = connection_ids(item.message for item in received)
        async with open_contexts(unit, ids, self._now(), self._durations) as opened:
            yield opened

    async def on_company_changed(self, unit: UnitOfWork, received: list[Received[CompanyChanged]]) -> None:
        """Keeps the newest snapshot of each company."""
        async with self._contexts(unit, received) as opened:
            rows = _newest((item.message.connection_id, item.message.version, item.message.company) for item in received)
            keys = [(connection_id, company.company_id) for connection_id, _, company in rows]
            before = await register.company_snapshots(unit.connection, keys)
            await connections.save_companies(unit.connection, rows)
            for connection_id, context in opened.items():
                changed = [one.company_id for owner, _, one in rows if owner == connection_id]
                await customers.country_came(context, changed)
                await customers.company_changed(context, changed)
                await changed_numbers.of_companies(
                    context, {key[1]: one for key, one in before.items() if key[0] == connection_id}
                )

    async def on_customer_changed(self, unit: UnitOfWork, received: list[Received[CustomerChanged]]) -> None:
        """Keeps of each customer what a person knows it by."""
        async with self._contexts(unit, received) as opened:
            rows = _newest((item.message.connection_id, item.message.version, item.message.customer) for item in received)
            keys = [(connection_id, customer.customer_number) for connection_id, _, customer in rows]
            before = await register.customers(unit.connection, keys)
            await register.save_customers(unit.connection, rows)
            for connection_id, context in opened.items():
                await changed_numbers.of_customers(
                    context, {key[1]: one for key, one in before.items() if key[0] == connection_id}
                )

    async def on_company_removed(self, unit: UnitOfWork, received: list[Received[CompanyRemoved]]) -> None:
        """Lime Go no longer has a company: what is left of it ends."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                await removal.removed(opened[item.message.connection_id].caused_by(item.trace), item.message)

    async def on_customer_became_client(self, unit: UnitOfWork, received: list[Received[CustomerBecameClient]]) -> None:
        """A trigger opens the customer's record."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                await customers.became_client(opened[item.message.connection_id].caused_by(item.trace), item.message)

    async def on_deal_won(self, unit: UnitOfWork, received: list[Received[DealWon]]) -> None:
        """A won deal makes its document, once."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                await documents.won(opened[item.message.connection_id].caused_by(item.trace), item.message)

    async def on_deal_reopened(self, unit: UnitOfWork, received: list[Received[DealReopened]]) -> None:
        """A deal that is won no longer withdraws what was not sent."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                await documents.reopened(opened[item.message.connection_id].caused_by(item.trace), item.message)

    async def on_trigger_unreadable(self, unit: UnitOfWork, received: list[Received[TriggerUnreadable]]) -> None:
        """A trigger came through, its record does not: a person is told."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                context = opened[item.message.connection_id].caused_by(item.trace)
                part = customers if item.message.deal_id is None else documents
                await part.unreadable(context, item.message)

    async def on_customer_matched(self, unit: UnitOfWork, received: list[Received[CustomerMatched]]) -> None:
        """The matcher found the customer."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                await customers.matched(opened[item.message.connection_id].caused_by(item.trace), item.message)

    async def on_customer_not_found(self, unit: UnitOfWork, received: list[Received[CustomerNotFound]]) -> None:
        """The matcher permits to create the customer."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                await customers.not_found(opened[item.message.connection_id].caused_by(item.trace), item.message)

    async def on_match_review_requested(self, unit: UnitOfWork, received: list[Received[MatchReviewRequested]]) -> None:
        """The matcher asks a person."""
        async with self._contexts(unit, received) as opened:
            for item in received:
                await customers.review(opened[item.message.connection_id].caused_by(item.trace), item.message)

    async def on_invoice_changed(self, unit: UnitOfWork, received: list[Received[InvoiceChanged]]) -> None:
        """Keeps the newest snapshots and shows those whose customer is linked; the others wait for their link."""
        async with self._contexts(unit, received) as opened:
            rows = _newest((item.message.connection_id, item.message.version, item.message.invoice) for item in received)
            traces = {(item.message.connection_id, item.message.record_id): item.trace for item in received}
            await shown.show_invoices(opened, await display.save_invoices(unit.connection, rows), traces)
            for connection_id, context in opened.items():
                own = [invoice for owner, _, invoice in rows if owner == connection_id]
                for record in await differences.compare(context, own):
                    await documents.look_again(context, record)
                await standing.mark_doubles(context, [invoice.external_reference for invoice in own])

    async def on_product_updated(self, unit: UnitOfWork, received: list[Received[ProductUpdated]]) -> None:
        """Keeps the newest snapshots and shows them."""
        async with self._contexts(unit, received) as opened:
            rows = _newest((item.message.connection_id, item.message.version, item.message.product) for item in received)
            traces = {(item.message.connection_id, item.message.record_id): item.trace for item in received}
            await shown.show_products(opened, await display.save_products(unit.connection, rows), traces)

    async def on_outcome(self, unit: UnitOfWork, received: list[Received[Outcome]]) -> None:
        """What became of our commands."""
        async with self._contexts(unit, received) as opened:
            for connection_id, context in opened.items():
                own = [item for item in received if item.message.connection_id == connection_id]
                references = await outcomes.finish(context, [item.message for item in own])
                for item in own:
                    reference = references.get(item.message.command_id)
                    if reference is not None:
                        await outcomes.apply(context.caused_by(item.trace), item.message, reference)

    async def on_side_health_reported(self, unit: UnitOfWork, received: list[Received[SideHealthReported]]) -> None:
        """Keeps what each side last reported."""
        async with self._contexts(unit, received):
            await health.save(unit.connection, [item.message for item in received])


def _newest(rows: Iterable[tuple[UUID, int, S]]) -> list[tuple[UUID, int, S]]:
    """One row per record, that with the highest version, in the order of the keys: two batches never deadlock on them."""
    newest: dict[tuple[UUID, str], tuple[UUID, int, S]] = {}
    for row in rows:
        key = (row[0], _identity(row[2]))
        if key not in newest or newest[key][1] <= row[1]:
            newest[key] = row
    return [newest[key] for key in sorted(newest)]


def _identity(snapshot: Company | Customer | Invoice | Product) -> str:
    if isinstance(snapshot, Company):
        return snapshot.company_id
    if isinstance(snapshot, Customer):
        return snapshot.customer_number
    return snapshot.document_number if isinstance(snapshot, Invoice) else snapshot.article_number
