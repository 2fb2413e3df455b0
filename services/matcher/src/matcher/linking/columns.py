"""A register as arrays: every text is a number in a vocabulary that both registers share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.identity import Identity
from normal_forms.names import Name

Integers = NDArray[np.int32]
Letters = NDArray[np.uint64]

NONE = -1
MOST_WORDS = 8
# A bit per letter. By this remainder the digits and letters of ASCII differ from one another, all but one pair.
_BITS = np.left_shift(np.uint64(1), np.arange(256, dtype=np.uint64) % 37)
_HEAD, _TAIL, _NAME_HEAD = 6, 5, 5


class _Numbers(dict[str, int]):
    """The numbers of texts; a text that is asked for the first time gets the next one."""

    def __init__(self) -> None:
        super().__init__({"": NONE})

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self) - 1
        return number


class Vocabulary:
    """Texts and their numbers, in the order of their first appearance."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._ids = _Numbers()
        self._lengths: Integers = np.zeros(0, dtype=np.int32)
        self._letters: Letters = np.zeros(0, dtype=np.uint64)

    def number(self, values: Iterable[str]) -> list[int]:
        """The number of every text, new ones added; NONE for ""."""
        found = list(map(self._ids.__getitem__, values))
        # A dictionary keeps the order in which it was filled: the new ones are last.
        unknown = len(self._ids) - 1 - len(self.texts)
        self.texts.extend(reversed(list(islice(reversed(self._ids), unknown))))
        return found

    def places(self, values: Iterable[str]) -> list[int]:
        """The number of every text, NONE for "" and for one that is not here."""
        return [self._ids.get(text, NONE) for text in values]

    def truncate(self, length: int) -> None:
        """Forgets all texts but the first `length`."""
        for text in self.texts[length:]:
            del self._ids[text]
        del self.texts[length:]
        self._lengths, self._letters = self._lengths[:length], self._letters[:length]

    def outlines(self) -> tuple[Integers, Letters]:
        """Every text's length, and the set of its letters as bits; some letters share a bit."""
        if texts := self.texts[len(self._lengths) :]:
            lengths = np.array(list(map(len, texts)), dtype=np.int32)
            written = np.frombuffer("".join(texts).encode("latin-1", "replace"), dtype=np.uint8)
            letters = np.bitwise_or.reduceat(_BITS[written], np.cumsum(lengths) - lengths)
            self._lengths, self._letters = np.append(self._lengths, lengths), np.append(self._letters, letters)
        return self._lengths, self._letters


FIELDS = ("digits", "name", "sorted_name", "word", "phone", "email", "domain", "street", "postcode", "town", "piece")


@dataclass
class Vocabularies:
    """One vocabulary per field; `piece` holds parts of texts, by which candidates are found."""

    of: dict[str, Vocabulary] = field(default_factory=lambda: {name: Vocabulary() for name in FIELDS})

    def sizes(self) -> dict[str, int]:
        """How many texts each vocabulary holds."""
        return {name: len(vocabulary.texts) for name, vocabulary in self.of.items()}

    def truncate(self, sizes: dict[str, int]) -> None:
        """Forgets what was added since `sizes` was asked for."""
        for name, size in sizes.items():
            self.of[name].truncate(size)


@dataclass(frozen=True)
class Columns:
    """A register's identities as arrays of text numbers, one row per record, NONE where nothing is known.

    Two-column arrays hold alternatives (two names, two streets); `words` holds the distinct words of both names. `is_legal`:
    the first name has a legal form.
    """

    digits: Integers
    names: Integers
    sorted_names: Integers
    words: Integers
    phone: Integers
    email: Integers
    domains: Integers
    streets: Integers
    postcodes: Integers
    towns: Integers
    digits_head: Integers
    digits_tail: Integers
    name_head: Integers
    initials: Integers
    is_legal: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.digits)


def encode(identities: Sequence[Identity], vocabularies: Vocabularies) -> Columns:
    """The identities as arrays; texts that are new join the vocabularies."""
    of = vocabularies.of
    pieces = of["piece"]
    texts = _by_field(Identity, identities)
    first, second = _by_field(Name, texts["name"]), _by_field(Name, texts["other_name"])

    def one(vocabulary: str, values: Iterable[str]) -> Integers:
        return np.array(of[vocabulary].number(values), dtype=np.int32)

    def two(vocabulary: str, mine: Iterable[str], other: Iterable[str]) -> Integers:
        return np.stack([one(vocabulary, mine), one(vocabulary, other)], axis=1)

    return Columns(
        digits=one("digits", texts["digits"]),
        names=two("name", first["core"], second["core"]),
        sorted_names=two("sorted_name", first["sorted_core"], second["sorted_core"]),
        words=_words(first["words"], second["words"], of["word"]),
        phone=one("phone", texts["phone"]),
        email=one("email", texts["email"]),
        domains=two("domain", texts["domain"], texts["other_domain"]),
        streets=two("street", texts["street"], texts["other_street"]),
        postcodes=two("postcode", texts["postcode"], texts["other_postcode"]),
        towns=two("town", texts["town"], texts["other_town"]),
        digits_head=np.array(pieces.number(_piece("h", digits[:_HEAD]) for digits in texts["digits"]), dtype=np.int32),
        digits_tail=np.array(pieces.number(_piece("t", digits[-_TAIL:]) for digits in texts["digits"]), dtype=np.int32),
        name_head=np.array(pieces.number(_piece("n", core[:_NAME_HEAD]) for core in first["core"]), dtype=np.int32),
        initials=np.array(pieces.number(_piece("i", _initials(words)) for words in first["words"]), dtype=np.int32),
        is_legal=np.array([bool(legal) for legal in first["legal"]], dtype=bool),
    )


def _by_field(kind: type[Identity] | type[Name], rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """The rows turned into one tuple per field: reading fields one by one would take most of the time."""
    columns = zip(*rows, strict=True) if rows else repeat(())
    return dict(zip(kind._fields, columns, strict=False))


def _piece(kind: str, text: str) -> str:
    return kind + text if text else ""


def _initials(words: tuple[str, ...]) -> str:
    return "".join(sorted([word[0] for word in words]))


def _words(first: Sequence[tuple[str, ...]], second: Sequence[tuple[str, ...]], vocabulary: Vocabulary) -> Integers:
    found = np.full((len(first), MOST_WORDS), NONE, dtype=np.int32)
    distinct = list(map(_distinct, map(add, first, second)))
    flat = vocabulary.number(chain.from_iterable(distinct))
    lengths = np.array(list(map(len, distinct)), dtype=np.int64)
    rows = np.repeat(np.arange(len(first)), lengths)
    starts = np.cumsum(lengths) - lengths
    found[rows, np.arange(len(flat)) - np.repeat(starts, lengths)] = flat
    return found


def _distinct(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[:MOST_WORDS] if len(set(words)) == len(words) else tuple(dict.fromkeys(words))[:MOST_WORDS]
