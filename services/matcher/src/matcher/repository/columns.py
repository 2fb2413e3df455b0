"""Keys as the two arrays that a statement takes them in."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from matcher.registers import Key


def columns(keys: Iterable[Key]) -> tuple[list[UUID], list[str]]:
    """Connection ids, and the other half of each key."""
    pairs = list(keys)
    return [connection_id for connection_id, _ in pairs], [other for _, other in pairs]
