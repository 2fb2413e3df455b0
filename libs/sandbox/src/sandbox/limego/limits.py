"""How many requests a key may make in a window. No number is known, so none is the default."""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.limego.world import LimeGo


class Limiter:
    """A sliding window per key, as the switches are when a request comes. Refused requests count, too."""

    def __init__(self, limego: "LimeGo") -> None:
        self._limego = limego
        self._times: dict[str, deque[float]] = {}

    def forget(self) -> None:
        """Lets everybody begin anew."""
        self._times = {}

    def allows(self, guid: str) -> bool:
        """Counts one request of a key; whether it is within the limit."""
        switches, now = self._limego.switches, self._limego.clock.monotonic()
        if not switches.limit_requests:
            return True
        times = self._times.setdefault(guid, deque())
        times.append(now)
        while times[0] <= now - self._limego.clock.seconds(switches.limit_window):
            times.popleft()
        return len(times) <= switches.limit_requests
