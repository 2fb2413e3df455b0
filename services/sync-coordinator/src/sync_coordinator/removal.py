"""A company that Lime Go no longer has: it holds no link, its records end, and what it blocked goes on."""

from __future__ import annotations

from dataclasses import replace

from contracts.events import CompanyRemoved
from contracts.kinds import RecordKind
from contracts.outcomes import Outcome, RecordRefused, RecordSaved
from contracts.values import Company
from normal_forms.numbers import read_digits
from sync_coordinator import customers, linking
from sync_coordinator.context import DECIDED, ConnectionContext
from sync_coordinator.domain.reasons import OUTCOME_UNKNOWN
from sync_coordinator.domain.records import REMOVED, Link, Record, State
from sync_coordinator.repository import connections, display, records, register
from sync_coordinator.withdrawals import withdraw


async def removed(context: ConnectionContext, message: CompanyRemoved) -> None:
    """Ends the company's records; its link goes to the company that it was merged into, or is free."""
    session, connection_id, company_id = context.session, context.connection_id, message.company_id
    company = await connections.find_company(session, connection_id, company_id)
    heir_id = message.merged_into
    if not await register.mark_removed(session, connection_id, company_id, message.version, heir_id, context.now):
        return
    found = await records.of_company(session, connection_id, company_id)
    link = await connections.find_link(session, connection_id, company_id)
    if link is not None:
        await connections.remove_link(session, connection_id, company_id)
    await display.forget_company(session, connection_id, company_id)
    await display.forget_places(session, connection_id, company_id)
    for record in found:
        await _end(context, record, heir_id)
    if heir_id is not None:
        await _hand_over(context, heir_id, link, company, found)
    if link is not None:
        await _wake(context, link.customer_number)


async def _end(context: ConnectionContext, record: Record, heir_id: str | None) -> None:
    """A customer ends, and the company's line with it; a document that was made, or that the heir can still have, is the
    heir's. A customer's create is taken back; it may have left already, so its outcome ends it."""
    code = "company_merged" if heir_id else "company_removed"
    params = {"company": heir_id} if heir_id else {}
    if record.kind is RecordKind.CUSTOMER and record.state is State.SENDING:
        withdraw(context, record)
        await context.save(replace(record, note=REMOVED), code, **params)
    elif record.kind is RecordKind.CUSTOMER and record.reason == OUTCOME_UNKNOWN:
        await context.note(record, code, **params)
        await context.attention(replace(record, note=REMOVED), OUTCOME_UNKNOWN, record.detail)
    elif record.kind in DECIDED and record.kind is not RecordKind.CUSTOMER and heir_id is not None:
        context.touch(heir_id)
        moved = replace(record, company_id=heir_id)
        if record.state in (State.WAITING, State.NEEDS_ATTENTION):
            moved = moved.moved(State.MATCHING, recheck=context.after(context.durations.resend))
        await context.save(moved, code, **params)
    elif _ends_with_it(record):
        ended = replace(record.moved(State.WITHDRAWN), note=REMOVED, remote_id=None, is_asked=False, rounds=0)
        await context.save(ended, code, **params)


def _ends_with_it(record: Record) -> bool:
    if record.kind in (RecordKind.CUSTOMER, RecordKind.COMPANY):
        return True
    # Of what is only shown nothing is on its way any more: its place is forgotten.
    is_made = record.state is State.DONE or (record.state is State.SENDING and record.kind in DECIDED)
    return not is_made


async def _hand_over(
    context: ConnectionContext, heir_id: str, link: Link | None, company: Company | None, found: list[Record]
) -> None:
    """The link goes to the heir unless that has one of its own, or another number: then a person decides."""
    own = await connections.find_link(context.session, context.connection_id, heir_id)
    heir = await connections.find_company(context.session, context.connection_id, heir_id)
    cause = next((record.cause for record in found if record.kind is RecordKind.CUSTOMER), None)
    if link is not None and own is None and not _contradict(company, heir):
        await linking.inherit(context, heir_id, link, cause)
    elif link is not None:
        record = await context.find(RecordKind.CUSTOMER, heir_id)
        if record is None:
            record = context.new(RecordKind.CUSTOMER, heir_id, heir_id, cause)
        if record.state is not State.SENDING:
            candidates = (*([own.customer_number] if own else []), link.customer_number)
            await context.attention(record, "merged_with_another_customer", candidates=candidates)
    await context.read_again(heir_id)


def _contradict(one: Company | None, other: Company | None) -> bool:
    first, second = (read_digits(company.organisation_number or "" if company else "") for company in (one, other))
    return bool(first and second) and first != second


async def _wake(context: ConnectionContext, customer_number: str) -> None:
    """Companies that could not have the customer may have it now."""
    for company_id in await register.blocked_by(context.session, context.connection_id, customer_number):
        await context.read_again(company_id)


async def is_gone(context: ConnectionContext, company_id: str) -> bool:
    """Whether Lime Go no longer has a company that was a client."""
    customer = await context.find(RecordKind.CUSTOMER, company_id)
    return customer is not None and customer.note == REMOVED


def is_in_doubt(record: Record) -> bool:
    """Whether a customer may stand in Fortnox for a company that is gone."""
    is_gone = record.kind is RecordKind.CUSTOMER and record.note == REMOVED
    return is_gone and record.state is State.NEEDS_ATTENTION and record.reason == OUTCOME_UNKNOWN


async def finished(context: ConnectionContext, record: Record, outcome: Outcome) -> None:
    """The create of a customer whose company is gone meanwhile has its outcome: nothing is linked, and the page says so.

    While it is not known whether there is a customer, the record waits for another look (`look_again`). Only the last command
    can tell that there is none: an older one that was replaced says nothing of what is in doubt. What was made counts always.
    """
    if not isinstance(outcome, RecordSaved) and record.command_id not in (None, outcome.command_id):
        return
    if isinstance(outcome, RecordRefused) and outcome.reason == OUTCOME_UNKNOWN:
        await context.refused(record, outcome.reason, outcome.detail)
        return
    ended = replace(record.moved(State.WITHDRAWN), note=REMOVED, remote_id=None, is_asked=False, rounds=0)
    if isinstance(outcome, RecordSaved):
        await context.save(ended, "made_for_nobody", number=outcome.remote_id)
    elif isinstance(outcome, RecordRefused) and outcome.reason == "several_customers":
        await context.save(ended, "made_for_nobody", number=", ".join(outcome.candidates))
    else:
        await context.save(ended)


async def look_again(context: ConnectionContext, record: Record) -> None:
    """Looks whether a customer was made for a company that is gone: the create goes out once more, withdrawn from the start."""
    company = await connections.find_company(context.session, context.connection_id, record.key)
    if company is None or context.is_paused:
        return
    await customers.create(context, record, company, "looked_again", is_withdrawn=True)
    ordered = await context.find(record.kind, record.key)
    assert ordered is not None
    withdraw(context, ordered)
