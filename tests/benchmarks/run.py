"""`make bench`: each figure measured against its goal, printed, and written to build/reports/bench.json."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import box, budget, demo, hop, idle, intake, latency
from chaos.report import Figure, console, write

DIRECTORY = Path("build/bench")
Tell = Callable[[str], None]
PARTS: dict[str, Callable[[Path, Tell], Awaitable[list[Figure]]]] = {
    "demo": demo.measure,
    "idle": idle.measure,
    "latency": latency.measure,
    "intake": intake.measure,
    "hop": hop.measure,
    "budget": budget.measure,
    "box": box.measure,
}


def main() -> None:
    """Exit code 1 when a goal does not hold."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these of {', '.join(PARTS)} (default: all)")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := [part for part in chosen if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    figures = asyncio.run(_measure(chosen, DIRECTORY.absolute()))
    # Some parts alone are no report of the whole.
    write("bench" if set(chosen) == set(PARTS) else "bench-partial", figures)
    sys.exit(0 if all(figure.holds for figure in figures) else 1)


async def _measure(parts: list[str], directory: Path) -> list[Figure]:
    """One part after the other, each on servers of its own."""
    started = time.monotonic()
    figures: list[Figure] = []

    def tell(line: str) -> None:
        console.print(f"{time.monotonic() - started:6.0f} s  {line}", markup=False)

    for part in parts:
        tell(f"{part} (load of the machine before it: {os.getloadavg()[0] / (os.cpu_count() or 1):.1f} per core)")
        (directory / part).mkdir(parents=True)
        found = await PARTS[part](directory / part, tell)
        for figure in found:
            tell(f"{figure.name} {figure.value} {figure.unit} {figure.goal}".rstrip())
        figures += found
    return figures


if __name__ == "__main__":
    main()
