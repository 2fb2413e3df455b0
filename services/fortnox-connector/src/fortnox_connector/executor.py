"""Carries out commands in one lane: exactly one customer and one invoice, in a system without idempotency.

The five rules stand in flows.md section 3, *Creating exactly one thing*. In short: intent stored -> look -> newest
decision and lease checked -> one POST; when its answer does not come, wait the settle time, look twice, and only two empty
looks allow another POST, if the newest decision still wants it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from contracts.commands import CreateFortnoxInvoice, ReadFortnoxCustomer, SaveFortnoxCustomer
from contracts.outcomes import RecordRefused
from contracts.values import ConnectionState
from fortnox_connector.answers import NotFoundError, TokenRefusedError
from fortnox_connector.customer import CustomerMaker
from fortnox_connector.invoice import InvoiceMaker
from fortnox_connector.lookup import CustomerLookup
from fortnox_connector.maker import CandidatesError, Found, Maker
from fortnox_connector.repository import Creation, Repository
from servicekit import work
from servicekit.clock import utc_now
from servicekit.database import UnitOfWork
from servicekit.durations import Durations
from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.fault_points import fault_point, is_guard_on
from servicekit.lanes import Lane, LaneStoppedError, LeaseLostError
from servicekit.work import Finished, Item, Postponed, Result

logger = logging.getLogger(__name__)
NO_RIGHT = "no_right"
OUTCOME_UNKNOWN = "outcome_unknown"
CONNECTION_CHANGED = "connection_changed"
LEASE_MARGIN = 1.2
"""A POST's deadline must lie well inside what is left of the lease."""


@dataclass(frozen=True)
class Executor:
    """The executor of one lane."""

    lane: Lane
    repository: Repository
    durations: Durations
    customers: CustomerMaker
    invoices: InvoiceMaker
    lookup: CustomerLookup

    async def execute(self, item: Item) -> Result:
        """One step of a command; what it raises, the lane's runner turns into a later try or a refusal."""
        if isinstance(item.command, SaveFortnoxCustomer | CreateFortnoxInvoice):
            return await self._create(item, self._maker(item.command), item.command.fortnox_tenant)
        if isinstance(item.command, ReadFortnoxCustomer):
            return await self.lookup.execute(item, item.command)
        raise PermanentError("unknown_command", item.type)

    def _maker(self, command: SaveFortnoxCustomer | CreateFortnoxInvoice) -> Maker:
        if isinstance(command, SaveFortnoxCustomer):
            return self.customers.for_command(command)
        return self.invoices.for_command(command)

    async def _create(self, item: Item, maker: Maker, tenant: int) -> Result:
        creation = await self.repository.find_creation(item.connection_id, maker.business_key)
        if creation is not None and creation.remote_id is not None:
            return await self._made_before(item, maker, creation.remote_id)
        if creation is None or creation.sent_at is None:
            refusal = await self._outdated(item, tenant)
            if refusal is not None:
                return self._refuse(item, maker, *refusal)
            return await self._begin(item, maker, tenant)
        return await self._after_unknown(item, maker, creation, creation.sent_at)

    async def _made_before(self, item: Item, maker: Maker, remote_id: str) -> Result:
        """It is made, for ever. What it was made with may be older than this command: then its outcome says how it differs."""
        try:
            found = await maker.known(remote_id)
        except NotFoundError:
            # A person has deleted it since, and nothing is made in its place: what needs it says so.
            found = Found((remote_id,), "")
        except (PermanentError, ValidationError) as error:
            logger.warning("what %s made before cannot be compared with it: %s", item.type, type(error).__name__)
            return Finished(work.refusal(item, OUTCOME_UNKNOWN, getattr(error, "detail", ""), remote_id=remote_id))
        return self._adopt(item, maker, found)

    async def _begin(self, item: Item, maker: Maker, tenant: int) -> Result:
        """The first look and the POST. Without the right to them the lane rests, and the user reads why at once."""
        try:
            return await self._first_look(item, maker, tenant)
        except LaneStoppedError as stop:
            logger.error("lane %s rests: %s", item.connection_id, stop)
            self.lane.rest(self.durations.retry_longest, stop.detail)
            return self._refuse(item, maker, NO_RIGHT, stop.detail)

    async def _outdated(self, item: Item, tenant: int) -> tuple[str, str] | None:
        """Reason and detail why an unsent command must go back for a fresh decision, if it must."""
        if not await self._is_same_connection(item, tenant):
            return CONNECTION_CHANGED, ""
        if utc_now() - item.created_at <= timedelta(seconds=self.durations.stale_item):
            return None
        # What grew old behind a lane that rested waits for the right, not for Fortnox to answer.
        stop = self.lane.stopped_since(item.created_at)
        return ("stale", "") if stop is None else (NO_RIGHT, stop)

    async def _is_same_connection(self, item: Item, tenant: int) -> bool:
        """Whether the connection still is what the command was decided for."""
        connection = await self.repository.find_connection(item.connection_id)
        return (
            connection is not None
            and connection.state is ConnectionState.ACTIVE
            and connection.generation == item.command.generation
            and connection.fortnox_tenant == tenant
        )

    async def _first_look(self, item: Item, maker: Maker, tenant: int) -> Result:
        async with self.lane.unit_of_work() as unit:
            if not await work.is_open(unit, item):
                return Postponed(0)
            creation = await self.repository.add_intent(unit, item.connection_id, maker.business_key)
        fault_point("fortnox.before_look")
        try:
            if is_guard_on("look") and (found := await maker.look(creation.intent_at, is_first=True)) is not None:
                return self._adopt(item, maker, found)
            await maker.prepare()
        except PermanentError as error:
            return self._refuse(item, maker, error.reason, error.detail, getattr(error, "candidates", ()))
        return await self._send(item, maker, tenant)

    async def _after_unknown(self, item: Item, maker: Maker, creation: Creation, sent_at: datetime) -> Result:
        """A POST may have left: settle, look, wait, look again."""
        settled_at = sent_at + timedelta(seconds=self.durations.settle_time)
        rest = (settled_at - utc_now()).total_seconds()
        if rest > 0 and is_guard_on("settle_time"):
            return Postponed(rest)
        try:
            if is_guard_on("look") and (found := await self._look_for_sent(item, maker, creation)) is not None:
                return self._adopt(item, maker, found)
        except CandidatesError as error:
            # The intent stays: what was sent may still turn up.
            return Finished(work.refusal(item, error.reason, error.detail, error.candidates))
        except LeaseLostError:
            raise
        except (LaneStoppedError, PermanentError, TransientError, ValidationError) as error:
            if utc_now() - sent_at > timedelta(seconds=self.durations.stale_item):
                return self._still_unknown(item, error)
            if isinstance(error, PermanentError):
                # A refused look (what was listed is gone a moment later) refuses no create that may have been carried out.
                raise TransientError(f"the look was refused: {error.reason}") from None
            raise
        if creation.looked_at is None and is_guard_on("second_look"):
            async with self.lane.unit_of_work() as unit:
                await self.repository.mark_looked(unit, item.connection_id, maker.business_key, sent_at)
            return Postponed(self.durations.second_look)
        # Here it is ended if it was withdrawn or replaced meanwhile; else it begins anew, with all that is checked then.
        await self._unsent(item, maker, sent_at)
        return Postponed(0)

    async def _look_for_sent(self, item: Item, maker: Maker, creation: Creation) -> Found | None:
        """Looks for what the last POST carried. Another command's may have had another name and number than this one's."""
        sender = None
        if creation.sent_by not in (None, item.command_id):
            sender = await work.find_command(self.lane.database.pool, creation.sent_by)
        if not isinstance(sender, SaveFortnoxCustomer | CreateFortnoxInvoice):
            return await maker.look(creation.intent_at, is_first=False)
        found = await self._maker(sender).look(creation.intent_at, is_first=False)
        return found if found is None or len(found.remote_ids) > 1 else await maker.known(found.remote_ids[0])

    def _still_unknown(self, item: Item, error: Exception) -> Finished:
        """A person is told of what has been in doubt for long; the intent stays, so the next command begins with a look."""
        logger.error("it is still not known whether Fortnox has carried out %s: %s", item.type, type(error).__name__)
        if isinstance(error, LaneStoppedError):
            self.lane.rest(self.durations.retry_longest, error.detail)
        return Finished(work.refusal(item, OUTCOME_UNKNOWN, getattr(error, "detail", "")))

    async def _send(self, item: Item, maker: Maker, tenant: int) -> Result:
        # Waiting for budget and token comes first: between the lease check and the POST lies nothing that waits.
        reserved = await maker.reserve()
        if not await self._is_same_connection(item, tenant):
            reserved.release()
            return self._refuse(item, maker, CONNECTION_CHANGED)
        sent_at = await self._mark_sent(item, maker)
        if sent_at is None:
            reserved.release()
            return Postponed(0)
        fault_point("fortnox.before_lease_check")
        try:
            self.lane.require(self.durations.request_timeout * LEASE_MARGIN)
            fault_point("fortnox.before_send")
            made = await maker.send(reserved)
        except (LeaseLostError, OutcomeUnknownError):
            raise
        except PermanentError as error:
            await self._unsent(item, maker, sent_at)
            return self._refuse(item, maker, error.reason, error.detail, getattr(error, "candidates", ()))
        except (RateLimitedError, TokenRefusedError, LaneStoppedError, TransientError):
            # The remote said that it did nothing, or could not even be reached.
            await self._unsent(item, maker, sent_at)
            raise
        fault_point("fortnox.after_answer")
        store = self._store(item, maker, made.remote_id)
        if made.problem:
            return Finished(self._made_otherwise(item, made.problem, made.detail, made.remote_id), store)
        return Finished(work.saved(item, made.remote_id), store)

    async def _mark_sent(self, item: Item, maker: Maker) -> datetime | None:
        """When the POST leaves. None when it must not: a deal that was reopened during the look makes nothing."""
        async with self.lane.unit_of_work() as unit:
            if not await work.mark_intent(unit, item):
                await self.repository.remove_intent(unit, item.connection_id, maker.business_key)
                return None
            sent_at = await self.repository.mark_sent(unit, item.connection_id, maker.business_key, item.command_id)
            if sent_at is None:
                await work.clear_intent(unit, item)
            return sent_at

    async def _unsent(self, item: Item, maker: Maker, sent_at: datetime) -> None:
        async with self.lane.unit_of_work() as unit:
            await self.repository.mark_unsent(unit, item.connection_id, maker.business_key, sent_at)
            await work.clear_intent(unit, item)

    def _adopt(self, item: Item, maker: Maker, found: Found) -> Result:
        if len(found.remote_ids) > 1:
            return self._refuse(item, maker, found.several_reason, candidates=found.remote_ids)
        remote_id = found.remote_ids[0]
        store = self._store(item, maker, remote_id)
        if found.problem:
            return Finished(self._made_otherwise(item, found.problem, found.detail, remote_id), store)
        return Finished(work.saved(item, remote_id, adopted=True, note=found.note, differences=found.differences), store)

    @staticmethod
    def _made_otherwise(item: Item, problem: str, detail: str, remote_id: str) -> RecordRefused:
        """It is there, and is not what was asked for: a person is told, and nothing is made a second time."""
        return work.refusal(item, problem, detail, remote_id=remote_id)

    def _store(self, item: Item, maker: Maker, remote_id: str) -> Callable[[UnitOfWork], Awaitable[None]]:
        async def store(unit: UnitOfWork) -> None:
            await self.repository.mark_made(unit, item.connection_id, maker.business_key, remote_id)

        return store

    def _refuse(self, item: Item, maker: Maker, reason: str, detail: str = "", candidates: tuple[str, ...] = ()) -> Finished:
        async def store(unit: UnitOfWork) -> None:
            await self.repository.remove_intent(unit, item.connection_id, maker.business_key)

        return Finished(work.refusal(item, reason, detail, candidates), store)
