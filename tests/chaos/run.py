"""`make chaos`: kills and faults against the whole system, each run ended by the invariant checker."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos import guards, scenarios
from chaos.kills import CONVERGE_WITHIN, Outcome, run_kills
from chaos.places import PLACES
from chaos.report import Figure, console, write
from devstack import Stack
from support.activation import site as opened

SCALE, GUARD_SCALE = 20, 10
MOST_SECONDS = 25 * 60
MACHINE_RUNS = 1000


def main() -> None:
    """Exit code 1 on any violation."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="kills (default %(default)s)")
    parser.add_argument("--guards", action="store_true", help="prove instead that each guard is needed")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the luck; printed, to be used again")
    parser.add_argument("--kind", action="store_true", help="with what is unknown of both systems at its kindest, not its worst")
    parser.add_argument("--only", default="", help="only the scenarios or guards whose names begin so; no kills")
    parser.add_argument("--only-kills", action="store_true", help="no scenarios and no random calls on the emulators")
    parser.add_argument("--directory", type=Path, default=Path("build/chaos"), help="data and logs (default %(default)s)")
    options = parser.parse_args()
    shutil.rmtree(options.directory, ignore_errors=True)
    console.print(f"seed {options.seed}")
    sys.exit(0 if asyncio.run(_guards(options) if options.guards else _chaos(options)) else 1)


async def _chaos(options: argparse.Namespace) -> bool:
    started = time.monotonic()
    figures: list[Figure] = []
    async with (
        Stack.start(options.directory, fsync=False, time_scale=SCALE, report=console.print) as stack,
        opened(stack) as site,
    ):
        if options.kind:
            await site.sandbox.be_kind()
        if not options.only:
            outcome = await run_kills(site, options.runs, options.seed, _told(started))
            figures += _kill_figures(outcome, options.runs)
            await site.sandbox.clear_faults()
            site.world.connections.clear()
        if not options.only_kills:
            figures += await scenarios.run(site, options.only, _told(started))
    if not (options.only or options.only_kills):
        figures.append(await _machines())
    seconds = time.monotonic() - started
    # The goal is set for 200 kills; more take longer.
    figures.append(Figure("chaos_seconds", round(seconds), "s", f"<= {MOST_SECONDS} for 200 kills", seconds <= MOST_SECONDS))
    write("chaos-kind" if options.kind else "chaos", figures)
    return all(figure.holds for figure in figures)


async def _machines() -> Figure:
    """Random calls on either emulator, compared with a simple model."""
    files = [f"tests/sandbox/{system}/test_machine.py" for system in ("fortnox", "limego")]
    environment = {**os.environ, "SANDBOX_RUNS": str(MACHINE_RUNS)}
    # The time limit of a test is one for a hundred runs.
    call = (sys.executable, "-m", "pytest", "-q", "--timeout", "0", *files)
    played = await asyncio.create_subprocess_exec(*call, env=environment)
    holds = await played.wait() == 0
    return Figure("state_machine_runs", MACHINE_RUNS, "runs of random calls on each emulator", "all agree", holds)


def _kill_figures(outcome: Outcome, runs: int) -> list[Figure]:
    for violation in (*outcome.violations, *outcome.leases_lost):
        console.print(str(violation), markup=False)
    named = runs - runs // 2
    least = min(outcome.by_place[place.name] for place in PLACES)
    bound = 3 / outcome.kills if outcome.kills else 1.0
    figures = [
        Figure("kills", outcome.kills, "kills", f">= {runs}", outcome.kills >= runs and not outcome.crashed),
        Figure("kills_per_place", least, "kills", f">= {named // len(PLACES)} at each place", least >= named // len(PLACES)),
        Figure("kills_at_random", outcome.random_by_service.total(), "kills at random moments", "half of all", holds=True),
        Figure(
            "leases_lost", len(outcome.leases_lost), "leases or polls that nobody does any more", "0", not outcome.leases_lost
        ),
        Figure("deals_won", outcome.won, "deals", "under load", outcome.won > 0),
        Figure("violations", len(outcome.violations), "violations of I1-I8", "0", not outcome.violations),
        Figure("bound_95", round(bound, 5), "violations per kill, at most, at 95 %", "3/n", not outcome.violations),
        Figure(
            "converged_seconds",
            round(outcome.converged_seconds, 1),
            "s after the last kill",
            f"< {CONVERGE_WITHIN:g}",
            outcome.converged_seconds < CONVERGE_WITHIN,
        ),
    ]
    counts = [(place.name, outcome.by_place[place.name]) for place in PLACES] + sorted(outcome.by_point.items())
    counts += [(f"at random, {name}", count) for name, count in sorted(outcome.random_by_service.items())]
    figures += [Figure(f"kills: {name}", count, "kills", "counted", holds=True) for name, count in counts]
    figures += [Figure(name, count, "times", "counted", holds=True) for name, count in sorted(outcome.disturbances.items())]
    for line in (*outcome.crashed, *(f"never passed: {kill}" for kill in outcome.missed)):
        console.print(line, markup=False)
    return figures


async def _guards(options: argparse.Namespace) -> bool:
    started = time.monotonic()
    started_stack = Stack.start(options.directory, fsync=False, time_scale=GUARD_SCALE, report=console.print)
    async with started_stack as stack, opened(stack) as site:
        figures = await guards.run(site, options.only, _told(started))
    write("chaos-guards", figures)
    return all(figure.holds for figure in figures)


def _told(started: float) -> Callable[[str], None]:
    return lambda line: console.print(f"{time.monotonic() - started:6.0f} s  {line}", markup=False)


if __name__ == "__main__":
    main()
