"""Judges mutants: a process that has imported what does not change, and forks one that runs pytest for each of them.

Starting Python and importing pytest with its plug-ins takes longer than most tests of a rule. Standard input: one JSON list of
pytest's arguments a line. Standard output: `killed`, `survived` or `timeout`, a line each.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
from contextlib import suppress
from importlib.metadata import entry_points

import hypothesis
import pytest

UNCHANGED = (
    *("aiokafka", "asyncpg", "babel.core", "faststream.kafka", "httpx", "hypothesis.strategies", "phonenumbers", "psutil"),
    *("pydantic", "pytest_asyncio.plugin", "schemathesis", "starlette.applications", "stdnum.se.orgnr", "xdist.plugin"),
    *("contracts.registry", "devstack", "devstack.services", "servicekit.lanes", "servicekit.http_client", "servicekit.consumer"),
)
"""Imported once. No module of a target may be among them or be imported by one of them."""
TEST_SECONDS = 300.0


def main() -> None:
    """Answers until the input ends."""
    # No shrinking: that it fails is all that is asked. The same examples each time: a score must be repeatable.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutation", max_examples=50, phases=phases, derandomize=True, database=None, deadline=None
    )
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    for name in UNCHANGED:
        importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin:
        os.write(1, f"{_judged(json.loads(line))}\n".encode())


def _judged(arguments: list[str]) -> str:
    """What becomes of the mutant that is on the disk now."""
    child = os.fork()
    if child == 0:
        _run(arguments)
    ended = os.pidfd_open(child)
    try:
        is_over, _, _ = select.select([ended], [], [], TEST_SECONDS)
    finally:
        os.close(ended)
    # Its children too: a mutant may hang, or end, with a service at its side.
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not is_over:
        return "timeout"
    return "survived" if status == 0 else "killed"


def _run(arguments: list[str]) -> None:
    """The tests, in the child: silent, and in a process group of its own."""
    os.setsid()
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    try:
        os._exit(pytest.main(arguments))
    finally:
        os._exit(70)


if __name__ == "__main__":
    main()
