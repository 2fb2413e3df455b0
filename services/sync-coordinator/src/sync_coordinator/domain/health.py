"""Whether a connection really syncs: what its two connectors last reported, judged at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.health import Access, ReadHealth, Side, SideHealthReported
from servicekit.durations import Durations

MISSED = 3
"""So many reports in a row that do not come are an outage, and no delay."""
INTERVALS = 2
"""A reading that fails is late when it has not come to its end within so many of its intervals (promises.md, I9)."""


class Verdict(StrEnum):
    """How one side does, the worst first."""

    NO_KEY = "no_key"
    REFUSED = "refused"
    SILENT = "silent"
    FAILING = "failing"
    BEHIND = "behind"
    DOUBTED = "doubted"
    PARTLY = "partly"
    STARTING = "starting"
    WORKING = "working"


@dataclass(frozen=True)
class SideHealth:
    """One side, judged. `late` are the readings that are not up to date; `report` is None when none has come."""

    side: Side
    verdict: Verdict
    report: SideHealthReported | None = None
    late: tuple[ReadHealth, ...] = ()


@dataclass(frozen=True)
class ConnectionHealth:
    """Both sides of a connection."""

    sides: tuple[SideHealth, ...]

    @property
    def verdict(self) -> Verdict:
        """That of the side that does worse."""
        return min((side.verdict for side in self.sides), key=list(Verdict).index)


def judge(
    reports: Mapping[Side, SideHealthReported], activated_at: datetime, now: datetime, durations: Durations
) -> ConnectionHealth:
    """How an active connection does at `now`. `activated_at` is when its connectors were last told to work for it."""
    return ConnectionHealth(tuple(_side(side, reports.get(side), activated_at, now, durations) for side in Side))


def _side(
    side: Side, report: SideHealthReported | None, activated_at: datetime, now: datetime, durations: Durations
) -> SideHealth:
    patience = timedelta(seconds=MISSED * (report.interval if report else durations.health_report))
    if report is None:
        return SideHealth(side, Verdict.STARTING if now - activated_at <= patience else Verdict.SILENT)
    late = tuple(read for read in report.reads if _is_late(read, activated_at, now, durations))
    return SideHealth(side, _verdict(report, late, now, patience, durations), report, late)


def _verdict(
    report: SideHealthReported, late: tuple[ReadHealth, ...], now: datetime, patience: timedelta, durations: Durations
) -> Verdict:
    if now - report.reported_at > patience:
        return Verdict.SILENT
    if report.access is Access.MISSING:
        return Verdict.NO_KEY
    if report.access is Access.REFUSED:
        return Verdict.REFUSED
    if any(not read.records and read.believed_at is None for read in late):
        return Verdict.FAILING
    if report.oldest_waiting_at and now - report.oldest_waiting_at > timedelta(seconds=durations.stale_item):
        return Verdict.BEHIND
    if any(read.believed_at for read in late):
        return Verdict.DOUBTED
    if late:
        return Verdict.PARTLY
    if report.access is Access.UNKNOWN or not any(read.completed_at for read in report.reads):
        return Verdict.STARTING
    return Verdict.WORKING


def _is_late(read: ReadHealth, activated_at: datetime, now: datetime, durations: Durations) -> bool:
    since = read.completed_at or read.failing_since
    if since is not None and not read.problem:
        # What was read before a pause was not due in it.
        since = max(since, activated_at)
    # One that does not fail may just be long: a first reading, or thousands of changes within the rate limit.
    patience = INTERVALS * read.interval + (0 if read.problem else durations.stale_item)
    return since is not None and now - since > timedelta(seconds=patience)
