"""Asks Fortnox what changed: a listing of all customers once, then `lastmodified` polls of four lists.

A poll's mark moves only after its last page, to the server's time at its *first* page less an overlap (flows.md, three
lines of defence). A page's records and its progress are stored in one transaction.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from pydantic import BaseModel, ValidationError

from contracts.events import CustomerChanged, CustomerListingCompleted, InvoiceChanged, ProductUpdated
from contracts.message import Message
from fortnox_connector import mapping
from fortnox_connector.client import BACKGROUND, FortnoxClient, ListPage, note_unreadable
from fortnox_connector.payloads import MetaInformation, SlimCustomer
from fortnox_connector.repository import Cursor, Repository, Seen
from fortnox_connector.single_records import Read, SingleRecords, UnreadRecordsError
from fortnox_connector.unread_repository import Unread
from fortnox_connector.write_offs import written_off
from servicekit import tasks
from servicekit.clock import utc_now
from servicekit.database import next_versions
from servicekit.durations import Durations
from servicekit.errors import PermanentError, TransientError
from servicekit.lanes import Lane, LaneStoppedError
from servicekit.telemetry import current_trace, span
from servicekit.waits import Backoff

logger = logging.getLogger(__name__)

REREAD_SECONDS = 60.0
"""Lists hold no time of change, and less than the record: one that stays in the overlap is read again this often."""
UNPAID = "unpaid invoices"
UNPAID_SECONDS = 600.0
"""The list of unpaid invoices is compared with what is known this often."""
Part = Callable[[], Awaitable[None]]
SHORT_WALKS = 5
"""So many walks in a row that did not find as many customers as Fortnox counts are worth a warning."""


@dataclass
class Poller:
    """The polls of one lane."""

    lane: Lane
    client: FortnoxClient
    repository: Repository
    single: SingleRecords
    durations: Durations
    interval: float
    activated_at: datetime
    time_scale: float = 1.0
    _short_walks: int = field(default=0, init=False)
    _left_out: int = field(default=0, init=False)

    async def run(self) -> None:
        """Lists once, then polls for ever. A part that fails comes again when its own pause is over, from where it stood."""
        parts = self._parts()
        due = {name: time.monotonic() + self._left(name) for name in parts}
        backoffs = {name: self._backoff() for name in parts}
        while True:
            with span("fortnox poll"):
                for name in [name for name in parts if due[name] <= time.monotonic()]:
                    succeeded = await self._try(name, parts[name])
                    if succeeded:
                        backoffs[name].succeeded()
                    due[name] = time.monotonic() + (self._interval(name) if succeeded else backoffs[name].failed())
            await asyncio.sleep(max(0.0, min(due.values()) - time.monotonic()))

    def _interval(self, name: str) -> float:
        return UNPAID_SECONDS / self.time_scale if name == UNPAID else self.interval

    def _left(self, name: str) -> float:
        """Seconds until a part is due at first: what is seldom asked for is not asked anew by each holder of the lane."""
        last = self.lane.health.reads.get(name)
        if name != UNPAID or last is None or last.completed_at is None:
            return 0.0
        return self._interval(name) - (utc_now() - last.completed_at).total_seconds()

    def _parts(self) -> dict[str, Part]:
        """In the order in which they are due at first."""
        return {
            "customer listing": self._list_customers,
            "customers": partial(self._pass, "customers", self._poll_customers),
            "invoices": partial(self._pass, "invoices", self._poll_invoices),
            "invoicepayments": partial(self._pass, "invoicepayments", self._poll_payments),
            "articles": partial(self._pass, "articles", self._poll_articles),
            UNPAID: self._poll_unpaid,
            "single records": self._retry_unread,
        }

    def _backoff(self) -> Backoff:
        return Backoff(self.durations.retry_first, max(self.interval, self.durations.retry_longest))

    async def _try(self, name: str, part: Part) -> bool:
        """Whether the part came to its end. Whatever it raises takes neither the other parts nor the lane with it."""
        await asyncio.sleep(self.lane.rest_left())
        try:
            await self._observed(name, part)
            return True
        except (LaneStoppedError, TransientError) as error:
            logger.warning("poll of %s (%s) will be tried again: %s", self.lane.connection_id, name, error)
        except (PermanentError, ValidationError) as error:
            reason = error.reason if isinstance(error, PermanentError) else type(error).__name__
            logger.error("poll of %s (%s) will be tried again: %s", self.lane.connection_id, name, reason)
        except Exception:
            logger.exception("poll of %s (%s) failed in an unforeseen way", self.lane.connection_id, name)
        tasks.end_if_cancelled()
        return False

    async def _observed(self, name: str, part: Part) -> None:
        """Notes how a part went, for the report of the connection's health."""
        try:
            await part()
        except Exception as error:
            records = error.records if isinstance(error, UnreadRecordsError) else ()
            self.lane.health.failed(name, self._interval(name), type(error).__name__, records)
            raise
        self.lane.health.completed(name, self._interval(name))

    async def _list_customers(self) -> None:
        """One walk over the whole list, from where it stood; one that came short is followed by another next round."""
        while (state := await self.repository.listing(self.lane.connection_id)) is not None:
            listing_id, page = state
            version = await self._version()
            found = await self.client.customers_page(page, {})
            self._left_out = found.unreadable + (self._left_out if page > 1 else 0)
            is_short = await self._store_listed(listing_id, page, version, found)
            if is_short:
                self._short_walks += 1
                if self._short_walks >= SHORT_WALKS:
                    logger.warning("walk %s over the customers of %s came short", self._short_walks, self.lane.connection_id)
                return

    async def _store_listed(self, listing_id: UUID, page: int, version: int, found: ListPage[SlimCustomer]) -> bool:
        """Whether this was the last page and customers are missing."""
        is_last = page >= found.meta.total_pages
        async with self.lane.unit_of_work() as unit:
            # A walk in which records vanished may have skipped a neighbour: it starts again until all are there.
            numbers = [line.CustomerNumber for line in found.lines]
            distinct = await self.repository.save_listed(unit, listing_id, numbers, 1 if is_last else page + 1)
            for line in found.lines:
                unit.publish(self._customer_changed(line, version, listing_id), trace=current_trace())
            # A page beyond the end says that there is nothing at all.
            is_whole = distinct + self._left_out >= found.meta.total_resources and (bool(found.lines) or page == 1)
            if is_last and is_whole:
                await self.repository.complete_listing(unit, listing_id)
                done = CustomerListingCompleted(connection_id=self.lane.connection_id, listing_id=listing_id, count=distinct)
                unit.publish(done, trace=current_trace())
        return is_last and not is_whole

    def _customer_changed(self, line: SlimCustomer, version: int, listing_id: UUID | None = None) -> CustomerChanged:
        return CustomerChanged(
            connection_id=self.lane.connection_id, version=version, customer=mapping.customer(line), listing_id=listing_id
        )

    async def _version(self) -> int:
        async with self.lane.database.pool.acquire() as connection:
            return (await next_versions(connection, 1))[0]

    async def _pass(self, resource: str, poll: Callable[[str, Cursor], Awaitable[MetaInformation]]) -> None:
        """All pages of one poll, from where it stood."""
        start = self.activated_at - timedelta(seconds=self.durations.poll_overlap)
        while True:
            cursor = await self.repository.cursor(self.lane.connection_id, resource, start)
            meta = await poll(resource, cursor)
            if cursor.next_page >= meta.total_pages:
                return

    def _next(self, cursor: Cursor, meta: MetaInformation) -> Cursor:
        first = cursor.first_page_at or self.client.server_time
        if cursor.next_page < meta.total_pages:
            return Cursor(cursor.mark, first, cursor.next_page + 1)
        autumn = mapping.is_autumn_change(first)
        overlap = self.durations.autumn_overlap if autumn else self.durations.poll_overlap
        return Cursor(max(cursor.mark, first - timedelta(seconds=overlap)), None, 1)

    def _query(self, cursor: Cursor) -> dict[str, str]:
        return {"lastmodified": mapping.stockholm(cursor.mark)}

    async def _poll_customers(self, resource: str, cursor: Cursor) -> MetaInformation:
        """The list holds all that we tell of a customer: no reads."""
        version = await self._version()
        page = await self.client.customers_page(cursor.next_page, self._query(cursor))
        known = await self.repository.seen(self.lane.connection_id, resource, [line.CustomerNumber for line in page.lines])
        fresh = {line.CustomerNumber: line for line in page.lines if self._differs(known.get(line.CustomerNumber), line)}
        messages = [self._customer_changed(line, version) for line in fresh.values()]
        records = [Seen(number, "", mapping.digest(line), utc_now()) for number, line in fresh.items()]
        await self._store(resource, records, messages, self._next(cursor, page.meta))
        return page.meta

    @staticmethod
    def _differs(seen: Seen | None, value: BaseModel) -> bool:
        return seen is None or seen.whole != mapping.digest(value)

    async def _poll_invoices(self, resource: str, cursor: Cursor) -> MetaInformation:
        page = await self.client.invoices_page(cursor.next_page, self._query(cursor))
        after = self._next(cursor, page.meta)
        await self._read_invoices({line.DocumentNumber: mapping.digest(line) for line in page.lines})
        await self._store(resource, [], [], after)
        return page.meta

    async def _poll_payments(self, resource: str, cursor: Cursor) -> MetaInformation:
        """Whether a payment touches its invoice's `lastmodified` is not known: the invoice is read either way."""
        page = await self.client.payments_page(cursor.next_page, self._query(cursor))
        after = self._next(cursor, page.meta)
        known = await self.repository.seen(self.lane.connection_id, resource, [line.Number for line in page.lines])
        fresh = {line.Number: line for line in page.lines if self._is_due(known.get(line.Number), mapping.digest(line))}
        await self._read_invoices({line.InvoiceNumber: None for line in fresh.values()})
        records = [Seen(number, mapping.digest(line), "", utc_now()) for number, line in fresh.items()]
        await self._store(resource, records, [], after)
        return page.meta

    def _is_due(self, seen: Seen | None, slim: str | None) -> bool:
        """Whether a record in the list must be read: its line is another, or it was read long enough ago."""
        if seen is None or slim is None or seen.slim != slim:
            return True
        return utc_now() - seen.read_at > timedelta(seconds=REREAD_SECONDS / self.time_scale)

    async def _poll_unpaid(self) -> None:
        """Notices what touches no `lastmodified` and no payment: a booking, or a payment that was removed again.

        Of the invoices that are open those are read that are known with another line; others are older than the connection.
        """
        page, pages = 1, 1
        while page <= pages:
            found = await self.client.invoices_page(page, {"filter": "unpaid"})
            known = await self.repository.seen(self.lane.connection_id, "invoices", [line.DocumentNumber for line in found.lines])
            lines = {line.DocumentNumber: mapping.digest(line) for line in found.lines}
            await self._read_invoices({number: slim for number, slim in lines.items() if _is_other(known.get(number), slim)})
            page, pages = page + 1, found.meta.total_pages

    async def _read_invoices(self, lines: dict[str, str | None]) -> None:
        """Reads what may have changed."""
        known = await self.repository.seen(self.lane.connection_id, "invoices", list(lines))
        due = {number: slim for number, slim in lines.items() if self._is_due(known.get(number), slim)}
        await self._read_each("invoices", due, partial(self._read_invoice, frozenset(due)))

    async def _read_each(self, resource: str, lines: Mapping[str, str | None], read: Read) -> None:
        """Reads records one by one; one that could not be read waits for its own next try, or for another line of the list."""
        unread = await self.single.repository.unread(self.lane.connection_id, resource, list(lines))
        for number, slim in lines.items():
            known = unread.get(number)
            if known is None or slim not in (None, known.slim):
                await self.single.read(Unread(resource, number, slim or ""), read, known=known)

    async def _retry_unread(self) -> None:
        read_invoice = partial(self._read_invoice, frozenset())
        await self.single.retry({"invoices": read_invoice, "articles": self._read_article})

    async def _read_invoice(self, due: frozenset[str], record: Unread) -> None:
        """Tells of the invoice when it changed; before that of the document at the other end of its credit: a note changes both.

        `due` are those that are read anyway.
        """
        number = record.record_id
        seen = (await self.repository.seen(self.lane.connection_id, "invoices", [number])).get(number)
        version, read_at = await self._version(), utc_now()
        payload = await self.client.invoice(number)
        whole = mapping.digest(mapping.invoice(payload))
        if seen is not None and seen.whole == whole:
            await self._store_one("invoices", Seen(number, record.slim or seen.slim, whole, read_at), None)
            return
        other = mapping.credit_reference(payload)
        if other and other not in due:
            await self.single.read(Unread("invoices", other), partial(self._read_invoice, frozenset({number})))
        invoice = mapping.invoice(payload, await written_off(self.client, payload))
        message = InvoiceChanged(connection_id=self.lane.connection_id, version=version, invoice=invoice)
        stored = Seen(number, record.slim or (seen.slim if seen else ""), whole, read_at)
        await self._store_one("invoices", stored, message)

    async def _poll_articles(self, resource: str, cursor: Cursor) -> MetaInformation:
        page = await self.client.articles_page(cursor.next_page, self._query(cursor))
        after = self._next(cursor, page.meta)
        lines = {line.ArticleNumber: mapping.digest(line) for line in page.lines}
        known = await self.repository.seen(self.lane.connection_id, resource, list(lines))
        due = {number: slim for number, slim in lines.items() if self._is_due(known.get(number), slim)}
        await self._read_each(resource, due, self._read_article)
        await self._store(resource, [], [], after)
        return page.meta

    async def _read_article(self, record: Unread) -> None:
        number = record.record_id
        seen = (await self.repository.seen(self.lane.connection_id, "articles", [number])).get(number)
        version, read_at = await self._version(), utc_now()
        product = mapping.product(await self.client.article(number, priority=BACKGROUND))
        whole = mapping.digest(product)
        message = ProductUpdated(connection_id=self.lane.connection_id, version=version, product=product)
        stored = Seen(number, record.slim or (seen.slim if seen else ""), whole, read_at)
        await self._store_one("articles", stored, message if seen is None or seen.whole != whole else None)

    async def _store_one(self, resource: str, record: Seen, message: Message | None) -> None:
        """One that is too large for Kafka is left out like one that cannot be read: it holds up no other."""
        try:
            await self._store(resource, [record], [message] if message is not None else [], None)
        except PermanentError as error:
            note_unreadable(resource, record.record_id, error)
            await self._store(resource, [record], [], None)

    async def _store(self, resource: str, records: Sequence[Seen], messages: Sequence[Message], cursor: Cursor | None) -> None:
        async with self.lane.unit_of_work() as unit:
            await self.repository.save_seen(unit, self.lane.connection_id, resource, records)
            for message in messages:
                unit.publish(message, trace=current_trace())
            if cursor is not None:
                await self.repository.save_cursor(unit, self.lane.connection_id, resource, cursor)


def _is_other(seen: Seen | None, slim: str) -> bool:
    """Whether a known record's line is another than it was."""
    return seen is not None and seen.slim != slim
