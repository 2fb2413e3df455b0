"""After a pause: what was won meanwhile is found before any hint is served, so that a person decides about it."""

from __future__ import annotations

import asyncio
import logging

from limego_connector.feed import FeedReader
from limego_connector.repository import connections
from limego_connector.walk import Walker
from servicekit.errors import TransientError
from servicekit.lanes import Lane, LeaseLostError

logger = logging.getLogger(__name__)
FEED_TRIES = 5
"""So often a pause is sought in a feed that does not answer, before the walk is believed alone."""


class CatchUp:
    """Looks once after each resume; until then hints wait. `list_lag` is how far lists may lag behind writes, in seconds.

    No API tells when a deal was won. What the feed or the walk shows here as won, and nobody reported before, was won in
    the pause; so was what a web hook told before the resume. A web hook that came after it tells of today (decision 0014).
    """

    def __init__(self, lane: Lane, feed: FeedReader, walker: Walker, *, list_lag: float) -> None:
        self._lane = lane
        self._feed = feed
        self._walker = walker
        self._list_lag = list_lag
        self._failures = 0

    async def run(self) -> None:
        """Feed and walk, if the connection was resumed since they were last done for this."""
        stored = await connections.find(self._lane.database.pool, self._lane.connection_id)
        if stored is None or stored.resumed_at is None or not stored.is_catching_up:
            return
        # What was won just before the resume must have come into the lists.
        await asyncio.sleep(self._list_lag)
        await self._read_feed()
        await self._walker.walk()
        async with self._lane.unit_of_work() as unit:
            await connections.complete_catch_up(unit, self._lane.connection_id, stored.resumed_at)

    async def _read_feed(self) -> None:
        """A feed that stays away is done without: the walk compares every deal with what was reported."""
        try:
            await self._feed.poll()
        except LeaseLostError:
            raise
        except Exception as error:
            self._failures += 1
            if isinstance(error, TransientError) and self._failures < FEED_TRIES:
                raise
            logger.warning("%s catches up without the feed: %s", self._lane.connection_id, type(error).__name__)
        self._failures = 0
