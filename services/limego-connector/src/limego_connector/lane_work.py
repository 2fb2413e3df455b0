"""What this connector does in a lane: comes into service, then serves hints, polls the feed and walks.

Each of these has its own pauses: one that fails, or is refused, keeps no other from its work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from limego_connector.activation import Activation
from limego_connector.bell import Bell
from limego_connector.catch_up import CatchUp
from limego_connector.client import LimeGoClient
from limego_connector.company_scan import CompanyScan
from limego_connector.executor import Executor
from limego_connector.feed import FeedReader
from limego_connector.hints import HintServer
from limego_connector.removals import Removals
from limego_connector.repository import connections, progress
from limego_connector.walk import Walker
from servicekit import tasks
from servicekit.crypto import Vault
from servicekit.database_errors import DATABASE_ERRORS
from servicekit.durations import Durations
from servicekit.errors import PermanentError, TransientError
from servicekit.http_client import Remote
from servicekit.lanes import Lane, LaneStoppedError
from servicekit.waits import Backoff
from servicekit.work import Item, Result

logger = logging.getLogger(__name__)
Step = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Parts:
    """The parts of a lane's work; `wiring` puts them together."""

    remote: Remote
    client: LimeGoClient
    executor: Executor
    activation: Activation
    hints: HintServer
    feed: FeedReader
    walker: Walker
    catch_up: CatchUp
    company_scan: CompanyScan
    removals: Removals


class LimeGoLaneWork:
    """One connection's work. Intervals are in seconds."""

    def __init__(
        self,
        lane: Lane,
        parts: Parts,
        bell: Bell,
        vault: Vault,
        durations: Durations,
        *,
        feed_interval: float,
        walk_interval: float,
    ) -> None:
        self._lane = lane
        self._parts = parts
        self._bell = bell
        self._vault = vault
        self._durations = durations
        self._feed_interval = feed_interval
        self._walk_interval = walk_interval
        self._sealed: bytes | None = None
        self._new_key = asyncio.Event()

    async def execute(self, item: Item) -> Result:
        """Carries one command out."""
        return await self._parts.executor.execute(item)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._parts.remote.close()

    async def run(self) -> None:
        """Baseline first; nothing is read for a trigger before it stands. Of what follows no part needs another's success."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_key())
            await self._until_done("baseline", self._parts.activation.baseline)
            group.create_task(self._until_done("subscription", self._parts.activation.subscribe))
            listing = group.create_task(self._until_done("companies", self._parts.activation.list_companies))
            # What the first pass over the companies missed is old, too, if the next finds it first. A listing that cannot
            # be made, or takes long, keeps no win waiting: the baseline has made that first pass.
            await asyncio.wait([listing], timeout=self._durations.recheck)
            group.create_task(self._every("catch_up", self._feed_interval, self._parts.catch_up.run, is_shown=False))
            group.create_task(self._until_done("records", self._parts.hints.run))
            group.create_task(self._every("feed", self._feed_interval, self._parts.feed.poll))
            group.create_task(self._walk())
            group.create_task(self._scan_companies())
            confirm = self._durations.confirm_removal
            group.create_task(self._every("removals", confirm, self._parts.removals.run, is_shown=False))

    async def _walk(self) -> None:
        # Across restarts: the last walk may have been hours ago, or a moment.
        await self._until_done("deals", self._wait_for_walk)
        await self._every("deals", self._walk_interval, self._parts.walker.walk)

    async def _wait_for_walk(self) -> None:
        since = await progress.seconds_since_walk(self._lane.database.pool, self._lane.connection_id) or 0.0
        await asyncio.sleep(max(0.0, self._walk_interval - since))

    async def _scan_companies(self) -> None:
        # The listing has just read them all.
        await asyncio.sleep(self._walk_interval)
        await self._every("companies", self._walk_interval, self._parts.company_scan.run)

    async def _every(self, name: str, seconds: float, step: Step, *, is_shown: bool = True) -> None:
        """Takes a step again and again. `is_shown`: its successes are told, not only its failures."""
        backoff = Backoff(self._durations.retry_first, max(seconds, self._durations.retry_longest))
        while True:
            while not await self._try(name, seconds, step, backoff):
                pass
            if is_shown:
                self._lane.health.completed(name, seconds)
            else:
                self._lane.health.ended(name)
            await asyncio.sleep(seconds)

    async def _until_done(self, name: str, step: Step) -> None:
        backoff = Backoff(self._durations.retry_first, self._durations.retry_longest)
        while not await self._try(name, self._durations.retry_longest, step, backoff):
            pass
        self._lane.health.ended(name)

    async def _try(self, name: str, interval: float, step: Step, backoff: Backoff) -> bool:
        """Whether the step was taken; if not, its pause is over. Whatever it raises stays its own, and health knows of it."""
        new_key = self._new_key
        try:
            await self._observed(name, interval, step)
            backoff.succeeded()
            return True
        except LaneStoppedError as stop:
            logger.error("lane %s (%s): %s", self._lane.connection_id, name, stop)
            # Refused with the key that it had then: it sends nothing until there is another one, or for a minute.
            await self._bell.wait(new_key, self._durations.retry_longest)
            return False
        except PermanentError as error:
            # Its detail is Lime Go's own text, which may quote an address with its token, or values.
            logger.error("lane %s (%s): %s", self._lane.connection_id, name, error.reason)
        except TransientError as error:
            logger.warning("lane %s (%s): %s", self._lane.connection_id, name, error)
        except DATABASE_ERRORS as error:
            logger.warning("lane %s (%s) waits for Postgres: %s", self._lane.connection_id, name, type(error).__name__)
        except Exception:
            logger.exception("lane %s (%s) failed in an unforeseen way", self._lane.connection_id, name)
        tasks.end_if_cancelled()
        await asyncio.sleep(backoff.failed())
        return False

    async def _observed(self, name: str, interval: float, step: Step) -> None:
        try:
            await step()
        except Exception as error:
            self._lane.health.failed(name, interval, type(error).__name__)
            raise

    async def _follow_key(self) -> None:
        """A new key takes effect at once, while whatever runs goes on."""
        while True:
            event = self._bell.event(f"key:{self._lane.connection_id}")
            await self._until_done("key", self._use_key)
            await self._bell.wait(event, self._durations.retry_longest)

    async def _use_key(self) -> None:
        sealed = await connections.find_credential(self._lane.database.pool, self._lane.connection_id)
        if sealed is None or sealed == self._sealed:
            return
        self._parts.client.use_key(self._vault.open(sealed))
        self._sealed = sealed
        self._new_key.set()
        self._new_key = asyncio.Event()
