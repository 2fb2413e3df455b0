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
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from devstack import Infrastructure
from mutation.targets import TARGETS, Target

TOP = Path(__file__).parents[2]
GENERATOR = TOP / "build/mutation/bin/python"
REPORT = TOP / "build/reports/test-mutation.json"
EXPLAINED = Path(__file__).parent / "survivors.json"
GOAL = 0.9
WORKERS = 2
PYTEST = (
    *("-n0", "-x", "-q", "--no-header", "--assert=plain", "--hypothesis-profile=mutation"),
    *("-p", "no:cacheprovider", "-p", "no:unraisableexception"),
)
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
    parser.add_argument("--only", default="", help="only modules in whose path this regular expression is found")
    options = parser.parse_args()
    mutants, places = _mutants(options)
    if not mutants:
        sys.stdout.write("nothing to mutate: no line of the targets differs (--all takes every line)\n")
        return 0
    sys.stdout.write(f"{len(mutants)} mutants of {places} places\n")
    return _report(asyncio.run(_judge(mutants)))


def _mutants(options: argparse.Namespace) -> tuple[list[Mutant], int]:
    """The mutants that are asked for, and the number of places that they are drawn from."""
    targets: dict[str, Target] = {}
    files: dict[str, list[int] | None] = {}
    for target in TARGETS:
        for path in target.files(TOP):
            lines = None if options.all else sorted(_changed(path, options.since))
            if re.search(options.only, str(path)) and lines != []:
                targets[str(path)], files[str(path)] = target, lines
    order = json.dumps({"files": files, "sample": options.sample, "seed": options.seed})
    command = [GENERATOR, Path(__file__).parent / "mutants.py"]
    made = subprocess.run(command, cwd=TOP, input=order, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    mutants = [json.loads(line) for line in made[1:]]
    return [Mutant(targets[one["path"]], **one) for one in mutants], int(made[0])


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
        async with AsyncExitStack() as stack:
            worker = await stack.enter_async_context(
                _worker(number, with_servers=any(one.target.needs_servers for one in mutants))
            )
            while waiting:
                mutant = waiting.pop()
                began = time.monotonic()
                outcome = await worker.outcome(mutant)
                judged.append((mutant, outcome))
                now = time.monotonic()
                figures = f"{len(judged)}/{len(mutants)} {now - started:.0f} s, {now - began:.1f} s"
                sys.stdout.write(f"{figures} {outcome:<8} {mutant.name}\n")
                sys.stdout.flush()

    async with asyncio.TaskGroup() as group:
        for number in range(WORKERS):
            group.create_task(work(number))
    return judged


@dataclass(frozen=True)
class _Worker:
    """A copy of the project to break, a process that judges it, and servers that stay up from one mutant to the next."""

    tree: Path
    judge: asyncio.subprocess.Process
    servers: Infrastructure | None

    async def outcome(self, mutant: Mutant) -> str:
        """Breaks the copy, lets its tests run until one fails, and mends it."""
        broken = self.tree / mutant.path
        whole = broken.read_text()
        broken.write_text(mutant.source)
        try:
            if self.servers is not None and mutant.target.needs_servers:
                await _empty(self.servers)
            assert self.judge.stdin is not None
            assert self.judge.stdout is not None
            self.judge.stdin.write(json.dumps([*PYTEST, *mutant.target.tests]).encode() + b"\n")
            line = await self.judge.stdout.readline()
            if not line:
                raise RuntimeError(f"the judge ended at {mutant.name}")
            return line.decode().strip()
        finally:
            broken.write_text(whole)


@asynccontextmanager
async def _worker(number: int, *, with_servers: bool) -> AsyncIterator[_Worker]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"mutation-{number}-")))
        servers = None
        if with_servers:
            servers = await stack.enter_async_context(Infrastructure.start(folder / "servers", fsync=False))
        tree = _copy(folder / "tree")
        judge = await asyncio.create_subprocess_exec(
            *(sys.executable, tree / "tests/mutation/judge.py"),
            cwd=tree,
            env=_environment(tree, servers),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        stack.push_async_callback(judge.wait)
        stack.callback(judge.terminate)
        yield _Worker(tree, judge, servers)


async def _empty(servers: Infrastructure) -> None:
    """A new database: the connections of the mutant before would be worked on."""
    parts = urlsplit(servers.database_url("administrator"))
    session = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")))
    try:
        name = parts.path.removeprefix("/")
        await session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await session.execute(f'CREATE DATABASE "{name}"')
    finally:
        await session.close()


def _copy(tree: Path) -> Path:
    """A working copy to break, beside the other worker's and ours; compiled, and each module known by its content."""
    for name in COPIED:
        source = TOP / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            tree.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, tree / name)
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", str(tree)]
    subprocess.run(command, check=True)
    return tree


def _environment(tree: Path, servers: Infrastructure | None) -> dict[str, str]:
    """The copy's packages before the installed ones, and the servers."""
    packages = [str(path) for path in (*sorted(tree.glob("libs/*/src")), *sorted(tree.glob("services/*/src")), tree / "tests")]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(packages), "PYTHONDONTWRITEBYTECODE": "1"}
    if servers is not None:
        variables["DATABASE_URL"] = servers.database_url("administrator")
        variables["KAFKA_BOOTSTRAP_SERVERS"] = servers.bootstrap_servers
    return variables


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
