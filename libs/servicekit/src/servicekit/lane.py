"""A lane as its work sees it: the lease that fences what may be sent and stored, and the rest that a remote asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from servicekit.clock import suspension_clock, utc_now
from servicekit.database import Database, UnitOfWork
from servicekit.errors import Error, TransientError
from servicekit.fault_points import is_guard_on
from servicekit.health import RemoteHealth
from servicekit.work import Item, Result


class LeaseLostError(TransientError):
    """Another replica holds, or may hold, this lane: nothing more may be sent or stored for it."""


class LaneStoppedError(Error):
    """The remote refuses the whole connection (revoked consent, missing licence): the lane rests, its items stay.

    `detail` is what the remote said, for the user; it is no part of the error's text, which is logged.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class LaneWork(Protocol):
    """What a connector does in a lane."""

    async def execute(self, item: Item) -> Result:
        """Carries one command out."""
        ...

    async def run(self) -> None:
        """Polls and walks, for as long as the lane is held."""
        ...

    async def close(self) -> None:
        """Lets connections go."""
        ...


@dataclass
class Lane:
    """One held lease."""

    connection_id: UUID
    holder: UUID
    is_new: bool
    duration: float
    granted_at: float
    database: Database
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    health: RemoteHealth = field(default_factory=RemoteHealth)
    _rests_until: float = field(default=0.0, init=False)
    _last_stop: tuple[datetime, str] | None = field(default=None, init=False)
    is_stopped: bool = field(default=False, init=False)
    """It was lost or is given back, for good: whatever of it still runs may send and store nothing any more."""

    def rest(self, seconds: float, detail: str) -> None:
        """The remote refused the connection, and said `detail`: no item is begun for so long. A rest is not made longer."""
        if self.rest_left():
            return
        self._rests_until = suspension_clock() + seconds
        self._last_stop = (utc_now(), detail)

    def rest_left(self) -> float:
        """Seconds until the next item may be begun."""
        return max(0.0, self._rests_until - suspension_clock())

    def stopped_since(self, moment: datetime) -> str | None:
        """What the remote said when it last refused the connection, if that was after `moment`."""
        if self._last_stop is None or self._last_stop[0] < moment:
            return None
        return self._last_stop[1]

    def remaining(self) -> float:
        """Seconds of the lease that are left, on a clock that counts suspension."""
        return self.granted_at + self.duration - suspension_clock()

    def require(self, seconds: float) -> None:
        """LeaseLostError unless the lease outlasts what is about to be sent."""
        if is_guard_on("lease_check") and (self.is_stopped or self.remaining() < seconds):
            raise LeaseLostError(f"lane {self.connection_id}: its lease ends too soon")

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that commits only while the lease is ours."""
        async with self.database.unit_of_work() as unit:
            held = await unit.connection.fetchval(
                "SELECT 1 FROM lane WHERE connection_id = $1 AND holder = $2 AND leased_until > clock_timestamp() FOR SHARE",
                self.connection_id,
                self.holder,
            )
            # The row may be held by a lane of this process that came after this one.
            if (self.is_stopped or not held) and is_guard_on("lease_check"):
                raise LeaseLostError(f"lane {self.connection_id} is not ours any longer")
            yield unit
