"""Takes creates back: at once when they have not left, and when their doubt has ended without a record when they may have."""

from __future__ import annotations

from contracts.commands import WithdrawFortnoxCustomer, WithdrawFortnoxInvoice
from contracts.kinds import RecordKind
from contracts.outcomes import RecordSaved
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.records import Record, State
from sync_coordinator.repository.commands import Sent


def withdraw(context: ConnectionContext, record: Record) -> None:
    """Takes back what was ordered for a record.

    A withdrawal has no outcome of its own: the create's tells. When none comes, both are sent again (`send_again`).
    """
    command_id, generation = context.order()
    command: WithdrawFortnoxCustomer | WithdrawFortnoxInvoice
    if record.kind is RecordKind.CUSTOMER:
        command = WithdrawFortnoxCustomer(
            connection_id=context.connection_id, command_id=command_id, generation=generation, company_id=record.company_id
        )
    else:
        command = WithdrawFortnoxInvoice(
            connection_id=context.connection_id,
            command_id=command_id,
            generation=generation,
            deal_id=int(record.key),
            company_id=record.company_id,
        )
    context.withdraw(command, record.command_id)


async def send_again(context: ConnectionContext, sent: Sent) -> None:
    """Sends a command again that has no outcome. A create that was taken back says so itself: it must not leave first.

    Its withdrawal follows it for a connector of an older version, which does not know that a create can say so.
    """
    record = await context.find(sent.command.kind, sent.record_key) if sent.is_withdrawn else None
    if record is None:
        context.unit.publish(sent.command, trace=sent.trace)
        return
    context.unit.publish(sent.command.model_copy(update={"is_withdrawn": True}), trace=sent.trace)
    withdraw(context.caused_by(sent.trace), record)


def is_replaced(record: Record, outcome: RecordSaved) -> bool:
    """Whether a newer command of the record is under way: its outcome decides."""
    return record.state is State.SENDING and record.command_id not in (None, outcome.command_id)
