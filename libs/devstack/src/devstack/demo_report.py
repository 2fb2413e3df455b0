"""The timeline of the main job in the terminal."""

from __future__ import annotations

import time

from rich.console import Console

from devstack.main_job import Report

console = Console(highlight=False, soft_wrap=True)


def report() -> Report:
    """Tells steps, and lines with the seconds since the step began."""
    started = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"  [dim]{time.monotonic() - started:6.1f} s[/]  {line}")

    def step(title: str) -> None:
        nonlocal started
        started = time.monotonic()
        console.print(f"\n[bold]{title}[/]")

    return Report(tell=tell, step=step)
