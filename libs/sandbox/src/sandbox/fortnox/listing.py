"""Lists: filters, search, order and pages (reference 4), over what the search index shows now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.fortnox.company import Company
from sandbox.fortnox.errors import bad
from sandbox.fortnox.store import Value, order
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.values import is_date

Test = Callable[[Value, str], bool]
DATES = frozenset({"fromdate", "todate", "fromfinalpaydate", "tofinalpaydate"})
GLOBAL = frozenset({"page", "limit", "offset", "sortby", "sortorder", "filter", "lastmodified"})


def contains(name: str) -> Test:
    """The documented search: LIKE %value%, case-insensitive."""
    return lambda record, value: value in str(record[name] if record[name] is not None else "").lower()


def prefix(name: str) -> Test:
    """What was measured for references: a prefix, so a client must compare the whole."""
    return lambda record, value: str(record[name] or "").lower().startswith(value)


def same(name: str) -> Test:
    """Equality of text, numbers and booleans as text."""
    return lambda record, value: str(record[name]).lower() == value


def at_least(name: str) -> Test:
    """A date at or after the value."""
    return lambda record, value: bool(record[name]) and str(record[name]) >= value


def at_most(name: str) -> Test:
    """A date at or before the value."""
    return lambda record, value: bool(record[name]) and str(record[name]) <= value


def labelled(record: Value, value: str) -> bool:
    """Whether a document carries the label."""
    return any(str(label["Id"]) == value for label in record["Labels"])


def any_row(rows: str, name: str) -> Test:
    """LIKE over a field of the rows."""
    return lambda record, value: any(value in str(row[name] or "").lower() for row in record[rows])


def row_at_least(rows: str, name: str) -> Test:
    """A row whose number is the value or more."""
    return lambda record, value: any(int(row[name] or 0) >= _integer(value) for row in record[rows])


def row_at_most(rows: str, name: str) -> Test:
    """A row whose number is the value or less."""
    return lambda record, value: any(0 < int(row[name] or 0) <= _integer(value) for row in record[rows])


@dataclass(frozen=True)
class Listing:
    """How one resource is listed. `slim` makes the list's form of a record. `numbers` are searches of which nobody knows
    whether they match in part or whole: a switch says so."""

    kind: str
    wrapper: str
    slim: Callable[[Value], Value]
    search: Mapping[str, Test] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, Callable[[Company, Value], bool]] = field(default_factory=dict)
    sort: Mapping[str, str] = field(default_factory=dict)
    lastmodified: bool = True

    def answer(self, company: Company, query: Mapping[str, str]) -> dict[str, Any]:
        """The page that a query asks for; raises Refusal."""
        tests = self._tests(company, query)
        since = _since(query["lastmodified"]) if query.get("lastmodified") else ""
        found = [
            (key, record)
            for key, record, modified in company[self.kind].visible()
            if modified >= since and all(test(record, value) for test, value in tests)
        ]
        self._sort(found, query, ignored=self.kind == "invoicepayments" and company.switches.payment_sort_ignored)
        page, meta = _page(found, query, company.switches)
        return {"MetaInformation": meta, self.wrapper: [self.slim(record) for _, record in page]}

    def _tests(self, company: Company, query: Mapping[str, str]) -> list[tuple[Test, str]]:
        tests: list[tuple[Test, str]] = []
        for name, value in query.items():
            if "<" in value or ">" in value:
                raise bad(2000359, name)
            if name in DATES and name in self.search and not is_date(value):
                raise bad(2000588)
            if name == "filter":
                tests.append((self._filter(company, value), value))
            elif name == "organisationnumber" and name in self.search and company.switches.organisation_number_digits:
                tests.append((_digits, "".join(filter(str.isdigit, value))))
            elif name in self.numbers:
                like = same if company.switches.numbers_match_exactly else contains
                tests.append((like(self.numbers[name]), value.lower()))
            elif name in self.search:
                tests.append((self.search[name], value.lower()))
            elif name not in GLOBAL or (name == "lastmodified" and not self.lastmodified):
                raise bad(2000588)
        return tests

    def _filter(self, company: Company, value: str) -> Test:
        chosen = self.filters.get(value.lower())
        if chosen is None:
            raise bad(2000587)
        return lambda record, _value: chosen(company, record)

    def _sort(self, found: list[tuple[str, Value]], query: Mapping[str, str], *, ignored: bool) -> None:
        by = query.get("sortby", "").lower()
        direction = query.get("sortorder", "ascending").lower()
        if (by and by not in self.sort) or direction not in ("ascending", "descending"):
            raise bad(2000588)
        found.sort(key=lambda item: order(item[0]))
        if ignored:
            return
        if self.sort.get(by):
            found.sort(key=lambda item: _rank(item[1][self.sort[by]]))
        if direction == "descending":
            found.reverse()


def _digits(record: Value, value: str) -> bool:
    return value in "".join(filter(str.isdigit, record["OrganisationNumber"]))


def _rank(value: Any) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (0, float(value), "")
    text = str(value or "")
    return (0, float(text), "") if text.isdecimal() else (1, 0.0, text.lower())


def _since(value: str) -> str:
    """`lastmodified` as a full wall time: date only, minutes or seconds are accepted."""
    text = value.replace("T", " ").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad(2000588) from error
    if len(text) not in (10, 16, 19):
        raise bad(2000588)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _page(found: list[tuple[str, Value]], query: Mapping[str, str], switches: Switches) -> tuple[list[tuple[str, Value]], Value]:
    limit, page, offset = _whole(query, "limit", 100), _whole(query, "page", 1), _whole(query, "offset", 0)
    if switches.limit_clamped:
        limit = min(max(limit, 1), switches.page_limit)
    if not 1 <= limit <= switches.page_limit or page < 1 or offset < 0:
        raise bad(2000588)
    start = offset + (page - 1) * limit
    if switches.page_beyond_refused and page > 1 and start >= len(found):
        raise bad(2000588)
    total = len(found) if start < len(found) else 0
    meta = {"@TotalResources": total, "@TotalPages": -(-total // limit), "@CurrentPage": page if total else 1}
    return found[start : start + limit], meta


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    return _integer(query[name]) if name in query else default


def _integer(value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise bad(2000588) from error
