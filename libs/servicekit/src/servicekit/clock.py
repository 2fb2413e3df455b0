"""Time: the wall clock for records, and one that goes on counting while the process is suspended for leases."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)


def suspension_clock() -> float:
    """Seconds since boot, counting suspension of machine and process (CLOCK_BOOTTIME where there is one)."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
