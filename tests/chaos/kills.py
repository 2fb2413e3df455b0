"""`kill -9` under load: half of it at named points, where a service ends itself, half at random moments, from outside."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.disturbances import Disturbances, lost_leases
from chaos.load import Load
from chaos.places import PLACES, Kill, plan
from devstack import Service
from support.activation import Site
from support.invariants import Violation
from support.quiescence import converged

Tell = Callable[[str], None]
PATIENCE = 25.0
"""Seconds for a point to be passed; then the service is started anew and the kill is tried again."""
TRIES = 4
CONVERGE_WITHIN = 60.0


@dataclass
class Outcome:
    """What a run of kills came to."""

    planned: int
    by_place: Counter[str] = field(default_factory=Counter)
    by_point: Counter[str] = field(default_factory=Counter)
    missed: list[Kill] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    leases_lost: list[str] = field(default_factory=list)
    random_by_service: Counter[str] = field(default_factory=Counter)
    disturbances: Counter[str] = field(default_factory=Counter)
    converged_seconds: float = 0.0
    won: int = 0
    seconds: float = 0.0

    @property
    def kills(self) -> int:
        return self.by_place.total() + self.random_by_service.total()


async def run_kills(site: Site, runs: int, seed: int, tell: Tell) -> Outcome:
    """`runs` kills under load, half of them at random moments, then the time until all invariants hold."""
    luck, started = random.Random(seed), time.monotonic()
    load, outcome = Load(site, luck), Outcome(runs)
    await load.prepare()
    named, at_random = runs - runs // 2, runs // 2
    tell(f"two connections are active; {named} kills at {len(PLACES)} places under load, then {at_random} at random moments")
    loading = asyncio.create_task(load.run())
    services = site.stack.services
    killers = [Killer(services[name], kills, load, outcome, tell) for name, kills in plan(named, luck).items()]
    try:
        await _with(loading, asyncio.gather(*(killer.run() for killer in killers)))
        await _with(loading, asyncio.gather(_at_random(site, at_random, luck, outcome, tell)))
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
    outcome.won = load.won
    tell(f"{outcome.kills} kills done in {time.monotonic() - started:.0f} s, {load.won} deals won; waiting for convergence")
    outcome.converged_seconds, outcome.violations = await converged(site.world, within=CONVERGE_WITHIN)
    outcome.leases_lost = await lost_leases(site)
    outcome.seconds = time.monotonic() - started
    return outcome


async def _at_random(site: Site, times: int, luck: random.Random, outcome: Outcome, tell: Tell) -> None:
    """Two replicas of every service; Postgres, Kafka and the leases are disturbed meanwhile."""
    disturbances = Disturbances(site, luck)
    outcome.random_by_service, outcome.disturbances = disturbances.by_service, disturbances.done

    def told(number: int) -> None:
        if number % 10 == 0:
            so_far = ", ".join(f"{count} x {what}" for what, count in disturbances.done.items())
            tell(f"{number} of {times} kills at random moments; {so_far}")

    async with disturbances.doubled():
        disturbing = asyncio.create_task(disturbances.disturb())
        try:
            await _with(disturbing, asyncio.gather(disturbances.kill(times, told)))
        finally:
            disturbing.cancel()
            await asyncio.gather(disturbing, return_exceptions=True)


async def _with(background: asyncio.Task[None], work: asyncio.Future[Any]) -> None:
    """Waits for the work; an error in the background ends it."""
    done, _ = await asyncio.wait((background, work), return_when=asyncio.FIRST_COMPLETED)
    if background in done:
        work.cancel()
        background.result()
    work.result()


class Killer:
    """Carries out one service's kills, one after the other."""

    def __init__(self, service: Service, kills: Sequence[Kill], load: Load, outcome: Outcome, tell: Tell) -> None:
        self._service = service
        self._load = load
        self._kills = kills
        self._outcome = outcome
        self._tell = tell

    async def run(self) -> None:
        """All kills; at the end the service runs without any fault point."""
        self._service.kill()
        for kill in self._kills:
            if not await self._carry_out(kill):
                self._outcome.missed.append(kill)
        self._start("")
        await self._service.ready()

    async def _carry_out(self, kill: Kill) -> bool:
        passes = kill.passes
        for _ in range(TRIES):
            if kill.point == "feed.after_read":
                # It is read for real only when a page is full.
                await self._load.fill_feed()
            self._start(f"{kill.point}:kill@{passes}")
            if await self._killed_itself():
                self._count(kill)
                return True
            self._service.kill()
            passes = 1
        return False

    def _start(self, points: str) -> None:
        assert self._service.environment is not None
        self._service.environment["FAULT_POINTS"] = points
        self._service.start()

    async def _killed_itself(self) -> bool:
        try:
            code = await self._service.wait(within=PATIENCE)
        except TimeoutError:
            return False
        if code != -signal.SIGKILL:
            self._outcome.crashed.append(f"{self._service.name} ended with exit code {code}")
        return code == -signal.SIGKILL

    def _count(self, kill: Kill) -> None:
        self._outcome.by_place[kill.place] += 1
        self._outcome.by_point[f"{kill.service} {kill.point}"] += 1
        if self._outcome.kills % 10 == 0:
            self._tell(f"{self._outcome.kills} of {self._outcome.planned} kills")
