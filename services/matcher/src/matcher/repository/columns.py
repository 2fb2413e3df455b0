"""Keys as the arrays that a statement takes them in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from matcher.keys import Keys
from matcher.registers import Key


def columns(keys: Iterable[Key]) -> tuple[list[UUID], list[str]]:
    """Connection ids, and the other half of each key."""
    pairs = list(keys)
    return [connection_id for connection_id, _ in pairs], [other for _, other in pairs]


def arrays(keys: Sequence[Keys]) -> tuple[list[int], list[str], list[str]]:
    """Digests, and the arrays as texts: unnest would take an array of arrays for one long one."""
    return (
        [found.digest for found in keys],
        [_array(found.ladder) for found in keys],
        [_array(found.likeness) for found in keys],
    )


def _array(values: Sequence[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"
