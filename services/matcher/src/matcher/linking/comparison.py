"""Compares pairs of records, field by field, all pairs at once: how well does each field agree?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from matcher.linking.columns import NONE, Columns, Integers, Vocabularies, Vocabulary

Rows = NDArray[np.int64]
Levels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Likeness = NDArray[np.float32]

FIELDS = ("organisation_number", "name", "address", "phone", "email")
NUMBER, NAME, ADDRESS, PHONE, EMAIL = range(len(FIELDS))
MISSING, DIFFERENT, SIMILAR, SAME = 0, 1, 2, 3
# The name's levels in rising order. Two names with a legal form each are two legal persons: such pairs are told from those in
# which one may be a trading name. Extended: all words of the shorter one are in the longer. Then: words in common; most
# letters in common; mistyped; the same.
NAME_CONTRARY, NAME_EXTENDED, NAME_DIFFERENT, NAME_RELATED, NAME_NEAR, NAME_TYPO, NAME_SAME = range(1, 8)
LEVELS = (4, 8, 16, 4, 4)
"""How many levels each field has. An address' level is PLACES times its street's, plus its place's."""
PLACES = 4

_RELATED, _MOSTLY = 0.35, 0.7
_TYPO, _NEAR, _STREET_NEAR = 0.87, 0.75, 0.8
_CHUNK = 65_536
# So far below what counts as similar a comparison may give up: rounding stays out of it.
_MARGIN = 0.01


@dataclass(frozen=True)
class Comparison:
    """The levels of all pairs, a row per field of FIELDS, and the texts that agree (NONE where none does)."""

    levels: Levels
    digits: Integers
    sorted_name: Integers
    street: Integers
    postcode: Integers
    phone: Integers
    email: Integers
    domain: Integers

    def take(self, chosen: NDArray[Any]) -> Comparison:
        """Some of the pairs, by mask or place."""
        agreeing = (self.digits, self.sorted_name, self.street, self.postcode, self.phone, self.email, self.domain)
        return Comparison(self.levels[:, chosen], *(column[chosen] for column in agreeing))


def compare(
    companies: Columns, customers: Columns, pairs: tuple[Rows, Rows], vocabularies: Vocabularies, rarity: Floats
) -> Comparison:
    """Compares the pairs (company rows, customer rows). `rarity` is what each word of the vocabulary tells, in nats."""
    left, right = pairs
    of = vocabularies.of
    number, digits = _number(companies.digits[left], customers.digits[right], of["digits"])
    name, sorted_name = _name(companies, customers, left, right, vocabularies, rarity)
    street, agreeing_street = _alternatives(companies.streets[left], customers.streets[right], of["street"], _STREET_NEAR)
    place, postcode = _place(companies, customers, left, right, of["postcode"])
    phone, agreeing_phone = _alternatives(companies.phone[left, None], customers.phone[right, None], of["phone"], 0.9)
    email, agreeing_email, domain = _email(companies, customers, left, right, of["email"])
    levels = np.stack([number, name, street * PLACES + place, phone, email]).astype(np.uint8)
    return Comparison(levels, digits, sorted_name, agreeing_street, postcode, agreeing_phone, agreeing_email, domain)


def rarities(counts: Floats, total: int) -> Floats:
    """What each word tells: the negative logarithm of its share among `total` records."""
    return np.asarray(np.log((total + 1.0) / (counts + 0.5)))


def _number(mine: Integers, theirs: Integers, vocabulary: Vocabulary) -> tuple[Levels, Integers]:
    """One typing error is similar, and so are two digits that have changed places."""
    levels = _known(mine, theirs)
    unequal = np.nonzero((levels > MISSING) & (mine != theirs))[0]
    errors = _errors(mine[unequal], theirs[unequal], vocabulary, 2)
    levels[unequal[errors <= 1]] = SIMILAR
    texts = vocabulary.texts
    for place in unequal[errors == 2].tolist():
        if sorted(texts[mine[place]]) == sorted(texts[theirs[place]]):
            levels[place] = SIMILAR
    is_same = (levels > MISSING) & (mine == theirs)
    levels[is_same] = SAME
    return levels, np.where(is_same, mine, NONE)


def _alternatives(mine: Integers, theirs: Integers, vocabulary: Vocabulary, least: float) -> tuple[Levels, Integers]:
    """The best of all alternatives: same, similar from the similarity `least`, different."""
    levels = np.zeros(len(mine), dtype=np.uint8)
    agreeing = np.full(len(mine), NONE, dtype=np.int32)
    combinations = [(one, other) for one in range(mine.shape[1]) for other in range(theirs.shape[1])]
    for one, other in combinations:
        known = (mine[:, one] != NONE) & (theirs[:, other] != NONE)
        levels[known & (levels == MISSING)] = DIFFERENT
        is_same = known & (mine[:, one] == theirs[:, other]) & (levels != SAME)
        levels[is_same] = SAME
        agreeing[is_same] = mine[is_same, one]
    for one, other in combinations:
        open_pairs = np.nonzero((levels == DIFFERENT) & (mine[:, one] != NONE) & (theirs[:, other] != NONE))[0]
        found = _similarity(mine[open_pairs, one], theirs[open_pairs, other], vocabulary, least)
        levels[open_pairs[found >= least]] = SIMILAR
    return levels, agreeing


def _name(
    companies: Columns, customers: Columns, left: Rows, right: Rows, vocabularies: Vocabularies, rarity: Floats
) -> tuple[Levels, Integers]:
    names, sorted_names = vocabularies.of["name"], vocabularies.of["sorted_name"]
    mine, theirs = companies.sorted_names[left], customers.sorted_names[right]
    levels, agreeing = _alternatives_equal(mine, theirs)
    unequal = np.nonzero(levels == DIFFERENT)[0]
    rows, others = left[unequal], right[unequal]
    shared = _shared_words(companies.words, customers.words, rows, others, rarity)
    likeness = np.zeros(len(unequal), dtype=np.float32)
    for one, other, is_sorted in ((0, 0, False), (0, 0, True), (0, 1, False), (1, 0, False)):
        own, whose = (companies.sorted_names, customers.sorted_names) if is_sorted else (companies.names, customers.names)
        first, second = own[rows, one], whose[others, other]
        known = np.nonzero((first != NONE) & (second != NONE))[0]
        found = _similarity(first[known], second[known], sorted_names if is_sorted else names, _NEAR)
        likeness[known] = np.maximum(likeness[known], found)
    are_legal = companies.is_legal[rows] & customers.is_legal[others]
    graded = np.where(shared >= _RELATED, NAME_RELATED, NAME_DIFFERENT).astype(np.uint8)
    graded[are_legal] = np.where(shared[are_legal] >= _MOSTLY, NAME_EXTENDED, NAME_CONTRARY)
    graded[likeness >= _NEAR] = NAME_NEAR
    graded[likeness >= _TYPO] = NAME_TYPO
    levels[unequal] = graded
    levels[agreeing != NONE] = NAME_SAME
    return levels, agreeing


def _alternatives_equal(mine: Integers, theirs: Integers) -> tuple[Levels, Integers]:
    levels = np.zeros(len(mine), dtype=np.uint8)
    agreeing = np.full(len(mine), NONE, dtype=np.int32)
    for one in range(mine.shape[1]):
        for other in range(theirs.shape[1]):
            known = (mine[:, one] != NONE) & (theirs[:, other] != NONE)
            levels[known] = DIFFERENT
            is_same = known & (mine[:, one] == theirs[:, other]) & (agreeing == NONE)
            agreeing[is_same] = mine[is_same, one]
    return levels, agreeing


def _shared_words(mine: Integers, theirs: Integers, rows: Rows, others: Rows, rarity: Floats) -> Floats:
    """How much of what the shorter name tells is in the longer one too, 0 to 1."""
    weights = np.append(rarity, 0.0)
    found = np.zeros(len(rows))
    for start in range(0, len(rows), _CHUNK):
        one, other = mine[rows[start : start + _CHUNK]], theirs[others[start : start + _CHUNK]]
        is_shared = np.zeros(one.shape, dtype=bool)
        for place in range(other.shape[1]):
            is_shared |= one == other[:, place, None]
        told = weights[one]
        least = np.minimum(told.sum(axis=1), weights[other].sum(axis=1))
        found[start : start + _CHUNK] = (told * (is_shared & (one != NONE))).sum(axis=1) / np.maximum(least, 1e-9)
    return found


def _place(companies: Columns, customers: Columns, left: Rows, right: Rows, vocabulary: Vocabulary) -> tuple[Levels, Integers]:
    """The same postcode; else the same town or a postcode with one error is similar."""
    levels, agreeing = _alternatives_equal(companies.postcodes[left], customers.postcodes[right])
    towns, same_town = _alternatives_equal(companies.towns[left], customers.towns[right])
    levels = np.maximum(levels, towns)
    open_pairs = np.nonzero((levels == DIFFERENT) & (agreeing == NONE) & (same_town == NONE))[0]
    mine, theirs = companies.postcodes[left[open_pairs], 0], customers.postcodes[right[open_pairs], 0]
    known = (mine != NONE) & (theirs != NONE)
    close = _errors(mine[known], theirs[known], vocabulary, 1) <= 1
    levels[open_pairs[known][close]] = SIMILAR
    levels[same_town != NONE] = SIMILAR
    levels[agreeing != NONE] = SAME
    return levels, agreeing


def _email(
    companies: Columns, customers: Columns, left: Rows, right: Rows, vocabulary: Vocabulary
) -> tuple[Levels, Integers, Integers]:
    """The same address; the same domain of their own, or an address that is nearly the same, is similar."""
    levels, agreeing = _alternatives(companies.email[left, None], customers.email[right, None], vocabulary, 0.9)
    domains, same_domain = _alternatives_equal(companies.domains[left], customers.domains[right])
    levels = np.maximum(levels, domains)
    is_domain_only = (same_domain != NONE) & (agreeing == NONE)
    levels[is_domain_only] = SIMILAR
    return levels, agreeing, np.where(is_domain_only, same_domain, NONE)


def _known(mine: Integers, theirs: Integers) -> Levels:
    return np.asarray((mine != NONE) & (theirs != NONE), dtype=np.uint8)


def _errors(mine: Integers, theirs: Integers, vocabulary: Vocabulary, most: int) -> Likeness:
    """How many typing errors tell the texts apart; `most` + 1 where they are more."""
    found = np.full(len(mine), most + 1, dtype=np.float32)
    hopeful = np.nonzero(_least_errors(mine, theirs, vocabulary) <= most)[0]
    found[hopeful] = _compared(mine[hopeful], theirs[hopeful], vocabulary, OSA.distance, most)
    return found


def _similarity(mine: Integers, theirs: Integers, vocabulary: Vocabulary, least: float) -> Likeness:
    """The share of letters that typing errors leave as they are; 0 where it is well below `least`."""
    cutoff = least - _MARGIN
    lengths, _ = vocabulary.outlines()
    found = np.zeros(len(mine), dtype=np.float32)
    longest = np.maximum(lengths[mine], lengths[theirs])
    hopeful = np.nonzero(_least_errors(mine, theirs, vocabulary) <= longest * (1.0 - cutoff))[0]
    found[hopeful] = _compared(mine[hopeful], theirs[hopeful], vocabulary, OSA.normalized_similarity, cutoff)
    return found


def _least_errors(mine: Integers, theirs: Integers, vocabulary: Vocabulary) -> Integers:
    """So many errors there are at least, at a glance: letters too many, or letters that the other text does not have."""
    lengths, letters = vocabulary.outlines()
    one, other = letters[mine], letters[theirs]
    found = np.maximum(np.bitwise_count(one & ~other), np.bitwise_count(other & ~one)).astype(np.int32)
    return np.asarray(np.maximum(found, np.abs(lengths[mine] - lengths[theirs])))


def _compared(mine: Integers, theirs: Integers, vocabulary: Vocabulary, scorer: Callable[..., Any], cutoff: float) -> Likeness:
    """Compares texts by their numbers, in C++. What is worse than `cutoff` is told as the worst there is, and soon."""
    if not len(mine):
        return np.zeros(0, dtype=np.float32)
    first = list(map(vocabulary.texts.__getitem__, mine.tolist()))
    second = list(map(vocabulary.texts.__getitem__, theirs.tolist()))
    # Few pairs, as of one new record, are compared before a thread would be started.
    workers = -1 if len(first) > _CHUNK // 4 else 1
    return np.asarray(process.cpdist(first, second, scorer=scorer, score_cutoff=cutoff, workers=workers), dtype=np.float32)
