"""The stored model of the score: how often fields agree among matches and among others, and how common each value is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.linking.columns import NONE, Integers, Vocabularies, Vocabulary
from matcher.linking.comparison import ADDRESS, EMAIL, NAME, NUMBER, PHONE, PLACES, Comparison, Floats, Rows, rarities

Table = tuple[float, ...]

LEAST_UNSEEN, MOST_UNSEEN = 0.02, 0.5
"""In how many other records a value is believed to stand that no other record was seen to have."""
# Of pairs that share a street and number by chance, the share with the same place, a similar one, another one: many towns have
# the street, and a shared house (an office hotel) is commoner than chance would have it.
_PLACE_GIVEN_STREET = np.log2([1.0, 0.4, 0.3, 0.3])
CONTACTS = (ADDRESS, PHONE, EMAIL)
MOST_BITS = 200.0
"""Weights are cut here before they become odds: no number overflows."""


@dataclass(frozen=True)
class Pairs:
    """Compared pairs, by customer row and then by company row.

    `is_settled`: the ladder linked the two. `is_taken`: the company has its customer, another one.
    """

    companies: Rows
    customers: Rows
    comparison: Comparison
    is_settled: NDArray[np.bool_]
    is_taken: NDArray[np.bool_]


@dataclass(frozen=True)
class Frequencies:
    """How common values are among `records` of both registers, by vocabulary.

    `counts` holds the values that more than one record has; a missing one is counted once. `unseen` is in how many other
    records a value is believed to stand that no other was seen to have.
    """

    counts: Mapping[str, Mapping[str, int]]
    unseen: Mapping[str, float]
    records: int


@dataclass(frozen=True)
class Relatives:
    """Pairs that share contacts and are two companies: log2 of how often a pair is one, and how its number and name agree."""

    prior: float
    number: Table
    name: Table


@dataclass(frozen=True)
class Model:
    """What the score of two registers rests on.

    `matches` and `others` hold, per field of comparison.FIELDS, the base-2 logarithm of each level's share among matches and
    among pairs that are none; where two records share a value, `others` gives way to how common the value is.
    `prior` are the odds, as a base-2 logarithm, that a company without a customer is a given customer before anything is
    compared, and `prior_of_taken` the same for a company that has its customer already.
    """

    matches: tuple[Table, ...]
    others: tuple[Table, ...]
    relatives: Relatives
    frequencies: Frequencies
    prior: float
    prior_of_taken: float

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that differ whenever anything in the model does."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """The model as text, the same for equal models."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def condensed(self) -> Model:
        """A model that judges alike and holds less: a value that two records share may be those of one pair, and tells nothing.

        Of words every count tells how rare they are.
        """
        counts = {
            name: dict(held) if name == "word" else {text: count for text, count in held.items() if count > 2}
            for name, held in self.frequencies.counts.items()
        }
        return replace(self, frequencies=replace(self.frequencies, counts=counts))

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model that `to_json` wrote."""
        held = json.loads(text)
        for name in ("matches", "others"):
            held[name] = tuple(tuple(table) for table in held[name])
        related = held.pop("relatives")
        held["relatives"] = Relatives(related["prior"], tuple(related["number"]), tuple(related["name"]))
        held["frequencies"] = Frequencies(**held["frequencies"])
        return cls(**held)


@dataclass(frozen=True)
class Commonness:
    """The frequencies as arrays over vocabularies."""

    counts: Mapping[str, Floats]
    unseen: Mapping[str, float]
    records: int

    @classmethod
    def of(cls, frequencies: Frequencies, vocabularies: Vocabularies) -> Commonness:
        """The counts of all values of the vocabularies."""
        counts = {name: _counts(vocabularies.of[name], held) for name, held in frequencies.counts.items()}
        return cls(counts, frequencies.unseen, frequencies.records)

    def rarity(self) -> Floats:
        """What each word tells, in nats."""
        return rarities(self.counts["word"], self.records)

    def rarity_of_unseen(self) -> float:
        """What a word tells that no other record has, in nats."""
        return float(rarities(np.ones(1), self.records)[0])

    def chance(self, name: str, values: Integers) -> Floats:
        """log2 of how likely another pair shares each value: the two at hand do not count."""
        others = np.maximum(self.counts[name][values] - 2.0, 0.0) + self.unseen[name]
        return np.asarray(np.log2(others / max(self.records, 1)))


def _counts(vocabulary: Vocabulary, held: Mapping[str, int]) -> Floats:
    """How often each text of the vocabulary is held; one that is missing there is held once."""
    counts = np.ones(len(vocabulary.texts))
    places = np.array(vocabulary.places(held), dtype=np.int64)
    is_known = places != NONE
    counts[places[is_known]] = np.array(list(held.values()), dtype=np.float64)[is_known]
    return counts


@dataclass(frozen=True)
class Likelihoods:
    """log2 of how likely each pair is to look as it does.

    `matched` and `unrelated` have a row per field; `related`, of the whole pair, is that of two companies that share their
    address, telephone or domain without being one (a group, an office hotel), together with how rare that is.
    """

    matched: Floats
    unrelated: Floats
    related: Floats

    @property
    def by_chance(self) -> Floats:
        """log2 of the whole pair's likelihood when it is no match."""
        return np.asarray(np.logaddexp2(self.unrelated.sum(axis=0), self.related))


def likelihoods(
    matches: tuple[Table, ...], others: tuple[Table, ...], relatives: Relatives, comparison: Comparison, commonness: Commonness
) -> Likelihoods:
    """The likelihoods of all pairs. Contacts agree among relatives as they do among matches; number and name do not."""
    levels = comparison.levels
    matched = np.stack([np.array(table)[levels[field]] for field, table in enumerate(matches)])
    related = relatives.prior + np.array(relatives.number)[levels[NUMBER]] + np.array(relatives.name)[levels[NAME]]
    return Likelihoods(matched, chances(others, comparison, commonness), related + matched[list(CONTACTS)].sum(axis=0))


def weights(model: Model, comparison: Comparison, commonness: Commonness) -> Floats:
    """log2 of the Bayes factor of every field of every pair; a row per field of comparison.FIELDS.

    What contacts tell less because relatives share them is taken from those contacts that agree, in proportion.
    """
    found = likelihoods(model.matches, model.others, model.relatives, comparison, commonness)
    apart = found.matched - found.unrelated
    excess = found.unrelated.sum(axis=0) - found.by_chance
    agreeing = np.maximum(apart[list(CONTACTS)], 0.0)
    total = agreeing.sum(axis=0)
    apart[list(CONTACTS)] += excess * np.divide(agreeing, total, out=np.zeros_like(agreeing), where=total > 0)
    apart[NAME] += np.where(total > 0, 0.0, excess)
    return np.asarray(apart)


def chances(others: tuple[Table, ...], comparison: Comparison, commonness: Commonness) -> Floats:
    """log2 of how likely each field agrees as well as it does when the pair is no match; a row per field."""
    levels = comparison.levels
    found = np.stack([np.array(table)[levels[field]] for field, table in enumerate(others)])
    for field, name, values in (
        (NUMBER, "digits", comparison.digits),
        (NAME, "sorted_name", comparison.sorted_name),
        (PHONE, "phone", comparison.phone),
        (EMAIL, "email", comparison.email),
        (EMAIL, "domain", comparison.domain),
    ):
        known = values != NONE
        found[field, known] = commonness.chance(name, values[known])
    street_levels, place_levels = np.divmod(levels[ADDRESS], PLACES)
    places = comparison.postcode != NONE
    street_share = np.log2(np.exp2(np.array(others[ADDRESS])).reshape(-1, PLACES).sum(axis=1))
    found[ADDRESS, places] = commonness.chance("postcode", comparison.postcode[places]) + street_share[street_levels[places]]
    streets = comparison.street != NONE
    found[ADDRESS, streets] = commonness.chance("street", comparison.street[streets]) + _PLACE_GIVEN_STREET[place_levels[streets]]
    return found
