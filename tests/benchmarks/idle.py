"""What the whole system takes when nobody does anything: processor time and memory of all its processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from benchmarks.figures import below, told
from chaos.report import Figure
from devstack import Stack
from devstack.demo import ENVIRONMENT
from devstack.main_job import Addresses, MainJob, Report

SECONDS = 60.0
SETTLING_SECONDS = 10.0
CPU_GOAL = 0.2
MEMORY_GOAL = 1.8


async def measure(directory: Path, tell: Callable[[str], None]) -> list[Figure]:
    """After the main job, with the demo's intervals: it polls a hundred times as often as the product's defaults.

    All: four services, both emulators, Kafka, Postgres and their children. Memory is the sum of proportional set sizes:
    a page that several processes share (Postgres' buffers, libraries) counts once.
    """
    async with Stack.start(directory, extra_env=ENVIRONMENT, report=tell) as stack:
        await _play(stack)
        tell(f"the main job is done; nothing is touched for {SETTLING_SECONDS + SECONDS:g} s")
        await asyncio.sleep(SETTLING_SECONDS)
        roots = _roots(stack)
        before, started = _used(roots), time.monotonic()
        await asyncio.sleep(SECONDS)
        seconds, after = time.monotonic() - started, _used(roots)
        memory = {name: sum(map(_proportional, _family(root))) / 1e9 for name, root in roots.items()}
    shares = {name: (after[name] - before[name]) / seconds for name in roots}
    return [
        below("idle_cpu", sum(shares.values()), "of one core", CPU_GOAL),
        below("idle_memory", sum(memory.values()), "GB in all (PSS)", MEMORY_GOAL),
        *(told(f"idle_cpu: {name}", share, "of one core") for name, share in shares.items()),
        *(told(f"idle_memory: {name}", size, "GB (PSS)") for name, size in memory.items()),
    ]


async def _play(stack: Stack) -> None:
    addresses = Addresses(stack.sandbox_url, stack.coordinator_url, stack.limego_connector_url, stack.internal_token)
    await MainJob(addresses, Report(tell=lambda _: None, step=lambda _: None)).play()


def _roots(stack: Stack) -> dict[str, psutil.Process]:
    """The parts of the system by name; a server that the environment names is not ours to weigh."""
    processes = [stack.sandbox, *stack.services.values(), stack.postgres.process, stack.kafka.process]
    return {process.name: psutil.Process(process.pid) for process in processes if process is not None}


def _family(root: psutil.Process) -> Iterator[psutil.Process]:
    yield root
    yield from root.children(recursive=True)


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def _used(roots: dict[str, psutil.Process]) -> dict[str, float]:
    """Seconds of processor time by part: living processes, and what ended children left with the root."""
    used = {}
    for name, root in roots.items():
        ended = root.cpu_times()
        used[name] = ended.children_user + ended.children_system + sum(map(_own_time, _family(root)))
    return used


def _own_time(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
