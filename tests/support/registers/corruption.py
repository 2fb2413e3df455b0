"""What goes wrong in registers, how often, and how it is done to a text."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from support.registers.numbers import checked

KEYS = "abcdefghijklmnopqrstuvwxyzåäö"


@dataclass(frozen=True)
class Rates:
    """With this chance (0 to 1) one record of an entity is struck; two times in three it is the customer's, unless it says so.

    What strikes one field together is a tenth in the dirty registers: number, name, address, telephone, e-mail.
    """

    number_missing: float = 0.0
    """No organisation number and no VAT number; five times in six at the customer."""
    number_mistyped: float = 0.0
    """One digit is another one."""
    number_swapped: float = 0.0
    """Two neighbours, or two digits two places apart, which the check digit does not notice."""
    name_mistyped: float = 0.0
    name_trading: float = 0.0
    """The trading name, where the other side has the legal one."""
    name_added_to: float = 0.0
    """A town, c/o or a department in the name."""
    name_without_dots: float = 0.0
    """å ä ö as a a o, or as the signs that a wrong encoding leaves."""
    address_moved: float = 0.0
    address_mistyped: float = 0.0
    phone_changed: float = 0.0
    email_changed: float = 0.0
    merged: float = 0.0
    """The customer was taken over by another company of the register: that one's name and number, the old address and phone."""
    parents_number: float = 0.0
    """The customer bears the number of another company of its group. The truth is the company that its name says."""
    double: float = 0.0
    """Of the customers: is in Fortnox a second time, written anew."""
    grouped: float = 0.0
    """Of the entities: has a sibling at the same address with the same telephone and domain."""
    units: float = 0.0
    """Of the entities: is an authority with two to four units under one number, on both sides."""


CLEAN = Rates()
DIRTY = Rates(
    number_missing=0.30,
    number_mistyped=0.05,
    number_swapped=0.05,
    name_mistyped=0.04,
    name_trading=0.03,
    name_added_to=0.01,
    name_without_dots=0.02,
    address_moved=0.06,
    address_mistyped=0.04,
    phone_changed=0.10,
    email_changed=0.10,
    merged=0.005,
    parents_number=0.005,
    double=0.02,
    grouped=0.05,
    units=0.005,
)


def mistyped(text: str, chance: random.Random) -> str:
    """One key wrong: another one, one too many, one too few, or two in the wrong order."""
    places = [place for place, sign in enumerate(text) if sign.isalpha()]
    if len(places) < 3:
        return text
    place = chance.choice(places[1:])
    wrong: Callable[[], str] = chance.choice(
        (
            lambda: text[:place] + chance.choice(KEYS) + text[place + 1 :],
            lambda: text[:place] + chance.choice(KEYS) + text[place:],
            lambda: text[:place] + text[place + 1 :],
            lambda: text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :],
        )
    )
    return wrong()


def digit_mistyped(number: str, chance: random.Random) -> str:
    """One digit is another; what is no digit stays."""
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    if not places:
        return number
    place = chance.choice(places)
    return number[:place] + chance.choice([digit for digit in "0123456789" if digit != number[place]]) + number[place + 1 :]


def digits_swapped(number: str, chance: random.Random) -> str:
    """Two different digits have changed places, one or two apart."""
    return chance.choice(_swaps(number) or [number])


def valid_swaps(number: str) -> list[str]:
    """What a number of ten digits may become by a swap that the check digit does not notice and that is no person's either."""
    return [swapped for swapped in _swaps(number) if checked(swapped[:9]) == swapped and swapped[2] >= "2"]


def _swaps(number: str) -> list[str]:
    swapped = []
    for apart in (1, 2):
        for place in range(len(number) - apart):
            one, other = number[place], number[place + apart]
            if one != other and (one + other).isdigit():
                swapped.append(number[:place] + other + number[place + 1 : place + apart] + one + number[place + apart + 1 :])
    return swapped


def without_dots(text: str, chance: random.Random) -> str:
    """The loss that a conversion leaves."""
    if chance.random() < 0.5:
        return text.translate(str.maketrans("åäöÅÄÖé", "aaoAAOe"))
    if chance.random() < 0.5:
        return text.encode().decode("cp1252", errors="replace")
    return text.translate(str.maketrans("åäöÅÄÖé", "???????"))


def added_to(name: str, town: str, chance: random.Random) -> str:
    """The name with something that does not belong to it."""
    return chance.choice(
        (f"{name} i {town}", f"{name}, {town}", f"{name} c/o Ekonomi", f"{name} - Ekonomiavdelningen", f"{name} filial")
    )
