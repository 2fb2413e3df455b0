"""Field tables of the API: what a body may hold, and what a record looks like that was never told."""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from importlib import resources
from typing import Any

from sandbox.fortnox.errors import Refusal, bad, undocumented

BLANK = "API_BLANK"
LONG_CODES = {"YourReference": 2001600, "OurReference": 2001600, "Comments": 2001896}
CENT = Decimal("0.01")
_KEEP: Any = object()
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")


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
        text = resources.files("sandbox.fortnox").joinpath(f"fields/{file}.txt").read_text("utf-8")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.fields = {field.name: field for field in map(_field, lines)}
        self.listed = tuple(field.name for field in self.fields.values() if field.listed)

    def blank(self) -> dict[str, Any]:
        """A record that was never told anything."""
        return {name: copy.copy(field.default) for name, field in self.fields.items()}

    def read(self, body: Mapping[str, Any], *, creating: bool, allowed: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The changes that a body makes; raises Refusal. "" keeps, null and API_BLANK clear. `allowed` names read-only
        fields that this call may hold all the same."""
        changes: dict[str, Any] = {}
        for name, value in body.items():
            field = self.fields.get(name)
            if field is None:
                raise bad(2001399, f"Felaktigt fältnamn ({name})")
            if field.read_only and name not in allowed:
                raise _read_only(name, value)
            if field.required and value is None:
                raise undocumented(f"{name} måste anges.")
            taken = _value(field, value)
            if taken is not _KEEP:
                changes[name] = taken
        if creating:
            self._require(changes)
        return changes

    def _require(self, changes: dict[str, Any]) -> None:
        for field in self.fields.values():
            if field.required and changes.get(field.name) in (None, ""):
                raise undocumented(f"{field.name} måste anges.")


def _read_only(name: str, value: object) -> Refusal:
    if name in ("Country", "DeliveryCountry", "VisitingCountry"):
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


def _value(field: Field, value: Any) -> Any:
    if value is None:
        if field.name == "Unit":
            raise bad(2000699, "Värdet kan inte vara null. (unit)")
        return copy.copy(field.default)
    if value == "":
        return _KEEP
    if (value == BLANK and field.type in ("text", "date")) or (value == BLANK and field.type.startswith("enum")):
        return copy.copy(field.default)
    kind, _, choices = field.type.partition(":")
    if kind == "enum":
        return _choice(field, str(value), choices.split(","))
    return _READERS[kind](field, value)


def _choice(field: Field, value: str, choices: list[str]) -> str:
    for choice in choices:
        if choice.upper() == value.upper():
            return choice
    raise undocumented(f"Ogiltigt värde för {field.name}: {value}")


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise bad(2000106, f"Värdet måste vara alfanumeriskt. ({field.name})")
    text = str(value)
    if field.high is not None and len(text) > field.high:
        if not field.cut:
            raise bad(LONG_CODES.get(field.name, 2000107), f"Värdet är för långt, högst {field.high} tecken. ({field.name})")
        text = text[: field.high]
    if field.low and len(text) < field.low:
        raise undocumented(f"Värdet är för kort, minst {field.low} tecken. ({field.name})")
    return text


def decimal(name: str, value: Any) -> Decimal:
    """Reads a number sent as number or text; raises Refusal 2000108."""
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise bad(2000108, f"Värdet måste vara numeriskt. ({name})") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
        raise bad(2000108, f"Värdet måste vara numeriskt. ({name})")
    return number


def cents(number: Decimal) -> Decimal:
    """Rounds to two decimals, half away from zero."""
    return number.quantize(CENT, ROUND_HALF_UP)


def tidy(number: Decimal) -> int | float:
    """A JSON number: whole ones without a decimal point."""
    return int(number) if number == number.to_integral_value() else float(number)


def quantity(number: Decimal) -> str:
    """A quantity as text, at most two decimals."""
    return f"{cents(number).normalize():f}"


def _number(field: Field, value: Any) -> int | float:
    return tidy(cents(decimal(field.name, value)))


def _quantity(field: Field, value: Any) -> str:
    return quantity(decimal(field.name, value))


def _int(field: Field, value: Any) -> int:
    number = decimal(field.name, value)
    if number != number.to_integral_value():
        raise bad(2000108, f"Värdet måste vara numeriskt. ({field.name})")
    if number and not (field.low or -(10**12)) <= number <= (field.high or 10**12):
        raise undocumented(f"Värdet ligger utanför tillåtet intervall. ({field.name})")
    return int(number)


def _bool(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise bad(2000134, f"Värdet måste vara booleskt. ({field.name})")


def _date(field: Field, value: Any) -> str:
    try:
        if _DATE.match(value):
            return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        pass
    raise undocumented(f"Ogiltigt datum. ({field.name})")


def _object(field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise undocumented(f"Värdet måste vara ett objekt. ({field.name})")
    unknown = set(value) - set(field.default) if field.default else set()
    if unknown:
        raise bad(2001399, f"Felaktigt fältnamn ({min(unknown)})")
    return {**field.default, **value}


def _array(field: Field, value: Any) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise undocumented(f"Värdet måste vara en lista. ({field.name})")
    return value


_READERS = {
    "text": _text,
    "number": _number,
    "quantity": _quantity,
    "int": _int,
    "bool": _bool,
    "date": _date,
    "object": _object,
    "array": _array,
}
