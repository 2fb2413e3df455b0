"""A form's fields and the JSON that the API is sent for them: only what was filled in, or what was changed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sandbox.fortnox.store import Value
from sandbox.fortnox.values import MOST, tidy

_ROW = re.compile(r"rad(\d{1,6})\.(\w+)\Z")
_SPACES = re.compile(r"[\s\N{NO-BREAK SPACE}]")
# What a row's form always holds, filled in by nobody.
PRESET = frozenset({"VAT", "DiscountType"})
COMMON_VAT = 25


class FormError(Exception):
    """What was filled in cannot be said to the API; the text says what to do."""


@dataclass(frozen=True)
class Input:
    """One field of a form. `name` is the API's, with a dot where it lies in an object; `choices` names a list of choices;
    a `fixed` one is told once, when the record is made."""

    name: str
    label: str
    kind: Literal["text", "number", "date", "email", "area"] = "text"
    choices: str = ""
    initial: str = ""
    hint: str = ""
    fixed: bool = False

    def written(self, record: Value) -> str:
        """The field's value in a record as a form shows it: a number with a comma, "" for none."""
        value: Any = record
        for part in self.name.split("."):
            value = value[part] if value is not None else None
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        return str(value).replace(".", ",") if self.kind == "number" else str(value).replace("\r\n", "\n")

    def sent(self, text: str) -> Any:
        """What was filled in as JSON; None for nothing. What should be a number and is none goes as it is: the API says so."""
        text = text.strip().replace("\r\n", "\n")
        if self.kind != "number":
            return text or None
        plain = _SPACES.sub("", text).replace(",", ".")
        try:
            number = Decimal(plain)
        except InvalidOperation:
            return text or None
        return tidy(number) if number.is_finite() and abs(number) <= MOST else text


def changes(inputs: Sequence[Input], fields: Mapping[str, str], record: Value | None) -> dict[str, Any]:
    """What differs from the record, an emptied field as null; without a record, all that was filled in."""
    body: dict[str, Any] = {}
    for one in inputs:
        if one.name not in fields or (one.fixed and record is not None):
            continue
        value = one.sent(fields[one.name])
        if value != (one.sent(one.written(record)) if record is not None else None):
            outer, _, inner = one.name.rpartition(".")
            (body.setdefault(outer, {}) if outer else body)[inner] = value
    return body


def lines(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of a form, by field."""
    found: dict[int, dict[str, str]] = {}
    for name, text in fields.items():
        if part := _ROW.match(name):
            found.setdefault(int(part[1]), {})[part[2]] = text
    return [found[index] for index in sorted(found)]


def rows(inputs: Sequence[Input], fields: Mapping[str, str], old: Sequence[Value]) -> list[dict[str, Any]] | None:
    """The rows to send, or None when none was changed. Rows are kept by their id; raises FormError."""
    by_id = {str(row["RowId"]): row for row in old}
    found = lines(fields)
    sent = [_row(inputs, line, by_id) for line in found if not line.get("bort") and not _is_blank(line)]
    if not found or (len(sent) == len(old) and all(row.keys() == {"RowId"} for row in sent)):
        return None
    if old and sent and not any("RowId" in row for row in sent):
        # Rows without any id meet the old ones by position and inherit from them (reference 5.2).
        raise FormError("När alla gamla rader tas bort lägger Fortnox de nya ovanpå dem. Ändra en gammal rad i stället.")
    return sent


def _row(inputs: Sequence[Input], line: dict[str, str], old: Mapping[str, Value]) -> dict[str, Any]:
    if number := line.get("RowId"):
        return {"RowId": number, **changes(inputs, line, old.get(number))}
    row = changes(inputs, line, None)
    if "Discount" not in row:
        row.pop("DiscountType", None)
    if "Price" in row and not row.keys() & {"ArticleNumber", "VAT"}:
        row["VAT"] = COMMON_VAT
    return row


def _is_blank(line: dict[str, str]) -> bool:
    return not any(text.strip() for name, text in line.items() if name not in PRESET)


def shown_lines(inputs: Sequence[Input], old: Sequence[Value]) -> list[dict[str, str]]:
    """A document's rows as a form shows them."""
    return [{"RowId": str(row["RowId"]), **{one.name: one.written(row) for one in inputs}} for row in old]
