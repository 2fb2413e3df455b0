"""A document that was made and costs something else than its deal is worth: told, and compared anew until both agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.kinds import RecordKind
from contracts.values import Invoice
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.reasons import DOCUMENT_DIFFERS
from sync_coordinator.domain.records import Record, State
from sync_coordinator.domain.references import deal_key
from sync_coordinator.repository import connections


async def reopened(context: ConnectionContext, record: Record) -> None:
    """The deal is won no longer; its document stands all the same, with its difference, until a person has mended it."""
    told = replace(record, is_reopened=True)
    if record.state is State.SENDING:
        # It is being compared anew; what comes of it is told by the outcome.
        await context.save(told)
    else:
        await context.attention(told, DOCUMENT_DIFFERS, record.detail, record.candidates)
    if not record.is_reopened:
        await context.note(told, "reopened_after", number=record.remote_id or "")


async def compare(context: ConnectionContext, invoices: Sequence[Invoice]) -> None:
    """Ends the differences that a change in Fortnox has ended: sum and customer are the deal's, or nobody is asked to pay."""
    for invoice in invoices:
        key = deal_key(context.connection.limego_database, invoice.external_reference)
        record = await context.find(RecordKind.INVOICE, key) if key else None
        if record is None or not _is_told(record, invoice):
            continue
        note = _note(invoice)
        if note or await _agrees(context, record, invoice):
            done = replace(record.moved(State.DONE), note=note, rounds=0, is_asked=False)
            await context.save(done, f"invoice_{note}" if note else "invoice_agrees", number=invoice.document_number)


def _is_told(record: Record, invoice: Invoice) -> bool:
    is_waiting = record.state in (State.NEEDS_ATTENTION, State.MATCHING) and record.reason == DOCUMENT_DIFFERS
    return is_waiting and record.remote_id == invoice.document_number


async def _agrees(context: ConnectionContext, record: Record, invoice: Invoice) -> bool:
    if record.deal is None:
        return False
    link = await connections.find_link(context.session, context.connection_id, record.company_id)
    wanted = (record.deal.value, context.connection.settings.currency, link and link.customer_number)
    return (invoice.net, invoice.currency, invoice.customer_number) == wanted


def _note(invoice: Invoice) -> str:
    if invoice.is_cancelled:
        return "cancelled"
    return "credited" if invoice.credit_reference and not invoice.is_credit_note else ""
