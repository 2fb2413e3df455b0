"""Amounts and dates, as people write them where a field is a text."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from normal_forms.text import INVISIBLE

_CURRENCY = re.compile(r"^(?:sek|kr)\s*|\s*(?:sek|kr\.?|:-|,-|;-)$", re.IGNORECASE)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-"})
_PLAIN = re.compile(r"[+-]?(\d+)(?:([.,])(\d+))?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([\s\'’.,])\d{3})(?:\1\d{3})*(?:(?!\1)([.,])(\d+))?")
_SPACES = re.compile(r"\s")
_DATE = re.compile(r"(\d{4})(-|/|\.|)(\d{2})\2(\d{2})(?:[T ]\d{2}:\d{2}.*)?")


def read_amount(text: str) -> Decimal | None:
    """The amount that is written, None where none is or it can be read in two ways.

    A comma or a point is the decimal sign, the other one, a blank or an apostrophe stands between thousands: "1 000,50",
    "1.000,50", "1,000.50" and "1000.5" are read, with "kr" or "SEK" or without. "1.000" and "1,000" may be one or a thousand:
    they are not read.
    """
    written = _CURRENCY.sub("", INVISIBLE.sub("", text).translate(_MINUS).strip())
    if not written.isascii() and not _SPACES.sub("", written).replace("’", "").isascii():
        return None
    if found := _PLAIN.fullmatch(written):
        whole, sign, decimals = found.groups()
        if sign and len(decimals) == 3 and len(whole) <= 3 and int(whole):
            return None
        return Decimal(written.replace(",", "."))
    if not (found := _GROUPED.fullmatch(written)):
        return None
    between, sign, decimals = found.groups()
    whole = written[: len(written) - len(decimals) - 1] if sign else written
    digits = _SPACES.sub("", whole) if between.isspace() else whole.replace(between, "")
    return Decimal(f"{digits}.{decimals}") if sign else Decimal(digits)


def read_date(text: str) -> date | None:
    """The day that is written, year first ("2026-11-29", "20261129", with a time of day or without); None where none can be read.

    Day and month first can be read in two ways, and are not.
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date(int(found.group(1)), int(found.group(3)), int(found.group(4)))
    except ValueError:
        return None
