"""Shows invoices and products in Lime Go: only what differs from what was sent last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

from contracts.commands import SaveLimeGoInvoice, SaveLimeGoProduct
from contracts.values import PaymentStatus
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.checks import content_digest
from sync_coordinator.domain.payment import Settlement, payment_status, settlement, stockholm_date
from sync_coordinator.repository import display
from sync_coordinator.repository.display import ShownInvoice, StoredInvoice, StoredProduct

Traces = Mapping[tuple[UUID, str], str]


NOT_HERE = {
    **{"customer_number": "", "customer_name": "", "your_reference": "", "our_reference": "", "terms_of_payment": ""},
    **dict.fromkeys(("net", "vat", "round_off", "amount", "balance", "written_off"), Decimal(0)),
    **{"reminders": 0, "rows": (), "external_reference": "", "credit_reference": None, "is_booked": True, "is_cancelled": False},
}
"""What a company is shown of an invoice that another customer has now: neither amounts nor anything of the other one."""


async def show_invoices(contexts: Mapping[UUID, ConnectionContext], stored: Sequence[StoredInvoice], traces: Traces) -> None:
    """Sends the invoices that differ from what was sent; one statement stores what was sent of all of them."""
    sent: list[ShownInvoice] = []
    for item in stored:
        context, number = contexts[item.connection_id], item.invoice.document_number
        command = _invoice_command(context, item)
        digest = content_digest(command)
        if digest == item.sent_digest:
            continue
        context.caused_by(traces.get((item.connection_id, number), context.trace)).send(command, number, command.company_id)
        sent.append(ShownInvoice(item.connection_id, number, command.company_id, command.payment_status, digest))
    if sent:
        await display.mark_invoices_sent(next(iter(contexts.values())).session, sent)


def _invoice_command(context: ConnectionContext, item: StoredInvoice) -> SaveLimeGoInvoice:
    """Shows the invoice on its customer's company; without one, says where it stood before that it is not there any more."""
    command_id, generation = context.order()
    company_id = item.company_id or item.shown_company_id
    assert company_id is not None
    command = SaveLimeGoInvoice(
        connection_id=item.connection_id,
        command_id=command_id,
        generation=generation,
        limego_database=context.connection.limego_database,
        company_id=company_id,
        invoice=item.invoice,
        payment_status=payment_status(item.invoice, stockholm_date(context.now), item.credited),
        **asdict(settlement(item.invoice, item.credited)),
    )
    if item.company_id is not None:
        return command
    nothing = {**asdict(Settlement()), "payment_status": PaymentStatus.MOVED}
    return command.model_copy(update={"invoice": item.invoice.model_copy(update=NOT_HERE), **nothing})


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
    await place_invoices(context, customer_number)


async def place_invoices(context: ConnectionContext, customer_number: str) -> None:
    """Shows the customer's invoices where its link is now; call it for both numbers when a link moves from one to another.

    They go to the company that is linked. Where none is, the company that showed them says that they moved.
    """
    stored = await display.invoices_of_customer(context.session, context.connection_id, customer_number)
    await show_invoices({context.connection_id: context}, stored, {})
