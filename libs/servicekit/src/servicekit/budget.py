"""The rate budget of a lane: at most `limit` requests in any sliding window, for everything that the lane does."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable

from servicekit.clock import suspension_clock
from servicekit.telemetry import budget_left
from servicekit.waits import bounded

Place = int
"""A request's place in the window; given back by `answered`."""


class RateBudget:
    """`limit` places (Fortnox, rate limits guide: 25 per 5 s and client and tenant). Lower `priority` goes first.

    The remote counts a request at some moment between its leaving and its answer. So a place is taken from the grant
    until `window` seconds after the answer, and however long the way is, no request can be refused. (A log of the grants
    with a margin of 0.2 s had up to 8 % refused under 0-400 ms jitter, and is not quicker.) A place whose answer nobody
    tells is taken for `flight` seconds instead, the hard deadline of a request.

    A new holder starts with a full window, because its predecessor may have spent the whole budget a moment ago.
    """

    def __init__(
        self, *, limit: int, window: float, flight: float, starts_full: bool, clock: Callable[[], float] = suspension_clock
    ) -> None:
        self._limit = limit
        self._window = window
        self._flight = flight
        self._clock = clock
        self._granted: dict[Place, float] = {}
        self._answered: deque[float] = deque([clock()] * limit if starts_full else [])
        self._closed_until = clock()
        self._waiting: list[tuple[int, int, asyncio.Future[Place]]] = []
        self._arrivals = 0
        self._timer: asyncio.TimerHandle | None = None

    async def acquire(self, priority: int = 0) -> Place:
        """Waits for a place in the window and takes it."""
        self._arrivals += 1
        place: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, self._arrivals, place))
        self._grant()
        return await place

    def answered(self, place: Place) -> None:
        """The request has its answer, or will not get one; from now on its place is taken for one window more."""
        if self._granted.pop(place, None) is not None:
            self._answered.append(self._clock())
        self._grant()

    def penalise(self, seconds: float) -> None:
        """After a refusal: nothing is sent for so long."""
        self._closed_until = max(self._closed_until, self._clock() + bounded(seconds))

    def _grant(self) -> None:
        now = self._clock()
        self._forget(now)
        while self._waiting and self._left() > 0 and now >= self._closed_until:
            _, place, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                self._granted[place] = now
                waiter.set_result(place)
        budget_left.set(self._left())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(max(0.001, self._next_at() - now), self._grant)

    def _left(self) -> int:
        return self._limit - len(self._granted) - len(self._answered)

    def _forget(self, now: float) -> None:
        while self._answered and self._answered[0] <= now - self._window:
            self._answered.popleft()
        for place in [place for place, granted in self._granted.items() if granted <= now - self._flight - self._window]:
            del self._granted[place]

    def _next_at(self) -> float:
        """When the next place is free, as far as that is known now."""
        if self._left() > 0:
            return self._closed_until
        ends = [self._answered[0] + self._window] if self._answered else []
        ends += [min(self._granted.values()) + self._flight + self._window] if self._granted else []
        return max(self._closed_until, min(ends))
