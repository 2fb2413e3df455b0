"""Lanes: all that a connector does for one connection, by one holder at a time.

Kafka moves messages, Postgres holds work. A lane is leased by one replica: one refresher of its token, one owner of its
rate budget, and a slow tenant never blocks another. Items keep their order per record.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID, uuid4

import asyncpg

from contracts.outcomes import RecordSaved
from servicekit import work
from servicekit.clock import suspension_clock, utc_now
from servicekit.database import UNREACHABLE, Database, UnitOfWork
from servicekit.durations import Durations
from servicekit.errors import Error, OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.fault_points import fault_point, is_guard_on
from servicekit.health import RemoteHealth
from servicekit.telemetry import span
from servicekit.work import Finished, Item, Postponed, Result

logger = logging.getLogger(__name__)
CONCURRENT_ITEMS = 4


class LeaseLostError(TransientError):
    """Another replica holds, or may hold, this lane: nothing more may be sent or stored for it."""


class LaneStoppedError(Error):
    """The remote refuses the whole connection (revoked consent, missing licence): the lane rests, its items stay.

    `detail` is what the remote said, for the user; it is no part of the error's text, which is logged.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class LaneWork(Protocol):
    """What a connector does in a lane."""

    async def execute(self, item: Item) -> Result:
        """Carries one command out."""
        ...

    async def run(self) -> None:
        """Polls and walks, for as long as the lane is held."""
        ...

    async def close(self) -> None:
        """Lets connections go."""
        ...


@dataclass
class Lane:
    """One held lease."""

    connection_id: UUID
    holder: UUID
    is_new: bool
    duration: float
    granted_at: float
    database: Database
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    health: RemoteHealth = field(default_factory=RemoteHealth)
    _rests_until: float = field(default=0.0, init=False)
    _last_stop: tuple[datetime, str] | None = field(default=None, init=False)

    def rest(self, seconds: float, detail: str) -> None:
        """The remote refused the connection, and said `detail`: no item is begun for so long. A rest is not made longer."""
        if self.rest_left():
            return
        self._rests_until = suspension_clock() + seconds
        self._last_stop = (utc_now(), detail)

    def rest_left(self) -> float:
        """Seconds until the next item may be begun."""
        return max(0.0, self._rests_until - suspension_clock())

    def stopped_since(self, moment: datetime) -> str | None:
        """What the remote said when it last refused the connection, if that was after `moment`."""
        if self._last_stop is None or self._last_stop[0] < moment:
            return None
        return self._last_stop[1]

    def remaining(self) -> float:
        """Seconds of the lease that are left, on a clock that counts suspension."""
        return self.granted_at + self.duration - suspension_clock()

    def require(self, seconds: float) -> None:
        """LeaseLostError unless the lease outlasts what is about to be sent."""
        if is_guard_on("lease_check") and self.remaining() < seconds:
            raise LeaseLostError(f"lane {self.connection_id}: its lease ends too soon")

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that commits only while the lease is ours."""
        async with self.database.unit_of_work() as unit:
            held = await unit.connection.fetchval(
                "SELECT 1 FROM lane WHERE connection_id = $1 AND holder = $2 AND leased_until > clock_timestamp() FOR SHARE",
                self.connection_id,
                self.holder,
            )
            if not held and is_guard_on("lease_check"):
                raise LeaseLostError(f"lane {self.connection_id} is not ours any longer")
            yield unit


class Lanes:
    """Leases lanes of the connections that `active` names, and works in them."""

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
        self._held: dict[UUID, tuple[Lane, asyncio.Task[None]]] = {}
        self._wake = asyncio.Event()
        self.health_changed = asyncio.Event()
        """Set when a held lane's remote lets us in or refuses us."""

    def healths(self) -> dict[UUID, RemoteHealth]:
        """How the connections do whose lanes are held here."""
        return {connection_id: lane.health for connection_id, (lane, _) in self._held.items()}

    async def run(self) -> None:
        """Leases and renews until cancelled; then gives the leases back."""
        listener: asyncpg.Connection | None = None
        try:
            while True:
                try:
                    if listener is None or listener.is_closed():
                        listener = await self._database.listen()
                        await listener.add_listener(self._channel, self._on_notify)
                    await self._renew()
                except (*UNREACHABLE, asyncpg.PostgresError) as error:
                    logger.warning("lanes wait for Postgres: %s", type(error).__name__)
                await self._pause()
        finally:
            if listener is not None:
                await listener.close(timeout=2)
            await self._release()

    def _on_notify(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        held = self._held.get(UUID(str(payload))) if payload else None
        if held is not None:
            held[0].wake.set()
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
        for connection_id, is_new in granted.items():
            held = self._held.get(connection_id)
            if held is None or held[1].done():
                lane = Lane(connection_id, self._holder, is_new, self._durations.lease, asked_at, self._database)
                lane.health.changed = self.health_changed
                self._held[connection_id] = (lane, asyncio.create_task(self._hold(lane)))
            else:
                held[0].granted_at = asked_at
        for connection_id in [lost for lost in self._held if lost not in granted]:
            await self._stop(connection_id)

    async def _stop(self, connection_id: UUID) -> None:
        _, task = self._held.pop(connection_id)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _release(self) -> None:
        for connection_id in list(self._held):
            await self._stop(connection_id)
        try:
            await self._database.pool.execute("UPDATE lane SET leased_until = now() WHERE holder = $1", self._holder)
        except (*UNREACHABLE, asyncpg.PostgresError):
            logger.warning("could not give the leases back; they run out by themselves")

    async def _hold(self, lane: Lane) -> None:
        await self._for_ever(lane, partial(self._carry_out, lane))

    async def _carry_out(self, lane: Lane) -> None:
        lane_work = await self._work_in(lane)
        try:
            async with asyncio.TaskGroup() as group:
                # What fails there starts again by itself: it must not cancel a command whose write is on its way.
                group.create_task(self._for_ever(lane, lane_work.run))
                group.create_task(Runner(lane, lane_work, self._durations).run())
        finally:
            await lane_work.close()

    async def _for_ever(self, lane: Lane, part: Callable[[], Awaitable[None]]) -> None:
        while True:
            rest = self._durations.retry_first
            try:
                await part()
            except* LaneStoppedError as stop:
                logger.error("lane %s rests: %s", lane.connection_id, stop.exceptions[0])
                rest = self._durations.retry_longest
            except* Exception as group_error:
                logger.exception("lane %s starts again", lane.connection_id, exc_info=group_error)
            # What starts again may find its budget spent, by itself.
            lane.is_new = False
            await asyncio.sleep(rest)


class Runner:
    """Carries out the queued items of one lane, a few records at a time."""

    def __init__(self, lane: Lane, lane_work: LaneWork, durations: Durations) -> None:
        self._lane = lane
        self._work = lane_work
        self._durations = durations
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Takes the next item whose record is free; sleeps until woken when there is none."""
        try:
            while True:
                self._lane.wake.clear()
                item = None
                if len(self._busy) < CONCURRENT_ITEMS and not self._lane.rest_left():
                    item = await work.next_item(self._lane.database.pool, self._lane.connection_id, list(self._busy))
                if item is None:
                    await self._sleep()
                    continue
                task = asyncio.create_task(self._do(item))
                self._busy[item.record_key] = task
                task.add_done_callback(lambda done, key=item.record_key: self._free(key, done))  # type: ignore[misc]
        finally:
            for task in list(self._busy.values()):
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _free(self, record_key: str, _done: asyncio.Task[None]) -> None:
        self._busy.pop(record_key, None)
        self._lane.wake.set()

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(min(0.5, self._durations.second_look)):
                await self._lane.wake.wait()
        except TimeoutError:
            pass

    async def _do(self, item: Item) -> None:
        with span(f"{item.type} execute", parent=item.trace, attributes={"dubbelsynk.connection.id": str(item.connection_id)}):
            try:
                result = await self._result(item)
                await self._store(item, result)
            except LeaseLostError as error:
                logger.warning("%s; its items are left to the next holder", error)
            except LaneStoppedError as error:
                logger.error("lane %s: %s", item.connection_id, error)
                self._lane.rest(self._durations.retry_longest, error.detail)
                await self._store(item, Postponed(self._durations.retry_longest))
            except UNREACHABLE as error:
                logger.warning("%s waits for Postgres: %s", item.type, type(error).__name__)
                await asyncio.sleep(self._durations.retry_first)
            except PermanentError as error:
                # What belongs to the outcome can never be stored; its record's next items must not wait for ever.
                logger.error("%s is refused: its result cannot be stored (%s)", item.type, error.reason)
                await self._store(item, Finished(work.refusal(item, error.reason, error.detail)))
            except Exception:
                # Without a pause an item that cannot be stored would be taken up again at once, for ever.
                logger.exception("the outcome of %s cannot be stored; it will be tried again", item.type)
                await self._store(item, Postponed(self._backoff(item)))

    async def _result(self, item: Item) -> Result:
        try:
            return await self._work.execute(item)
        except (LeaseLostError, LaneStoppedError, *UNREACHABLE, asyncpg.PostgresError):
            raise
        except RateLimitedError as error:
            return Postponed(error.retry_after)
        except OutcomeUnknownError as error:
            logger.warning("%s: %s", item.type, error)
            return Postponed(self._durations.settle_time)
        except PermanentError as error:
            return Finished(work.refusal(item, error.reason, error.detail))
        except TransientError as error:
            logger.warning("%s will be tried again: %s", item.type, error)
            return Postponed(self._backoff(item))
        except Exception:
            logger.exception("%s failed in an unforeseen way and will be tried again", item.type)
            return Postponed(self._backoff(item))

    def _backoff(self, item: Item) -> float:
        # The exponent is bounded: two to the power of a day's tries is no float.
        longest = min(self._durations.retry_longest, self._durations.retry_first * 2 ** min(item.attempts, 20))
        return float(longest * random.uniform(0.5, 1.0))

    async def _store(self, item: Item, result: Result) -> None:
        async with self._lane.unit_of_work() as unit:
            if isinstance(result, Postponed):
                await work.postpone(unit, item, result.seconds)
                return
            if result.store is not None:
                await result.store(unit)
            await work.finish(unit, item, result.outcome)
            fault_point("lane.before_outcome_commit")
        if isinstance(result.outcome, RecordSaved):
            self._lane.health.wrote()
