"""Healing by time: commands without outcome, triggers without decision, what waits for a correction, what turns overdue."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from contracts.kinds import RecordKind
from servicekit.application import Loop
from servicekit.database import Database, UnitOfWork
from servicekit.durations import Durations
from servicekit.isolation import Isolation
from sync_coordinator import removal, shown, withdrawals
from sync_coordinator.context import DECIDED, Clock, ConnectionContext, open_contexts
from sync_coordinator.domain.payment import stockholm_date
from sync_coordinator.domain.records import Record, State
from sync_coordinator.repository import commands, display, records

logger = logging.getLogger(__name__)
BATCH = 500
RESEND_TURNS = 30
KEEP_BODIES_DAYS = 30
Turn = Callable[[], Awaitable[object]]


class Loops:
    """The coordinator's timers. Each turn is a unit of work per connection: one that fails starves no other.

    The methods of the turns are public so that tests call them.
    """

    def __init__(self, database: Database, durations: Durations, now: Clock) -> None:
        self._database = database
        self._durations = durations
        self._now = now
        self._isolation = Isolation(durations.retry_first, durations.retry_longest)

    def all(self) -> list[tuple[str, Loop]]:
        """The loops by name."""
        return [("healing", self._run)]

    async def _run(self) -> None:
        turns: dict[str, Turn] = {
            "resending": self.resend,
            "rechecking": self.recheck,
            "showing": self.show,
            "erasing": self.erase,
        }
        while True:
            await asyncio.sleep(self._durations.resend / RESEND_TURNS)
            for name, turn in turns.items():
                await self._isolation.take(name, turn)

    async def _each(self, name: str, connection_ids: Sequence[UUID], step: Callable[[UUID], Awaitable[int]]) -> int:
        """The sum of what the step did in each connection; one in which it fails rests, and the others go on."""
        taken = [await self._isolation.take(f"{name} {one}", partial(step, one)) for one in connection_ids]
        return sum(count or 0 for count in taken)

    async def resend(self) -> int:
        """Sends commands without outcome again, under their ids. How many."""
        patience = timedelta(seconds=self._durations.resend)
        wanted = await commands.connections_unanswered(self._database.pool, self._now(), patience)
        count = await self._each("resending", wanted, self._resend)
        if count:
            logger.warning("%d commands had no outcome in time and were sent again", count)
        return count

    async def _resend(self, connection_id: UUID) -> int:
        patience = timedelta(seconds=self._durations.resend)
        async with self._database.unit_of_work() as unit:
            async with open_contexts(unit, [connection_id], self._now(), self._durations) as opened:
                late = await commands.take_unanswered(unit.connection, connection_id, self._now(), patience, BATCH)
                for sent in late:
                    await withdrawals.send_again(opened[connection_id], sent)
        return len(late)

    async def erase(self) -> None:
        """Erases what old commands held of persons."""
        await commands.erase_bodies(self._database.pool, self._now() - timedelta(days=KEEP_BODIES_DAYS))

    async def recheck(self) -> int:
        """Reads the companies again whose records wait for a correction, or whose trigger got no decision. How many."""
        wanted = await records.connections_due(self._database.pool, self._now())
        return await self._each("rechecking", wanted, self._recheck)

    async def _recheck(self, connection_id: UUID) -> int:
        async with self._database.unit_of_work() as unit:
            return await self._read_again(unit, connection_id)

    async def _read_again(self, unit: UnitOfWork, connection_id: UUID) -> int:
        async with open_contexts(unit, [connection_id], self._now(), self._durations) as opened:
            context = opened[connection_id]
            due = await records.due(context.session, connection_id, self._now(), BATCH)
            companies: dict[str, set[int]] = defaultdict(set)
            gone = [record for record in due if removal.is_in_doubt(record)]
            for record in due:
                if record in gone:
                    continue
                if record.kind in DECIDED:
                    companies[record.company_id].update([int(record.key)] if record.kind is RecordKind.INVOICE else [])
                else:
                    await display.mark_due(context.session, connection_id, record.kind, record.key)
            await records.recheck_at(context.session, due, [self._next(context, record) for record in due])
            for record in gone:
                await removal.look_again(context, record)
            for company_id, deal_ids in sorted(companies.items()):
                if not await commands.is_reading(context.session, connection_id, company_id):
                    await context.read_again(company_id, deal_ids)
            return len(companies) + len(gone)

    def _next(self, context: ConnectionContext, record: Record) -> datetime:
        seconds = self._durations.recheck if record.state is State.NEEDS_ATTENTION else self._durations.resend
        return context.after(seconds)

    async def show(self) -> None:
        """Shows invoices that turned overdue at midnight in Stockholm, and what was not carried out when it was sent."""
        wanted = await display.connections_with_work(self._database.pool, stockholm_date(self._now()))
        await self._each("showing", wanted, self._show)

    async def _show(self, connection_id: UUID) -> int:
        today = stockholm_date(self._now())
        async with self._database.unit_of_work() as unit:
            async with open_contexts(unit, [connection_id], self._now(), self._durations) as opened:
                context = opened[connection_id]
                invoices = await display.invoices_to_send(context.session, connection_id, today, BATCH)
                await shown.show_invoices(opened, invoices, {})
                products = await display.products_to_send(context.session, connection_id, BATCH)
                await shown.show_products(opened, products, {})
                companies = await display.companies_to_send(context.session, connection_id, BATCH)
                for company_id in companies:
                    context.touch(company_id)
        return len(invoices) + len(products) + len(companies)
