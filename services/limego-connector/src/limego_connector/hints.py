"""Serves hints: each record that somebody hinted at is read once, however many hints there are of it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable

from limego_connector import domain
from limego_connector.bell import Bell
from limego_connector.reading import Found, Reader
from limego_connector.repository import hints
from limego_connector.repository.hints import Hint
from servicekit.database import UnitOfWork
from servicekit.database_errors import DATABASE_ERRORS
from servicekit.durations import Durations
from servicekit.errors import PermanentError, RateLimitedError, TransientError
from servicekit.lanes import Lane, LaneStoppedError
from servicekit.telemetry import span

logger = logging.getLogger(__name__)
AT_ONCE = 6
PER_SECOND, BURST = 20.0, 40.0
"""Readings for hints: after a burst no more than these a second, or a flood of web hooks would leave the process no time to
answer the next ones, and Lime Go as many queries."""
TOLD_AGAIN_SECONDS = 1.0
"""After a reading during which its hint was told again; what is told on and on is read no oftener than this."""


class Pace:
    """Lets `per_second` things begin, `burst` of them at once; `clock` counts seconds."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._left, self._since = burst, clock()

    def wait(self) -> float:
        """Seconds until the next may begin."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._since) * self._per_second)
        self._since = now
        return max(0.0, (1 - self._left) / self._per_second)

    def begin(self) -> None:
        """One begins."""
        self._left -= 1


class HintServer:
    """Reads what hints point at, for one lane. `interval` is how long it sleeps at most, in seconds."""

    def __init__(
        self, lane: Lane, reader: Reader, bell: Bell, durations: Durations, *, interval: float, time_scale: float
    ) -> None:
        self._lane = lane
        self._reader = reader
        self._bell = bell
        self._durations = durations
        self._interval = interval
        self._time_scale = time_scale
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._freed = asyncio.Event()
        self._stop: LaneStoppedError | None = None
        self._pace = Pace(PER_SECOND * time_scale, BURST)

    async def run(self) -> None:
        """Serves until cancelled; LaneStoppedError when Lime Go refuses the key."""
        self._stop = None
        try:
            while True:
                rung = self._bell.event(str(self._lane.connection_id))
                self._freed = rung
                await self._start_due()
                if self._stop is not None:
                    raise self._stop
                await self._bell.wait(rung, await self._pause())
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _pause(self) -> float:
        if len(self._busy) >= AT_ONCE:
            return self._interval
        if (pause := self._pace.wait()) > 0:
            return min(self._interval, pause)
        seconds = await hints.seconds_until_due(self._lane.database.pool, self._lane.connection_id, list(self._busy))
        return self._interval if seconds is None else min(self._interval, max(0.0, seconds))

    async def _start_due(self) -> None:
        if len(self._busy) >= AT_ONCE or self._pace.wait():
            return
        by_record: dict[str, list[Hint]] = {}
        for hint in await hints.due(self._lane.database.pool, self._lane.connection_id, list(self._busy), AT_ONCE):
            by_record.setdefault(hint.record_key, []).append(hint)
        for record_key, found in list(by_record.items())[: AT_ONCE - len(self._busy)]:
            if self._pace.wait():
                break
            self._pace.begin()
            task = asyncio.create_task(self._serve(record_key, found))
            self._busy[record_key] = task
            task.add_done_callback(lambda _, key=record_key: self._free(key))  # type: ignore[misc]

    def _free(self, record_key: str) -> None:
        self._busy.pop(record_key, None)
        self._freed.set()

    async def _serve(self, record_key: str, found: list[Hint]) -> None:
        attributes: dict[str, str | int] = {
            "dubbelsynk.connection.id": str(self._lane.connection_id),
            "dubbelsynk.hints": len(found),
        }
        trace = next((one.trace for one in found if one.trace), "")
        with span("hint read", parent=trace, attributes=dict(attributes)):
            try:
                await self._read(record_key, found)
            except LaneStoppedError as error:
                self._stop = error
            except RateLimitedError as error:
                await self._postpone(found, error.retry_after)
            except PermanentError as error:
                logger.warning("a hinted record cannot be read: %s", error.reason)
                await self._give_back(record_key, found)
            except TransientError as error:
                logger.warning("a hinted record will be read again: %s", error)
                await self._postpone(found, self._backoff(found))
            except DATABASE_ERRORS as error:
                logger.warning("hints wait for Postgres: %s", type(error).__name__)
                await asyncio.sleep(self._durations.retry_first)
            except Exception:
                logger.exception("a hinted record failed in an unforeseen way")
                await self._postpone(found, self._backoff(found))

    async def _read(self, record_key: str, found: list[Hint]) -> None:
        kind, _, record_id = record_key.partition("/")
        if kind == "deal":
            read = await self._reader.read(None, [int(record_id)])
        else:
            read = await self._reader.read(record_id, [])
        async with self._lane.unit_of_work() as unit:
            await self._reader.report(unit, read)
            await self._settle(unit, record_key, read, found)

    async def _settle(self, unit: UnitOfWork, record_key: str, read: Found, found: list[Hint]) -> None:
        kind, _, record_id = record_key.partition("/")
        is_won = read.is_won(int(record_id)) if kind == "deal" else None
        is_customer = read.is_customer(record_id) if kind == "company" else None
        done: list[int] = []
        is_crowded = await hints.is_crowded(unit, self._lane.connection_id)
        for hint in await self._unchanged(unit, found):
            delay = domain.contradiction_delay(hint.contradicted)
            if domain.is_fulfilled(hint.expects, is_won=is_won, is_customer=is_customer) or delay is None:
                done.append(hint.hint_id)
            elif is_crowded and not hint.is_confirmed and not hint.contradicted:
                # Somebody tells much that is not so: what is true of it, feed and walk tell, too.
                done.append(hint.hint_id)
            else:
                await hints.contradict(unit, [hint.hint_id], delay / self._time_scale)
        await hints.remove(unit, done)

    async def _unchanged(self, unit: UnitOfWork, found: list[Hint]) -> list[Hint]:
        """Locks the hints; one that was told again while its record was read is read once more, and is not among these."""
        again = {hint.hint_id for hint in await hints.lock(unit, found)}
        await hints.renew(unit, sorted(again), TOLD_AGAIN_SECONDS / self._time_scale)
        return [hint for hint in found if hint.hint_id not in again]

    async def _give_back(self, record_key: str, found: list[Hint]) -> None:
        """What cannot be read is tried as often as a contradiction; then a trigger that is lost with it is told."""
        given_up: list[Hint] = []
        async with self._lane.unit_of_work() as unit:
            for hint in await self._unchanged(unit, found):
                delay = domain.contradiction_delay(hint.contradicted)
                if delay is None:
                    given_up.append(hint)
                else:
                    await hints.contradict(unit, [hint.hint_id], delay / self._time_scale)
            if any(hint.expects in domain.TRIGGERS for hint in given_up):
                await self._reader.report_unreadable(unit, record_key)
            await hints.remove(unit, [hint.hint_id for hint in given_up])

    async def _postpone(self, found: list[Hint], seconds: float) -> None:
        try:
            await hints.postpone(self._lane.database.pool, [hint.hint_id for hint in found], seconds)
        except DATABASE_ERRORS as error:
            logger.warning("hints wait for Postgres: %s", type(error).__name__)
            await asyncio.sleep(self._durations.retry_first)

    def _backoff(self, found: list[Hint]) -> float:
        tries = min(20, max(hint.failed for hint in found))
        longest = min(self._durations.retry_longest, self._durations.retry_first * 2**tries)
        return float(longest * random.uniform(0.5, 1.0))
