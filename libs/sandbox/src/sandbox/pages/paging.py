"""Long lists in pages of fifty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

SIZE = 50


@dataclass(frozen=True)
class Paged:
    """One page of a list. `number` counts from 1; a number beyond the list is the last page."""

    items: Sequence[Any]
    number: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        """The place of the first item in the whole list, from 1; 0 when there is none."""
        return (self.number - 1) * SIZE + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of the last item in the whole list."""
        return self.first + len(self.items) - 1 if self.total else 0


def paged(request: Request, found: Sequence[Any]) -> Paged:
    """The page that `sida` asks for."""
    pages = max(1, -(-len(found) // SIZE))
    asked = request.query_params.get("sida", "1")
    number = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 10 else 1
    return Paged(found[(number - 1) * SIZE : number * SIZE], number, pages, len(found))
