"""What each client's story has in common: steps that are told as lines of JSON, and facts about the company that it is given."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

TODAY = date.today().isoformat()
"""Fortnox' documents are dated on the day they are made."""


class Life:
    """A life cycle, step by step. A step that a client cannot do is told with what it said, and the story goes on."""

    def __init__(self) -> None:
        self.given: dict[str, str] = json.loads(sys.argv[1])

    def step(self, name: str, play: Callable[[], Any], *, expect: Callable[[Any], bool] = lambda _: True) -> Any:
        """Plays one step; its answer, or None when it failed or was not what was expected."""
        try:
            answer = play()
            said = "" if expect(answer) else f"the answer is not as expected: {answer!r}"[:300]
        except Exception as error:
            answer, said = None, f"{type(error).__name__}: {error}"[:300]
        sys.stdout.write(json.dumps({"step": name, "ok": not said, "said": said}) + "\n")
        return answer
