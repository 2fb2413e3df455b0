"""`make bench-matching`: our judgement beside others' over the same data, into docs/benchmarks/ and build/reports/."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.matching import report
from benchmarks.matching.parts import PARTS, Part, Scale
from chaos.report import console, write

DIRECTORY = Path("build/bench-matching")


def main() -> None:
    """Exit code 1 when a goal does not hold."""
    parser = argparse.ArgumentParser(prog="make bench-matching", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--scale", type=float, default=1.0, help="registers of so many times the size, to try things out")
    parser.add_argument("--seeds", type=int, default=10, help="so many seeds")
    arguments = parser.parse_args()
    chosen = arguments.parts or list(PARTS)
    if unknown := [part for part in chosen if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    scale = Scale(arguments.scale, arguments.seeds)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    parts = _measure(chosen, scale)
    figures = [figure for part in parts.values() for figure in part.figures]
    is_whole = set(chosen) == set(PARTS) and scale == Scale()
    # Some parts alone, or smaller ones, are no report of the whole.
    write("bench-matching" if is_whole else "bench-matching-partial", figures)
    report.write(parts, scale, Path("docs/benchmarks") if is_whole else DIRECTORY)
    if is_whole:
        report.write_summary(parts, Path("README.md"))
    sys.exit(0 if all(figure.holds for figure in figures) else 1)


def _measure(chosen: list[str], scale: Scale) -> dict[str, Part]:
    """One part after the other, each linker in a process of its own."""
    started = time.monotonic()
    parts = {}

    def tell(line: str) -> None:
        console.print(f"{time.monotonic() - started:6.0f} s  {line}", markup=False)

    for name in chosen:
        tell(f"{name} (load of the machine before it: {os.getloadavg()[0] / (os.cpu_count() or 1):.1f} per core)")
        parts[name] = PARTS[name](DIRECTORY / name, scale, tell)
        for figure in parts[name].figures:
            tell(f"{figure.name} {figure.value} {figure.unit} {figure.goal}".rstrip())
    return parts


if __name__ == "__main__":
    main()
