"""What the slice finds records by, beside what the batch finds pairs by: the same, but for what is said here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import pytest

from matcher.identity import Identity, identity_of_company, identity_of_customer
from matcher.keys import ladder_keys, likeness_keys
from matcher.linking.blocking import keys
from matcher.linking.columns import Vocabularies, encode
from support.registers import DIRTY, registers

IMPLIED = {"digits": ("digits_head",), "word_and_initials": ("word",), "name": ("name",)}
"""Keys that the slice lacks, because whoever shares one shares another too; the name is a key of the ladder's there.

They are there for what is common: a key that too many share is passed over, and a narrower one may be left.
"""
Pairs = set[tuple[int, int]]


@pytest.fixture(scope="module")
def identities() -> tuple[list[Identity], list[Identity]]:
    made = registers(16, 400, DIRTY)
    # Some have a web site of another domain than their e-mail address.
    for place in range(0, len(made.companies), 5):
        made.companies[place] = replace(made.companies[place], website=made.companies[place - 1].website)
    return [identity_of_company(one) for one in made.companies], [identity_of_customer(one) for one in made.customers]


def joined(left: Iterable[tuple[object, int]], right: Iterable[tuple[object, int]]) -> Pairs:
    rows: dict[object, set[int]] = defaultdict(set)
    for value, row in left:
        rows[value].add(row)
    return {(one, other) for value, other in right for one in rows.get(value, ())}


@pytest.fixture(scope="module")
def in_the_batch(identities: tuple[list[Identity], list[Identity]]) -> dict[str, Pairs]:
    vocabularies = Vocabularies()
    left, right = (keys(encode(side, vocabularies)) for side in identities)
    return {
        one.name: joined(
            zip(one.values.tolist(), one.rows.tolist(), strict=True), zip(other.values.tolist(), other.rows.tolist(), strict=True)
        )
        for one, other in zip(left, right, strict=True)
    }


@pytest.fixture(scope="module")
def in_the_slice(identities: tuple[list[Identity], list[Identity]]) -> dict[str, Pairs]:
    def found(side: list[Identity]) -> dict[str, list[tuple[object, int]]]:
        by_kind: dict[str, list[tuple[object, int]]] = defaultdict(list)
        for row, identity in enumerate(side):
            for kind, value in (*likeness_keys(identity), *ladder_keys(identity)):
                by_kind[kind].append((value, row))
        return by_kind

    left, right = map(found, identities)
    return {kind: joined(left[kind], right[kind]) for kind in sorted({*left, *right})}


def test_a_key_of_one_name_finds_the_same_pairs_in_both(in_the_batch: dict[str, Pairs], in_the_slice: dict[str, Pairs]) -> None:
    assert set(in_the_slice) - set(in_the_batch) == {"number"}, "a valid number is the ladder's key"
    assert set(in_the_batch) - set(in_the_slice) == set(IMPLIED) - {"name"}
    for name in set(in_the_batch) & set(in_the_slice):
        assert in_the_batch[name], name
        assert in_the_slice[name] == in_the_batch[name], name


def test_whoever_shares_a_key_that_the_slice_lacks_shares_another(
    in_the_batch: dict[str, Pairs], in_the_slice: dict[str, Pairs]
) -> None:
    for name, others in IMPLIED.items():
        assert in_the_batch[name]
        assert in_the_batch[name] <= set().union(*(in_the_slice[other] for other in others)), name
