"""Ending tasks: no wait for one is without a bound, and a cancellation that was lost is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

CANCELLATIONS = 5
"""A task that handles one cancellation, or loses it, is asked again; its `finally` has a fifth of the time undisturbed."""


async def end(tasks: Iterable[asyncio.Task[Any]], within: float) -> set[asyncio.Task[Any]]:
    """Cancels the tasks until they are done, for at most `within` seconds; the answer are those that still run.

    One cancellation is not enough: Python 3.11's TaskGroup drops one that comes while it ends its other tasks, and a lost
    database session turns one into an error of its own.
    """
    running = {task for task in tasks if not task.done()}
    for _ in range(CANCELLATIONS):
        if not running:
            break
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=within / CANCELLATIONS)
    return running


def end_if_cancelled() -> None:
    """CancelledError when the current task was told to end, whatever came instead. Loops that catch everything ask it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
