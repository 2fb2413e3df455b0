"""A document that was made and costs something else than its deal is worth: told, and compared anew until both agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.commands import CreateFortnoxInvoice
from contracts.events import DealWon
from contracts.kinds import RecordKind
from contracts.values import Invoice
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.older_content import Content, of_documents
from sync_coordinator.domain.reasons import DOCUMENT_DIFFERS
from sync_coordinator.domain.records import Record, State
from sync_coordinator.domain.references import deal_key
from sync_coordinator.repository import commands, connections, display, records


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


async def won_again(context: ConnectionContext, record: Record, message: DealWon) -> None:
    """A deal whose document is made was won again: the document stays the only one, and is compared with the new win."""
    if not record.is_reopened:
        # Read again, nothing more.
        await records.save(context.session, replace(record, deal_version=message.version))
        return
    context.touch(record.company_id)
    again = replace(record, deal=message.deal, deal_version=message.version, deal_at=context.now, company_id=message.record_id)
    again = replace(again, is_reopened=False)
    number = record.remote_id or ""
    standing = await display.find_invoice(context.session, context.connection_id, number)
    note = _note(standing) if standing is not None else record.note
    made = _content(standing) if standing is not None else await _made_with(context, record)
    await context.save(replace(again, note=note), "won_again", number=number)
    detail = "" if note else of_documents(made, await wanted(context, again))
    if detail:
        await tell(context, again, detail)


async def tell(context: ConnectionContext, record: Record, detail: str) -> None:
    """The document is there with another content. What was ordered is forgotten: a deal that gets it back is compared anew."""
    await context.attention(replace(record, content_digest=""), DOCUMENT_DIFFERS, detail)


async def _made_with(context: ConnectionContext, record: Record) -> Content:
    """What the document was made with, as far as is known before a poll has brought it."""
    sent = await commands.find(context.session, record.command_id) if record.command_id is not None else None
    return ordered(sent) if isinstance(sent, CreateFortnoxInvoice) else await wanted(context, record)


async def compare(context: ConnectionContext, invoices: Sequence[Invoice]) -> list[Record]:
    """Ends the differences of documents that nobody is asked to pay any more.

    Returns the records whose document now has the deal's value and customer: Fortnox' connector must look at it before they
    are done, for only that knows the VAT which the customer's card asks for.
    """
    agreeing = []
    for invoice in invoices:
        key = deal_key(context.connection.limego_database, invoice.external_reference)
        record = await context.find(RecordKind.INVOICE, key) if key else None
        if record is None or not _is_told(record, invoice):
            continue
        note = _note(invoice)
        if note:
            done = replace(record.moved(State.DONE), note=note, rounds=0, is_asked=False)
            await context.save(done, f"invoice_{note}", number=invoice.document_number)
        elif not record.is_reopened and await _agrees(context, record, invoice):
            # What was refused before is ordered again: it may be right now.
            agreeing.append(replace(record, content_digest=""))
    return agreeing


def _is_told(record: Record, invoice: Invoice) -> bool:
    is_waiting = record.state in (State.NEEDS_ATTENTION, State.MATCHING) and record.reason == DOCUMENT_DIFFERS
    return is_waiting and record.remote_id == invoice.document_number


async def _agrees(context: ConnectionContext, record: Record, invoice: Invoice) -> bool:
    return record.deal is not None and _content(invoice) == await wanted(context, record)


async def wanted(context: ConnectionContext, record: Record) -> Content:
    """What the record's deal asks for now."""
    link = await connections.find_link(context.session, context.connection_id, record.company_id)
    value = record.deal.value if record.deal is not None else None
    return Content(value, context.connection.settings.currency, link.customer_number if link is not None else "")


def ordered(command: CreateFortnoxInvoice) -> Content:
    """What a document was ordered with."""
    return Content(command.deal.value, command.currency, command.customer_number)


def _content(invoice: Invoice) -> Content:
    return Content(invoice.net, invoice.currency, invoice.customer_number)


def _note(invoice: Invoice) -> str:
    if invoice.is_cancelled:
        return "cancelled"
    return "credited" if invoice.credit_reference and not invoice.is_credit_note else ""
