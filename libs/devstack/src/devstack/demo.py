"""`make demo`: starts the whole system, plays the main job in front of the user, then stays until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from devstack.demo_report import console, report
from devstack.main_job import Addresses, MainJob
from devstack.people import StepFailedError
from devstack.process import ProcessFailedError
from devstack.stack import Stack

DIRECTORY = Path("build/demo")
# Seconds instead of the product's default minutes, so that the demo ends soon.
ENVIRONMENT = {
    "fortnox-connector": {"FORTNOX_CONNECTOR_POLL_INTERVAL_SECONDS": "3"},
    "limego-connector": {"LIMEGO_CONNECTOR_FEED_INTERVAL_SECONDS": "10"},
}


def main() -> int:
    """Plays; 0 when every step was seen, 1 with the reason otherwise."""
    return asyncio.run(_until_told())


async def _until_told() -> int:
    playing = asyncio.ensure_future(_play())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, lambda: playing.cancel() if not playing.cancelling() else None)
    try:
        return await playing
    except asyncio.CancelledError:
        console.print("\nstopped; no process is left")
        return 0
    except (StepFailedError, ProcessFailedError, RuntimeError) as error:
        console.print(f"\n[bold red]The demo failed.[/] {error}")
        console.print(f"Logs: {DIRECTORY / 'logs'}")
        return 1


async def _play() -> int:
    started = time.monotonic()
    with _alone():
        return await _play_in(DIRECTORY, started)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One demo per clone: a second one would delete the servers of the first under its feet."""
    DIRECTORY.parent.mkdir(parents=True, exist_ok=True)
    with DIRECTORY.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepFailedError("a demo runs in this clone already; stop it with Ctrl-C, or use another clone") from None
        yield


async def _play_in(directory: Path, started: float) -> int:
    shutil.rmtree(directory, ignore_errors=True)
    console.print("[bold]Starting Postgres, Kafka, the two emulators and the four services[/]")
    async with Stack.start(directory, extra_env=ENVIRONMENT, report=lambda line: console.print(f"  {line}")) as stack:
        addresses = Addresses(stack.sandbox_url, stack.coordinator_url, stack.limego_connector_url, stack.internal_token)
        job = MainJob(addresses, report())
        await job.play()
        console.print(f"\n[bold green]The main job is done[/] in {time.monotonic() - started:.0f} s.")
        if os.environ.get("DEMO_ONCE"):
            return 0
        console.print(f"\n  Lime Go now:    {stack.sandbox_url}/limego/")
        console.print(f"  Fortnox now:    {stack.sandbox_url}/fortnox/")
        console.print(f"  Dubbelsynk:     {stack.coordinator_url}/")
        console.print(f"  Logs:           {DIRECTORY / 'logs'}")
        console.print("\nWin a deal yourself on Lime Go's page and watch. Ctrl-C stops everything.")
        await asyncio.Event().wait()
    return 0
