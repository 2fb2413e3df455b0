"""The organisation number of a linked company or customer changes: a person looks before anything more is invoiced."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.kinds import RecordKind
from contracts.values import Company
from normal_forms.numbers import read_digits
from sync_coordinator import customers
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.linked import Linked, agrees, contradicts
from sync_coordinator.domain.linking import Customer
from sync_coordinator.domain.reasons import NUMBER_CHANGED
from sync_coordinator.domain.records import State
from sync_coordinator.repository import connections, register


async def of_companies(context: ConnectionContext, before: Mapping[str, Company]) -> None:
    """Looks at the companies among these whose number is another now. One that is empty may only be hidden: no change."""
    for company_id in sorted(before):
        pair = await register.linked_pair(context.session, context.connection_id, company_id)
        if pair is not None and pair.company is not None:
            is_changed = _differ(before[company_id].organisation_number, pair.company.organisation_number)
            await _judge(context, pair, is_changed=is_changed)


async def of_customers(context: ConnectionContext, before: Mapping[str, Customer]) -> None:
    """As `of_companies`, for customers of Fortnox."""
    for number in sorted(before):
        company_id = await register.holder_of(context.session, context.connection_id, number)
        pair = await register.linked_pair(context.session, context.connection_id, company_id) if company_id else None
        if pair is not None:
            is_changed = _differ(before[number].organisation_number, pair.customer.organisation_number)
            await _judge(context, pair, is_changed=is_changed)


def _differ(old: str | None, new: str | None) -> bool:
    return bool(old and new) and read_digits(old or "") != read_digits(new or "")


async def _judge(context: ConnectionContext, pair: Linked, *, is_changed: bool) -> None:
    record = await context.find(RecordKind.CUSTOMER, pair.company_id)
    if record is None:
        return
    if record.state is State.NEEDS_ATTENTION and record.reason == NUMBER_CHANGED and agrees(pair):
        link = await connections.find_link(context.session, context.connection_id, pair.company_id)
        if link is not None:
            await customers.linked(context, record, link)
    elif is_changed and record.state is State.DONE and contradicts(pair):
        await context.attention(record, NUMBER_CHANGED, candidates=(pair.customer.customer_number,))
