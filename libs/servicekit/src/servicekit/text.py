"""Text that another system sent, made fit to be stored and told on."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(data: object) -> object:
    """A JSON object, or a value of one, with no text that Postgres or UTF-8 refuses: NUL, and half a surrogate pair.

    JSON may hold both (RFC 8259, section 8.2). They say nothing to a person and are left out: else one company's name would
    stop its deals at the dead letters. One level deep: the parts of an object are models that do the same.
    """
    if isinstance(data, str):
        return _UNSTORABLE.sub("", data)
    if isinstance(data, list):
        return [_UNSTORABLE.sub("", item) if isinstance(item, str) else item for item in data]
    if isinstance(data, dict):
        return {name: storable(value) if isinstance(value, (str, list)) else value for name, value in data.items()}
    return data
