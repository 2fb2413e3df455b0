"""One page of a register, as it is now: the lag of the search index is the API's, not a person's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.fortnox.company import Company
from sandbox.fortnox.store import Value, Version
from sandbox.pages.fortnox.resources import Resource
from sandbox.pages.fortnox.wording import State

ROWS = 50


@dataclass(frozen=True)
class Wish:
    """What a list was asked for: words to find, a view, a customer, a page from 1."""

    query: str = ""
    view: str = ""
    customer: str = ""
    page: int = 1

    @classmethod
    def read(cls, resource: Resource, query: Mapping[str, str]) -> "Wish":
        """The wish in an address; what makes no sense is passed over."""
        view, page = query.get("visa", ""), query.get("sida", "")
        return cls(
            query.get("sok", "").strip(),
            view if view in dict(resource.views) else "",
            query.get("kund", "") if resource.rows else "",
            max(int(page), 1) if page.isdecimal() and len(page) < 10 else 1,
        )

    def to_query(self) -> dict[str, Any]:
        """The wish as an address says it, without the page."""
        return {"sok": self.query, "visa": self.view, "kund": self.customer}

    @property
    def is_plain(self) -> bool:
        """Whether it is the register's first page and nothing else."""
        return self == Wish()


@dataclass(frozen=True)
class Found:
    """The records of a page with their states; how many there are on all pages."""

    records: list[tuple[Value, State]]
    count: int
    page: int
    pages: int


def find(company: Company, resource: Resource, wish: Wish, rows: int = ROWS) -> Found:
    """The page that was asked for, or the last one."""
    found = _matching(company, resource, wish)
    if resource.newest_first:
        found = found[::-1]
    pages = max(-(-len(found) // rows), 1)
    page = min(wish.page, pages)
    shown = [one.value or {} for one in found[(page - 1) * rows : page * rows]]
    return Found([(one, resource.state(company, one)) for one in shown], len(found), page, pages)


def _matching(company: Company, resource: Resource, wish: Wish) -> Sequence[Version]:
    found = company[resource.plural].current()
    if not (wish.query or wish.view or wish.customer):
        return found
    words = wish.query.lower().split()
    is_in_view = resource.listing.filters.get(wish.view)

    def matches(record: Value) -> bool:
        if wish.customer and record["CustomerNumber"] != wish.customer:
            return False
        if is_in_view and not is_in_view(company, record):
            return False
        text = "\n".join(str(record[name] or "") for name in resource.searched).lower()
        return all(word in text for word in words)

    return [one for one in found if matches(one.value or {})]
