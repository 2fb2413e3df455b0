"""Lists: filters, search, order and pages (reference 4), over what the search index shows now."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.fortnox.company import Company
from sandbox.fortnox.errors import bad
from sandbox.fortnox.store import Value, Version
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.values import is_date

Test = Callable[[Value, str], bool]
DATES = frozenset({"fromdate", "todate", "fromfinalpaydate", "tofinalpaydate"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?\Z", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}\Z", re.ASCII)
GLOBAL = frozenset({"page", "limit", "offset", "sortby", "sortorder", "filter", "lastmodified"})


@dataclass(frozen=True)
class Contains:
    """The documented search: LIKE %value%, case-insensitive. Where it was measured only the text's start was looked at, so a
    switch makes it a `prefix`."""

    name: str

    def __call__(self, record: Value, value: str) -> bool:
        """Whether the record's text holds the value."""
        return value in str(record[self.name] if record[self.name] is not None else "").lower()


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
        is_new = _newer(query, company.switches)
        found = company[self.kind].visible()
        if is_new is not None:
            found = [one for one in found if is_new(one.modified)]
        if tests:
            found = [one for one in found if _passes(_record(one), tests)]
        page, meta = _page(self._sorted(found, query, company.switches), query, company.switches)
        return {"MetaInformation": meta, self.wrapper: [self.slim(_record(one)) for one in page]}

    def _tests(self, company: Company, query: Mapping[str, str]) -> list[tuple[Test, str]]:
        tests: list[tuple[Test, str]] = []
        switches = company.switches
        for name, value in query.items():
            if "<" in value or ">" in value:
                raise bad(2000359, name)
            if name in DATES and name in self.search and not is_date(value):
                raise bad(2000588)
            if name == "filter":
                tests.append((self._filter(company, value), value))
            elif name == "organisationnumber" and name in self.search and switches.organisation_number_digits:
                tests.append((_digits, "".join(filter(str.isdigit, value))))
            elif name in self.numbers:
                like = same if switches.numbers_match_exactly else Contains
                tests.append((_looked_at(like(self.numbers[name]), switches), value.lower()))
            elif name in self.search:
                tests.append((_looked_at(self.search[name], switches), value.lower()))
            elif name not in GLOBAL or (name == "lastmodified" and not self.lastmodified):
                raise bad(2000588)
        return tests

    def _filter(self, company: Company, value: str) -> Test:
        chosen = self.filters.get(value.lower())
        if chosen is None:
            raise bad(2000587)
        return lambda record, _value: chosen(company, record)

    def _sorted(self, found: Sequence[Version], query: Mapping[str, str], switches: Switches) -> Sequence[Version]:
        """In the order that the query asks for; they come in the order of their numbers, those with letters last."""
        by = query.get("sortby", "").lower()
        direction = query.get("sortorder", "ascending").lower()
        if (by and by not in self.sort) or direction not in ("ascending", "descending"):
            raise bad(2000588)
        if switches.mixed_numbers_sort_as_text and found and not found[-1].key.isdecimal():
            found = sorted(found, key=lambda one: one.key)
        if self.kind == "invoicepayments" and switches.payment_sort_ignored:
            return found
        if self.sort.get(by):
            found = sorted(found, key=lambda one: _rank(_record(one)[self.sort[by]]))
        return found[::-1] if direction == "descending" else found


def _record(shown: Version) -> Value:
    value = shown.value
    assert value is not None, "lists hold no deleted record"
    return value


def _passes(record: Value, tests: Sequence[tuple[Test, str]]) -> bool:
    return all(test(record, value) for test, value in tests)


def _digits(record: Value, value: str) -> bool:
    return value in "".join(filter(str.isdigit, record["OrganisationNumber"]))


def _rank(value: Any) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (0, float(value), "")
    text = str(value or "")
    return (0, float(text), "") if text.isdecimal() else (1, 0.0, text.lower())


def _looked_at(test: Test, switches: Switches) -> Test:
    return prefix(test.name) if isinstance(test, Contains) and switches.text_matches_start else test


def _newer(query: Mapping[str, str], switches: Switches) -> Callable[[str], bool] | None:
    """Whether a record's time of change is one that the query asks for; None when it asks for all."""
    if "lastmodified" not in query:
        return None
    since = _since(query["lastmodified"])
    by_minute, exclusive = switches.lastmodified_by_minute, switches.lastmodified_exclusive

    def is_new(modified: str) -> bool:
        known = f"{modified[:16]}:00" if by_minute else modified
        return known > since if exclusive else known >= since

    return is_new


def _since(value: str) -> str:
    """`lastmodified` as a full wall time: date only, minutes or seconds are accepted."""
    if not _MOMENT.match(value):
        raise bad(2000588)
    try:
        return datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        raise bad(2000588) from error


def _page(found: Sequence[Version], query: Mapping[str, str], switches: Switches) -> tuple[Sequence[Version], Value]:
    limit, page, offset = _whole(query, "limit", 100), _whole(query, "page", 1), _whole(query, "offset", 0)
    if switches.limit_clamped:
        limit = min(max(limit, 1), switches.page_limit)
    if not 1 <= limit <= switches.page_limit or page < 1 or offset < 0:
        raise bad(2000588)
    if "offset" in query and switches.offset_replaces_page:
        page = 1
    start = offset + (page - 1) * limit
    if switches.page_beyond_refused and page > 1 and start >= len(found):
        raise bad(2000588)
    total = len(found) if start < len(found) else 0
    pages = max(-(-total // limit), int(switches.empty_list_has_a_page))
    meta = {"@TotalResources": total, "@TotalPages": pages, "@CurrentPage": page if total else 1}
    return found[start : start + limit], meta


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    return _integer(query[name]) if name in query else default


def _integer(value: str) -> int:
    if not _WHOLE.match(value):
        raise bad(2000588)
    return int(value)
