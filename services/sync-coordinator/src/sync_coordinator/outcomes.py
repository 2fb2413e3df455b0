"""What became of our commands, and what follows from it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from contracts.commands import CreateFortnoxInvoice
from contracts.kinds import RecordKind
from contracts.outcomes import Outcome, RecordRefused, RecordSaved, RecordSuperseded
from sync_coordinator import customers, documents, removal
from sync_coordinator.context import DECIDED, ConnectionContext
from sync_coordinator.domain.reasons import CUSTOMER_MISSING, MAY_EXIST, OUTSIDE, RE_READ
from sync_coordinator.domain.records import AUTOMATIC_ROUNDS, REMOVED, Record, State
from sync_coordinator.repository import commands, connections, display, records, register
from sync_coordinator.repository.commands import Reference

logger = logging.getLogger(__name__)
READ = frozenset({RecordKind.READING, RecordKind.LOOKUP})


async def finish(context: ConnectionContext, outcomes: Sequence[Outcome]) -> dict[UUID, Reference]:
    """Stores outcomes and finds which record each is about.

    A command that we do not know was sent before this slice was restored: a customer's outcome names its company itself,
    the others come again when their trigger is replayed.
    """
    rows = [(item.command_id, type(item).__name__, getattr(item, "reason", "")) for item in outcomes]
    found = await commands.finish(context.session, rows, context.now)
    for item in outcomes:
        if item.command_id in found:
            continue
        logger.warning("outcome of a command that is not known: %s", item.command_id)
        if item.kind is RecordKind.CUSTOMER:
            found[item.command_id] = Reference(item.kind, item.command_record_id, item.command_record_id)
    return found


async def apply(context: ConnectionContext, outcome: Outcome, reference: Reference) -> None:
    """Moves the record that the outcome is about. An outcome of an older generation counts: its effect is real."""
    if outcome.kind in DECIDED:
        record = await context.find(outcome.kind, reference.record_key)
        if record is None:
            record = context.new(outcome.kind, reference.record_key, reference.company_id)
        await _decided(context, record, outcome)
    elif isinstance(outcome, RecordRefused):
        if outcome.kind is RecordKind.LOOKUP:
            is_missing = outcome.reason == CUSTOMER_MISSING
            await register.end_lookup(context.session, context.connection_id, reference.record_key, is_missing=is_missing)
        elif outcome.kind is RecordKind.READING:
            await _unread(context, reference.company_id, outcome)
        else:
            await _not_shown(context, outcome, reference)
    elif isinstance(outcome, RecordSaved) and outcome.kind not in READ:
        record = await context.find(outcome.kind, reference.record_key)
        if record is not None:
            await _try_alike(context, record)
            await context.save(record.moved(State.DONE), "shown")


async def _decided(context: ConnectionContext, record: Record, outcome: Outcome) -> None:
    if record.note == REMOVED and outcome.kind is RecordKind.CUSTOMER:
        await removal.finished(context, record, outcome)
        return
    part = customers if outcome.kind is RecordKind.CUSTOMER else documents
    if isinstance(outcome, RecordSaved):
        await _try_alike(context, record)
        await part.saved(context, record, outcome)
    elif isinstance(outcome, RecordRefused):
        await _refused(context, record, outcome)
    elif isinstance(outcome, RecordSuperseded):
        await part.superseded(context, record, outcome)


async def _try_alike(context: ConnectionContext, record: Record) -> None:
    """What this record was refused for is mended: the others that were refused for it are tried now."""
    if record.refused_for in OUTSIDE:
        await records.recheck_refused(context.session, context.connection_id, record.refused_for, context.now)


async def _refused(context: ConnectionContext, record: Record, outcome: RecordRefused) -> None:
    """A refusal that only says "look again" is followed by a fresh read, three times at most; all others need a person.

    Only of the record's last command: an older one, told late or once more, says nothing about what was ordered since.
    """
    if record.command_id is not None and record.command_id != outcome.command_id:
        return
    if outcome.reason == CUSTOMER_MISSING:
        await _mark_missing(context, outcome)
    if outcome.remote_id is not None:
        record = replace(record, remote_id=outcome.remote_id)
    if record.is_reopened and outcome.reason not in MAY_EXIST:
        await context.save(replace(record.moved(State.WITHDRAWN), is_reopened=False, rounds=0), "withdrawn")
        return
    if outcome.reason not in RE_READ or (record.rounds >= AUTOMATIC_ROUNDS and not context.is_paused):
        await context.refused(record, outcome.reason, outcome.detail, outcome.candidates)
        return
    # A pause refuses everything once; that is nobody's fault and costs no round.
    rounds = record.rounds + (not context.is_paused)
    again = replace(record.moved(State.MATCHING, recheck=context.after(context.durations.resend)), rounds=rounds)
    await context.save(again, "read_again", reason=outcome.reason)
    # The next poll brings a customer that appeared, and with it the matcher's decision.
    if outcome.reason != "customer_appeared":
        await context.read_again(record.company_id)


async def _mark_missing(context: ConnectionContext, outcome: RecordRefused) -> None:
    """The customer was deleted in Fortnox: before it is linked again, it is looked up there."""
    sent = await commands.find(context.session, outcome.command_id)
    if isinstance(sent, CreateFortnoxInvoice):
        await register.end_lookup(context.session, context.connection_id, sent.customer_number, is_missing=True)


async def _unread(context: ConnectionContext, company_id: str, outcome: RecordRefused) -> None:
    """A reading was refused. Without the company nothing can be decided, unless the next reading answers."""
    if outcome.reason == "stale":
        await context.read_again(company_id)
        return
    if outcome.reason in RE_READ:
        # The loop orders the next one when the connection is active again.
        return
    reason = _limego_reason(outcome.reason)
    for record in await records.of_company(context.session, context.connection_id, company_id):
        if record.kind in DECIDED and record.state is State.MATCHING:
            await context.refused(record, reason, outcome.detail)


async def _not_shown(context: ConnectionContext, outcome: RecordRefused, reference: Reference) -> None:
    """Lime Go does not show what it should: sent again from what is stored, or told to a person."""
    if outcome.reason in RE_READ:
        await display.mark_due(context.session, context.connection_id, outcome.kind, reference.record_key)
        return
    record = await context.find(outcome.kind, reference.record_key)
    if outcome.kind is not RecordKind.PRODUCT and await removal.is_gone(context, reference.company_id):
        return
    if outcome.reason == "company_missing" and await _stood_there_before(context, reference):
        return
    if record is None:
        record = context.new(outcome.kind, reference.record_key, reference.company_id)
    await context.refused(record, _limego_reason(outcome.reason), outcome.detail)


async def _stood_there_before(context: ConnectionContext, reference: Reference) -> bool:
    """Whether an invoice was to be taken off a company that is gone: its tab went with it, and nobody needs to do anything."""
    link = await connections.find_link(context.session, context.connection_id, reference.company_id)
    if link is not None or reference.kind is not RecordKind.ERP_INVOICE:
        return False
    await display.forget_places(context.session, context.connection_id, reference.company_id)
    record = await context.find(reference.kind, reference.record_key)
    if record is not None and record.state is State.SENDING:
        await context.save(record.moved(State.WITHDRAWN), "company_removed")
    return True


def _limego_reason(reason: str) -> str:
    """Lime Go's refusals by our names: `company_missing` here is a deal without company, `validation` a word of Fortnox."""
    return {"company_missing": "company_unreadable", "validation": "limego_refused"}.get(reason, reason)
