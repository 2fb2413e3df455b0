"""Kafka in: connections are stored, commands are queued; a withdrawn create ends, at once or when its doubt does."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from contracts.commands import CreateFortnoxInvoice, SaveFortnoxCustomer, WithdrawFortnoxCustomer, WithdrawFortnoxInvoice
from contracts.events import ConnectionChanged
from contracts.message import Command
from fortnox_connector.repository import Repository
from servicekit import work
from servicekit.database import UnitOfWork
from servicekit.envelope import Received
from servicekit.errors import UnknownConnectionError

Withdrawal = WithdrawFortnoxCustomer | WithdrawFortnoxInvoice


class Handlers:
    """The connector's message handlers."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    async def on_connection_changed(self, unit: UnitOfWork, received: list[Received[ConnectionChanged]]) -> None:
        """Stores connections; their lanes start within a second."""
        await self._repository.save_connections(unit, [item.message for item in received])

    async def on_command(self, unit: UnitOfWork, received: list[Received[Command]]) -> None:
        """Queues commands. A create that says that it is withdrawn is taken back in the same unit of work: it never leaves."""
        await self._require_known(unit, received)
        for item in received:
            await work.enqueue(unit, [item])
            withdrawal = _withdrawal(item.message)
            if withdrawal is not None:
                await self._take_back(unit, withdrawal, item.trace, is_look=True)

    async def on_withdraw(
        self, unit: UnitOfWork, received: list[Received[WithdrawFortnoxCustomer]] | list[Received[WithdrawFortnoxInvoice]]
    ) -> None:
        """Ends creates of the company or the deal; one that may have been sent ends when two looks have found nothing.

        So does one that waits behind another command's POST whose effect is not known: it is carried out as a look.
        """
        await self._require_known(unit, received)
        for item in received:
            await self._take_back(unit, item.message, item.trace)

    async def _take_back(self, unit: UnitOfWork, withdrawal: Withdrawal, trace: str, *, is_look: bool = False) -> None:
        """`is_look`: the create is asked for what it made, so that it has its outcome although another one made it."""
        creation = await self._repository.find_creation(withdrawal.connection_id, _business_key(withdrawal), unit)
        is_made = creation is not None and creation.remote_id is not None
        is_in_doubt = creation is not None and creation.sent_at is not None
        if is_in_doubt or (is_made and is_look):
            await work.keep(unit, withdrawal)
        await work.supersede(unit, withdrawal, trace)

    async def _require_known(self, unit: UnitOfWork, received: Sequence[Received[Command]]) -> None:
        wanted = {item.message.connection_id for item in received}
        missing = wanted - await self._repository.known(unit, sorted(wanted))
        if missing:
            raise UnknownConnectionError(min(missing))


def _withdrawal(command: Command) -> Withdrawal | None:
    """What takes a create back that says itself that it is withdrawn; None for every other command."""
    if not isinstance(command, SaveFortnoxCustomer | CreateFortnoxInvoice) or not command.is_withdrawn:
        return None
    if isinstance(command, SaveFortnoxCustomer):
        return WithdrawFortnoxCustomer(
            connection_id=command.connection_id,
            command_id=uuid4(),
            generation=command.generation,
            company_id=command.record_id,
        )
    return WithdrawFortnoxInvoice(
        connection_id=command.connection_id,
        command_id=uuid4(),
        generation=command.generation,
        deal_id=command.deal.deal_id,
        company_id=command.deal.company_id or "",
    )


def _business_key(command: Withdrawal) -> str:
    if isinstance(command, WithdrawFortnoxCustomer):
        return f"company:{command.company_id}"
    return f"deal:{command.deal_id}"
