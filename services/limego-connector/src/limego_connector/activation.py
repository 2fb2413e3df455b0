"""The way of a connection into service: baseline, web hook, listing of all companies. Each step can be taken up again.

The baseline decides what is old business: what was won (or "Är kund") when it was *first seen*. Lists lag behind writes
by seconds, so a record made just before the activation may be missing from the first walk: the last walk therefore starts
a list's lag after the first, and what only that one shows as won is old, too. No confirmed field tells when a deal was won.
The safe side of the few seconds that remain is "old": an invoice too few is seen and made by hand, one too many is sent.
A deal that any walk showed open was open after the activation: its win triggers.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager

from opentelemetry.trace import Span

from contracts.events import CompanyChanged, CompanyListingCompleted
from limego_connector import domain, mapping
from limego_connector.client import LimeGoClient
from limego_connector.domain import KnownCompany
from limego_connector.paging import Cursor, advance
from limego_connector.payloads import OrganizationPayload
from limego_connector.repository import connections, progress
from limego_connector.repository.connections import hash_token
from limego_connector.repository.progress import Listing
from limego_connector.walk import Walker
from servicekit.database import next_versions
from servicekit.fault_points import is_guard_on
from servicekit.lanes import Lane
from servicekit.telemetry import current_trace, span

logger = logging.getLogger(__name__)
MOST_ROUNDS = 5
"""Walks over a list that shows something new every time; what is missed then is found by hints."""


class Activation:
    """Brings one connection into service. `list_lag` is how far lists may lag behind writes, in seconds."""

    def __init__(self, lane: Lane, client: LimeGoClient, walker: Walker, *, public_url: str, list_lag: float) -> None:
        self._lane = lane
        self._client = client
        self._walker = walker
        self._public_url = public_url.rstrip("/")
        self._list_lag = list_lag

    async def baseline(self) -> None:
        """Stores what is won already, once. The first pass over all companies is made meanwhile."""
        stored = await connections.find(self._lane.database.pool, self._lane.connection_id)
        if stored is None or stored.has_baseline:
            return
        if is_guard_on("baseline"):
            await self._walker.baseline()
            listing = await self._listing()
            if listing.round == 1:
                await self._list_round(listing)
            await self._wait_for_lists()
            for _ in range(MOST_ROUNDS):
                _, old_wins = await self._walker.baseline()
                if not old_wins:
                    break
        async with self._lane.unit_of_work() as unit:
            await connections.complete_baseline(unit, self._lane.connection_id)

    async def _wait_for_lists(self) -> None:
        listing = await self._listing()
        await asyncio.sleep(max(0.0, self._list_lag - listing.age))

    async def subscribe(self) -> None:
        """Has Lime Go call our address; when that has moved, the old one is given up.

        Lime Go cannot list web hooks, so the address is stored (as a hash) before it is used: whatever is subscribed,
        we answer.
        """
        stored = await connections.webhooks(self._lane.database.pool, self._lane.connection_id)
        if any(one.subscription_id and one.public_url == self._public_url for one in stored):
            return
        token = secrets.token_urlsafe(32)
        async with self._lane.unit_of_work() as unit:
            await connections.add_webhook(unit, self._lane.connection_id, hash_token(token), self._public_url)
        subscription_id = await self._client.subscribe(f"{self._public_url}/webhooks/{token}", mapping.EVENTS)
        async with self._lane.unit_of_work() as unit:
            await connections.confirm_webhook(unit, hash_token(token), subscription_id)
        for old in stored:
            if old.subscription_id is not None:
                await self._client.unsubscribe(old.subscription_id)
                async with self._lane.unit_of_work() as unit:
                    await connections.remove_webhook(unit, old.token_hash)

    async def list_companies(self) -> None:
        """Reports every company, once: again and again over the list, until a pass finds nothing new."""
        while (listing := await self._listing()).completed_at is None:
            found = await self._list_round(listing)
            if listing.round > 1 and (found == 0 or listing.round >= MOST_ROUNDS):
                await self._complete(listing)
                return
            await self._wait_for_lists()
            async with self._lane.unit_of_work() as unit:
                await progress.begin_listing_round(unit, self._lane.connection_id)

    async def _listing(self) -> Listing:
        listing = await progress.find_listing(self._lane.database.pool, self._lane.connection_id)
        if listing is not None:
            return listing
        async with self._lane.unit_of_work() as unit:
            await progress.begin_listing(unit, self._lane.connection_id)
        return await self._listing()

    async def _list_round(self, listing: Listing) -> int:
        """One pass from where it stands; how many companies in all it found that were not listed before."""
        cursor: Cursor | None = listing.cursor
        found = listing.found_in_round
        with self._span():
            while cursor is not None:
                [version] = await next_versions(self._lane.database.pool, 1)
                page = await self._client.organizations(cursor.offset)
                after = advance(cursor, page.ids)
                # The end is stored as a place behind the list: a pass that is taken up again there ends at once.
                resumed = after or Cursor(cursor.offset + len(page.ids))
                found += await self._store_page(listing, page.records, version, resumed)
                cursor = after
        return found

    def _span(self) -> AbstractContextManager[Span]:
        return span("companies listing", attributes={"dubbelsynk.connection.id": str(self._lane.connection_id)})

    async def _store_page(self, listing: Listing, page: Sequence[OrganizationPayload], version: int, after: Cursor) -> int:
        companies = {one.id: mapping.company(one) for one in page}
        baseline = is_guard_on("baseline")
        rows = [
            KnownCompany(one.company_id, is_baseline=baseline and one.is_customer, digest=domain.digest(one), version=version)
            for one in companies.values()
        ]
        connection_id = self._lane.connection_id
        async with self._lane.unit_of_work() as unit:
            new = await progress.add_listed(unit, connection_id, listing.listing_id, rows)
            for company_id in sorted(new):
                changed = CompanyChanged(
                    connection_id=connection_id,
                    version=version,
                    company=companies[company_id],
                    listing_id=listing.listing_id,
                )
                unit.publish(changed, trace=current_trace())
            await progress.save_listing_cursor(unit, connection_id, after, len(new))
        return len(new)

    async def _complete(self, listing: Listing) -> None:
        connection_id = self._lane.connection_id
        with self._span():
            count = await self._store_end(listing)
        logger.info("all %d companies of %s are listed", count, connection_id)

    async def _store_end(self, listing: Listing) -> int:
        connection_id = self._lane.connection_id
        async with self._lane.unit_of_work() as unit:
            count = await progress.complete_listing(unit, connection_id, listing.listing_id)
            completed = CompanyListingCompleted(connection_id=connection_id, listing_id=listing.listing_id, count=count)
            unit.publish(completed, trace=current_trace())
        return count
