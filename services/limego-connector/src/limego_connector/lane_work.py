"""What this connector does in a lane: comes into service, then serves hints, polls the feed and walks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

from limego_connector.activation import Activation
from limego_connector.bell import Bell
from limego_connector.catch_up import CatchUp
from limego_connector.client import LimeGoClient
from limego_connector.executor import Executor
from limego_connector.feed import FeedReader
from limego_connector.hints import HintServer
from limego_connector.repository import connections, progress
from limego_connector.walk import Walker
from servicekit.crypto import Vault
from servicekit.database_errors import DATABASE_ERRORS
from servicekit.durations import Durations
from servicekit.errors import PermanentError, TransientError
from servicekit.http_client import Remote
from servicekit.lanes import Lane, LaneStoppedError
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

    async def execute(self, item: Item) -> Result:
        """Carries one command out."""
        return await self._parts.executor.execute(item)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._parts.remote.close()

    async def run(self) -> None:
        """Baseline first; nothing is read for a trigger before it stands."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_key())
            await self._until_done("baseline", self._parts.activation.baseline)
            group.create_task(self._until_done("subscription", self._parts.activation.subscribe))
            await self._until_done("companies", self._parts.activation.list_companies)
            await self._until_done("feed", self._parts.catch_up.run)
            group.create_task(self._until_done("records", self._parts.hints.run))
            group.create_task(self._every("feed", self._feed_interval, self._poll))
            group.create_task(self._walk())

    async def _poll(self) -> None:
        # A pause may be so short that the lane never stopped: it is caught up with here.
        await self._parts.catch_up.run()
        await self._parts.feed.poll()

    async def _walk(self) -> None:
        # Across restarts: the last walk may have been hours ago, or a moment.
        since: float | None = None
        while since is None:
            try:
                since = await progress.seconds_since_walk(self._lane.database.pool, self._lane.connection_id) or 0.0
            except DATABASE_ERRORS:
                await asyncio.sleep(self._durations.retry_first)
        await asyncio.sleep(max(0.0, self._walk_interval - since))
        await self._every("deals", self._walk_interval, self._parts.walker.walk)

    async def _every(self, name: str, seconds: float, step: Step) -> None:
        while True:
            if await self._try(name, seconds, step) is None:
                self._lane.health.completed(name, seconds)
            await asyncio.sleep(seconds)

    async def _until_done(self, name: str, step: Step) -> None:
        pause = await self._try(name, self._durations.retry_longest, step)
        while pause is not None:
            await asyncio.sleep(pause)
            pause = await self._try(name, self._durations.retry_longest, step)
        self._lane.health.ended(name)

    async def _try(self, name: str, interval: float, step: Step) -> float | None:
        """Takes a step; None when it was taken, else how long to wait before the next try. Health knows it by its name."""
        try:
            await self._observed(name, interval, step)
        except LaneStoppedError as stop:
            await self._rest(stop)
        except PermanentError as error:
            # Its detail is Lime Go's own text, which may quote an address with its token, or values.
            logger.error("lane %s: %s", self._lane.connection_id, error.reason)
            return self._durations.retry_longest
        except TransientError as error:
            logger.warning("lane %s: %s", self._lane.connection_id, error)
            return self._durations.retry_first
        except DATABASE_ERRORS as error:
            logger.warning("lane %s waits for Postgres: %s", self._lane.connection_id, type(error).__name__)
            return self._durations.retry_first
        return None

    async def _observed(self, name: str, interval: float, step: Step) -> None:
        try:
            await step()
        except Exception as error:
            self._lane.health.failed(name, interval, type(error).__name__)
            raise

    async def _rest(self, stop: LaneStoppedError) -> NoReturn:
        """The key is refused: nothing is sent until there is another one, or for a minute."""
        event = self._bell.event(self._key_name())
        logger.error("lane %s: %s", self._lane.connection_id, stop)
        await self._bell.wait(event, self._durations.retry_longest)
        raise stop

    async def _follow_key(self) -> None:
        """A new key takes effect at once, while whatever runs goes on."""
        while True:
            event = self._bell.event(self._key_name())
            try:
                sealed = await connections.find_credential(self._lane.database.pool, self._lane.connection_id)
                if sealed is not None:
                    self._parts.client.use_key(self._vault.open(sealed))
            except PermanentError as error:
                raise LaneStoppedError(str(error)) from None
            except DATABASE_ERRORS:
                await asyncio.sleep(self._durations.retry_first)
                continue
            await self._bell.wait(event, self._durations.retry_longest)

    def _key_name(self) -> str:
        return f"key:{self._lane.connection_id}"
