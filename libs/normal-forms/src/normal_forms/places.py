"""Addresses: streets, boxes, postcodes, towns and countries."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from normal_forms.text import fold, without_decimals

_CARE_OF = re.compile(r"(?:c/o|c\.o\.|att(?:n|\.)?[:. ])")
# One word and a number, as most streets are, with no word that the forms below look for: read at once.
_PLAIN = re.compile(r"(?!p[ob]|fack|box|lagenhet|vaning|uppg)([a-z]{5,}) ([1-9][0-9]*)(?: ?([a-z]))?")
_BOX = re.compile(r"^(?:post ?box|p ?o ?box|pb|postfack|fack|box)\s*(?:nr\s*)?(\d+)\b.*")
_INSIDE = re.compile(
    r"\b(?:lgh|lagenhet|van|vaning|trp|port|uppg(?:ang)?|plan)(?:\s*\d\w*|\s+[a-z])?\b|\b\d+\s*tr\b|(?<= )(?:nb|bv)\b"
)
_KIND = re.compile(r"(?<=[a-z])\s*(?:gatan|gata|gat|g)\b(?!\w)")
_WAY = re.compile(r"(?<=[a-z])\s*(?:vagen|vag|v)\b(?!\w)")
_HOUSE = re.compile(r"\b(\d+)\s*([a-z])?\b(?:\s*-\s*\d+\s*[a-z]?\b)?")
_SIDE = {"norra": "n", "sodra": "s", "ostra": "o", "vastra": "v", "sankt": "st", "stora": "st", "lilla": "l", "nya": "n"}
_SAINT = re.compile(r"\bs:t[a]?\b")
_POSTCODE_LINE = re.compile(r"^\s*(?:SE?[- ]?)?(\d{3} ?\d{2})\s+([^\d]+)$", re.IGNORECASE)
_POSTCODE = re.compile(r"(?:SE?[- ]*)?(\d{3})[\s-]*(\d{2})", re.IGNORECASE)
_NO_SIGN = re.compile(r"[\W_]+")
_COUNTRY_LANGUAGES = ("sv", "en", "da", "nb", "fi", "de", "fr", "nl")
# Regions of CLDR that are no country of ISO 3166.
_NO_COUNTRY = frozenset({"AC", "CP", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
# What people write besides the codes and the names that CLDR has.
_ALSO_WRITTEN = {
    "SE": ("konungariket sverige", "kingdom of sweden"),
    "NO": ("kongeriket norge", "kingdom of norway"),
    "DK": ("kongeriget danmark", "kingdom of denmark"),
    "FI": ("republiken finland", "republic of finland"),
    "GB": ("great britain", "england", "scotland", "skottland", "wales", "northern ireland", "nordirland"),
    "US": ("united states of america", "amerikas forenta stater"),
    "NL": ("holland", "the netherlands"),
    "CZ": ("czech republic", "tjeckiska republiken"),
    "GR": ("el",),
}
_BETWEEN = re.compile(r"[/,;()]|\s-\s")


@lru_cache(maxsize=65_536)
def read_street(text: str) -> str:
    """A street with its number, or a box; "" for an empty line and for one that names a person (c/o)."""
    folded = fold(text)
    if folded.startswith("box ") and (number := folded[4:]).isdecimal():
        return f"box {int(number)}"
    if found := _PLAIN.fullmatch(folded):
        name, number, letter = found.groups("")
        return f"{_shortened(_SIDE.get(name, name))} {number}{letter}"
    return "" if not folded or _CARE_OF.match(folded) else _street(folded)


def _street(folded: str) -> str:
    plain = _NO_SIGN.sub(" ", folded).strip()
    if found := _BOX.match(plain):
        return f"box {int(found.group(1))}"
    words = _NO_SIGN.sub(" ", _SAINT.sub("st", folded)) if ":" in folded else plain
    words = _INSIDE.sub(" ", words).strip()
    house = _HOUSE.search(words)
    name = words[: house.start()] if house and house.start() else words
    name = " ".join(_SIDE.get(word, word) for word in name.split())
    name, before = _shortened(name), ""
    # Written together, what was left may end as a street does once more ("A v. A gatan").
    while name != before:
        name, before = _shortened(name), name
    if not house or not house.start():
        return name
    return f"{name} {int(house.group(1))}{house.group(2) or ''}"


def _shortened(name: str) -> str:
    return _WAY.sub("v", _KIND.sub("g", name)).replace(" ", "")


@lru_cache(maxsize=65_536)
def read_postcode(text: str) -> str:
    """Five digits for a Swedish postcode, letters and digits for another."""
    if not text:
        return ""
    text = without_decimals(text)
    if found := _POSTCODE.fullmatch(text.strip()):
        return found.group(1) + found.group(2)
    return _NO_SIGN.sub("", fold(text))


def read_town(text: str) -> str:
    """The town's letters; what follows a comma, and figures, are no part of it."""
    if not text:
        return ""
    return _town(text)


@lru_cache(maxsize=65_536)
def _town(text: str) -> str:
    return _NO_SIGN.sub(" ", re.sub(r"\d", "", fold(text).split(",")[0])).strip()


def split_postcode_line(text: str) -> tuple[str, str] | None:
    """Postcode and town where a line of an address holds both ("123 45 Stockholm"), None where it does not."""
    found = _POSTCODE_LINE.match(text) if text else None
    return (read_postcode(found.group(1)), read_town(found.group(2))) if found else None


@lru_cache(maxsize=1024)
def read_country(text: str) -> str:
    """The country's code by ISO 3166 ("SE"); "" where nothing is written, and where what is written names no one country.

    Read are the codes of two and three letters, and the names in a Nordic or another large European language, in any case.
    A country that is written twice ("SE - Sverige") is one; two countries are none.
    """
    if not text:
        return ""
    if found := _countries().get(_letters(text)):
        return found
    named = {_countries().get(_letters(part), "") for part in _BETWEEN.split(text) if part.strip()}
    return named.pop() if len(named) == 1 else ""


def _letters(text: str) -> str:
    return _NO_SIGN.sub("", fold(text))


@cache
def _countries() -> dict[str, str]:
    """Every way to write a country, as letters only; the codes go before whatever name is spelled alike."""
    codes = {code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()} - _NO_COUNTRY
    names = {
        _letters(str(name)): str(code)
        for language in _COUNTRY_LANGUAGES
        for code, name in Locale(language).territories.items()
        if code in codes
    }
    also = {_letters(name): code for code, others in _ALSO_WRITTEN.items() for name in others}
    # CLDR's aliases hold the codes of three letters, and those that are no longer used.
    aliases: dict[str, list[str]] = get_global("territory_aliases")  # type: ignore[assignment]
    replaced = {code.lower(): now[0] for code, now in aliases.items() if code.isalpha() and len(now) == 1}
    return names | also | replaced | {code.lower(): code for code in codes}
