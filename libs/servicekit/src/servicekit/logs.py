"""Logging: one line per fact on standard error, and tracebacks that quote no data.

The text of a foreign error may quote what it was about: asyncpg's DETAIL shows the row's values, pydantic's message the
input. So of foreign errors a traceback shows the type and the places only (house.md, names, rule 10).
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

from servicekit.errors import Error
from servicekit.settings import end_start

Trouble = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Leaves out what foreign errors say."""

    def formatException(self, ei: Trouble) -> str:
        """Frames, types, and the text of our own errors."""
        return "\n".join(_lines(ei[1])) if ei[1] is not None else ""


def configure() -> None:
    """To standard error, at LOG_LEVEL (default INFO)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    level = os.environ.get("LOG_LEVEL", "INFO").upper()
    if level not in logging.getLevelNamesMapping():
        end_start("LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR")
    logging.basicConfig(level=level, handlers=[handler])
    for noisy in ("httpx", "httpcore", "aiokafka", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns at every start that it makes no topics: that is as we want it.
    logging.getLogger("faststream").setLevel(logging.ERROR)


def _lines(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "which led to:"
    yield from (line.rstrip() for line in traceback.format_tb(error.__traceback__))
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield f"{kind}: {error}" if isinstance(error, Error) else kind
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _lines(inner)
