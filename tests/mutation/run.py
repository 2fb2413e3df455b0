"""`make test-mutation`: breaks the code one place at a time, and counts the places that no test notices.

Without arguments, the lines that differ from `--since` (main). `--all`: every line of the targets. `--sample N`: so many of
them, drawn by `--seed`, which estimates the score of all. A mutant is killed when its tests fail or run out of time. What
survives must stand in `survivors.json` with a reason, or the run fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack import Infrastructure
from mutation.targets import TARGETS, Target

TOP = Path(__file__).parents[2]
GENERATOR = TOP / "build/mutation/bin/python"
REPORT = TOP / "build/reports/test-mutation.json"
EXPLAINED = Path(__file__).parent / "survivors.json"
GOAL = 0.9
WORKERS = 2
TEST_SECONDS = 300.0
COPIED = ("libs", "services", "tests", "docs", "deploy", "pyproject.toml", "README.md", "CONTRIBUTING.md", "docker-compose.yml")


@dataclass(frozen=True)
class Mutant:
    """A module with one place changed."""

    target: Target
    path: str
    line: int
    operator: str
    source: str

    @property
    def place(self) -> str:
        """The line as it was, without its indentation: it is known by that when other lines move it."""
        return (TOP / self.path).read_text().splitlines()[self.line - 1].strip()

    @property
    def name(self) -> str:
        """What is said of it."""
        return f"{self.path}:{self.line} {self.operator}: {self.place}"


def main() -> int:
    """0 when the score holds and every survivor is explained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every line of the targets, not only those that differ")
    parser.add_argument("--since", default="main", help="the commit to compare with (default: main)")
    parser.add_argument("--sample", type=int, help="only so many mutants, drawn by chance")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--only", default="", help="only modules whose path contains this")
    options = parser.parse_args()
    mutants = list(_mutants(options))
    if not mutants:
        sys.stdout.write("nothing to mutate: no line of the targets differs (--all takes every line)\n")
        return 0
    if options.sample and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    return _report(asyncio.run(_judge(mutants)))


def _mutants(options: argparse.Namespace) -> Iterator[Mutant]:
    """All mutants of the lines that are asked for."""
    for target in TARGETS:
        for path in target.files(TOP):
            lines = None if options.all else _changed(path, options.since)
            if options.only not in str(path) or lines == set():
                continue
            made = subprocess.run(
                [GENERATOR, Path(__file__).parent / "mutants.py", path], cwd=TOP, capture_output=True, check=True
            )
            for line in made.stdout.splitlines():
                mutant = Mutant(target, **json.loads(line))
                if lines is None or mutant.line in lines:
                    yield mutant


def _changed(path: Path, since: str) -> set[int]:
    """The lines of a module that differ from a commit, uncommitted ones too."""
    command = ["git", "diff", "--unified=0", since, "--", str(path)]
    text = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True).stdout
    lines: set[int] = set()
    for start, count in re.findall(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", text, re.MULTILINE):
        lines.update(range(int(start), int(start) + int(count or 1)))
    return lines


async def _judge(mutants: list[Mutant]) -> list[tuple[Mutant, str]]:
    """What became of each: `killed`, `timeout` or `survived`."""
    waiting, judged = list(reversed(mutants)), list[tuple[Mutant, str]]()
    started = time.monotonic()

    async def work(number: int) -> None:
        with tempfile.TemporaryDirectory(prefix=f"mutation-{number}-") as folder:
            async with Infrastructure.start(Path(folder) / "servers", fsync=False) as servers:
                tree = _copy(Path(folder) / "tree")
                environment = _environment(tree, servers)
                while waiting:
                    mutant = waiting.pop()
                    outcome = await _outcome(mutant, tree, environment)
                    judged.append((mutant, outcome))
                    seconds = time.monotonic() - started
                    sys.stdout.write(f"{len(judged)}/{len(mutants)} {seconds:.0f} s {outcome:<8} {mutant.name}\n")
                    sys.stdout.flush()

    async with asyncio.TaskGroup() as group:
        for number in range(WORKERS):
            group.create_task(work(number))
    return judged


def _copy(tree: Path) -> Path:
    """A working copy to break, beside the other workers' and ours."""
    for name in COPIED:
        source = TOP / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            tree.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, tree / name)
    return tree


def _environment(tree: Path, servers: Infrastructure) -> dict[str, str]:
    """The copy's packages before the installed ones, and servers that stay up from one mutant to the next."""
    packages = [str(path) for path in (*sorted(tree.glob("libs/*/src")), *sorted(tree.glob("services/*/src")), tree / "tests")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(packages),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": servers.database_url("administrator"),
        "KAFKA_BOOTSTRAP_SERVERS": servers.bootstrap_servers,
        "HYPOTHESIS_PROFILE": "mutation",
    }


async def _outcome(mutant: Mutant, tree: Path, environment: dict[str, str]) -> str:
    broken = tree / mutant.path
    whole = broken.read_text()
    broken.write_text(mutant.source)
    try:
        return await _run(mutant.target, tree, environment)
    finally:
        broken.write_text(whole)


async def _run(target: Target, tree: Path, environment: dict[str, str]) -> str:
    """The tests of a target, until one fails."""
    command = [sys.executable, "-m", "pytest", "-n0", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *target.tests]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        async with asyncio.timeout(TEST_SECONDS):
            return "survived" if await process.wait() == 0 else "killed"
    except TimeoutError:
        # Its children too: a mutant may hang with a service at its side.
        os.killpg(process.pid, 9)
        await process.wait()
        return "timeout"


def _report(judged: list[tuple[Mutant, str]]) -> int:
    explained: dict[str, str] = json.loads(EXPLAINED.read_text())
    survivors = [mutant for mutant, outcome in judged if outcome == "survived"]
    open_ones = [mutant for mutant in survivors if _key(mutant) not in explained]
    score = 1 - len(survivors) / len(judged)
    figures: dict[str, Any] = {
        "name": "mutation_score",
        "value": round(score, 4),
        "unit": f"of {len(judged)} mutants",
        "goal": f">= {GOAL}",
        "holds": score >= GOAL and not open_ones,
    }
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([figures], indent=2) + "\n")
    for mutant in sorted(survivors, key=lambda one: (one.path, one.line)):
        sys.stdout.write(f"survived: {mutant.name}\n    {explained.get(_key(mutant), 'NOT EXPLAINED')}\n")
    sys.stdout.write(f"mutation_score {score:.3f} of {len(judged)} (goal {GOAL}), {len(open_ones)} survivors not explained\n")
    sys.stdout.write(f"{len(judged) - len(open_ones)} passed, {len(open_ones)} failed\n")
    return 0 if figures["holds"] else 1


def _key(mutant: Mutant) -> str:
    return f"{mutant.path} | {mutant.operator} | {mutant.place}"


if __name__ == "__main__":
    raise SystemExit(main())
