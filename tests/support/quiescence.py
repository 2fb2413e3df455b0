"""Waiting until nothing moves any more, and until both systems agree."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Container
from typing import TypeVar

from support.facts import World
from support.invariants import Violation, check

T = TypeVar("T")

STILL_SECONDS = 1.0
"""How long nothing may have moved: a message in Kafka is in no table until it is handled."""

# What a paused connection has is kept, and nobody works on it.
_ACTIVE = "connection_id IN (SELECT connection_id FROM connection WHERE state = 'active')"
_WORK = f"(SELECT count(*) FROM work_item WHERE finished_at IS NULL AND {_ACTIVE}) AS queued_work"
_HINTS = f"(SELECT count(*) FROM hint WHERE contradicted = 0 AND available_at <= now() AND {_ACTIVE}) AS hints_to_read"
_RECORDS = "(SELECT count(*) FROM record WHERE state IN ('matching', 'sending')) AS undecided_records"
_SHOWN = """
    (SELECT count(*) FROM company_shown WHERE is_due) + (SELECT count(*) FROM invoice WHERE is_due)
    + (SELECT count(*) FROM product WHERE is_due) AS things_to_show
"""
# Reports of health come as regularly as a clock: they are no motion. What an outcome moves is counted by its command.
_REPORT = "type = 'SideHealthReported'"
_WRITTEN = f"""
    (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND NOT {_REPORT}) AS unsent_messages,
    (SELECT coalesce(max(outbox_id), 0) FROM outbox WHERE NOT {_REPORT}) AS written
"""
_EVERYWHERE = f"{_WRITTEN}, (SELECT count(*) FROM inbox) AS handled"
_COORDINATOR = f"""
    {_WRITTEN}, (SELECT count(*) FROM inbox WHERE consumer NOT LIKE '%.outcome')
    + (SELECT count(*) FROM command WHERE finished_at IS NOT NULL) AS handled
"""
_QUERIES = {
    "limego_connector": f"SELECT {_WORK}, {_HINTS}, {_EVERYWHERE}",
    "fortnox_connector": f"SELECT {_WORK}, {_EVERYWHERE}",
    "matcher": f"SELECT {_EVERYWHERE}",
    "sync_coordinator": f"SELECT {_RECORDS}, {_SHOWN}, {_COORDINATOR}",
}


class NotQuietError(AssertionError):
    """Something still moved at the deadline; the text says what."""


async def quiescent(world: World, *, within: float = 30.0) -> float:
    """Waits until nothing is queued, unsent or undecided for a second; the seconds that it took. NotQuietError."""
    started = time.monotonic()
    last, since = "", started
    while True:
        moving, fingerprint = await _moving(world)
        now = time.monotonic()
        if moving or fingerprint != last:
            last, since = fingerprint, now
        elif now - since >= STILL_SECONDS:
            return since - started
        if now - started > within:
            raise NotQuietError(f"after {within:g} s there is still {moving or 'something on its way'}")
        await asyncio.sleep(0.2)


async def converged(world: World, *, within: float = 60.0, excused: Container[str] = ()) -> tuple[float, list[Violation]]:
    """Waits until all invariants hold but the `excused`; the seconds that it took, and the violations left at the deadline."""
    started = time.monotonic()
    while True:
        quiet_by = max(1.0, within - (time.monotonic() - started))
        try:
            await quiescent(world, within=quiet_by)
        except NotQuietError as error:
            return time.monotonic() - started, [*await _violations(world, excused), Violation("quiet", str(error))]
        reached = time.monotonic() - started
        violations = await _violations(world, excused)
        if not violations or reached > within:
            return reached, violations
        await asyncio.sleep(1)


async def _violations(world: World, excused: Container[str]) -> list[Violation]:
    return [found for found in await check(world) if found.invariant not in excused]


async def until(look: Callable[[], Awaitable[T]], what: str, *, within: float = 30.0) -> T:
    """Polls until `look` gives something that counts as true, and returns it."""
    deadline = time.monotonic() + within
    while True:
        if found := await look():
            return found
        assert time.monotonic() < deadline, f"not seen within {within:g} s: {what}"
        await asyncio.sleep(0.1)


async def _moving(world: World) -> tuple[str, str]:
    """What is unfinished, in words, and a fingerprint that differs whenever something was handled or written."""
    unfinished, fingerprint = [], []
    for role, query in _QUERIES.items():
        row = dict((await world.rows(role, query))[0])
        fingerprint.append((row.pop("handled"), row.pop("written")))
        unfinished += [f"{count} {name.replace('_', ' ')} of {role}" for name, count in row.items() if count]
    return ", ".join(unfinished), str(fingerprint)
