"""What a connector knows of a connection's health, and the loop that reports it.

Held in memory by the lane, because every reading changes it. Each report is stored as well: a new holder goes on from the last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from contracts.health import Access, ReadHealth, Side, SideHealthReported
from servicekit import telemetry, work
from servicekit.clock import utc_now
from servicekit.database import Database, UnitOfWork
from servicekit.telemetry import current_trace, span
from servicekit.text import storable

logger = logging.getLogger(__name__)


@dataclass
class RemoteHealth:
    """How a connection does at its remote. Each method notes what has just been seen."""

    access: Access = Access.UNKNOWN
    access_since: datetime | None = None
    detail: str = ""
    reads: dict[str, ReadHealth] = field(default_factory=dict)
    written_at: datetime | None = None
    is_restored: bool = False
    """What the holder before us reported is known here, too; before that nothing is reported."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def restore(self, database: Database, connection_id: UUID) -> None:
        """Goes on from the last stored report."""
        body = await database.pool.fetchval("SELECT body FROM health_report WHERE connection_id = $1", connection_id)
        if body is not None and not self.is_restored:
            self._go_on_from(body, connection_id)
        self.is_restored = True

    def _go_on_from(self, body: str, connection_id: UUID) -> None:
        try:
            last = SideHealthReported.model_validate_json(body)
        except ValidationError:
            # A newer replica may have stored what we do not know yet. No command waits for that.
            logger.warning("connection %s: its last report of health cannot be read; it begins anew", connection_id)
            return
        self.access, self.access_since, self.detail = last.access, last.access_since, last.detail
        self.reads = {read.resource: read for read in last.reads}
        self.written_at = last.written_at

    def granted(self) -> None:
        """The remote let us in."""
        self._set_access(Access.GRANTED, "")

    def missing(self) -> None:
        """There is no key to ask with."""
        self._set_access(Access.MISSING, "")

    def refused(self, detail: str = "") -> None:
        """The remote refuses the key or the consent; `detail` is its own message, for the user."""
        self._set_access(Access.REFUSED, detail)

    def wrote(self) -> None:
        """A write was carried out and its outcome stored."""
        self.written_at = utc_now()

    def completed(self, resource: str, interval: float) -> None:
        """A regular reading came to its end; the next one begins in `interval` seconds."""
        self.reads[resource] = ReadHealth(resource=resource, interval=interval, completed_at=utc_now())

    def ended(self, resource: str) -> None:
        """A reading that is made only once came to its end: nothing more is expected of it."""
        self.reads.pop(resource, None)

    def failed(
        self,
        resource: str,
        interval: float,
        problem: str,
        records: tuple[str, ...] = (),
        *,
        believed_at: datetime | None = None,
    ) -> None:
        """A regular reading failed; `problem` is a stable code or the name of an error, never its text.

        `records` are the kinds and numbers of the records that it failed for, where it did for some only.
        `believed_at` is when an answer that is too odd to be believed now is believed all the same.
        """
        last = self.reads.get(resource) or ReadHealth(resource=resource, interval=interval)
        since = last.failing_since or utc_now()
        failing = {"failing_since": since, "problem": problem, "interval": interval, "records": records}
        self.reads[resource] = last.model_copy(update={**failing, "believed_at": believed_at})

    def _set_access(self, access: Access, detail: str) -> None:
        if (access, detail) == (self.access, self.detail):
            return
        self.access, self.access_since, self.detail = access, utc_now(), detail
        self.changed.set()


async def nobody() -> list[UUID]:
    """No connection is without access: for a remote whose access is found out by asking it."""
    return []


@dataclass(frozen=True)
class HealthReporter:
    """Reports the health of the connections that this replica works for, and of those that nobody can work for.

    `interval` is in seconds. `held` gives the health of each held lane; `without_access` names active connections that have
    no key, so that no lane works for them and no other report is made.
    """

    side: Side
    database: Database
    interval: float
    held: Callable[[], Mapping[UUID, RemoteHealth]]
    without_access: Callable[[], Awaitable[Sequence[UUID]]]
    wake: asyncio.Event

    async def run(self) -> None:
        """Reports every `interval`, and soon after a change of access, until cancelled."""
        while True:
            await self.report()
            try:
                async with asyncio.timeout(self.interval):
                    await self.wake.wait()
            except TimeoutError:
                pass
            self.wake.clear()
            # Access that comes and goes is not reported more often than this.
            await asyncio.sleep(self.interval / 60)

    async def report(self) -> None:
        """Publishes one report per connection, in one unit of work."""
        held = dict(self.held())
        missing = await self.without_access()
        if not held and not missing:
            return
        with span("health report"):
            await self._publish(held, missing)

    async def _publish(self, held: Mapping[UUID, RemoteHealth], missing: Sequence[UUID]) -> None:
        unknown = RemoteHealth(access=Access.MISSING)
        async with self.database.unit_of_work() as unit:
            waiting = await work.waiting(unit.connection, [*held, *missing])
            everyone = sorted({**dict.fromkeys(missing, unknown), **held}.items())
            messages = [self._message(connection_id, health, waiting.get(connection_id)) for connection_id, health in everyone]
            await _store(unit, [message for message in messages if message.connection_id in held])
            for message in messages:
                unit.publish(message, trace=current_trace())
        _measure(messages)

    def _message(self, connection_id: UUID, health: RemoteHealth, waiting: work.Waiting | None) -> SideHealthReported:
        return SideHealthReported(
            connection_id=connection_id,
            side=self.side,
            reported_at=utc_now(),
            interval=self.interval,
            access=health.access,
            access_since=health.access_since,
            detail=str(storable(health.detail)),
            reads=tuple(health.reads[name] for name in sorted(health.reads)),
            written_at=health.written_at,
            waiting=waiting.count if waiting else 0,
            oldest_waiting_at=waiting.oldest_at if waiting else None,
        )


def last_readings(messages: Sequence[SideHealthReported]) -> dict[str, datetime]:
    """When each resource was last read to the end, of the connection where that is longest ago.

    A reading that never came to its end counts from its first failure on.
    """
    last: dict[str, datetime] = {}
    for read in (read for message in messages for read in message.reads):
        at = read.completed_at or read.failing_since
        if at is not None:
            last[read.resource] = min(at, last.get(read.resource, at))
    return last


def _measure(messages: Sequence[SideHealthReported]) -> None:
    """The worst of all connections as metrics: as many series as there are resources, not connections."""
    now = utc_now()
    for resource, at in last_readings(messages).items():
        telemetry.poll_age.set((now - at).total_seconds(), {"dubbelsynk.resource": resource})
    written = [message.written_at for message in messages if message.written_at]
    if written:
        telemetry.write_age.set((now - max(written)).total_seconds())
    oldest = [message.oldest_waiting_at for message in messages if message.oldest_waiting_at]
    telemetry.waiting_age.set((now - min(oldest)).total_seconds() if oldest else 0.0)


async def _store(unit: UnitOfWork, messages: Sequence[SideHealthReported]) -> None:
    """Keeps the reports for the next holders of these lanes."""
    await unit.connection.execute(
        """
        INSERT INTO health_report AS stored (connection_id, body) SELECT * FROM unnest($1::uuid[], $2::text[])
        ON CONFLICT (connection_id) DO UPDATE SET body = excluded.body
        """,
        [message.connection_id for message in messages],
        [message.model_dump_json() for message in messages],
    )
