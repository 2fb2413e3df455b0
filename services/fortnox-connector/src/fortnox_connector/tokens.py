"""Access tokens: one source per lane, so one refresher; cached sealed, fetched anew a minute before the end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from fortnox_connector.repository import Repository
from servicekit.budget import Place, RateBudget
from servicekit.clock import utc_now
from servicekit.crypto import Vault
from servicekit.errors import PermanentError
from servicekit.fault_points import fault_point
from servicekit.lanes import Lane, LaneStoppedError

MARGIN = timedelta(seconds=60)
NEVER = datetime.min.replace(tzinfo=UTC)


class Issuer(Protocol):
    """Who gives tokens."""

    async def token(self, tenant: int) -> tuple[str, int]:
        """An access token and its life in seconds."""
        ...


class Tokens(Protocol):
    """What the client needs of a connection's tokens."""

    async def get(self) -> str:
        """A token that is good for another minute."""
        ...

    async def forget(self) -> None:
        """The remote refused it."""
        ...

    def accepted(self) -> None:
        """A call succeeded with it."""
        ...

    def refused(self) -> None:
        """The remote refused one that it had just given."""
        ...


@dataclass(frozen=True)
class Reserved:
    """What a POST needs in order to leave at once: a place in the budget and a token."""

    place: Place
    token: str
    budget: RateBudget

    def release(self) -> None:
        """Gives the place back: the request has its answer, or is not sent."""
        self.budget.answered(self.place)


class TokenSource:
    """The token of one connection. The lane's lease makes this the only refresher in the world."""

    def __init__(self, lane: Lane, tenant: int, issuer: Issuer, repository: Repository, vault: Vault, time_scale: float) -> None:
        self._lane = lane
        self._tenant = tenant
        self._issuer = issuer
        self._repository = repository
        self._vault = vault
        self._margin = MARGIN / time_scale
        self._one_at_a_time = asyncio.Lock()
        self._cached: tuple[str, datetime] | None = None

    async def get(self) -> str:
        """A token that is good for another minute. LaneStoppedError while the lane rests: nothing may be called then."""
        if self._lane.rest_left():
            raise LaneStoppedError("the lane rests", self._lane.stopped_since(NEVER) or "")
        async with self._one_at_a_time:
            if self._cached is None:
                self._cached = await self._stored()
            if self._cached is None or self._cached[1] - self._margin < utc_now():
                self._cached = await self._fetch()
            return self._cached[0]

    def accepted(self) -> None:
        """A call succeeded: only that shows that Fortnox takes our tokens."""
        self._lane.health.granted()

    def refused(self) -> None:
        """Fortnox refused a token that it had just given."""
        self._lane.health.refused()

    async def forget(self) -> None:
        """The remote refused it: the next `get` fetches a new one."""
        async with self._one_at_a_time:
            self._cached = None
            async with self._lane.unit_of_work() as unit:
                await self._repository.remove_token(unit, self._lane.connection_id)

    async def _stored(self) -> tuple[str, datetime] | None:
        stored = await self._repository.find_token(self._lane.connection_id)
        try:
            return (self._vault.open(stored[0]), stored[1]) if stored else None
        except PermanentError:
            # Sealed with a key that this service no longer has: Fortnox gives another token.
            return None

    async def _fetch(self) -> tuple[str, datetime]:
        try:
            token, seconds = await self._issuer.token(self._tenant)
        except LaneStoppedError as error:
            self._lane.health.refused(error.detail)
            raise
        expires_at = utc_now() + timedelta(seconds=seconds)
        fault_point("token.before_save")
        async with self._lane.unit_of_work() as unit:
            await self._repository.save_token(unit, self._lane.connection_id, self._vault.seal(token), expires_at)
        return token, expires_at
