"""What a person may do: activate, pause, resume, release, try again, link, confirm as new. Used by the API and by the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from contracts.events import CompanyConfirmedNew, ConnectionChanged, ConnectionSettings
from contracts.kinds import RecordKind
from contracts.values import ConnectionState
from servicekit.database import Connection as Session
from servicekit.database import Database, UnitOfWork, next_versions
from servicekit.durations import Durations
from servicekit.errors import Error, UnknownConnectionError
from servicekit.telemetry import current_trace
from sync_coordinator import documents, linking, releasing, removal
from sync_coordinator.context import DECIDED, Clock, ConnectionContext, open_contexts
from sync_coordinator.domain.health import ConnectionHealth, judge
from sync_coordinator.domain.linking import LinkPreview
from sync_coordinator.domain.reasons import ABOUT_ANOTHER_COMPANY, ABOUT_LIKENESS, reason_of
from sync_coordinator.domain.records import IN_MOTION, REMOVED, Connection, Record, State
from sync_coordinator.releasing import Amounts, Released
from sync_coordinator.repository import connections, display, health, records, register
from sync_coordinator.repository.connections import TakenError


class NotPossibleError(Error):
    """The action cannot be done now: `code` says why, `owner` who stands in the way, if somebody does.

    `reason` is that of the record, where it speaks against the action.
    """

    def __init__(self, code: str, owner: str = "", *, status: int = 409, reason: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.owner = owner
        self.status = status
        self.reason = reason


class UnconfirmedError(Error):
    """A link moves something, or contradicts what is known: a person must see the preview and confirm it."""

    def __init__(self, preview: LinkPreview) -> None:
        super().__init__("a link must be confirmed")
        self.preview = preview


@dataclass(frozen=True)
class Actions:
    """Each action is one unit of work."""

    database: Database
    durations: Durations
    now: Clock

    async def activate(self, limego_database: str, fortnox_tenant: int, settings: ConnectionSettings) -> UUID:
        """Makes a connection, for ever; NotPossibleError when either side has one."""
        async with self.database.unit_of_work() as unit:
            version = (await next_versions(unit.connection, 1))[0]
            connection = Connection(
                connection_id=uuid4(),
                limego_database=limego_database,
                fortnox_tenant=fortnox_tenant,
                state=ConnectionState.ACTIVE,
                generation=1,
                version=version,
                plan="premium",
                settings=settings,
                activated_at=self.now(),
            )
            try:
                await connections.add(unit.connection, connection)
            except TakenError as error:
                raise NotPossibleError(error.what, error.owner) from None
            _tell(unit, connection)
            return connection.connection_id

    async def set_state(self, connection_id: UUID, state: ConnectionState) -> None:
        """Pauses or resumes; after a pause everything that waits for a reading is read at once."""
        async with self._context(connection_id) as context:
            if context.connection.state is state:
                return
            version = (await next_versions(context.session, 1))[0]
            changed = replace(context.connection, state=state, version=version)
            if state is ConnectionState.ACTIVE:
                changed = replace(changed, resumed_at=self.now())
                await records.recheck_now(context.session, connection_id, self.now())
            await connections.set_state(context.session, changed)
            _tell(context.unit, changed)

    async def healths(self, session: Session, known: Sequence[Connection]) -> dict[UUID, ConnectionHealth]:
        """How each active connection does now; a paused one is not judged."""
        reports = await health.reports(session)
        active = [one for one in known if one.state is ConnectionState.ACTIVE]
        return {
            one.connection_id: judge(
                reports.get(one.connection_id, {}), one.resumed_at or one.activated_at, self.now(), self.durations
            )
            for one in active
        }

    async def release(self, connection_id: UUID, shown: Amounts) -> Released:
        """Lets go those held documents that a person chose, each of the amount that they were shown, and no other."""
        async with self._context(connection_id) as context:
            if context.is_paused:
                raise NotPossibleError("connection_paused")
            return await releasing.release(context, shown)

    async def try_again(self, connection_id: UUID, kind: RecordKind, key: str) -> None:
        """Reads both sides again and decides afresh. NotPossibleError where that cannot help: a person must decide first."""
        async with self._context(connection_id) as context:
            record = await _record(context, kind, key)
            if context.is_paused:
                raise NotPossibleError("connection_paused")
            if record.state is State.HELD:
                raise NotPossibleError("held")
            if record.state not in (State.NEEDS_ATTENTION, State.WAITING, State.MATCHING):
                raise NotPossibleError("nothing_to_try")
            if record.state is State.NEEDS_ATTENTION and not reason_of(record.reason).may_try:
                raise NotPossibleError("cannot_help", reason=record.reason)
            if kind not in DECIDED:
                await display.mark_due(context.session, connection_id, kind, key)
                await context.save(record.moved(State.SENDING), "asked")
                return
            if removal.is_in_doubt(record):
                await context.note(record, "asked")
                await removal.look_again(context, record)
                return
            await self._ask(context, record)
            await context.read_again(record.company_id)
            if record.reason in ABOUT_ANOTHER_COMPANY:
                await context.read_others(record.company_id)

    async def try_again_together(self, connection_id: UUID, chosen: Sequence[tuple[RecordKind, str]]) -> int:
        """Tries again what was refused for one cause; what needs no try any more is left alone. How many were tried."""
        async with self._context(connection_id) as context:
            if context.is_paused:
                raise NotPossibleError("connection_paused")
            found = [await context.find(kind, key) for kind, key in chosen]
            waiting = [record for record in found if record is not None and record.state is State.NEEDS_ATTENTION]
            refused = [record for record in waiting if reason_of(record.reason).may_try]
            for record in refused:
                if removal.is_in_doubt(record):
                    await removal.look_again(context, record)
                elif record.kind in DECIDED:
                    await self._ask(context, record)
                else:
                    await display.mark_due(context.session, connection_id, record.kind, record.key)
                    await context.save(record.moved(State.SENDING), "asked")
            for company_id in sorted({record.company_id for record in refused if record.kind in DECIDED}):
                await context.read_again(company_id)
            return len(refused)

    async def _ask(self, context: ConnectionContext, record: Record) -> None:
        """A document that waits for its customer asks for the customer too."""
        asked = [record]
        if record.state is State.WAITING:
            customer = await context.find(RecordKind.CUSTOMER, record.company_id)
            asked += [customer] if customer is not None and customer.state is State.NEEDS_ATTENTION else []
        for one in asked:
            moved = documents.moved_to_matching(one, context.after(self.durations.resend))
            await context.save(replace(moved, is_asked=True, rounds=0).unrefused(), "asked")

    async def look_at_link(self, connection_id: UUID, company_id: str, customer_number: str) -> LinkPreview:
        """What linking the company to the customer would change. NotPossibleError when Fortnox does not have the customer, or
        has not answered yet whether it does."""
        async with self._context(connection_id) as context:
            await _linkable(context, company_id)
            customer = await register.find_customer(context.session, connection_id, customer_number)
            if customer is not None and customer.is_known:
                return await linking.preview(context, company_id, customer)
        raise NotPossibleError("customer_unknown" if customer is not None and customer.is_missing else "customer_looked_up")

    async def look_up(self, connection_id: UUID, company_id: str, customer_number: str) -> None:
        """Orders the customer from Fortnox, if it is not known here."""
        async with self._context(connection_id) as context:
            await _linkable(context, company_id)
            await linking.look_up(context, customer_number)

    async def link(
        self, connection_id: UUID, company_id: str, customer_number: str, *, confirmed: str = "", swap: bool = False
    ) -> None:
        """Links a company to a customer. What moves or contradicts must have been seen: `confirmed` is the preview's token.

        UnconfirmedError holds the preview as it is now; NotPossibleError as for `look_at_link`, and while a customer is created.
        """
        await self.look_up(connection_id, company_id, customer_number)
        seen = await self.look_at_link(connection_id, company_id, customer_number)
        async with self._context(connection_id) as context:
            record = await _linkable(context, company_id)
            wanted = await linking.preview(context, company_id, seen.customer)
            for one in (company_id, wanted.holder_id):
                found = await context.find(RecordKind.CUSTOMER, one) if one else None
                if found is not None and found.state is State.SENDING:
                    raise NotPossibleError("customer_under_way")
            if swap and not wanted.may_swap:
                raise UnconfirmedError(wanted)
            if not wanted.is_plain and confirmed != wanted.token:
                raise UnconfirmedError(wanted)
            await linking.change(context, record, wanted, swap=swap)

    async def confirm_new(self, connection_id: UUID, company_id: str) -> None:
        """Tells the matcher that a company is none of the customers that are like it; only the matcher permits to create it.

        NotPossibleError when it is linked or under way, or waits for another reason: the number is not for a person to overrule.
        """
        async with self._context(connection_id) as context:
            record = await _record(context, RecordKind.CUSTOMER, company_id)
            if context.is_paused:
                raise NotPossibleError("connection_paused")
            if record.state in IN_MOTION:
                raise NotPossibleError("customer_under_way")
            link = await connections.find_link(context.session, connection_id, company_id)
            if link is not None:
                raise NotPossibleError("company_linked_elsewhere", link.customer_number)
            if record.state is not State.NEEDS_ATTENTION or record.reason not in ABOUT_LIKENESS:
                raise NotPossibleError("not_about_likeness")
            await context.save(record.moved(State.MATCHING, recheck=context.after(self.durations.resend)), "confirmed_new")
            version = (await next_versions(context.session, 1))[0]
            word = CompanyConfirmedNew(connection_id=connection_id, version=version, company_id=company_id)
            context.unit.publish(word, trace=current_trace())

    @asynccontextmanager
    async def _context(self, connection_id: UUID) -> AsyncIterator[ConnectionContext]:
        async with self.database.unit_of_work() as unit:
            try:
                async with open_contexts(unit, [connection_id], self.now(), self.durations) as opened:
                    yield opened[connection_id].caused_by(current_trace())
            except UnknownConnectionError:
                raise NotPossibleError("not_found", status=404) from None


async def _record(context: ConnectionContext, kind: RecordKind, key: str) -> Record:
    record = await context.find(kind, key)
    if record is None:
        raise NotPossibleError("not_found", status=404)
    return record


async def _linkable(context: ConnectionContext, company_id: str) -> Record:
    """The customer's record of a company that Lime Go has."""
    record = await _record(context, RecordKind.CUSTOMER, company_id)
    if record.note == REMOVED:
        raise NotPossibleError("company_removed")
    return record


def _tell(unit: UnitOfWork, connection: Connection) -> None:
    message = ConnectionChanged(
        connection_id=connection.connection_id,
        version=connection.version,
        state=connection.state,
        generation=connection.generation,
        limego_database=connection.limego_database,
        fortnox_tenant=connection.fortnox_tenant,
        plan=connection.plan,
        settings=connection.settings,
        activated_at=connection.activated_at,
        resumed_at=connection.resumed_at,
    )
    unit.publish(message, trace=current_trace())
