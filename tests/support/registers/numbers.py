"""Numbers with right check digits that belong to nobody on purpose, and the forms that people write them in."""

from __future__ import annotations

import random
from collections.abc import Callable

from stdnum import luhn
from stdnum.de import vat as german
from stdnum.dk import cvr as danish
from stdnum.fi import alv as finnish
from stdnum.no import mva as norwegian

SERIES = {"company": "558", "partnership": "968", "association": "768", "foundation": "808", "authority": "218"}
"""The first digits by legal form. The third is at least 2, as Skatteverket has it for whatever is no person."""
VALID_ABROAD = {"DE": german.is_valid, "DK": danish.is_valid, "FI": finnish.is_valid, "NO": norwegian.is_valid}


def checked(nine: str) -> str:
    """Nine digits and their check digit."""
    return nine + luhn.calc_check_digit(nine)


class Numbers:
    """Draws numbers, none of them twice."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._drawn: set[str] = set()

    def organisation(self, series: str) -> str:
        """Ten digits of a legal entity."""
        return self._new(lambda: checked(f"{SERIES[series]}{self._chance.randrange(1_000_000):06d}"))

    def personal(self) -> str:
        """Twelve digits of a person between 20 and 75 who trades in his or her own name."""

        def draw() -> str:
            year, month, day = self._chance.randint(1950, 2003), self._chance.randint(1, 12), self._chance.randint(1, 28)
            return f"{year // 100}{checked(f'{year % 100:02d}{month:02d}{day:02d}{self._chance.randrange(1000):03d}')}"

        return self._new(draw)

    def vat(self, country: str, shape: str) -> str:
        """A VAT number of another country; # in the shape is a digit."""

        def draw() -> str:
            while True:
                if VALID_ABROAD[country](number := filled(shape, self._chance)):
                    return number

        return self._new(draw)

    def _new(self, draw: Callable[[], str]) -> str:
        while (number := draw()) in self._drawn:
            pass
        self._drawn.add(number)
        return number


def filled(pattern: str, chance: random.Random) -> str:
    """The pattern with a digit for each #, the first of them no zero."""
    digits = iter([chance.choice("123456789"), *(chance.choice("0123456789") for _ in range(pattern.count("#")))])
    return "".join(next(digits) if sign == "#" else sign for sign in pattern)


def written(number: str, chance: random.Random) -> str:
    """A number of ten digits, or twelve of a person, in one of the forms that registers hold. All of them mean the same."""
    if not number.isdigit():
        return number
    ten, century = number[-10:], number[:-10]
    plain = f"{ten[:6]}-{ten[6:]}"
    forms = [plain] * 12 + [ten] * 6 + [f"{ten[:6]} {ten[6:]}", f" {plain}", f"{ten[:6]}–{ten[6:]}"]
    if century:
        forms += [f"{century}{plain}", f"{century}{ten}"] * 3
    else:
        forms += [f"16{ten}", f"16{plain}", f"SE{ten}01", f"Org.nr {plain}", f"{plain} "]
    return chance.choice(forms)
