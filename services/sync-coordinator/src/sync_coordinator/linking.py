"""Links by hand: a customer's number is looked up, what would move is shown, and only then it moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from contracts.commands import ReadFortnoxCustomer
from contracts.events import CompanyLinked
from contracts.kinds import RecordKind
from contracts.values import Trigger
from servicekit.database import next_versions
from servicekit.telemetry import current_trace
from sync_coordinator import customers, documents, shown
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.linking import Customer, LinkPreview, numbers_of
from sync_coordinator.domain.records import Link, Record, State
from sync_coordinator.repository import connections, records, register
from sync_coordinator.withdrawals import withdraw

SHOWN_DOCUMENTS = 20
"""Of a customer's invoices a preview names the newest."""


async def look_up(context: ConnectionContext, number: str) -> Customer:
    """The customer with this number; one that is not known is ordered from Fortnox, and not again before an answer is due."""
    found = await register.find_customer(context.session, context.connection_id, number)
    if found is not None and found.is_known:
        return found
    patience = timedelta(seconds=context.durations.resend)
    if found is None or found.is_missing or found.asked_at is None or context.now - found.asked_at > patience:
        await register.note_lookup(context.session, context.connection_id, number, context.now)
        command_id, generation = context.order()
        order = ReadFortnoxCustomer(
            connection_id=context.connection_id,
            command_id=command_id,
            generation=generation,
            fortnox_tenant=context.connection.fortnox_tenant,
            customer_number=number,
        )
        context.send(order, number, "")
    return Customer(number, asked_at=context.now)


async def preview(context: ConnectionContext, company_id: str, customer: Customer) -> LinkPreview:
    """What linking the company to the customer would change."""
    session, connection_id = context.session, context.connection_id
    pair = await register.linked_pair(session, connection_id, company_id)
    holder_id = await register.holder_of(session, connection_id, customer.customer_number)
    holder_id = None if holder_id == company_id else holder_id
    before = pair.customer if pair else None
    is_another = before is not None and before.customer_number != customer.customer_number
    own = [one for one in await records.of_company(session, connection_id, company_id) if one.kind is RecordKind.INVOICE]
    shown = await register.documents_of(session, connection_id, customer.customer_number, SHOWN_DOCUMENTS)
    return LinkPreview(
        company_id=company_id,
        company=await connections.find_company(session, connection_id, company_id),
        customer=customer,
        before=before,
        holder_id=holder_id,
        holder=await connections.find_company(session, connection_id, holder_id) if holder_id else None,
        waiting=tuple(one.key for one in own if documents.waits_for_customer(one)),
        under_way=tuple(one.key for one in own if one.state is State.SENDING) if is_another else (),
        shown=shown if holder_id or is_another or before is None else (),
        left=await register.documents_of(session, connection_id, before.customer_number, SHOWN_DOCUMENTS)
        if before is not None and is_another
        else (),
    )


async def change(context: ConnectionContext, record: Record, wanted: LinkPreview, *, swap: bool) -> None:
    """Links the company; the holder gets this company's customer before (swap), or waits for a person.

    Both links are taken away before the first is set: two unique keys keep them a bijection in between. Invoices that are
    under way to another customer are taken back unless they have left.
    """
    number, holder_id = wanted.customer.customer_number, wanted.holder_id
    if wanted.moves:
        for company_id in filter(None, (record.company_id, holder_id)):
            await _take_back(context, company_id)
            await connections.remove_link(context.session, context.connection_id, company_id)
    link = Link(record.company_id, number, customers.MANUAL)
    await connections.add_link(context.session, context.connection_id, link, context.now)
    await connections.confirm_link(context.session, context.connection_id, link)
    await _confirm(context, link)
    given = wanted.before.customer_number if swap and wanted.before else None
    if holder_id is not None:
        await _give(context, holder_id, number, given)
    await customers.linked(context, record, link)
    if wanted.moves and wanted.before is not None:
        # Those of the other customers are placed with their links.
        await shown.place_invoices(context, wanted.before.customer_number)
    await tell_matcher(context, link)


async def _give(context: ConnectionContext, holder_id: str, taken: str, given: str | None) -> None:
    """What becomes of the company that had the customer."""
    holder = await context.find(RecordKind.CUSTOMER, holder_id)
    if holder is None:
        holder = context.new(RecordKind.CUSTOMER, holder_id, holder_id, Trigger.RELATION_STATUS)
    if given is None:
        await context.note(holder, "link_taken", number=taken)
        await context.attention(holder, "customer_linked_elsewhere", candidates=(taken,))
        return
    link = Link(holder_id, given, customers.MANUAL)
    await connections.add_link(context.session, context.connection_id, link, context.now)
    await _confirm(context, link)
    await customers.linked(context, holder, link)
    await tell_matcher(context, link)


async def _confirm(context: ConnectionContext, link: Link) -> None:
    """The numbers of both sides as they are when a person says that they belong together: only another change asks again."""
    pair = await register.linked_pair(context.session, context.connection_id, link.company_id)
    if pair is not None:
        numbers = "|".join(numbers_of(pair.company, pair.customer))
        await register.confirm_numbers(context.session, context.connection_id, link.company_id, numbers)


async def tell_matcher(context: ConnectionContext, link: Link) -> None:
    """The matcher decides by what people decided before it looks at anything else."""
    version = (await next_versions(context.session, 1))[0]
    message = CompanyLinked(
        connection_id=context.connection_id, version=version, company_id=link.company_id, customer_number=link.customer_number
    )
    context.unit.publish(message, trace=current_trace())


async def inherit(context: ConnectionContext, heir_id: str, link: Link, cause: Trigger | None) -> None:
    """A company was merged into this one in Lime Go: its link comes along, and takes the place of a create that waits."""
    heir = await context.find(RecordKind.CUSTOMER, heir_id)
    if heir is None:
        heir = context.new(RecordKind.CUSTOMER, heir_id, heir_id, cause or Trigger.RELATION_STATUS)
    if heir.state is State.SENDING:
        withdraw(context, heir)
    heir = replace(heir, cause=heir.cause or cause)
    moved = Link(heir_id, link.customer_number, link.rung)
    await customers.linked(context, heir, moved)
    await tell_matcher(context, moved)


async def _take_back(context: ConnectionContext, company_id: str) -> None:
    """The company gets another customer: what has not left for the one before is taken back, and decided again."""
    for record in await records.of_company(context.session, context.connection_id, company_id):
        if record.kind is RecordKind.INVOICE and record.state is State.SENDING:
            withdraw(context, record)
            await context.note(record, "taken_back")
