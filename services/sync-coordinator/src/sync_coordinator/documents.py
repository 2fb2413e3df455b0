"""Decides about documents: one per won deal, for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from contracts.commands import CreateFortnoxInvoice
from contracts.events import DealReopened, DealWon, TriggerUnreadable
from contracts.kinds import RecordKind
from contracts.message import Command
from contracts.outcomes import RecordSaved, RecordSuperseded
from sync_coordinator import differences
from sync_coordinator.brake import hold, is_braked
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain import checks
from sync_coordinator.domain.older_content import of_documents
from sync_coordinator.domain.reasons import ABOUT_THE_CUSTOMER, CUSTOMER_MISSING, DOCUMENT_DIFFERS, MAY_EXIST, reason_of
from sync_coordinator.domain.records import OPEN, REMOVED, Link, Record, State
from sync_coordinator.domain.references import deal_reference
from sync_coordinator.repository import commands, connections, display, records
from sync_coordinator.standing import mark_doubles
from sync_coordinator.withdrawals import is_replaced, withdraw


async def announce(context: ConnectionContext, company_id: str, deal_id: int) -> None:
    """A deal's document is on its way: until the deal comes, nothing is written back for its company."""
    if context.connection.settings.create_document == "nothing":
        return
    if await context.find(RecordKind.INVOICE, str(deal_id)) is None:
        await context.save(context.new(RecordKind.INVOICE, str(deal_id), company_id), "announced")


async def won(context: ConnectionContext, message: DealWon) -> None:
    """A deal was won, or is reported again: decide, unless its document is under way or made."""
    deal, company = message.deal, message.record_id
    record = await context.find(RecordKind.INVOICE, str(deal.deal_id))
    if context.connection.settings.create_document == "nothing":
        await _tell_no_document(context, company, record)
        return
    if record is None:
        record = context.new(RecordKind.INVOICE, str(deal.deal_id), company)
    if message.version < record.deal_version:
        return
    if record.state is State.DONE:
        await differences.won_again(context, record, message)
        return
    if record.state is State.SENDING:
        await _won_while_sending(context, record, message)
        return
    context.touch(record.company_id)
    is_as_released = not record.is_released or checks.amount(record.deal) == checks.amount(deal)
    record = replace(record, deal=deal, deal_version=message.version, deal_at=context.now, company_id=company, note="")
    record = replace(record, is_reopened=False)
    if not is_as_released:
        # What a person let go was another amount: they decide again.
        await hold(context, replace(record, is_released=False), "changed_since_release")
        return
    if record.state is State.HELD:
        await context.save(record)
        return
    if message.won_while_paused and not record.is_released and record.remote_id is None:
        await hold(context, record, "won_while_paused")
        return
    await evaluate(context, record)


async def _tell_no_document(context: ConnectionContext, company_id: str, record: Record | None) -> None:
    customer = await context.find(RecordKind.CUSTOMER, company_id)
    if customer is not None:
        await context.note(customer, "won_without_document")
    if record is not None and record.state in OPEN:
        # It was there because the deal could not be read.
        await context.save(record.moved(State.WITHDRAWN), "won_without_document")


async def unreadable(context: ConnectionContext, message: TriggerUnreadable) -> None:
    """A deal was won that cannot be read: a person is told, unless its document is under way, made or settled.

    One that waits for its customer was read before, and is read again when that comes: till then nobody need be asked.
    """
    record = await context.find(RecordKind.INVOICE, str(message.deal_id))
    if record is None:
        record = context.new(RecordKind.INVOICE, str(message.deal_id), message.record_id)
    if message.version < record.deal_version or record.state not in (State.MATCHING, State.WITHDRAWN) or record.note == REMOVED:
        return
    record = replace(record, deal_version=message.version)
    if message.won_while_paused and not record.is_released and record.remote_id is None:
        # It may become readable by itself, and must not be invoiced then.
        await hold(context, record, "won_while_paused")
    else:
        reason = record.reason if record.reason in MAY_EXIST else "company_unreadable"
        await context.attention(record, reason, record.detail if reason == record.reason else "", record.candidates)


async def _won_while_sending(context: ConnectionContext, record: Record, message: DealWon) -> None:
    """Its create waits or is in doubt: what is decided now takes its place, or takes it back until its outcome is known."""
    newer = replace(record, deal=message.deal, deal_version=message.version, deal_at=context.now, company_id=message.record_id)
    if not record.is_reopened and record.deal == message.deal:
        # Read again, nothing more.
        await records.save(context.session, newer)
        return
    customer = await context.find(RecordKind.CUSTOMER, newer.company_id)
    link = await connections.find_link(context.session, context.connection_id, newer.company_id)
    is_held = record.is_reopened and message.won_while_paused and not record.is_released
    is_ready = customer is not None and customer.state is not State.NEEDS_ATTENTION and link is not None
    if is_held or not is_ready or checks.deal_problem(message.deal) is not None:
        withdraw(context, record)
        await context.save(replace(newer, is_reopened=False), "order_withdrawn")
        return
    assert link is not None
    await _create(context, newer, link, "won_again_sending" if record.deal == message.deal else "order_replaced")


async def reopened(context: ConnectionContext, message: DealReopened) -> None:
    """A deal is won no longer. What was not sent is not made; what was made stays, and the timeline says so."""
    record = await context.find(RecordKind.INVOICE, str(message.deal_id))
    if record is None:
        if context.connection.settings.create_document == "nothing":
            return
        record = context.new(RecordKind.INVOICE, str(message.deal_id), message.record_id)
    if message.version < record.deal_version:
        return
    record = replace(record, deal_version=message.version)
    if record.state is State.DONE:
        await context.save(replace(record, is_reopened=True), "reopened_after", number=record.remote_id or "")
    elif record.state is State.SENDING and record.remote_id is None:
        withdraw(context, record)
        await context.save(replace(record, is_reopened=True), "withdraw_asked")
    elif record.reason in MAY_EXIST - {DOCUMENT_DIFFERS}:
        await _reopened_in_doubt(context, record)
    elif record.remote_id is not None:
        await differences.reopened(context, record)
    elif record.state is not State.WITHDRAWN:
        await context.save(replace(record.moved(State.WITHDRAWN), is_released=False, is_asked=False, rounds=0), "withdrawn")


async def _reopened_in_doubt(context: ConnectionContext, record: Record) -> None:
    """A deal that is not won makes no document, so nobody looks in Fortnox: what its polls have brought tells."""
    reference = deal_reference(context.connection.limego_database, record.key)
    numbers = await display.standing(context.session, context.connection_id, reference)
    if len(numbers) == 1:
        done = replace(record.moved(State.DONE), remote_id=numbers[0], is_reopened=True, is_asked=False)
        await context.save(done, "reopened_after", number=numbers[0])
    elif record.state is not State.NEEDS_ATTENTION:
        await context.attention(replace(record, is_reopened=True), record.reason, record.detail, numbers or record.candidates)
    elif not record.is_reopened:
        await context.save(replace(record, is_reopened=True), "reopened_in_doubt")


def moved_to_matching(record: Record, recheck: datetime) -> Record:
    """The record, asked to be tried again. A doubt stays with it until it is settled."""
    if record.reason not in MAY_EXIST:
        return record.moved(State.MATCHING, recheck=recheck)
    return replace(record, state=State.MATCHING, recheck_at=recheck)


async def evaluate(context: ConnectionContext, record: Record) -> None:
    """Makes the document, or says what it waits for."""
    assert record.deal is not None, "a document without its deal cannot be decided"
    if record.remote_id is not None:
        await look_again(context, record)
        return
    if context.is_paused and not record.is_released:
        await _pause(context, record)
        return
    problem = checks.deal_problem(record.deal)
    if problem is not None:
        await context.attention(record, problem)
        return
    link = await connections.find_link(context.session, context.connection_id, record.company_id)
    customer = await context.find(RecordKind.CUSTOMER, record.company_id)
    if link is None or customer is None or customer.state is State.NEEDS_ATTENTION:
        recheck = context.after(context.durations.resend) if customer is None else None
        code = "" if record.state is State.WAITING else "waiting"
        await context.save(record.moved(State.WAITING, reason="waiting_for_customer", recheck=recheck), code)
        return
    await _create(context, record, link)


async def _pause(context: ConnectionContext, record: Record) -> None:
    """Holds what was won in the pause. What waited before it keeps its cause, and is read again when the pause ends."""
    if record.state in (State.WAITING, State.NEEDS_ATTENTION):
        recheck = record.recheck_at or context.after(context.durations.resend)
        await context.save(replace(record, recheck_at=recheck) if reason_of(record.reason).heals else record)
    else:
        await hold(context, record, "won_while_paused")


async def look_again(context: ConnectionContext, record: Record) -> None:
    """The document is there: the same order makes Fortnox' connector look at it anew, and makes nothing."""
    link = await connections.find_link(context.session, context.connection_id, record.company_id)
    if link is None:
        await context.attention(record, record.reason, record.detail, record.candidates)
    else:
        await _create(context, record, link)


async def _create(context: ConnectionContext, record: Record, link: Link, code: str = "invoice_sent") -> None:
    assert record.deal is not None
    fitted = checks.fitted(record.deal)
    settings = context.connection.settings
    command_id, generation = context.order()
    command = CreateFortnoxInvoice(
        connection_id=context.connection_id,
        command_id=command_id,
        generation=generation,
        fortnox_tenant=context.connection.fortnox_tenant,
        limego_database=context.connection.limego_database,
        deal=fitted.deal,
        customer_number=link.customer_number,
        standard_article=settings.standard_article,
        currency=settings.currency,
        home_country=settings.home_country,
        decided_at=context.now,
    )
    digest = checks.content_digest(command)
    if is_refused_already(record, digest):
        await records.save(context.session, record)
        return
    # The brake is asked last, and only for what would really be sent: it takes no other cause's place.
    is_made = record.remote_id is not None or record.state is State.SENDING
    if not (record.is_released or record.is_asked or is_made) and await is_braked(context, record.key):
        if _still_holds(record, digest):
            await context.attention(record, record.reason, record.detail, record.candidates)
        else:
            await hold(context, record, "brake")
        return
    context.send(command, record.key, record.company_id)
    for cut in fitted.cuts:
        await context.note(record, cut)
    await context.save(replace(sending(context, record, command, digest), is_reopened=False), code)


def sending(context: ConnectionContext, record: Record, command: Command, digest: str) -> Record:
    """The record while its command is under way."""
    moved = record.moved(State.SENDING)
    return replace(moved, command_id=command.command_id, content_digest=digest, is_asked=False, is_released=False)


def is_refused_already(record: Record, digest: str) -> bool:
    """Whether just this was refused for a reason that only a person can settle, and nobody asked to try again."""
    if record.state is not State.NEEDS_ATTENTION or record.is_asked or reason_of(record.reason).heals:
        return False
    return record.content_digest == digest


def _still_holds(record: Record, digest: str) -> bool:
    """Whether what Fortnox last said of a record is, as far as anybody knows here, still so."""
    if record.state is not State.NEEDS_ATTENTION:
        return False
    if record.reason in MAY_EXIST:
        return True
    if record.reason != record.refused_for or not reason_of(record.reason).heals:
        return False
    return record.reason != CUSTOMER_MISSING or record.content_digest == digest


async def release_waiting(context: ConnectionContext, company_id: str) -> None:
    """The company has its link: what waited is decided, after a fresh read when it waited long."""
    stale = timedelta(seconds=context.durations.stale_item)
    is_reading = False
    for record in await records.of_company(context.session, context.connection_id, company_id):
        if not waits_for_customer(record):
            continue
        if checks.needs_fresh_read(record.deal_at, context.now, stale):
            await context.save(
                record.moved(State.MATCHING, recheck=context.after(context.durations.resend)), "read_again", reason="stale"
            )
            is_reading = True
        else:
            await evaluate(context, record)
    if is_reading:
        await context.read_again(company_id)


def waits_for_customer(record: Record) -> bool:
    """Whether another customer lets this document go."""
    is_blocked = record.state is State.NEEDS_ATTENTION and record.reason in ABOUT_THE_CUSTOMER
    return record.kind is RecordKind.INVOICE and record.deal is not None and (is_blocked or record.state is State.WAITING)


async def saved(context: ConnectionContext, record: Record, outcome: RecordSaved) -> None:
    """The document exists, whatever has happened to it or to the deal since."""
    if is_replaced(record, outcome):
        await context.save(replace(record, remote_id=outcome.remote_id), "made_before_replaced", number=outcome.remote_id)
        return
    detail = await _older_content(context, record, outcome)
    if detail and not (outcome.note or record.is_reopened):
        await differences.tell(context, replace(record, remote_id=outcome.remote_id), detail)
        return
    done = replace(record.moved(State.DONE), remote_id=outcome.remote_id, note=outcome.note, rounds=0, is_asked=False)
    await context.save(done, _made_code(record, outcome), number=outcome.remote_id)
    if record.is_reopened and record.remote_id is None:
        await context.note(record, "reopened_after", number=outcome.remote_id)
    await mark_doubles(context, [deal_reference(context.connection.limego_database, record.key)])


def _made_code(record: Record, outcome: RecordSaved) -> str:
    if outcome.note:
        return f"invoice_{outcome.note}"
    if record.remote_id == outcome.remote_id:
        return "invoice_agrees"
    return "invoice_found" if outcome.adopted else "invoice_made"


async def _older_content(context: ConnectionContext, record: Record, outcome: RecordSaved) -> str:
    """Both amounts and customers, where the deal was changed since it was ordered and nothing newer could be; else ""."""
    sent = await commands.find(context.session, outcome.command_id)
    if not isinstance(sent, CreateFortnoxInvoice) or record.deal is None or record.command_id != outcome.command_id:
        return ""
    return of_documents(differences.ordered(sent), await differences.wanted(context, record))


async def superseded(context: ConnectionContext, record: Record, outcome: RecordSuperseded) -> None:
    """The create was taken back before it was sent. Won again meanwhile: decide afresh."""
    if record.command_id != outcome.command_id:
        return
    if record.is_reopened:
        await context.save(replace(record.moved(State.WITHDRAWN), is_reopened=False), "withdrawn")
        return
    await context.save(
        record.moved(State.MATCHING, recheck=context.after(context.durations.resend)), "read_again", reason="superseded"
    )
    await context.read_again(record.company_id)
