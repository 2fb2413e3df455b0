"""Shows invoices and products in Lime Go: only what differs from what was sent last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.commands import SaveLimeGoInvoice, SaveLimeGoProduct
from contracts.values import PaymentStatus
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.checks import content_digest
from sync_coordinator.domain.payment import payment_status, stockholm_date
from sync_coordinator.repository import display
from sync_coordinator.repository.display import StoredInvoice, StoredProduct

Traces = Mapping[tuple[UUID, str], str]


async def show_invoices(contexts: Mapping[UUID, ConnectionContext], stored: Sequence[StoredInvoice], traces: Traces) -> None:
    """Sends the invoices that differ from what was sent; one statement stores what was sent of all of them."""
    sent: list[tuple[UUID, str, PaymentStatus, str]] = []
    for item in stored:
        context, number = contexts[item.connection_id], item.invoice.document_number
        command_id, generation = context.order()
        command = SaveLimeGoInvoice(
            connection_id=item.connection_id,
            command_id=command_id,
            generation=generation,
            limego_database=context.connection.limego_database,
            company_id=item.company_id,
            invoice=item.invoice,
            payment_status=payment_status(item.invoice, stockholm_date(context.now)),
        )
        digest = content_digest(command)
        if digest == item.sent_digest:
            continue
        context.caused_by(traces.get((item.connection_id, number), context.trace)).send(command, number, item.company_id)
        sent.append((item.connection_id, number, command.payment_status, digest))
    if sent:
        await display.mark_invoices_sent(next(iter(contexts.values())).session, sent)


async def show_products(contexts: Mapping[UUID, ConnectionContext], stored: Sequence[StoredProduct], traces: Traces) -> None:
    """Sends the products that differ from what was sent; products are part of Premium only."""
    sent: list[tuple[UUID, str, str]] = []
    for item in stored:
        context, number = contexts[item.connection_id], item.product.article_number
        if context.connection.plan != "premium":
            continue
        command_id, generation = context.order()
        command = SaveLimeGoProduct(
            connection_id=item.connection_id,
            command_id=command_id,
            generation=generation,
            limego_database=context.connection.limego_database,
            product=item.product,
        )
        digest = content_digest(command)
        if digest == item.sent_digest:
            continue
        context.caused_by(traces.get((item.connection_id, number), context.trace)).send(command, number, "")
        sent.append((item.connection_id, number, digest))
    if sent:
        await display.mark_products_sent(next(iter(contexts.values())).session, sent)


async def release_invoices(context: ConnectionContext, customer_number: str) -> None:
    """The customer has its link: the invoices that waited for it are shown."""
    stored = await display.invoices_of_customer(context.session, context.connection_id, customer_number)
    await show_invoices({context.connection_id: context}, stored, {})
