"""How many requests a key may make in a window. No number is known, so none is the default."""

from collections import deque

from sandbox.clock import Clock
from sandbox.limego.switches import Switches


class Limiter:
    """A sliding window per key, as the switches are when a request comes. Refused requests count, too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def forget(self) -> None:
        """Lets everybody begin anew."""
        self._times = {}

    def allows(self, guid: str, switches: Switches) -> bool:
        """Counts one request of a key; whether it is within the limit."""
        if not switches.limit_requests:
            return True
        now = self._clock.monotonic()
        times = self._times.setdefault(guid, deque())
        times.append(now)
        while times[0] <= now - self._clock.seconds(switches.limit_window):
            times.popleft()
        return len(times) <= switches.limit_requests
