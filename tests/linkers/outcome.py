"""How a linker that is measured tells its pairs and what they cost; for every linker the same, each in a process of its own."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path


class Stopwatch:
    """Seconds between having the records in memory and having the pairs in memory; reading and writing files is not in them.

    Processor time is that of all threads, and of child processes that have ended.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.processor_seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Times what is done inside."""
        began, used = time.perf_counter(), sum(os.times()[:4])
        yield
        self.seconds += time.perf_counter() - began
        self.processor_seconds += sum(os.times()[:4]) - used


def tell(
    folder: Path,
    tool: str,
    pairs: Iterable[tuple[str, str, float]],
    watch: Stopwatch,
    packages: Iterable[str] = (),
    **more: object,
) -> None:
    """Writes <tool>.csv (customer number, company id, probability) and <tool>.json.

    Memory is the most that was ever resident, together with the most that a child process had, though it shared much of it.
    """
    with (folder / f"{tool}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("customer_number", "company_id", "probability"))
        writer.writerows(pairs)
    cost = {
        "seconds": watch.seconds,
        "processor_seconds": watch.processor_seconds,
        "memory_gb": _most_resident() / 1e9,
        "versions": {package: version(package) for package in packages},
        **more,
    }
    (folder / f"{tool}.json").write_text(json.dumps(cost, indent=2) + "\n")


def _most_resident() -> int:
    """Bytes, by Linux: getrusage would count what the process was forked from."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return (int(kilobytes) + children) * 1024
