"""One connection's decisions inside one unit of work: its row is locked, so they are made one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from contracts.commands import ReadLimeGoCompany, SaveLimeGoCompany
from contracts.kinds import RecordKind
from contracts.message import Command, Message
from contracts.values import ConnectionState, Trigger
from servicekit.database import UnitOfWork
from servicekit.durations import Durations
from servicekit.errors import UnknownConnectionError
from sync_coordinator.domain.checks import content_digest, pause_after
from sync_coordinator.domain.reasons import ABOUT_ANOTHER_COMPANY, OUTSIDE, reason_of
from sync_coordinator.domain.records import OPEN, REMOVED, Connection, Record, State, company_of, is_settled
from sync_coordinator.domain.status import status_text
from sync_coordinator.repository import commands, connections, display, records, register

Clock = Callable[[], datetime]
DECIDED = (RecordKind.CUSTOMER, RecordKind.INVOICE)
"""The kinds of record that triggers make; the others are only shown."""


class ConnectionContext:
    """What a decision may do: store records, tell their timelines, send commands; and at the end one line per company."""

    def __init__(self, unit: UnitOfWork, connection: Connection, now: datetime, durations: Durations) -> None:
        self.unit = unit
        self.session = unit.connection
        self.connection = connection
        self.connection_id = connection.connection_id
        self.now = now
        self.durations = durations
        self.trace = ""
        self._touched: dict[str, str] = {}
        self._sent: list[commands.Sent] = []
        self._withdrawn: list[UUID] = []
        self.documents_sent = 0

    def caused_by(self, trace: str) -> ConnectionContext:
        """From now on what is sent carries on this trace."""
        self.trace = trace
        return self

    @property
    def is_paused(self) -> bool:
        """Whether the connection sends nothing now."""
        return self.connection.state is ConnectionState.PAUSED

    def after(self, seconds: float) -> datetime:
        """The moment so many (scaled) seconds from now."""
        return self.now + timedelta(seconds=seconds)

    async def find(self, kind: RecordKind, key: str) -> Record | None:
        """A record of this connection."""
        return await records.find(self.session, self.connection_id, kind, key)

    def new(self, kind: RecordKind, key: str, company_id: str, cause: Trigger | None = None) -> Record:
        """A record that is not stored yet, in motion; if nothing comes of it, its company is read again."""
        state, recheck = State.MATCHING, self.after(self.durations.resend)
        return Record(self.connection_id, kind, key, company_id, state, self.now, cause=cause, recheck_at=recheck)

    async def save(self, record: Record, code: str = "", **params: str) -> None:
        """Stores a record, with a line in its timeline when there is something to tell."""
        await records.save(self.session, replace(record, updated_at=self.now))
        if code:
            await records.note(self.session, record, self.now, code, params)
        self.touch(record.company_id)

    async def note(self, record: Record, code: str, **params: str) -> None:
        """A line in a record's timeline."""
        await records.note(self.session, record, self.now, code, params)

    async def refused(self, record: Record, reason: str, detail: str = "", candidates: tuple[str, ...] = ()) -> None:
        """A remote system said no. What only another try can tell to be mended is tried again after pauses that grow."""
        refusals = record.refusals + 1 if record.refused_for == reason else 1
        record = replace(record, refused_for=reason, refusals=refusals)
        first, longest = self.durations.recheck, self.durations.recheck_longest
        pause = pause_after(refusals, first, longest) if reason in OUTSIDE else first
        await self.attention(record, reason, detail, candidates, pause=pause)

    async def attention(
        self, record: Record, reason: str, detail: str = "", candidates: tuple[str, ...] = (), *, pause: float | None = None
    ) -> None:
        """The record waits for a person; it says why, and is read again by itself when that can help.

        `pause`: seconds until then; `recheck` of the durations if not given.
        """
        recheck = self.after(pause or self.durations.recheck) if reason_of(reason).heals else None
        waiting = record.moved(State.NEEDS_ATTENTION, reason=reason, detail=detail, candidates=candidates, recheck=recheck)
        waiting = replace(waiting, is_asked=False, rounds=0)
        if record.state is State.NEEDS_ATTENTION and (record.reason, record.detail) == (reason, detail):
            # Looked at again and found the same: its "when" stays, for it is since then that it waits.
            await records.save(self.session, waiting)
            self.touch(record.company_id)
            return
        await self.save(waiting, "needs_attention", reason=reason)

    async def read_again(self, company_id: str, deal_ids: Iterable[int] = ()) -> None:
        """Orders a fresh reading of a company and of those of its deals that are not settled for good."""
        if self.is_paused:
            return
        found = await records.of_company(self.session, self.connection_id, company_id)
        wanted = {int(record.key) for record in found if record.kind is RecordKind.INVOICE and record.state in OPEN}
        self._order_reading(company_id, wanted | set(deal_ids))
        if any(record.reason in ABOUT_ANOTHER_COMPANY for record in found):
            await self.read_others(company_id)

    async def read_others(self, company_id: str) -> None:
        """Orders a fresh reading of the companies that have a company's organisation number: one may be gone, or corrected."""
        for other in sorted(await register.sharing_number(self.session, self.connection_id, [company_id])):
            self._order_reading(other, ())

    def _order_reading(self, company_id: str, deal_ids: Iterable[int]) -> None:
        command_id, generation = self.order()
        command = ReadLimeGoCompany(
            connection_id=self.connection_id,
            command_id=command_id,
            generation=generation,
            limego_database=self.connection.limego_database,
            company_id=company_of(company_id),
            deal_ids=tuple(sorted(deal_ids)),
        )
        self.send(command, company_id, company_id)

    def send(self, command: Command, record_key: str, company_id: str) -> None:
        """Sends a command; until its outcome comes it is sent again from time to time."""
        self.unit.publish(command, trace=self.trace)
        self._sent.append(commands.Sent(command, record_key, company_id, self.trace))
        self.documents_sent += command.kind is RecordKind.INVOICE

    def withdraw(self, withdrawal: Command, command_id: UUID | None) -> None:
        """Sends what takes a command back. It has no outcome of its own: it is sent again with that command."""
        self.unit.publish(withdrawal, trace=self.trace)
        if command_id is not None:
            self._withdrawn.append(command_id)

    def order(self) -> tuple[UUID, int]:
        """A new command's id, and the generation that it is decided for."""
        return uuid4(), self.connection.generation

    def touch(self, company_id: str) -> None:
        """The company's line in Lime Go may have changed."""
        self._touched[company_id] = self.trace

    async def close(self) -> None:
        """Writes the lines of the companies that have settled, and stores what was sent."""
        for company_id, trace in sorted(self._touched.items()):
            await self.caused_by(trace)._show(company_id)
        if self._sent:
            await commands.add(self.session, self._sent, self.now)
        if self._withdrawn:
            await commands.mark_withdrawn(self.session, self._withdrawn, self.now)

    async def _show(self, company_id: str) -> None:
        found = await records.of_company(self.session, self.connection_id, company_id)
        own = [record for record in found if record.kind in DECIDED]
        customer = next((record for record in own if record.kind is RecordKind.CUSTOMER), None)
        if customer is None or customer.note == REMOVED or not is_settled(own):
            return
        link = await connections.find_link(self.session, self.connection_id, company_id)
        command_id, generation = self.order()
        command = SaveLimeGoCompany(
            connection_id=self.connection_id,
            command_id=command_id,
            generation=generation,
            limego_database=self.connection.limego_database,
            company_id=company_id,
            customer_number=link.customer_number if link else None,
            status_text=status_text(own),
            # It stays true once a deal was won, so that the customer's own setting of it is no new content.
            set_is_customer=customer.cause is Trigger.DEAL_WON,
            clear_customer_number=link is None and customer.remote_id is not None,
        )
        if await display.show_company(self.session, self.connection_id, company_id, content_digest(command)):
            self.send(command, company_id, company_id)


@asynccontextmanager
async def open_contexts(
    unit: UnitOfWork, connection_ids: Sequence[UUID], now: datetime, durations: Durations
) -> AsyncIterator[dict[UUID, ConnectionContext]]:
    """Locks connections and opens a context for each; UnknownConnectionError for the first that is not there."""
    locked = await connections.lock(unit.connection, connection_ids)
    for connection_id in connection_ids:
        if connection_id not in locked:
            raise UnknownConnectionError(connection_id)
    opened = {connection_id: ConnectionContext(unit, connection, now, durations) for connection_id, connection in locked.items()}
    yield opened
    for context in opened.values():
        await context.close()


def connection_ids(messages: Iterable[Message]) -> list[UUID]:
    """The connections of messages, each once."""
    return sorted({message.connection_id for message in messages})
