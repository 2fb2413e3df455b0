"""Comparing at a glance before letter by letter: what is passed over is never what comparing would have found alike."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from matcher.identity import Identity
from matcher.linking.columns import Vocabularies, encode
from matcher.linking.comparison import ADDRESS, EMAIL, NUMBER, SAME, SIMILAR, compare

A_THOUSAND = settings(max_examples=1000, deadline=None)
# ASCII, letters that share a bit with one of them, and such that no byte can hold.
letters = st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789 &-åöøßИжЩ東")
texts = st.text(letters, min_size=8, max_size=24)
digits = st.text(st.sampled_from("0123456789"), min_size=9, max_size=11)
postcodes = st.text(st.sampled_from("0123456789"), min_size=5, max_size=5)


@st.composite
def two_alike(draw: st.DrawFn, some: st.SearchStrategy[str]) -> tuple[str, str]:
    """A text, and the same after a few typing errors of any kind."""
    text = draw(some)
    other = list(text)
    for _ in range(draw(st.integers(0, 3))):
        place, sign = draw(st.integers(0, len(other) - 1)), draw(some)[:1]
        match draw(st.sampled_from(["another", "more", "less", "swapped"])):
            case "another":
                other[place] = sign
            case "more":
                other.insert(place, sign)
            case "less" if len(other) > 1:
                del other[place]
            case _:
                other[place : place + 2] = other[place : place + 2][::-1]
    return text, "".join(other)


def level(field: int, one: Identity, other: Identity) -> int:
    vocabularies = Vocabularies()
    left, right = encode([one], vocabularies), encode([other], vocabularies)
    rarity = np.zeros(len(vocabularies.of["word"].texts))
    return int(compare(left, right, (np.zeros(1, dtype=np.int64),) * 2, vocabularies, rarity).levels[field, 0])


@A_THOUSAND
@given(two_alike(texts))
def test_texts_are_similar_from_nine_letters_in_ten_on(pair: tuple[str, str]) -> None:
    one, other = pair
    found = level(EMAIL, Identity("1", email=one), Identity("2", email=other))
    assert (found == SAME) == (one == other)
    # Similarities are told in single precision.
    assert (found >= SIMILAR) == (np.float32(OSA.normalized_similarity(one, other)) >= np.float32(0.9))


@A_THOUSAND
@given(two_alike(digits))
def test_numbers_are_similar_up_to_one_error_or_two_digits_in_each_others_place(pair: tuple[str, str]) -> None:
    one, other = pair
    errors = OSA.distance(one, other)
    is_similar = errors <= 1 or (errors == 2 and sorted(one) == sorted(other))
    assert (level(NUMBER, Identity("1", digits=one), Identity("2", digits=other)) >= SIMILAR) == is_similar


@A_THOUSAND
@given(two_alike(postcodes))
def test_postcodes_are_similar_with_one_error(pair: tuple[str, str]) -> None:
    one, other = pair
    found = level(ADDRESS, Identity("1", postcode=one), Identity("2", postcode=other))
    assert (found >= SIMILAR) == (OSA.distance(one, other) <= 1)
