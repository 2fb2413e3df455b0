"""Runs a linker in a process of its own over a dataset, and reads what it tells."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.matching.datasets import Dataset
from benchmarks.matching.labelled import ENVIRONMENT
from benchmarks.matching.scores import Pair

HERE = Path(__file__).parent
LINKERS = HERE.parents[1] / "linkers"
PEERS = ("splink", "recordlinkage")
TOOLS = ("ours", "number_only", *PEERS)
LIMIT_SECONDS = 1800


@dataclass(frozen=True)
class Run:
    """One linker over one dataset. Seconds from records in memory to pairs in memory; memory is the most that was resident."""

    tool: str
    pairs: list[Pair]
    seconds: float
    memory_gb: float
    versions: Mapping[str, str]
    told: Mapping[str, object]


class LinkerError(Exception):
    """A linker failed; the text is the end of what it said."""


def run(tool: str, dataset: Dataset) -> Run:
    """Raises LinkerError."""
    if tool in PEERS:
        command = [str(ENVIRONMENT / "bin/python"), str(LINKERS / f"{tool}_linker.py")]
    else:
        command = [sys.executable, str(HERE / f"{tool}.py")]
    log = dataset.folder / f"{tool}.log"
    with log.open("w") as said:
        arguments = [*command, str(dataset.folder), dataset.kind]
        ended = subprocess.run(arguments, stdout=said, stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS, check=False)
    if ended.returncode:
        raise LinkerError(f"{tool} on {dataset.name} ended with exit code {ended.returncode}: {log.read_text()[-2000:]}")
    with (dataset.folder / f"{tool}.csv").open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        pairs = [(customer, company, float(probability)) for customer, company, probability in rows]
    told = json.loads((dataset.folder / f"{tool}.json").read_text())
    return Run(tool, pairs, told["seconds"], told["memory_gb"], told["versions"], told)
