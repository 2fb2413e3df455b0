"""Values on the wire: numbers, quantities, dates and truths, however a client writes them."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType
from typing import Any

from sandbox.fortnox.errors import bad, undocumented

LONG_CODES = MappingProxyType({"YourReference": 2001600, "OurReference": 2001600, "Comments": 2001896})
CENT = Decimal("0.01")
MOST = Decimal(10) ** 14
# A quantity and a price of 15 digits make a sum that the usual 28 cannot round.
WIDE = Context(prec=60)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
Reader = Callable[[str, Any, int | None, int | None], Any]


def decimal(name: str, value: Any) -> Decimal:
    """Reads a number sent as number or text; raises Refusal 2000108. -1e14 was accepted as a quantity in stock."""
    if isinstance(value, bool) or not _NUMBER.match(str(value)):
        raise bad(2000108, name)
    number = Decimal(str(value))
    if abs(number) > MOST:
        raise bad(2000108, name)
    return number


def is_digits(text: str) -> bool:
    """Whether it is digits alone, of ASCII: Unicode has others that Python reads, too."""
    return text.isascii() and text.isdecimal()


def cents(number: Decimal) -> Decimal:
    """Rounds to two decimals, half away from zero."""
    return number.quantize(CENT, ROUND_HALF_UP, WIDE)


def kronor(number: Decimal) -> Decimal:
    """Rounds to whole kronor, half away from zero."""
    return number.quantize(Decimal(1), ROUND_HALF_UP, WIDE)


def tidy(number: Decimal) -> int | float:
    """A JSON number: whole ones without a decimal point."""
    return int(number) if number == number.to_integral_value() else float(number)


def quantity(number: Decimal) -> str:
    """A quantity as text, at most two decimals."""
    return f"{cents(number).normalize():f}"


def is_date(text: object) -> bool:
    """Whether it is a day written as YYYY-MM-DD."""
    try:
        return isinstance(text, str) and bool(_DATE.match(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _number(name: str, value: Any, low: int | None, high: int | None) -> int | float:
    return tidy(cents(decimal(name, value)))


def _rate(name: str, value: Any, low: int | None, high: int | None) -> int | float:
    """A rate of exchange keeps its decimals."""
    return tidy(decimal(name, value))


def _quantity(name: str, value: Any, low: int | None, high: int | None) -> str:
    return quantity(decimal(name, value))


def _money(name: str, value: Any, low: int | None, high: int | None) -> str:
    """An amount that the wire holds as text."""
    return str(tidy(cents(decimal(name, value))))


def _int(name: str, value: Any, low: int | None, high: int | None) -> int:
    number = decimal(name, value)
    if number != number.to_integral_value():
        raise bad(2000108, name)
    # 0 stands for none wherever a number is, so also where the least is 1000.
    if number and not (-(10**12) if low is None else low) <= number <= (high or 10**12):
        raise undocumented(f"Värdet ligger utanför tillåtet intervall. ({name})")
    return int(number)


def _digits(name: str, value: Any, low: int | None, high: int | None) -> str:
    text = str(value)
    if isinstance(value, bool) or not is_digits(text):
        raise bad(2000108, name)
    if not (low or 0) <= len(text) <= (high or len(text)):
        raise bad(2000107, name)
    return text


def _bool(name: str, value: Any, low: int | None, high: int | None) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise bad(2000134, name)


def _date(name: str, value: Any, low: int | None, high: int | None) -> str:
    if not is_date(value):
        raise undocumented(f"Ogiltigt datum. ({name})")
    return str(value)


READERS: Mapping[str, Reader] = MappingProxyType({
    "number": _number, "rate": _rate, "quantity": _quantity, "money": _money, "int": _int, "digits": _digits, "bool": _bool,
    "date": _date,
})  # fmt: skip
