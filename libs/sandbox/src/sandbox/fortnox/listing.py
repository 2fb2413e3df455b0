"""Lists: filters, search, order and pages (reference 4), over what the search index shows now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.fortnox.company import Company
from sandbox.fortnox.errors import bad
from sandbox.fortnox.store import Value, order

Test = Callable[[Value, str], bool]
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


@dataclass(frozen=True)
class Listing:
    """How one resource is listed. `slim` makes the list's form of a record; `key` names its number's field."""

    kind: str
    wrapper: str
    slim: Callable[[Value], Value]
    search: Mapping[str, Test]
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
        self._sort(found, query)
        page, meta = _page(found, query, company.switches.page_limit)
        return {"MetaInformation": meta, self.wrapper: [self.slim(record) for _, record in page]}

    def _tests(self, company: Company, query: Mapping[str, str]) -> list[tuple[Test, str]]:
        tests: list[tuple[Test, str]] = []
        for name, value in query.items():
            if "<" in value or ">" in value:
                raise bad(2000359, "Värdet innehåller otillåtna tecken.")
            if name == "filter":
                tests.append((self._filter(company, value), value))
            elif name == "organisationnumber" and name in self.search and company.switches.organisation_number_digits:
                tests.append((_digits, "".join(filter(str.isdigit, value))))
            elif name in self.search:
                tests.append((self.search[name], value.lower()))
            elif name not in GLOBAL or (name == "lastmodified" and not self.lastmodified):
                raise bad(2000588, "Ogiltig parameter i anropet.")
        return tests

    def _filter(self, company: Company, value: str) -> Test:
        chosen = self.filters.get(value.lower())
        if chosen is None:
            raise bad(2000587, "Ett ogiltigt filter har använts.")
        return lambda record, _value: chosen(company, record)

    def _sort(self, found: list[tuple[str, Value]], query: Mapping[str, str]) -> None:
        by = query.get("sortby", "").lower()
        direction = query.get("sortorder", "ascending").lower()
        if (by and by not in self.sort) or direction not in ("ascending", "descending"):
            raise bad(2000588, "Ogiltig parameter i anropet.")
        found.sort(key=lambda item: order(item[0]))
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
    if len(text) not in (10, 16, 19) or text[4] != "-" or text[7] != "-":
        raise bad(2000588, "Ogiltig parameter i anropet.")
    return text + " 00:00:00"[len(text) - 10 :]


def _page(found: list[tuple[str, Value]], query: Mapping[str, str], most: int) -> tuple[list[tuple[str, Value]], Value]:
    limit, page, offset = _whole(query, "limit", 100), _whole(query, "page", 1), _whole(query, "offset", 0)
    if not 1 <= limit <= most or page < 1 or offset < 0:
        raise bad(2000588, "Ogiltig parameter i anropet.")
    start = offset + (page - 1) * limit
    total = len(found) if start < len(found) else 0
    meta = {"@TotalResources": total, "@TotalPages": -(-total // limit), "@CurrentPage": page if total else 1}
    return found[start : start + limit], meta


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(query.get(name, default))
    except ValueError as error:
        raise bad(2000588, "Ogiltig parameter i anropet.") from error
