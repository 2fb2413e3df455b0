"""Field tables of the API: what a body may hold, and what a record looks like that was never told anything."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sandbox.fortnox.errors import Refusal, bad, undocumented
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.values import LONG_CODES, READERS

BLANK = "API_BLANK"
COUNTRIES = ("Country", "DeliveryCountry", "VisitingCountry")
_KEEP: Any = object()


@dataclass(frozen=True)
class Field:
    """One field. `cut` means that what is too long is shortened without a word (measured: 30, 60, 255)."""

    name: str
    type: str
    low: int | None
    high: int | None
    cut: bool
    read_only: bool
    required: bool
    listed: bool
    default: Any


class Schema:
    """The fields of one record, in the order of the wire."""

    def __init__(self, file: str) -> None:
        self.fields = {field.name: field for field in map(_field, lines(file))}
        self.listed = tuple(field.name for field in self.fields.values() if field.listed)
        self._inner = {
            field.name: Schema(field.type.partition(":")[2])
            for field in self.fields.values()
            if field.type.startswith(("object:", "array:"))
        }

    def inner(self, name: str) -> "Schema | None":
        """The table of an object's members, or of an array's items where they are not a document's rows."""
        return self._inner.get(name)

    def blank(self) -> dict[str, Any]:
        """A record that was never told anything."""
        return {
            name: self._inner[name].blank() if field.type.startswith("object:") else copy.copy(field.default)
            for name, field in self.fields.items()
        }

    def read(
        self,
        body: Mapping[str, Any],
        switches: Switches,
        *,
        creating: bool,
        allowed: frozenset[str] = frozenset(),
        null_clears: bool = True,
    ) -> dict[str, Any]:
        """The changes that a body makes; raises Refusal. "" keeps, null and API_BLANK clear (reference 5.12). `allowed`
        names read-only fields that this call may hold all the same."""
        changes: dict[str, Any] = {}
        for name, value in body.items():
            field = self.fields.get(name)
            if field is None and not name.startswith("@"):
                raise bad(2001399, name)
            if field is None or (field.read_only and name not in allowed):
                if switches.read_only_refused or name in COUNTRIES:
                    raise _read_only(name, value)
                continue
            taken = _KEEP if value is None and not null_clears and not creating else self._value(field, value, switches)
            if taken is not _KEEP:
                changes[name] = taken
        if creating:
            self._require(changes)
        return changes

    def changed(self, record: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """The record with the changes; an object takes the members that were sent and keeps the others."""
        inner = {
            name: {**record[name], **changes[name]}
            for name, field in self.fields.items()
            if name in changes and field.type.startswith("object:")
        }
        return {**record, **changes, **inner}

    def _require(self, changes: Mapping[str, Any]) -> None:
        for field in self.fields.values():
            if field.required and changes.get(field.name) in (None, ""):
                raise undocumented(f"{field.name} måste anges.")

    def _value(self, field: Field, value: Any, switches: Switches) -> Any:
        kind, _, more = field.type.partition(":")
        if value == "":
            return _KEEP
        if value is None or (value == BLANK and kind in ("text", "enum", "digits", "money")):
            return self._cleared(field, value)
        if kind == "enum":
            return _choice(field, str(value), more.split(","))
        if kind == "object":
            if not isinstance(value, dict):
                raise undocumented(f"Värdet måste vara ett objekt. ({field.name})")
            return self._inner[field.name].read(value, switches, creating=False)
        if kind == "array":
            return self._array(field, value, switches)
        if kind == "text":
            return _text(field, value)
        return READERS[kind](field.name, value, field.low, field.high)

    def _cleared(self, field: Field, value: Any) -> Any:
        if field.name == "Unit" and value is None:
            raise bad(2000699)
        if field.required:
            raise undocumented(f"{field.name} måste anges.")
        return self._inner[field.name].blank() if field.type.startswith("object:") else copy.copy(field.default)

    def _array(self, field: Field, value: Any, switches: Switches) -> list[Any]:
        """The items, read by their own table where there is one; a document's rows are read when they are merged."""
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise undocumented(f"Värdet måste vara en lista. ({field.name})")
        inner = self._inner.get(field.name)
        return value if inner is None else [{**inner.blank(), **inner.read(item, switches, creating=True)} for item in value]


def lines(file: str) -> list[str]:
    """The lines of a table that are no comments."""
    text = resources.files("sandbox.fortnox").joinpath(f"fields/{file}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _read_only(name: str, value: object) -> Refusal:
    if name in COUNTRIES:
        return undocumented(f"Ogiltig landskod: {str(value).upper()}")
    return undocumented(f"Fältet {name} är skrivskyddat.")


def _field(line: str) -> Field:
    name, kind, limits, access, default = line.split(" ", 4)
    low, _, high = limits.rstrip("c").partition("-")
    return Field(
        name=name,
        type=kind,
        low=int(low) if low else None,
        high=int(high) if high else None,
        cut=limits.endswith("c"),
        read_only=access.startswith("r"),
        required="!" in access,
        listed="l" in access,
        default=json.loads(default),
    )


def _choice(field: Field, value: str, choices: list[str]) -> str:
    for choice in choices:
        if choice.upper() == value.upper():
            return choice
    raise undocumented(f"Ogiltigt värde för {field.name}: {value}")


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise bad(2000106, field.name)
    text = str(value)
    if field.high is not None and len(text) > field.high:
        if not field.cut:
            raise bad(LONG_CODES.get(field.name, 2000107), field.name)
        text = text[: field.high]
    if field.low and len(text) < field.low:
        raise undocumented(f"Värdet är för kort, minst {field.low} tecken. ({field.name})")
    return text
