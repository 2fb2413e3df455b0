"""Carries out the queued items of one lane and gives each its one outcome."""

from __future__ import annotations

import asyncio
import logging
import random

from contracts.outcomes import RecordSaved
from servicekit import work
from servicekit.database_errors import DATABASE_ERRORS, Fault, fault_of
from servicekit.durations import Durations
from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.fault_points import fault_point
from servicekit.lane import Lane, LaneStoppedError, LaneWork, LeaseLostError
from servicekit.telemetry import span
from servicekit.work import Finished, Item, Postponed, Result

logger = logging.getLogger(__name__)
CONCURRENT_ITEMS = 4


class Runner:
    """Carries out the queued items of one lane, a few records at a time."""

    def __init__(self, lane: Lane, lane_work: LaneWork, durations: Durations) -> None:
        self._lane = lane
        self._work = lane_work
        self._durations = durations
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Takes the next item whose record is free; sleeps until woken when there is none. Its `tasks` outlive it."""
        while True:
            self._lane.wake.clear()
            item = None
            if len(self._busy) < CONCURRENT_ITEMS and not self._lane.rest_left():
                item = await self._next()
            if item is None:
                await self._sleep()
                continue
            task = asyncio.create_task(self._do(item))
            self._busy[item.record_key] = task
            task.add_done_callback(lambda done, key=item.record_key: self._free(key, done))  # type: ignore[misc]

    async def _next(self) -> Item | None:
        try:
            return await work.next_item(self._lane.database.pool, self._lane.connection_id, list(self._busy))
        except DATABASE_ERRORS as error:
            if fault_of(error) is Fault.MESSAGE:
                raise
            logger.warning("lane %s waits for Postgres: %s", self._lane.connection_id, type(error).__name__)
            await asyncio.sleep(self._durations.retry_first)
            return None

    def tasks(self) -> list[asyncio.Task[None]]:
        """Those that carry an item out just now; whoever ends the runner ends them with it."""
        return list(self._busy.values())

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
                await self._carry_out(item)
            except LeaseLostError as error:
                logger.warning("%s; its items are left to the next holder", error)
            except Exception as error:
                # Nothing could be stored of it. Without a pause it would be taken up again at once, for ever.
                logger.warning("%s waits for Postgres: %s", item.type, type(error).__name__)
                await asyncio.sleep(self._durations.retry_first)

    async def _carry_out(self, item: Item) -> None:
        try:
            await self._store(item, await self._result(item))
        except LeaseLostError:
            raise
        except LaneStoppedError as error:
            logger.error("lane %s: %s", item.connection_id, error)
            self._lane.rest(self._durations.retry_longest, error.detail)
            await self._store(item, Postponed(self._durations.retry_longest))
        except PermanentError as error:
            # What belongs to the outcome can never be stored; its record's next items must not wait for ever.
            logger.error("%s is refused: its result cannot be stored (%s)", item.type, error.reason)
            await self._store(item, Finished(work.refusal(item, error.reason, error.detail)))
        except Exception as error:
            if fault_of(error) in (Fault.OUTAGE, Fault.SESSION):
                raise
            logger.exception("the outcome of %s cannot be stored; it will be tried again", item.type)
            await self._store(item, Postponed(self._backoff(item)))

    async def _result(self, item: Item) -> Result:
        try:
            return await self._work.execute(item)
        except (LeaseLostError, LaneStoppedError, *DATABASE_ERRORS):
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
