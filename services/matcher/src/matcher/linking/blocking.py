"""Which pairs are worth comparing: those that share one of several keys, as long as not too many share it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.linking.columns import NONE, Columns, Integers

Keys = NDArray[np.int64]

MOST_PAIRS = 400
"""Most pairs that one value of a key may give: 20 records on either side. What more share tells little."""
MOST_PAIRS_OF_A_WORD = 100
"""A word alone tells less."""


@dataclass(frozen=True)
class Key:
    """The records that have a key, one entry each per value: `rows` in the register, `values` as comparable numbers."""

    name: str
    most_pairs: int
    values: Keys
    rows: Integers


def keys(register: Columns) -> list[Key]:
    """All keys of a register; those of two registers that share vocabularies compare by name and value."""
    return [
        _key("digits", MOST_PAIRS, register.digits),
        _key("digits_head", MOST_PAIRS, register.digits_head),
        _key("digits_tail", MOST_PAIRS, register.digits_tail),
        _key("name", MOST_PAIRS, register.sorted_names),
        _key("word", MOST_PAIRS_OF_A_WORD, register.words),
        _key("word_and_initials", MOST_PAIRS_OF_A_WORD, register.words, register.initials),
        _key("word_and_postcode", MOST_PAIRS, register.words, register.postcodes),
        _key("name_head_and_postcode", MOST_PAIRS, register.name_head, register.postcodes),
        _key("name_head_and_town", MOST_PAIRS, register.name_head, register.towns),
        _key("street_and_postcode", MOST_PAIRS, register.streets, register.postcodes),
        _key("street_and_town", MOST_PAIRS, register.streets, register.towns),
        _key("phone", MOST_PAIRS, register.phone),
        _key("email", MOST_PAIRS, register.email),
        _key("domain", MOST_PAIRS, register.domains),
    ]


@dataclass(frozen=True)
class KeyIndex:
    """A register's keys, each sorted by value, to be joined with any number of others."""

    sorted_keys: tuple[Key, ...]

    @classmethod
    def over(cls, register: Columns) -> KeyIndex:
        """Sorts all keys of the register."""
        return cls(tuple(_sorted(key) for key in keys(register)))

    def counts(self, position: int, values: Keys) -> NDArray[np.int64]:
        """How many records of this register have each of the values of the key at `position`."""
        low, high = self._ranges(position, values)
        return high - low

    def matches(self, position: int, values: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For every value the records that have it: (places in `values`, rows of this register)."""
        low, high = self._ranges(position, values)
        counts = high - low
        places = np.repeat(np.arange(len(values)), counts)
        starts = np.repeat(low - (np.cumsum(counts) - counts), counts)
        return places, self.sorted_keys[position].rows[starts + np.arange(len(places))].astype(np.int64)

    def _ranges(self, position: int, values: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        known = self.sorted_keys[position].values
        return np.searchsorted(known, values, "left"), np.searchsorted(known, values, "right")


def candidate_pairs(
    companies: KeyIndex, customers: KeyIndex, is_open: NDArray[np.bool_], count: int, besides: KeyIndex | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (company rows, customer rows) that share a key, each once, by customer and then by company.

    Only customers that `is_open` names are paired; all of them, and those of `besides`, count for how common a key is.
    `count` is the number of companies.
    """
    found = [np.zeros(0, dtype=np.int64)]
    for position, key in enumerate(customers.sorted_keys):
        wanted = is_open[key.rows]
        values, rows = key.values[wanted], key.rows[wanted]
        if not len(values) or not len(companies.sorted_keys[position].values):
            continue
        have_it = customers.counts(position, values) + (besides.counts(position, values) if besides else 0)
        product = companies.counts(position, values) * have_it
        kept = (product > 0) & (product <= key.most_pairs)
        places, matching = companies.matches(position, values[kept])
        found.append(rows[kept][places].astype(np.int64) * count + matching)
    pairs = np.unique(np.concatenate(found))
    return pairs % max(count, 1), pairs // max(count, 1)


def _key(name: str, most_pairs: int, first: Integers, second: Integers | None = None) -> Key:
    """A key of one text, or of two together; of each alternative where a field has several."""
    one = _alternatives(first)
    if second is None:
        values, known = one, one != NONE
    else:
        other = _alternatives(second)
        shape = (len(one), one.shape[1] * other.shape[1])
        values = ((one[:, :, None] << 32) + other[:, None, :]).reshape(shape)
        known = ((one[:, :, None] != NONE) & (other[:, None, :] != NONE)).reshape(shape)
    if not known.any():
        return Key(name, most_pairs, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32))
    rows = np.nonzero(known)[0].astype(np.int32)
    return Key(name, most_pairs, values[known], rows)


def _alternatives(column: Integers) -> Keys:
    return (column if column.ndim == 2 else column[:, None]).astype(np.int64)


def _sorted(key: Key) -> Key:
    """By value and then by row, the same value of a record once."""
    if len(key.values) < 2:
        return key
    order = np.lexsort((key.rows, key.values))
    values, rows = key.values[order], key.rows[order]
    is_new = np.ones(len(values), dtype=bool)
    is_new[1:] = (values[1:] != values[:-1]) | (rows[1:] != rows[:-1])
    return Key(key.name, key.most_pairs, values[is_new], rows[is_new])
