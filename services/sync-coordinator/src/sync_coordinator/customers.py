"""Decides about customers: a trigger opens the record, the matcher's decision links it or permits to create one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.commands import SaveFortnoxCustomer
from contracts.events import (
    CustomerBecameClient,
    CustomerCreateWithdrawn,
    CustomerMatched,
    CustomerNotFound,
    MatchReviewRequested,
    TriggerUnreadable,
)
from contracts.kinds import RecordKind
from contracts.outcomes import Difference, RecordSaved, RecordSuperseded
from contracts.values import Company, Trigger
from normal_forms.numbers import read_digits
from servicekit.database import next_versions
from sync_coordinator import documents, shown
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.checks import content_digest, customer_problem, first_cause
from sync_coordinator.domain.linked import agrees, contradicts
from sync_coordinator.domain.linking import may_be_one, numbers_of
from sync_coordinator.domain.older_content import CUSTOMER_DIFFERS, in_words, of_companies
from sync_coordinator.domain.reasons import ABOUT_THE_NUMBER, NUMBER_CHANGED
from sync_coordinator.domain.records import REMOVED, Link, Record, State
from sync_coordinator.repository import commands, connections, records, register
from sync_coordinator.repository.connections import TakenError
from sync_coordinator.withdrawals import is_replaced, withdraw

MANUAL = "manual"
CREATED = "created"
ADOPTED = "adopted"
MERGED = "merged_with_another_customer"


async def became_client(context: ConnectionContext, message: CustomerBecameClient) -> None:
    """Opens the customer's record, and announces the document of the deal that caused it."""
    record = await context.find(RecordKind.CUSTOMER, message.company_id)
    if record is None:
        record = context.new(RecordKind.CUSTOMER, message.company_id, message.company_id, message.cause)
        await context.save(record, "triggered", cause=message.cause)
    elif record.note == REMOVED:
        # It is in Lime Go again.
        again = replace(record.moved(State.MATCHING, recheck=context.after(context.durations.resend)), note="")
        await context.save(replace(again, cause=message.cause), "triggered", cause=message.cause)
    elif record.cause is not message.cause and record.cause is not Trigger.DEAL_WON:
        await context.save(replace(record, cause=message.cause), "triggered", cause=message.cause)
    if message.cause is Trigger.DEAL_WON and message.deal_id is not None:
        await documents.announce(context, message.company_id, message.deal_id)


async def unreadable(context: ConnectionContext, message: TriggerUnreadable) -> None:
    """A company became a client that cannot be read: a person is told, unless its customer is known."""
    record = await context.find(RecordKind.CUSTOMER, message.record_id)
    if record is None:
        record = context.new(RecordKind.CUSTOMER, message.record_id, message.record_id, Trigger.RELATION_STATUS)
    if record.state is State.MATCHING:
        await context.attention(record, "company_unreadable")


async def matched(context: ConnectionContext, message: CustomerMatched) -> None:
    """Links the company, unless a person linked it. A create that is under way is taken back first: its outcome decides."""
    record = await _decided(context, message)
    if record is None or await _is_under_way(context, record):
        return
    if record.state is State.NEEDS_ATTENTION and await _is_for_a_person(context, record):
        return
    link = await connections.find_link(context.session, context.connection_id, message.company_id)
    if link is not None and (link.rung == MANUAL or link.customer_number == message.customer_number):
        if record.state is not State.DONE:
            await linked(context, record, link)
        return
    await linked(context, record, Link(message.company_id, message.customer_number, message.rung))


async def not_found(context: ConnectionContext, message: CustomerNotFound) -> None:
    """Creates the customer: this message is the only permission to."""
    record = await _decided(context, message)
    if record is None or record.state is State.DONE:
        return
    if record.state is not State.SENDING and await _may_be_made(context, message.company):
        # It may be this company's customer that is being made, under one that was merged into it: its outcome comes first.
        await context.save(record.moved(State.MATCHING, recheck=context.after(context.durations.resend)))
        return
    problem = customer_problem(message.company, context.connection.settings.home_country)
    if problem is not None:
        if not await _is_under_way(context, record):
            await context.attention(record, problem)
        return
    await create(context, record, message.company)


async def _may_be_made(context: ConnectionContext, company: Company) -> bool:
    """Whether this company's customer may be the one that is being made for another, which Lime Go has lost meanwhile."""
    for command_id, heir_id in await register.made_for_nobody(context.session, context.connection_id):
        sent = await commands.find(context.session, command_id)
        if not isinstance(sent, SaveFortnoxCustomer) or heir_id == company.company_id or may_be_one(sent.company, company):
            return True
    return False


async def create(
    context: ConnectionContext, record: Record, company: Company, code: str = "customer_sent", *, is_withdrawn: bool = False
) -> None:
    """Orders the customer, unless just this is under way or was refused for good; `code` is its line in the timeline.

    `is_withdrawn`: it is only looked for.
    """
    command_id, generation = context.order()
    command = SaveFortnoxCustomer(
        connection_id=context.connection_id,
        command_id=command_id,
        generation=generation,
        fortnox_tenant=context.connection.fortnox_tenant,
        limego_database=context.connection.limego_database,
        company=company,
        currency=context.connection.settings.currency,
        decided_at=context.now,
        is_withdrawn=is_withdrawn,
    )
    digest = content_digest(command)
    is_under_way = record.state is State.SENDING
    if documents.is_refused_already(record, digest) or (is_under_way and record.content_digest == digest):
        return
    context.send(command, record.key, record.company_id)
    await context.save(documents.sending(context, record, command, digest), "order_replaced" if is_under_way else code)


async def company_changed(context: ConnectionContext, company_ids: Sequence[str]) -> None:
    """A company was corrected while its create waits or is in doubt: the newest content is ordered in the old one's place.

    The matcher permitted it for the number that it knew: with another number it is decided afresh.
    """
    for record in await records.customers_under_way(context.session, context.connection_id, company_ids):
        if record.command_id is None:
            continue
        sent = await commands.find(context.session, record.command_id)
        company = await connections.find_company(context.session, context.connection_id, record.key)
        if company is None or not isinstance(sent, SaveFortnoxCustomer):
            continue
        if _number(sent.company) != _number(company):
            await _is_under_way(context, record)
        elif sent.company != company.model_copy(update={"is_customer": sent.company.is_customer}):
            await create(context, record, company)


def _number(company: Company) -> str:
    return read_digits(company.organisation_number or "")


async def _is_under_way(context: ConnectionContext, record: Record) -> bool:
    """Whether a create is under way. It is taken back, for something else was decided: what comes of it is decided afresh."""
    if record.state is not State.SENDING:
        return False
    withdraw(context, record)
    await context.note(record, "order_withdrawn")
    return True


async def review(context: ConnectionContext, message: MatchReviewRequested) -> None:
    """Nothing may be guessed: a person decides. A company that is linked already stays linked, and waits only for some."""
    record = await _decided(context, message)
    if record is None or await _is_under_way(context, record):
        return
    if record.state is State.NEEDS_ATTENTION and record.reason == MERGED:
        return
    if record.state is State.DONE and not (await _is_doubled(context, message) or await _is_renumbered(context, message)):
        return
    company = await connections.find_company(context.session, context.connection_id, message.company_id)
    reason = first_cause(message.reason, company, context.connection.settings.home_country)
    await context.attention(record, reason, candidates=message.candidates)


async def country_came(context: ConnectionContext, company_ids: Sequence[str]) -> None:
    """The company's snapshot travels on another topic than the matcher's question: what it says of the country counts too."""
    for record in await records.with_reason(context.session, context.connection_id, ABOUT_THE_NUMBER, company_ids):
        company = await connections.find_company(context.session, context.connection_id, record.company_id)
        reason = first_cause(record.reason, company, context.connection.settings.home_country)
        if reason != record.reason:
            await context.attention(record, reason, candidates=record.candidates)


async def _is_doubled(context: ConnectionContext, message: MatchReviewRequested) -> bool:
    """Whether the linked customer has a double in Fortnox. Who linked it by hand saw the others and chose."""
    link = await connections.find_link(context.session, context.connection_id, message.company_id)
    if link is None or link.rung == MANUAL:
        return False
    return message.reason == "several_customers" and link.customer_number in message.candidates


async def _is_renumbered(context: ConnectionContext, message: MatchReviewRequested) -> bool:
    """Whether the linked company has another number than when it was linked, and its customer has not. Without a number it
    may only be hidden: no change."""
    if message.reason != NUMBER_CHANGED:
        return False
    pair = await register.linked_pair(context.session, context.connection_id, message.company_id)
    return pair is not None and bool(numbers_of(pair.company, pair.customer)[0]) and not agrees(pair)


async def _is_for_a_person(context: ConnectionContext, record: Record) -> bool:
    """Whether a person must decide though the matcher has: two customers were merged, or the two numbers still differ."""
    if record.reason == MERGED:
        return True
    if record.reason != NUMBER_CHANGED:
        return False
    pair = await register.linked_pair(context.session, context.connection_id, record.company_id)
    return pair is not None and contradicts(pair)


async def _decided(
    context: ConnectionContext, message: CustomerMatched | CustomerNotFound | MatchReviewRequested
) -> Record | None:
    """The record with the decision's version; None when a newer decision is known.

    A decision may overtake its trigger, which travels on another topic: then the record's cause is not known yet.
    """
    record = await context.find(RecordKind.CUSTOMER, message.company_id)
    if record is None:
        record = context.new(RecordKind.CUSTOMER, message.company_id, message.company_id)
    if message.version < record.decision_version or record.note == REMOVED:
        return None
    if message.version > record.decision_version:
        record = replace(record, decision_version=message.version)
        await records.save(context.session, record)
        context.touch(record.company_id)
    # What was made with other data than the company has now waits for a person, whatever is decided without one.
    return None if record.reason == CUSTOMER_DIFFERS else record


async def saved(context: ConnectionContext, record: Record, outcome: RecordSaved) -> None:
    """The customer was made, or found to have been made: link it."""
    if is_replaced(record, outcome):
        await context.save(replace(record, remote_id=outcome.remote_id), "made_before_replaced", number=outcome.remote_id)
        return
    differences = outcome.differences or await _older_content(context, record, outcome)
    link = Link(record.company_id, outcome.remote_id, ADOPTED if outcome.adopted else CREATED)
    await linked(context, record, link, differences)


async def _older_content(context: ConnectionContext, record: Record, outcome: RecordSaved) -> tuple[Difference, ...]:
    """How what was ordered differs from the company now, when nothing newer could be ordered."""
    sent = await commands.find(context.session, outcome.command_id)
    company = await connections.find_company(context.session, context.connection_id, record.company_id)
    if not isinstance(sent, SaveFortnoxCustomer) or company is None or record.command_id != outcome.command_id:
        return ()
    return of_companies(sent.company, company)


async def superseded(context: ConnectionContext, record: Record, outcome: RecordSuperseded) -> None:
    """The create was taken back, and nothing was made: the matcher decides afresh, also under another number."""
    if record.command_id != outcome.command_id or record.state is not State.SENDING:
        return
    await context.save(record.moved(State.MATCHING, recheck=context.after(context.durations.resend)), "matched_again")
    [version] = await next_versions(context.session, 1)
    message = CustomerCreateWithdrawn(connection_id=context.connection_id, version=version, company_id=record.company_id)
    context.unit.publish(message, trace=context.trace)


async def linked(context: ConnectionContext, record: Record, link: Link, differences: tuple[Difference, ...] = ()) -> None:
    """Stores the link and lets go what waited for it; when a side has another one, or differs, a person decides."""
    try:
        await connections.add_link(context.session, context.connection_id, link, context.now)
    except TakenError as error:
        both = (link.customer_number, error.owner) if error.what == "company_linked_elsewhere" else (link.customer_number,)
        await context.attention(record, error.what, candidates=both)
        return
    if differences:
        detail = in_words(link.customer_number, differences)
        await context.attention(replace(record, remote_id=link.customer_number), CUSTOMER_DIFFERS, detail)
        return
    done = replace(record.moved(State.DONE), remote_id=link.customer_number, rounds=0, is_asked=False)
    await context.save(done, "linked", number=link.customer_number, rung=link.rung)
    await documents.release_waiting(context, record.company_id)
    await shown.release_invoices(context, link.customer_number)
