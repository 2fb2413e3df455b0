"""Long lists in pages of fifty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SIZE = 50


@dataclass(frozen=True)
class Paged:
    """One page of a list. `number` counts from 1; a number beyond the list is the last page."""

    items: Sequence[Any]
    number: int
    pages: int
    total: int
    size: int = SIZE

    @property
    def first(self) -> int:
        """The place of the first item in the whole list, from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of the last item in the whole list."""
        return self.first + len(self.items) - 1 if self.total else 0


def page_number(text: str) -> int:
    """The page that an address asks for; 1 for what is no number."""
    return max(int(text), 1) if text.isdecimal() and len(text) < 10 else 1


def paged(found: Sequence[Any], asked: int, size: int = SIZE) -> Paged:
    """The page with this number, or the last one."""
    pages = max(1, -(-len(found) // size))
    number = min(asked, pages)
    return Paged(found[(number - 1) * size : number * size], number, pages, len(found), size)
