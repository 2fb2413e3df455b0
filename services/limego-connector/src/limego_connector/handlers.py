"""Kafka in: connections as the coordinator tells them, and commands for the lanes."""

from __future__ import annotations

from contracts.events import ConnectionChanged
from contracts.message import Command
from limego_connector.repository import connections
from servicekit import work
from servicekit.database import UnitOfWork
from servicekit.envelope import Received
from servicekit.errors import UnknownConnectionError


async def on_connection_changed(unit: UnitOfWork, received: list[Received[ConnectionChanged]]) -> None:
    """Keeps the newest version of each connection."""
    await connections.save(unit, [one.message for one in received])


async def on_command(unit: UnitOfWork, received: list[Received[Command]]) -> None:
    """Queues commands; one for a connection that is not known yet waits."""
    wanted = sorted({one.message.connection_id for one in received})
    known = await connections.known(unit.connection, wanted)
    for connection_id in wanted:
        if connection_id not in known:
            raise UnknownConnectionError(connection_id)
    await work.enqueue(unit, received)
