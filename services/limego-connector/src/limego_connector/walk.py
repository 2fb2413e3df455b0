"""Walks: all deals, page by page. The baseline before anything else; afterwards the net under web hooks and feed."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from uuid import UUID

from limego_connector import domain, mapping
from limego_connector.client import LimeGoClient
from limego_connector.paging import Cursor, advance
from limego_connector.repository import hints, progress, records
from limego_connector.repository.hints import NewHint
from limego_connector.repository.progress import Walk
from servicekit.database import UnitOfWork
from servicekit.lanes import Lane
from servicekit.telemetry import current_trace, span

logger = logging.getLogger(__name__)
Page = list[tuple[int, bool]]


class Walker:
    """Walks over one connection's deals. It makes hints, never events: a list lags, a reading does not."""

    def __init__(self, lane: Lane, client: LimeGoClient) -> None:
        self._lane = lane
        self._client = client

    async def walk(self) -> Walk:
        """Compares every deal with what was reported."""
        return await self._over_all("deals", is_baseline=False)

    async def baseline(self) -> tuple[Walk, int]:
        """As a walk, but a won deal that was never seen before is old business. Also how many of those there were."""
        self._old_wins = 0
        walk = await self._over_all("baseline", is_baseline=True)
        return walk, self._old_wins

    async def _over_all(self, kind: str, *, is_baseline: bool) -> Walk:
        started, requests, found, seen = time.monotonic(), 0, 0, set[int]()
        with span(f"{kind} walk", attributes={"dubbelsynk.connection.id": str(self._lane.connection_id)}):
            async for page in self._pages(is_baseline=is_baseline):
                requests += 1
                seen.update(deal_id for deal_id, _ in page)
                found += await self._page(page, is_baseline=is_baseline)
        walk = Walk(self._lane.connection_id, kind, len(seen), requests, time.monotonic() - started, found)
        await progress.add_walk(self._lane.database.pool, walk)
        logger.info("%s walk of %s: %s", kind, self._lane.connection_id, cost(walk))
        return walk

    async def _pages(self, *, is_baseline: bool) -> AsyncIterator[Page]:
        cursor: Cursor | None = Cursor()
        while cursor is not None:
            page = await self._client.deals(cursor.offset)
            found = [(deal.id, deal.statusAssessment == mapping.POSITIVE) for deal in page.records]
            if is_baseline:
                # What cannot be read may have been won long ago: in doubt it is old (decision 0009).
                found += [(int(deal_id), True) for deal_id in page.unread if deal_id.isdecimal()]
            yield found
            cursor = advance(cursor, page.ids)

    async def _page(self, page: Page, *, is_baseline: bool) -> int:
        connection_id = self._lane.connection_id
        if not is_baseline:
            # Most pages show nothing new; those need no transaction.
            known = await records.deal_states(self._lane.database.pool, connection_id, [deal_id for deal_id, _ in page])
            if not domain.differences(page, known):
                return 0
        async with self._lane.unit_of_work() as unit:
            if is_baseline:
                self._old_wins += await records.note_first_sight(unit, connection_id, page)
            return await self._store_differences(unit, connection_id, page)

    async def _store_differences(self, unit: UnitOfWork, connection_id: UUID, page: Page) -> int:
        known = await records.deal_states(unit.connection, connection_id, [deal_id for deal_id, _ in page])
        found = [NewHint(mapping.deal_record(deal_id), expects) for deal_id, expects in domain.differences(page, known)]
        return await hints.store_from_walk(unit, connection_id, found, current_trace()) if found else 0


def cost(walk: Walk) -> str:
    """A walk's cost, also per 1 000 deals."""
    per_thousand = 1000 / walk.deals if walk.deals else 0.0
    return (
        f"{walk.deals} deals, {walk.requests} requests, {walk.seconds:.2f} s, {walk.hints} hints "
        f"(per 1 000 deals: {walk.requests * per_thousand:.0f} requests, {walk.seconds * per_thousand:.2f} s)"
    )
