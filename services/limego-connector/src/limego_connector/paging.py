"""Walking a list by offset while it moves, pure.

Lime Go's lists have neither cursor nor total, and their order is not known. At worst a record that changes moves to the
end: everything after it moves one step, and a plain offset walk skips one unrelated record. So pages overlap, and a page
that does not show the end of the page before it (the seam) is a sign that the list moved: the walk steps back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAGE = 20
"""The most that Lime Go gives (limego.md, 2.2: `first` defaults to 10, max 20)."""
OVERLAP = 2
STEPS_BACK = 3
"""Steps in a row; if the seam itself has moved, it is found at none of them."""


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins, and which records it should show again."""

    offset: int = 0
    seam: tuple[str, ...] = ()
    steps_back: int = 0


def advance(cursor: Cursor, ids: Sequence[str]) -> Cursor | None:
    """The cursor after the page with these ids; None at the end of the list."""
    is_torn = bool(cursor.seam) and not set(cursor.seam) & set(ids)
    if is_torn and cursor.offset > 0 and cursor.steps_back < STEPS_BACK:
        return Cursor(max(0, cursor.offset - PAGE), cursor.seam, cursor.steps_back + 1)
    if len(ids) < PAGE:
        return None
    return Cursor(cursor.offset + PAGE - OVERLAP, tuple(ids[-OVERLAP:]))
