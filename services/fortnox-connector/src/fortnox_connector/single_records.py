"""Reads records one by one, so that one which cannot be read holds up no other and is not lost.

What fails is stored with its pause, the poll goes on without it, and `retry` reads it again until it can be read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import ValidationError

from fortnox_connector.answers import NotFoundError
from fortnox_connector.client import note_unreadable
from fortnox_connector.unread_repository import Unread, UnreadRepository
from servicekit import tasks
from servicekit.database_errors import Fault, fault_of
from servicekit.durations import Durations
from servicekit.errors import PermanentError, RateLimitedError, TransientError
from servicekit.lanes import Lane, LeaseLostError

MOST_IN_A_ROW = 3
"""So many failures without a success between them are the system's and not the records': the poll ends, to be tried later."""
AT_ONCE = 50
"""Records that are read again in one round."""
SHOWN = 10
"""Records that are named where it is told that some cannot be read."""
Read = Callable[[Unread], Awaitable[None]]


class UnreadRecordsError(TransientError):
    """Some records cannot be read for now; everything else is. `records` names the first of them."""

    def __init__(self, records: tuple[str, ...]) -> None:
        super().__init__(f"these cannot be read: {', '.join(records)}")
        self.records = records


class SystemFailingError(TransientError):
    """So many records in a row could not be read that the failure is Fortnox' and not theirs."""


@dataclass
class SingleRecords:
    """The single records of one lane."""

    lane: Lane
    repository: UnreadRepository
    durations: Durations
    _in_a_row: int = field(default=0, init=False)

    async def read(self, record: Unread, read: Read, *, known: Unread | None = None) -> None:
        """Reads a record, or notes that it could not be read. `known` is how it was noted before, if it was.

        Raises what is not the record's own fault: a lost lease, the rate limit, Postgres, or too many failures in a row.
        """
        try:
            await read(record)
        except NotFoundError:
            pass
        except (RateLimitedError, LeaseLostError):
            raise
        except Exception as error:
            # A cancellation may have been lost in what failed.
            tasks.end_if_cancelled()
            if fault_of(error) not in (None, Fault.MESSAGE):
                raise
            await self._note(record, error)
            return
        self._in_a_row = 0
        if known is not None:
            async with self.lane.unit_of_work() as unit:
                await self.repository.remove(unit, self.lane.connection_id, record)

    async def _note(self, record: Unread, error: Exception) -> None:
        note_unreadable(record.resource, record.record_id, error)
        async with self.lane.unit_of_work() as unit:
            await self.repository.save(unit, self.lane.connection_id, record, self.durations.retry_first, self.durations.recheck)
        if isinstance(error, PermanentError | ValidationError):
            # It was answered: the system is there.
            self._in_a_row = 0
            return
        self._in_a_row += 1
        if self._in_a_row >= MOST_IN_A_ROW:
            self._in_a_row = 0
            raise SystemFailingError(f"{MOST_IN_A_ROW} records in a row could not be read: {type(error).__name__}") from error

    async def retry(self, reads: dict[str, Read]) -> None:
        """Reads again what is due, by resource; UnreadRecordsError while anything is left that cannot be read.

        The round ends early where too many fail in a row: those that are left are named all the same.
        """
        for record in await self.repository.due(self.lane.connection_id, AT_ONCE):
            try:
                await self.read(record, reads[record.resource], known=record)
            except SystemFailingError:
                break
        left = await self.repository.all_unread(self.lane.connection_id, SHOWN)
        if left:
            raise UnreadRecordsError(tuple(map(str, left)))
