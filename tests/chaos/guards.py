"""Each guard has a scenario in which it is the only defence: played with it (clean) and without it (caught)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chaos import guards_orders, guards_sends
from chaos.report import Figure, console
from chaos.stage import COORDINATOR, FORTNOX, LIMEGO, MATCHER, Stage
from support.activation import Site
from support.invariants import Violation, check
from support.quiescence import NotQuietError, quiescent

FOR_EVER = ("I1", "I4", "I7")
"""What was made twice, or written too often, no time heals."""
Play = Callable[[Stage, str], Awaitable[None]]


@dataclass(frozen=True)
class Guard:
    """A switch of `is_guard_on`, the service that has it, and the scenario. `play` gets the fault points that switch
    the guard off, or ""; what it does is judged by the invariant checker alone."""

    name: str
    service: str
    play: Play


GUARDS = (
    Guard("look", FORTNOX, guards_sends.look),
    Guard("settle_time", FORTNOX, guards_sends.settle_time),
    Guard("second_look", FORTNOX, guards_sends.second_look),
    Guard("terminator", FORTNOX, guards_sends.terminator),
    Guard("lease_check", FORTNOX, guards_sends.lease_check),
    Guard("claim", MATCHER, guards_orders.claim),
    Guard("inbox", COORDINATOR, guards_orders.inbox),
    Guard("outbox", LIMEGO, guards_orders.outbox),
    Guard("baseline", LIMEGO, guards_orders.baseline),
)


async def run(site: Site, only: str, tell: Callable[[str], None]) -> list[Figure]:
    """Every guard with and without; a figure each and the two sums."""
    chosen = [guard for guard in GUARDS if guard.name.startswith(only)]
    figures = [await _prove(site, guard, tell) for guard in chosen]
    proven = sum(figure.holds for figure in figures)
    return [
        Figure("guards", len(figures), "guards", f"{len(GUARDS)}", len(figures) == len(GUARDS) or bool(only)),
        Figure("guards_proven", proven, "guards", "all of them", proven == len(figures)),
        *figures,
    ]


async def _prove(site: Site, guard: Guard, tell: Callable[[str], None]) -> Figure:
    started = time.monotonic()
    broken_with = await _play(site, guard, "")
    broken_without = await _play(site, guard, f"{guard.name}:off")
    seconds = time.monotonic() - started
    tell(f"{guard.name}: with it {len(broken_with)} violations, without it {len(broken_without)} ({seconds:.0f} s)")
    for line in broken_with:
        console.print(f"    with it:    {line}", markup=False)
    for line in sorted(broken_without)[:3]:
        console.print(f"    without it: {line}", markup=False)
    holds = not broken_with and bool(broken_without)
    return Figure(f"guard: {guard.name}", len(broken_without), "violations without it", "> 0, and 0 with it", holds=holds)


async def _play(site: Site, guard: Guard, off: str) -> list[str]:
    site.world.connections.clear()
    stage = Stage(site, guard.name.replace("_", "-"))
    await stage.set_up()
    try:
        await guard.play(stage, off)
        await quiescent(site.world, within=60)
        return [str(violation) for violation in await _settled(stage)]
    except NotQuietError as error:
        return [f"quiet: {error}"]
    except AssertionError as error:
        # It went another way than was written: that says nothing about the guard, so the others have their turn.
        console.print(f"    the scenario did not come about: {error}", markup=False)
        return [] if off else [f"scenario: {error}"]
    finally:
        await site.sandbox.clear_faults()
        await site.sandbox.switch(reference_cut=None, search_lag=5.0)
        await site.restart(guard.service)


async def _settled(stage: Stage) -> list[Violation]:
    """The violations that stay: a poll or a walk may heal the others within their own time."""
    violations: list[Violation] = []
    for _ in range(40):
        violations = list(await check(stage.site.world))
        if not violations or any(violation.invariant in FOR_EVER for violation in violations):
            break
        await stage.pause(20)
    return violations
