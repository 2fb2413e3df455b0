"""Whether two normal forms may be the same company: the plain yes and no on which the ladder's rungs rest."""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

from matcher.identity import Identity
from normal_forms.names import Name

_LONG_WORD = 8
_MOST_DIGITS_WRONG = 2
# Siblings are told apart by a figure ("Eken 2", "K2 Bygg"), a Roman one or a letter ("Eken II", "Eken B").
_SERIES = re.compile(r"\w*\d\w*|[ivx]+|[a-z]")


def numbers_contradict(one: Identity, other: Identity) -> bool:
    """Whether both have a number, and neither is the other mistyped."""
    if not one.digits or not other.digits:
        return False
    mine, theirs = {one.number, one.vat_number} - {""}, {other.number, other.vat_number} - {""}
    if mine and theirs:
        return mine.isdisjoint(theirs)
    return OSA.distance(one.digits, other.digits) > _MOST_DIGITS_WRONG


def are_two(one: Identity, other: Identity) -> bool:
    """Whether name or legal form says that they are two legal persons: then no odds make them one.

    So does a number that is another valid one, unless the name is the same to the letter: swapped digits may be valid, too.
    """
    forms = {one.name.form, other.name.form} - {""}
    if len(forms) > 1 or names_agree(one, other) is False:
        return True
    return one.name.sorted_core != other.name.sorted_core and numbers_contradict(one, other)


def names_agree(one: Identity, other: Identity) -> bool | None:
    """Whether a name of one is a name of the other, however sloppily written; None where a trading name may hide it.

    Two names with a legal form that differ in more than typing errors are two legal persons: the answer is no, and nothing
    else can make up for it. So are names with different figures ("Fastigheten 1 AB", "Fastigheten 2 AB").
    """
    if one.name.sorted_core == other.name.sorted_core and not (one.name.place and other.name.place):
        return True
    pairs = [(mine, theirs) for mine in _names(one) for theirs in _names(other)]
    if not pairs or any(_is_same(mine, theirs) for mine, theirs in pairs):
        return True
    if all(mine.legal and theirs.legal for mine, theirs in pairs):
        return False
    if any(_figures(mine) != _figures(theirs) for mine, theirs in pairs):
        return False
    return True if any(_is_part(mine, theirs) for mine, theirs in pairs) else None


def contacts(one: Identity, other: Identity) -> tuple[int, int]:
    """How many of telephone, e-mail and street agree, and how many are known on both sides and do not."""
    fields = [
        _meet({one.phone}, {other.phone}),
        _meet({one.email, one.domain, one.other_domain}, {other.email, other.domain, other.other_domain}),
        _meet({one.street, one.other_street}, {other.street, other.other_street}),
    ]
    return fields.count(True), fields.count(False)


def share_place(one: Identity, other: Identity) -> bool:
    """Whether street and postcode agree."""
    streets = _meet({one.street, one.other_street}, {other.street, other.other_street})
    return bool(streets and _meet({one.postcode, one.other_postcode}, {other.postcode, other.other_postcode}))


def share_contact(one: Identity, other: Identity) -> bool:
    """Whether telephone, e-mail or web domain, or the address agrees."""
    return (
        bool(_meet({one.phone}, {other.phone}))
        or bool(_meet({one.email, one.domain, one.other_domain}, {other.email, other.domain, other.other_domain}))
        or share_place(one, other)
    )


def _meet(mine: set[str], theirs: set[str]) -> bool | None:
    mine, theirs = mine - {""}, theirs - {""}
    return bool(mine & theirs) if mine and theirs else None


def _names(identity: Identity) -> list[Name]:
    return [name for name in (identity.name, identity.other_name) if name.words]


def _figures(name: Name) -> list[str]:
    """All that tells siblings apart. Within a name "i" is a preposition, at its end a figure."""
    last = len(name.words) - 1
    return sorted(word for place, word in enumerate(name.words) if _SERIES.fullmatch(word) and (word != "i" or place == last))


def _is_same(one: Name, other: Name) -> bool:
    """Word by word with one typing error each, two in a long word; or with a space too many or too few.

    "Måleri i Lund" and "Måleri i Kalmar" are two, and either may be called "Måleri".
    """
    if one.place and other.place and not _is_typo(one.place, other.place):
        return False
    mine, theirs = sorted(one.words), sorted(other.words)
    if mine == theirs:
        return True
    if _figures(one) != _figures(other):
        return False
    if len(mine) == len(theirs) and (_is_typo_of(one.words, other.words) or _is_typo_of(mine, theirs)):
        return True
    return OSA.distance("".join(one.words), "".join(other.words), score_cutoff=1) <= 1


def _is_typo_of(mine: tuple[str, ...] | list[str], theirs: tuple[str, ...] | list[str]) -> bool:
    return all(_is_typo(one, other) for one, other in zip(mine, theirs, strict=True))


def _is_typo(one: str, other: str) -> bool:
    if one == other:
        return True
    shortest = min(len(one), len(other))
    if shortest <= 2:
        return False
    # Who makes two errors still gets the first letter right: "Östergötland" is not "Västergötland".
    return OSA.distance(one, other) <= (2 if shortest >= _LONG_WORD and one[0] == other[0] else 1)


def _is_part(one: Name, other: Name) -> bool:
    """Whether all words of the shorter name stand in the longer."""
    shorter, longer = sorted((set(one.words), set(other.words)), key=len)
    return shorter <= longer
