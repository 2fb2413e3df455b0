"""The faults R2, R3, R5, R14, R15, R16 and R18 of promises.md, each ended by the invariant checker."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from chaos import scenarios_lost, scenarios_starts
from chaos.report import Figure, console
from chaos.scenarios_kafka import kafka_loses_everything, slice_restored
from chaos.stage import Stage
from chaos.window import check_to_send
from devstack import SERVICES
from support.activation import Site
from support.quiescence import converged

CONVERGE_WITHIN = 60.0


@dataclass(frozen=True)
class Scenario:
    """One promise: `play` says in words what else than the invariants was broken."""

    promise: str
    name: str
    play: Callable[[Stage], Awaitable[list[str]]]
    makes_a_double: bool = False
    """Whether two documents are what the scenario may make: then I1 and I7 are broken, and what counts is what is told."""


SCENARIOS = (
    Scenario("R2", "lost answers", scenarios_lost.lost_answers),
    Scenario("R3", "neighbours by prefix", scenarios_lost.prefix_neighbours),
    Scenario("R3", "our document touched by a person", scenarios_lost.touched_by_a_person),
    Scenario("R5", "webhooks lost, repeated, reordered", scenarios_starts.unreliable_webhooks),
    Scenario("R5", "crash in the gap of the feed", scenarios_starts.crash_in_the_feed),
    Scenario("R5", "neither webhook nor feed", scenarios_starts.only_the_walk),
    Scenario("R14", "late commit", scenarios_lost.late_commit),
    Scenario("R14", "frozen before the lease check", scenarios_lost.frozen_before_the_check),
    Scenario("R14", "frozen after the send", scenarios_lost.frozen_after_the_send),
    Scenario("R14", "frozen between check and send", scenarios_lost.frozen_before_the_send, makes_a_double=True),
    Scenario("R14", "effect after the settle time", scenarios_lost.later_than_the_settle_time, makes_a_double=True),
    Scenario("R15", "Kafka loses everything", kafka_loses_everything),
    *(Scenario("R15", f"the slice of {name} restored", partial(slice_restored, name=name)) for name in SERVICES),
    Scenario("R16", "5 000 old wins", scenarios_starts.old_wins),
    Scenario("R18", "two deals of one new company", scenarios_starts.two_deals_at_once),
    Scenario("R18", "two companies with one number", scenarios_starts.two_companies_one_number),
    Scenario("R18", "made by hand a minute before", scenarios_starts.made_by_hand),
)


async def run(site: Site, only: str, tell: Callable[[str], None]) -> list[Figure]:
    """All scenarios whose promise or name begins so; a figure each."""
    chosen = [one for one in SCENARIOS if f"{one.promise} {one.name}".startswith(only)]
    figures = [await _one(site, scenario, tell) for scenario in chosen]
    if "R14".startswith(only[:3]):
        stage = Stage(site, "window")
        await stage.set_up()
        figures.append(await check_to_send(stage))
    return figures


async def _one(site: Site, scenario: Scenario, tell: Callable[[str], None]) -> Figure:
    started = time.monotonic()
    site.world.connections.clear()
    stage = Stage(site, scenario.promise.lower())
    try:
        await stage.set_up()
        broken = await scenario.play(stage)
        broken += await _violations(site, scenario)
    except (AssertionError, RuntimeError) as error:
        broken = [f"{type(error).__name__}: {error}"]
    await site.sandbox.clear_faults()
    tell(f"{scenario.promise} {scenario.name}: {'holds' if not broken else 'BROKEN'} ({time.monotonic() - started:.0f} s)")
    for line in broken:
        console.print(f"    {line}", markup=False)
    return Figure(f"{scenario.promise}: {scenario.name}", len(broken), "broken promises", "0", holds=not broken)


async def _violations(site: Site, scenario: Scenario) -> list[str]:
    excused = ("I1", "I7") if scenario.makes_a_double else ()
    _, violations = await converged(site.world, within=CONVERGE_WITHIN, excused=excused)
    return [str(violation) for violation in violations]
