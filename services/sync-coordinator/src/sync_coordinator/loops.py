"""Healing by time: commands without outcome, triggers without decision, what waits for a correction, what turns overdue."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from contracts.kinds import RecordKind
from servicekit.application import Loop
from servicekit.database import Database, UnitOfWork
from servicekit.durations import Durations
from sync_coordinator import shown
from sync_coordinator.context import DECIDED, Clock, ConnectionContext, open_contexts
from sync_coordinator.domain.payment import stockholm_date
from sync_coordinator.domain.records import Record, State
from sync_coordinator.repository import commands, display, records

logger = logging.getLogger(__name__)
BATCH = 500
RESEND_TURNS = 30
KEEP_BODIES_DAYS = 30


class Loops:
    """The coordinator's timers. Each turn is one unit of work; `turn` methods are public so that tests call them."""

    def __init__(self, database: Database, durations: Durations, now: Clock) -> None:
        self._database = database
        self._durations = durations
        self._now = now

    def all(self) -> list[tuple[str, Loop]]:
        """The loops by name."""
        return [("healing", self._run)]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._durations.resend / RESEND_TURNS)
            await self.resend()
            await self.recheck()
            await self.show()

    async def resend(self) -> int:
        """Sends commands without outcome again, under their ids. How many."""
        patience = timedelta(seconds=self._durations.resend)
        async with self._database.unit_of_work() as unit:
            late = await commands.take_unanswered(unit.connection, self._now(), patience, BATCH)
            for sent in late:
                unit.publish(sent.command, trace=sent.trace)
            await commands.erase_bodies(unit.connection, self._now() - timedelta(days=KEEP_BODIES_DAYS))
        if late:
            logger.warning("%d commands had no outcome in time and were sent again", len(late))
        return len(late)

    async def recheck(self) -> int:
        """Reads the companies again whose records wait for a correction, or whose trigger got no decision. How many."""
        async with self._database.unit_of_work() as unit:
            wanted = await records.connections_due(unit.connection, self._now())
        count = 0
        for connection_id in wanted:
            async with self._database.unit_of_work() as unit:
                count += await self._recheck(unit, connection_id)
        return count

    async def _recheck(self, unit: UnitOfWork, connection_id: UUID) -> int:
        async with open_contexts(unit, [connection_id], self._now(), self._durations) as opened:
            context = opened[connection_id]
            due = await records.due(context.session, connection_id, self._now(), BATCH)
            companies: dict[str, set[int]] = defaultdict(set)
            for record in due:
                if record.kind in DECIDED:
                    companies[record.company_id].update([int(record.key)] if record.kind is RecordKind.INVOICE else [])
                else:
                    await display.mark_due(context.session, connection_id, record.kind, record.key)
            await records.recheck_at(context.session, due, [self._next(context, record) for record in due])
            for company_id, deal_ids in sorted(companies.items()):
                if not await commands.is_reading(context.session, connection_id, company_id):
                    await context.read_again(company_id, deal_ids)
            return len(companies)

    def _next(self, context: ConnectionContext, record: Record) -> datetime:
        seconds = self._durations.recheck if record.state is State.NEEDS_ATTENTION else self._durations.resend
        return context.after(seconds)

    async def show(self) -> None:
        """Shows invoices that turned overdue at midnight in Stockholm, and what was not carried out when it was sent."""
        today = stockholm_date(self._now())
        async with self._database.unit_of_work() as unit:
            wanted = await display.connections_with_work(unit.connection, today)
        for connection_id in wanted:
            async with self._database.unit_of_work() as unit:
                async with open_contexts(unit, [connection_id], self._now(), self._durations) as opened:
                    context = opened[connection_id]
                    invoices = await display.invoices_to_send(context.session, connection_id, today, BATCH)
                    await shown.show_invoices(opened, invoices, {})
                    products = await display.products_to_send(context.session, connection_id, BATCH)
                    await shown.show_products(opened, products, {})
                    for company_id in await display.companies_to_send(context.session, connection_id, BATCH):
                        context.touch(company_id)
