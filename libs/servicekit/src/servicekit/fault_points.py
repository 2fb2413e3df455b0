"""Named points at which chaos runs kill, freeze or weaken a service. Off by default: one dictionary look-up.

`FAULT_POINTS` is a comma-separated list of `name:action[@n]`: at the n-th pass (default 1) of `name` the process does
`kill` (SIGKILL to itself) or `freeze` (SIGSTOP to itself). `name:off` switches a guard off, for the runs that prove
that the guard is needed.
"""

from __future__ import annotations

import os
import signal

from servicekit.settings import end_start

_ACTIONS: dict[str, tuple[str, int]] = {}
_PASSES: dict[str, int] = {}


def configure(text: str) -> None:
    """Replaces the active points by those of `text`."""
    _ACTIONS.clear()
    _PASSES.clear()
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, action = entry.partition(":")
        verb, _, count = action.partition("@")
        if verb not in {"kill", "freeze", "off"}:
            end_start(f"FAULT_POINTS: {entry}: the action must be kill, freeze or off")
        _ACTIONS[name] = (verb, int(count or 1))


def fault_point(name: str) -> None:
    """A place where a run may end or stop this process."""
    if not _ACTIONS or name not in _ACTIONS:
        return
    verb, count = _ACTIONS[name]
    _PASSES[name] = _PASSES.get(name, 0) + 1
    if verb != "off" and _PASSES[name] == count:
        os.kill(os.getpid(), signal.SIGKILL if verb == "kill" else signal.SIGSTOP)


def has_fault_points() -> bool:
    """Whether this is a chaos run."""
    return bool(_ACTIONS)


def is_guard_on(name: str) -> bool:
    """False only in the runs that show what happens without the guard."""
    return not _ACTIONS or _ACTIONS.get(name, ("", 0))[0] != "off"


configure(os.environ.get("FAULT_POINTS", ""))
