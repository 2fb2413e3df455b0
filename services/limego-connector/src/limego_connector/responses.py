"""What each answer of Lime Go means: a good one, a refusal, a wait, a retry, or a write of which nothing is known."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from servicekit.errors import OutcomeUnknownError, RateLimitedError, TransientError
from servicekit.lanes import LaneStoppedError

RETRY_AFTER = 5.0
"""Seconds to wait after a 429 that does not say how long; rate limits are not documented."""
LONGEST_WAIT = 600.0
REFUSALS = frozenset({400, 404, 405, 410, 413, 414, 415, 422})
"""Statuses by which Lime Go itself says no. All others (3xx, 408, 409, 425, 499, 5xx) may come from something in between."""
THROTTLE_CODES = frozenset({"THROTTLED", "RATE_LIMITED", "RATE_LIMIT_EXCEEDED", "TOO_MANY_REQUESTS"})
THROTTLE_WORDS = re.compile(r"\W*(requests? )?((is|are|was|were) )?(throttled|rate.?limit|too many requests)", re.IGNORECASE)
"""How a GraphQL error inside a 200 says that it is a throttle: by its code in `extensions`, or by how its message begins."""


@dataclass(frozen=True)
class Answer:
    """An answer that is neither a refusal of the whole connection nor a failure."""

    status: int
    body: Any
    retry_after: float = RETRY_AFTER


def classify(response: httpx.Response, *, is_write: bool) -> Answer:
    """What an answer means. Only Lime Go's own refusal proves that nothing was done.

    No source shows the bodies of its errors: an empty one and JSON count as its own, a page of HTML as a proxy's.
    """
    status = response.status_code
    if status in (401, 403):
        raise LaneStoppedError(f"Lime Go refuses the API key ({status}); give the connection a key with full access")
    if status == 429:
        raise RateLimitedError("Lime Go asks us to wait", _retry_after(response))
    if not response.is_success and status not in REFUSALS:
        raise unproven(f"Lime Go answered {status}", is_write=is_write)
    try:
        # Amounts stay exact: a float would round a deal of 16 digits.
        body = json.loads(response.content, parse_float=Decimal) if response.content else None
    except (ValueError, RecursionError):
        raise unproven(f"Lime Go's answer ({status}) cannot be read", is_write=is_write) from None
    return Answer(status, body, _retry_after(response))


def unproven(text: str, *, is_write: bool) -> TransientError:
    """The error for an answer that does not say what became of the request: a read is repeated, a write is looked for."""
    return OutcomeUnknownError(text) if is_write else TransientError(text)


def _retry_after(response: httpx.Response) -> float:
    try:
        seconds = float(response.headers["retry-after"])
    except (KeyError, ValueError):
        return RETRY_AFTER
    # Not a number compares with nothing.
    return min(seconds, LONGEST_WAIT) if seconds >= 0 else RETRY_AFTER


def is_throttle(errors: object) -> bool:
    return isinstance(errors, list) and any(_says_throttle(error) for error in errors if isinstance(error, dict))


def _says_throttle(error: Mapping[str, Any]) -> bool:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return str(code).upper() in THROTTLE_CODES or THROTTLE_WORDS.match(str(error.get("message", ""))) is not None


def message_of(answer: Answer) -> str:
    """The API's own words, for the user."""
    body = answer.body if isinstance(answer.body, dict) else {}
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("message", ""))[:500]
    return str(body.get("message") or f"HTTP {answer.status}")[:500]
