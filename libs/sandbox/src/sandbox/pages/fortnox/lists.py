"""One page of a register, as it is now: the lag of the search index is the API's, not a person's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.fortnox.company import Company
from sandbox.fortnox.store import Value, Version
from sandbox.pages.fortnox.resources import Resource
from sandbox.pages.fortnox.wording import State
from sandbox.pages.paging import SIZE, page_number, paged


@dataclass(frozen=True)
class ListQuery:
    """What a list was asked for: words to find, a view, a customer, a page from 1."""

    search: str = ""
    view: str = ""
    customer: str = ""
    page: int = 1

    @classmethod
    def read(cls, resource: Resource, query: Mapping[str, str]) -> "ListQuery":
        """What an address asks for; what makes no sense is passed over."""
        view = query.get("visa", "")
        return cls(
            query.get("sok", "").strip(),
            view if view in dict(resource.views) else "",
            query.get("kund", "") if resource.rows else "",
            page_number(query.get("sida", "")),
        )

    def to_query(self) -> dict[str, Any]:
        """The same as an address says it, without the page."""
        return {"sok": self.search, "visa": self.view, "kund": self.customer}

    @property
    def is_plain(self) -> bool:
        """Whether it is the register's first page and nothing else."""
        return self == ListQuery()


@dataclass(frozen=True)
class Found:
    """The records of a page with their states; how many there are on all pages."""

    records: list[tuple[Value, State]]
    count: int
    page: int
    pages: int


def find(company: Company, resource: Resource, asked: ListQuery, rows: int = SIZE) -> Found:
    """The page that was asked for, or the last one."""
    found = _matching(company, resource, asked)
    if resource.newest_first:
        found = found[::-1]
    page = paged(found, asked.page, rows)
    shown = [one.value or {} for one in page.items]
    return Found([(one, resource.state(company, one)) for one in shown], page.total, page.number, page.pages)


def _matching(company: Company, resource: Resource, asked: ListQuery) -> Sequence[Version]:
    found = company[resource.plural].current()
    if not (asked.search or asked.view or asked.customer):
        return found
    words = asked.search.lower().split()
    is_in_view = resource.listing.filters.get(asked.view)

    def matches(record: Value) -> bool:
        if asked.customer and record["CustomerNumber"] != asked.customer:
            return False
        if is_in_view and not is_in_view(company, record):
            return False
        text = "\n".join(str(record[name] or "") for name in resource.searched).lower()
        return all(word in text for word in words)

    return [one for one in found if matches(one.value or {})]
