"""Estimates a model from two registers without labels: expectation and maximisation over their candidate pairs.

The pairs that the ladder linked are matches: they start the estimation. Everything else is weighed by it, in competition: a
customer is one company at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.linking.columns import NONE, Columns, Vocabularies
from matcher.linking.comparison import ADDRESS, LEVELS, NAME, NUMBER, PLACES, Floats, compare
from matcher.linking.model import (
    LEAST_UNSEEN,
    MOST_BITS,
    MOST_UNSEEN,
    Commonness,
    Frequencies,
    Model,
    Pairs,
    Relatives,
    Table,
    likelihoods,
)

Seen = list[NDArray[np.int64]]
"""How often each level occurs, by field."""

_COLUMNS = {
    **{"digits": "digits", "sorted_name": "sorted_names", "street": "streets", "postcode": "postcodes", "word": "words"},
    **{"phone": "phone", "email": "email", "domain": "domains"},
}
SAMPLE = 200_000
"""Pairs drawn to see how well records agree that are no match."""
_ROUNDS = 25
_SETTLED = 1e-4
_DIGITS = 4
# What is believed before the registers are seen, and after how many matches and other pairs they outweigh it. Levels in
# the order of comparison.py; an address is its street's times its place's.
_MATCHES_BEFORE: tuple[Table, ...] = (
    (1.0, 0.03, 0.05, 0.92),
    (1.0, 0.01, 0.01, 0.03, 0.03, 0.07, 0.1, 0.75),
    (0.15, 0.1, 0.75),
    (1.0, 0.2, 0.05, 0.75),
    (1.0, 0.15, 0.1, 0.75),
)
_OTHERS_BEFORE: tuple[Table, ...] = (
    (1.0, 1.0, 1e-5, 1e-5),
    (1.0, 0.6, 2e-3, 0.385, 0.012, 5e-4, 5e-5, 1e-4),
    (0.93, 0.06, 0.01),
    (1.0, 1.0, 1e-4, 1e-4),
    (1.0, 1.0, 1e-3, 1e-4),
)
_PLACE_MATCHES, _PLACE_OTHERS = (0.1, 0.1, 0.8), (0.9, 0.09, 0.01)
_MATCHES_WEIGHT, _OTHERS_WEIGHT = 20.0, 1000.0
# Companies with shared contacts that a customer has in the other register. How their numbers and names compare is given, not
# estimated: left to itself, the estimate would take mistyped matches for relatives.
_RELATIVES_BEFORE, _RELATIVES_WEIGHT, _MOST_RELATIVES = 0.02, 50.0, 0.2
_NUMBER_OF_RELATIVES: Table = (1.0, 0.91, 0.01, 0.08)
_NAME_OF_RELATIVES: Table = (1.0, 0.44, 0.42, 0.035, 0.025, 0.07, 0.006, 0.004)
# The ladder links no pair whose names or numbers contradict each other, so its links do not show how often matches do.
_LEAST_CONTRADICTING = {NAME: 0.004, NUMBER: 0.006}
_RARELY = 1e-5
# Nobody is ten times likelier than not to be in a register before anything is compared.
_MOST_LIKELY = 10.0


@dataclass(frozen=True)
class Sizes:
    """How many records either register holds, and how many of them the ladder left open."""

    companies: int
    customers: int
    open_companies: int
    open_customers: int


def estimate(
    by_chance: Seen,
    frequencies: Frequencies,
    commonness: Commonness,
    pairs: Pairs,
    sizes: Sizes,
) -> Model:
    """The model under which the two registers look likeliest; rounded, so that the last bit of a sum changes nothing.

    `by_chance` is what `sample` found.
    """
    matches, others = _before(_MATCHES_BEFORE, _PLACE_MATCHES), _before(_OTHERS_BEFORE, _PLACE_OTHERS)
    expected = np.array([min(sizes.open_companies, sizes.open_customers) / 2, 1.0])
    settled = float(pairs.is_settled.sum())
    log_matches = _logarithms(_normalised(matches))
    log_others = _others(others, by_chance, _normalised(matches), settled + float(expected.sum()), sizes)
    relatives = _relatives(0.0, sizes)
    for _ in range(_ROUNDS):
        found = likelihoods(log_matches, log_others, relatives, pairs.comparison, commonness)
        unmatched = found.by_chance
        share = _shares(pairs, found.matched.sum(axis=0) - unmatched, _priors(expected, sizes), sizes)
        related = (1.0 - share) * np.exp2(np.minimum(found.related - unmatched, 0.0))
        before = expected
        expected = np.array([(share * ~pairs.is_settled * ~pairs.is_taken).sum(), (share * pairs.is_taken).sum()])
        counts = [np.bincount(pairs.comparison.levels[field], share, count) for field, count in enumerate(LEVELS)]
        seen_matches = _normalised([count + _MATCHES_WEIGHT * table for count, table in zip(counts, matches, strict=True)])
        for field, least in _LEAST_CONTRADICTING.items():
            seen_matches[field] = _normal(np.maximum(seen_matches[field], least), field)
        log_matches = _logarithms(seen_matches)
        log_others = _others(others, by_chance, seen_matches, settled + float(expected.sum()), sizes)
        relatives = _relatives(float(related.sum()), sizes)
        if np.abs(expected - before).max() <= _SETTLED * max(1.0, expected.sum()):
            break
    prior, prior_of_taken = _rounded(np.log2(_priors(expected, sizes)).tolist())
    return Model(
        tuple(map(_rounded, log_matches)),
        tuple(map(_rounded, log_others)),
        Relatives(round(relatives.prior, _DIGITS), _rounded(relatives.number), _rounded(relatives.name)),
        frequencies,
        prior,
        prior_of_taken,
    )


def _relatives(related: float, sizes: Sizes) -> Relatives:
    """How often a pair is two companies with shared contacts, when so many of the open customers' pairs are."""
    per_customer = (related + _RELATIVES_BEFORE * _RELATIVES_WEIGHT) / (sizes.open_customers + _RELATIVES_WEIGHT)
    prior = np.log2(min(per_customer, _MOST_RELATIVES) / max(sizes.companies, 1))
    number, name = _logarithms([np.array(_NUMBER_OF_RELATIVES), np.array(_NAME_OF_RELATIVES)])
    return Relatives(float(prior), number, name)


def count_frequencies(companies: Columns, customers: Columns, vocabularies: Vocabularies) -> Frequencies:
    """How common values are in both registers together."""
    counts, unseen = {}, {}
    for name, column in _COLUMNS.items():
        texts = vocabularies.of[name].texts
        apart = [
            np.bincount(values[values != NONE], minlength=len(texts))
            for values in (getattr(companies, column), getattr(customers, column))
        ]
        together = apart[0] + apart[1]
        common = np.nonzero(together > 1)[0]
        counts[name] = {texts[place]: int(together[place]) for place in common.tolist()}
        unseen[name] = round(min(_chance_of_a_second(one) for one in apart), _DIGITS)
    return Frequencies(counts, unseen, len(companies) + len(customers))


def _chance_of_a_second(counts: NDArray[np.int64]) -> float:
    """How many more records have a value that one record has: twice the doubles for each single (Good and Turing).

    Of both registers together it is twice as many. A register with doubles of its own says too much, so the smaller of both
    is taken.
    """
    singles, doubles = int((counts == 1).sum()), int((counts == 2).sum())
    return float(np.clip(2.0 * 2.0 * (doubles + 0.5) / (singles + 1.0), LEAST_UNSEEN, MOST_UNSEEN))


def sample(companies: Columns, customers: Columns, vocabularies: Vocabularies, commonness: Commonness) -> Seen:
    """How often each level occurs in pairs drawn at random; all pairs where there are few."""
    total = len(companies) * len(customers)
    drawn = np.arange(total) if total <= SAMPLE else np.random.default_rng(total).integers(0, total, SAMPLE)
    rows = (drawn % max(len(companies), 1), drawn // max(len(companies), 1))
    levels = compare(companies, customers, rows, vocabularies, commonness.rarity()).levels
    return [np.bincount(levels[field], minlength=count) for field, count in enumerate(LEVELS)]


def _before(tables: tuple[Table, ...], place: Table) -> list[Floats]:
    """The tables as arrays; the address' one filled in from its street's and its place's."""
    found = [np.array(table) for table in tables]
    street, places = np.array([1.0, *tables[ADDRESS]]), np.array([1.0, *place])
    found[ADDRESS] = np.outer(street, places).ravel()
    return found


def _normal(counts: Floats, field: int) -> Floats:
    """Shares among the pairs that have the field on both sides; an address' street and place may be known one by one."""
    shares = np.array(counts, dtype=np.float64)
    if field != ADDRESS:
        shares[0] = 1.0
        shares[1:] /= shares[1:].sum()
        return shares
    cells = shares.reshape(-1, PLACES)
    cells[0, 0] = 1.0
    for part in (cells[0, 1:], cells[1:, 0], cells[1:, 1:]):
        part /= part.sum()
    return shares


def _normalised(tables: list[Floats]) -> list[Floats]:
    return [_normal(table, field) for field, table in enumerate(tables)]


def _others(before: list[Floats], seen: Seen, matches: list[Floats], expected: float, sizes: Sizes) -> tuple[Table, ...]:
    """What the sample says of pairs that are no match, with the matches in it taken out."""
    found = []
    for field, (table, counts) in enumerate(zip(before, seen, strict=True)):
        mixed_in = expected / max(sizes.companies * sizes.customers, 1) * counts.sum() * matches[field]
        left = np.maximum(counts - mixed_in, 0.0)
        found.append(np.maximum(_normal(left + _OTHERS_WEIGHT * table, field), _RARELY))
    return _logarithms(found)


def _priors(expected: Floats, sizes: Sizes) -> Floats:
    """Odds that an open company, and one that has its customer, is a given open customer."""
    open_matches, doubles = expected
    others = max(sizes.open_companies - open_matches, 0.0) + 1, max(sizes.open_customers - open_matches, 0.0) + 1
    taken = max(sizes.companies - sizes.open_companies, 1)
    most = _MOST_LIKELY / max(sizes.companies, 1)
    prior = min((open_matches + 0.5) / (others[0] * others[1]), most)
    return np.array([prior, min((doubles + 0.5) / (taken * max(sizes.open_customers, 1)), most)])


def _shares(pairs: Pairs, total: Floats, priors: Floats, sizes: Sizes) -> Floats:
    """The probability of every pair against the customer's other candidates, the company's, and none at all."""
    likely = np.exp2(np.minimum(total, MOST_BITS)) * np.where(pairs.is_taken, priors[1], priors[0])
    likely[pairs.is_settled] = 0.0
    per_customer = np.bincount(pairs.customers, likely, sizes.customers)[pairs.customers]
    per_company = np.bincount(pairs.companies, np.where(pairs.is_taken, 0.0, likely), sizes.companies)[pairs.companies]
    share = likely / (1.0 + per_customer + np.maximum(per_company - likely, 0.0) * ~pairs.is_taken)
    share[pairs.is_settled] = 1.0
    return np.asarray(share)


def _logarithms(tables: list[Floats]) -> tuple[Table, ...]:
    return tuple(tuple(np.log2(np.maximum(table, 1e-12)).tolist()) for table in tables)


def _rounded(values: Sequence[float]) -> Table:
    return tuple(round(value, _DIGITS) for value in values)
