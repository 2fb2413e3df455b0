"""The feed: a queue of events that Lime Go empties as it is read. Taken as hints, after the web hooks.

Peek, store, and read for real only a full page whose every item is stored: then what Lime Go forgets is exactly what we
have. A page that is not full is left alone, for an event that came between peek and read would be consumed unseen.
"""

from __future__ import annotations

from collections.abc import Sequence

from limego_connector import mapping
from limego_connector.client import LimeGoClient
from limego_connector.domain import CONTRADICTION_DELAYS, Expectation
from limego_connector.payloads import EventPayload
from limego_connector.repository import hints
from limego_connector.repository.hints import NewHint
from servicekit.fault_points import fault_point
from servicekit.lanes import Lane
from servicekit.telemetry import current_trace, span

FULL = 50
"""Items in a full page (limego.md, 5.3)."""


class FeedReader:
    """Reads one connection's feed."""

    def __init__(self, lane: Lane, client: LimeGoClient, time_scale: float = 1.0) -> None:
        self._lane = lane
        self._pause = CONTRADICTION_DELAYS[0] / time_scale
        self._client = client

    async def poll(self) -> int:
        """Takes in what the feed shows, page after page while they are full; how many items were new."""
        stored = 0
        with span("feed poll", attributes={"dubbelsynk.connection.id": str(self._lane.connection_id)}):
            while True:
                page = await self._client.feed(peek=True)
                fault_point("feed.after_peek")
                stored += await self._store(page, is_peeked=True)
                if len(page) < FULL:
                    return stored
                consumed = await self._client.feed(peek=False)
                fault_point("feed.after_read")
                # The same items, unless somebody else reads with this key.
                stored += await self._store(consumed, is_peeked=False)

    async def _store(self, page: Sequence[EventPayload], *, is_peeked: bool) -> int:
        found = [_hint(event) for event in page]
        async with self._lane.unit_of_work() as unit:
            return await hints.store_from_feed(
                unit, self._lane.connection_id, found, current_trace(), is_peeked=is_peeked, pause=self._pause
            )


def _hint(event: EventPayload) -> NewHint:
    record_key, expects = mapping.hint(event) or (None, Expectation.ANYTHING)
    return NewHint(record_key, expects, mapping.position(event))
