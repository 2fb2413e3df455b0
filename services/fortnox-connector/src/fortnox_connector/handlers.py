"""Kafka in: connections are stored, commands are queued; a withdrawn create ends, at once or when its doubt does."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.commands import WithdrawFortnoxCustomer, WithdrawFortnoxInvoice
from contracts.events import ConnectionChanged
from contracts.message import Command
from fortnox_connector.repository import Repository
from servicekit import work
from servicekit.database import UnitOfWork
from servicekit.envelope import Received
from servicekit.errors import UnknownConnectionError


class Handlers:
    """The connector's message handlers."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    async def on_connection_changed(self, unit: UnitOfWork, received: list[Received[ConnectionChanged]]) -> None:
        """Stores connections; their lanes start within a second."""
        await self._repository.save_connections(unit, [item.message for item in received])

    async def on_command(self, unit: UnitOfWork, received: list[Received[Command]]) -> None:
        """Queues commands."""
        await self._require_known(unit, received)
        await work.enqueue(unit, received)

    async def on_withdraw(
        self, unit: UnitOfWork, received: list[Received[WithdrawFortnoxCustomer]] | list[Received[WithdrawFortnoxInvoice]]
    ) -> None:
        """Ends creates of the company or the deal; one that may have been sent ends when two looks have found nothing.

        So does one that waits behind another command's POST whose effect is not known: it is carried out as a look.
        """
        await self._require_known(unit, received)
        for item in received:
            creation = await self._repository.find_creation(item.message.connection_id, _business_key(item.message))
            if creation is not None and creation.sent_at is not None and creation.remote_id is None:
                await work.keep(unit, item.message)
            await work.supersede(unit, item.message, item.trace)

    async def _require_known(self, unit: UnitOfWork, received: Sequence[Received[Command]]) -> None:
        wanted = {item.message.connection_id for item in received}
        missing = wanted - await self._repository.known(unit, sorted(wanted))
        if missing:
            raise UnknownConnectionError(min(missing))


def _business_key(command: WithdrawFortnoxCustomer | WithdrawFortnoxInvoice) -> str:
    if isinstance(command, WithdrawFortnoxCustomer):
        return f"company:{command.company_id}"
    return f"deal:{command.deal_id}"
