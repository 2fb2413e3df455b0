"""How long to wait: before the next try of what failed, and at most, whatever somebody asks for."""

from __future__ import annotations

import math
import random

LONGEST = 3600.0
"""No wait is longer, in seconds: whatever a remote asks for, an hour later it is asked again."""
UNREADABLE = 60.0
"""Seconds to wait where the wait that was asked for is no number."""


def bounded(seconds: float, *, longest: float = LONGEST) -> float:
    """The wait in seconds, fit to be stored and slept: from 0 to `longest`, never NaN or infinite."""
    if math.isnan(seconds):
        return min(UNREADABLE, longest)
    return min(max(0.0, seconds), longest)


class Backoff:
    """Pauses of one thing that fails: doubled from `first` to `longest` (seconds), with jitter, until it succeeds."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def failed(self) -> float:
        """Seconds until the next try."""
        # The exponent is bounded: two to the power of a day's tries is no float.
        pause = min(self._longest, self._first * 2 ** min(self._failures, 20))
        self._failures += 1
        return float(pause * random.uniform(0.5, 1.0))

    def succeeded(self) -> None:
        """The next failure begins at the first pause again."""
        self._failures = 0
