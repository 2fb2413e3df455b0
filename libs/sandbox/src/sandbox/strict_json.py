"""JSON as its standard has it: Python's own reader takes more than any other would."""

import json
from collections.abc import Callable
from typing import Any


def read(body: bytes | str, *, parse_float: Callable[[str], Any] = float) -> Any:
    """The value; raises ValueError, also for NaN and Infinity, for half a surrogate pair, and for what is nested too deep."""
    text = body.decode() if isinstance(body, bytes) else body
    try:
        value = json.loads(text, parse_float=parse_float, parse_constant=_no_constant)
        if "\\u" in text:
            _check_text(value)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_text(value: Any) -> None:
    """Raises ValueError for text that has no bytes: nobody could keep it, nor send it on."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for name, one in value.items():
            name.encode()
            _check_text(one)
    elif isinstance(value, list):
        for one in value:
            _check_text(one)
