"""The demo as a user starts it, on a machine where everything has been fetched: how long until it has ended well."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import at_most
from chaos.report import Figure
from devstack import Process

GOAL_SECONDS = 60.0
GIVE_UP_SECONDS = 300.0


async def measure(directory: Path, tell: Callable[[str], None]) -> list[Figure]:
    """`make demo DEMO_ONCE=1` without make, in a folder of its own: from its start until no process of it is left."""
    demo = Process(
        "demo",
        [sys.executable, "-m", "devstack", "demo"],
        log=directory / "demo.log",
        environment={**os.environ, "DEMO_ONCE": "1"},
        directory=directory,
    )
    started = time.monotonic()
    demo.start()
    try:
        await demo.finish(within=GIVE_UP_SECONDS)
    except asyncio.CancelledError:
        demo.kill()
        raise
    seconds = time.monotonic() - started
    tell(next(line for line in reversed(demo.log_tail().splitlines()) if line.strip()))
    return [at_most("demo_warm", seconds, "s", GOAL_SECONDS)]
