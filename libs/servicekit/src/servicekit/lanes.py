"""Lanes: all that a connector does for one connection, by one holder at a time.

Kafka moves messages, Postgres holds work. A lane is leased by one replica: one refresher of its token, one owner of its
rate budget, and a slow tenant never blocks another. Items keep their order per record.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

import asyncpg

from servicekit import tasks, telemetry, work
from servicekit.clock import suspension_clock
from servicekit.database import Database
from servicekit.database_errors import DATABASE_ERRORS
from servicekit.durations import Durations
from servicekit.health import RemoteHealth
from servicekit.lane import Lane, LaneStoppedError, LaneWork, LeaseLostError
from servicekit.runner import Runner

__all__ = ["Lane", "LaneStoppedError", "LaneWork", "Lanes", "LeaseLostError", "Runner"]

logger = logging.getLogger(__name__)
SHORTEST_PATIENCE = 2.0
"""Seconds. However short a test's leases are: a busy machine is not a renewal that stands still."""
RELEASE_SECONDS = 2.5
"""How long the lanes may take to end when the process stops, and Postgres to take their leases back."""


@dataclass(frozen=True)
class _Held:
    lane: Lane
    task: asyncio.Task[None]


class Lanes:
    """Leases lanes of the connections that `active` names, and works in them.

    One task renews all leases; nothing that belongs to one lane is waited for in it. A supervisor sees to it that it does
    not stand still.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        durations: Durations,
        active: Callable[[], Awaitable[list[UUID]]],
        work_in: Callable[[Lane], Awaitable[LaneWork]],
    ) -> None:
        self._channel = f"{service.replace('-', '_')}_work"
        self._database = database
        self._durations = durations
        self._active = active
        self._work_in = work_in
        self._holder = uuid4()
        self._held: dict[UUID, _Held] = {}
        self._ending: dict[UUID, asyncio.Task[None]] = {}
        self._patience = max(SHORTEST_PATIENCE, durations.lease / 3)
        self._renewed_at = suspension_clock()
        self._turned_at = 0.0
        self._wake = asyncio.Event()
        self.health_changed = asyncio.Event()
        """Set when a held lane's remote lets us in or refuses us."""

    def healths(self) -> dict[UUID, RemoteHealth]:
        """How the connections do whose lanes are held here, as far as it is known yet."""
        known = ((connection_id, held.lane.health) for connection_id, held in self._held.items())
        return {connection_id: health for connection_id, health in known if health.is_restored}

    def stalled(self) -> str | None:
        """What readiness says when the leases are not renewed; None while they are."""
        age = suspension_clock() - self._renewed_at
        if age <= self._patience:
            return None
        return f"lanes: no lease has been renewed for {age:.0f} s (a lease lasts {self._durations.lease:g} s)"

    async def run(self) -> None:
        """Leases and renews until cancelled; then gives the leases back."""
        self._renewed_at = suspension_clock()
        try:
            while True:
                await self._renew_watched()
        finally:
            await self._release()

    async def _renew_watched(self) -> None:
        """Renews until that fails or stands still for a third of a lease. The lanes go on meanwhile, as their leases do."""
        self._turned_at = suspension_clock()
        renewing = asyncio.create_task(self._renew_for_ever())
        try:
            while not renewing.done() and suspension_clock() - self._turned_at < self._patience:
                await asyncio.wait((renewing,), timeout=self._patience / 4)
                telemetry.lease_age.set(suspension_clock() - self._renewed_at)
        finally:
            await tasks.end((renewing,), self._patience / 4)
        error = renewing.exception() if renewing.done() and not renewing.cancelled() else None
        logger.error("the renewal of leases stood still or failed and begins again", exc_info=error)
        telemetry.restarts.add(1, {"dubbelsynk.loop": "lanes"})
        await asyncio.sleep(self._durations.retry_first / 4)

    async def _renew_for_ever(self) -> None:
        listener: asyncpg.Connection | None = None
        try:
            while True:
                try:
                    if listener is None or listener.is_closed():
                        listener = await self._database.listen()
                        await listener.add_listener(self._channel, self._on_notify)
                    await self._renew()
                except DATABASE_ERRORS as error:
                    logger.warning("lanes wait for Postgres: %s", type(error).__name__)
                # One that was given up must not go on beside its successor.
                tasks.end_if_cancelled()
                self._turned_at = suspension_clock()
                await self._pause()
        finally:
            if listener is not None:
                await listener.close(timeout=2)

    def _on_notify(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        held = self._held.get(UUID(str(payload))) if payload else None
        if held is not None:
            held.lane.wake.set()
        else:
            self._wake.set()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(min(self._durations.lease / 5, 1.0)):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _renew(self) -> None:
        wanted = await self._active()
        asked_at = suspension_clock()
        granted = await work.lease(self._database.pool, wanted, self._holder, self._durations.lease)
        # From here on nothing is waited for: what ends, ends in the background.
        self._renewed_at = asked_at
        for connection_id, is_new in granted.items():
            self._take(connection_id, asked_at, is_new=is_new)
        for connection_id in [lost for lost in self._held if lost not in granted]:
            self._stop(connection_id)

    def _take(self, connection_id: UUID, asked_at: float, *, is_new: bool) -> None:
        held = self._held.get(connection_id)
        if held is not None and not held.task.done():
            held.lane.granted_at = asked_at
        elif connection_id not in self._ending:
            lane = Lane(connection_id, self._holder, is_new, self._durations.lease, asked_at, self._database)
            lane.health.changed = self.health_changed
            self._held[connection_id] = _Held(lane, asyncio.create_task(self._hold(lane)))

    def _stop(self, connection_id: UUID) -> None:
        held = self._held.pop(connection_id)
        held.lane.is_stopped = True
        ending = self._ending[connection_id] = asyncio.create_task(self._end(held))
        ending.add_done_callback(lambda _: self._ending.pop(connection_id, None))

    async def _end(self, held: _Held) -> None:
        """When it does not end in time its place is free all the same: it may neither send nor store any more."""
        if await tasks.end((held.task,), self._patience):
            logger.error("lane %s does not end; what is left of it is fenced off", held.lane.connection_id)
            telemetry.restarts.add(1, {"dubbelsynk.loop": "lane that does not end"})

    async def _release(self) -> None:
        held = list(self._held.values())
        for one in held:
            one.lane.is_stopped = True
        running = await tasks.end([*(one.task for one in held), *self._ending.values()], RELEASE_SECONDS)
        kept = [one.lane.connection_id for one in held if one.task in running]
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._database.pool.execute(
                    "UPDATE lane SET leased_until = now() WHERE holder = $1 AND connection_id <> ALL($2::uuid[])",
                    self._holder,
                    kept,
                )
        except DATABASE_ERRORS:
            logger.warning("could not give the leases back; they run out by themselves")

    async def _hold(self, lane: Lane) -> None:
        await self._for_ever(lane, partial(self._carry_out, lane))

    async def _carry_out(self, lane: Lane) -> None:
        await lane.health.restore(self._database, lane.connection_id)
        lane_work = await self._work_in(lane)
        runner = Runner(lane, lane_work, self._durations)
        # What fails in the first starts again by itself: it must not cancel a command whose write is on its way.
        parts = [asyncio.create_task(self._for_ever(lane, lane_work.run)), asyncio.create_task(runner.run())]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if await tasks.end([*parts, *runner.tasks()], self._patience / 8):
                # Whatever still runs would run beside what is begun anew: the whole lane makes place for another.
                lane.is_stopped = True
            await asyncio.wait_for(lane_work.close(), self._patience / 8)
        for part in parts:
            if part.done() and not part.cancelled():
                part.result()

    async def _for_ever(self, lane: Lane, part: Callable[[], Awaitable[None]]) -> None:
        while not lane.is_stopped:
            rest = self._durations.retry_first
            try:
                await part()
            except* LaneStoppedError as stop:
                logger.error("lane %s rests: %s", lane.connection_id, stop.exceptions[0])
                rest = self._durations.retry_longest
            except* Exception as group_error:
                logger.exception("lane %s starts again", lane.connection_id, exc_info=group_error)
            # Python 3.11's TaskGroup drops a cancellation that comes while it ends its other tasks.
            tasks.end_if_cancelled()
            # What starts again may find its budget spent, by itself.
            lane.is_new = False
            await asyncio.sleep(rest)
