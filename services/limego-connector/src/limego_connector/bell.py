"""Wakes the lanes of this process when somebody stores a hint or a key: one LISTEN for all of them."""

from __future__ import annotations

import asyncio
import logging

from servicekit.database import Database
from servicekit.database_errors import DATABASE_ERRORS

logger = logging.getLogger(__name__)
CHANNEL = "limego_connector_hint"


class Bell:
    """Rung with a connection's id (a hint) or `key:<id>` (a new key)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._events: dict[str, asyncio.Event] = {}

    def event(self, name: str) -> asyncio.Event:
        """The event that the next ring sets. Get it before looking for work, then wait: so no ring is missed."""
        event = self._events.get(name)
        if event is None or event.is_set():
            event = self._events[name] = asyncio.Event()
        return event

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Until the event, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass

    async def run(self) -> None:
        """Listens until cancelled. Whoever waits has a time limit, so an outage delays and loses nothing."""
        while True:
            try:
                listener = await self._database.listen()
            except DATABASE_ERRORS as error:
                logger.warning("the bell waits for Postgres: %s", type(error).__name__)
                await asyncio.sleep(0.5)
                continue
            try:
                closed = asyncio.Event()
                listener.add_termination_listener(lambda _, closed=closed: closed.set())
                await listener.add_listener(CHANNEL, self._on_notify)
                await closed.wait()
            finally:
                await listener.close(timeout=2)

    def _on_notify(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        rung = self._events.pop(str(payload), None)
        if rung is not None:
            rung.set()
