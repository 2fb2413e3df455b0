"""Takes creates back: at once when they have not left, and when their doubt has ended without a record when they may have."""

from __future__ import annotations

from contracts.commands import WithdrawFortnoxCustomer, WithdrawFortnoxInvoice
from contracts.kinds import RecordKind
from contracts.outcomes import RecordSaved
from sync_coordinator.context import DECIDED, ConnectionContext
from sync_coordinator.domain.records import REMOVED, Record, State
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
    record = await context.find(sent.command.kind, sent.record_key) if sent.command.kind in DECIDED else None
    if record is None or not (sent.is_withdrawn or _is_unwanted(record)):
        context.unit.publish(sent.command, trace=sent.trace)
        return
    context.unit.publish(sent.command.model_copy(update={"is_withdrawn": True}), trace=sent.trace)
    withdraw(context.caused_by(sent.trace), record)


def _is_unwanted(record: Record) -> bool:
    """Whether what is under way was taken back, as far as the record tells: older replicas do not note it on the command."""
    if record.state is not State.SENDING:
        return False
    return record.note == REMOVED or (record.is_reopened and record.remote_id is None)


def is_replaced(record: Record, outcome: RecordSaved) -> bool:
    """Whether a newer command of the record is under way: its outcome decides."""
    return record.state is State.SENDING and record.command_id not in (None, outcome.command_id)
