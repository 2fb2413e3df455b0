"""Steps of which none depends on another: what fails rests, ever longer, and the others go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from servicekit import tasks
from servicekit.database_errors import Fault, fault_of
from servicekit.errors import Error
from servicekit.waits import Backoff

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Isolation:
    """Takes steps by name. A failed one is passed over for its pause: from `first` doubling to `longest`, in seconds."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._failing: dict[str, tuple[Backoff, float]] = {}

    async def take(self, name: str, step: Callable[[], Awaitable[T]]) -> T | None:
        """What the step gives; None when it failed, whatever it raised, or when it still rests from its last failure."""
        backoff, due = self._failing.get(name) or (Backoff(self._first, self._longest), 0.0)
        if time.monotonic() < due:
            return None
        try:
            found = await step()
        except Exception as error:
            # A cancellation may have been lost in what failed.
            tasks.end_if_cancelled()
            pause = backoff.failed()
            self._failing[name] = (backoff, time.monotonic() + pause)
            if isinstance(error, Error) or fault_of(error) not in (None, Fault.MESSAGE):
                logger.warning("%s failed (%s) and is tried again in %.1f s", name, type(error).__name__, pause)
            else:
                logger.exception("%s failed in an unforeseen way and is tried again in %.1f s", name, pause)
            return None
        self._failing.pop(name, None)
        return found
