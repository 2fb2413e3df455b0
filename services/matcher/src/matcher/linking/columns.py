"""A register as arrays: every text is a number in a vocabulary that both registers share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from matcher.normal_forms.identity import Identity
from matcher.normal_forms.names import Name

Integers = NDArray[np.int32]

NONE = -1
MOST_WORDS = 8
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

    def number(self, values: Iterable[str]) -> list[int]:
        """The number of every text, new ones added; NONE for ""."""
        found = list(map(self._ids.__getitem__, values))
        # A dictionary keeps the order in which it was filled: the new ones are last.
        unknown = len(self._ids) - 1 - len(self.texts)
        self.texts.extend(reversed(list(islice(reversed(self._ids), unknown))))
        return found

    def truncate(self, length: int) -> None:
        """Forgets all texts but the first `length`."""
        for text in self.texts[length:]:
            del self._ids[text]
        del self.texts[length:]


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

    def one(vocabulary: str, field: str) -> Integers:
        return np.array(of[vocabulary].number(map(attrgetter(field), identities)), dtype=np.int32)

    def two(vocabulary: str, first: str, second: str) -> Integers:
        return np.stack([one(vocabulary, first), one(vocabulary, second)], axis=1)

    return Columns(
        digits=one("digits", "digits"),
        names=two("name", "name.core", "other_name.core"),
        sorted_names=two("sorted_name", "name.sorted_core", "other_name.sorted_core"),
        words=_words(identities, of["word"]),
        phone=one("phone", "phone"),
        email=one("email", "email"),
        domains=two("domain", "domain", "other_domain"),
        streets=two("street", "street", "other_street"),
        postcodes=two("postcode", "postcode", "other_postcode"),
        towns=two("town", "town", "other_town"),
        digits_head=np.array(pieces.number(_piece("h", i.digits[:_HEAD]) for i in identities), dtype=np.int32),
        digits_tail=np.array(pieces.number(_piece("t", i.digits[-_TAIL:]) for i in identities), dtype=np.int32),
        name_head=np.array(pieces.number(_piece("n", i.name.core[:_NAME_HEAD]) for i in identities), dtype=np.int32),
        initials=np.array(pieces.number(_piece("i", _initials(i.name)) for i in identities), dtype=np.int32),
        is_legal=np.array([bool(i.name.legal) for i in identities], dtype=bool),
    )


def _piece(kind: str, text: str) -> str:
    return kind + text if text else ""


def _initials(name: Name) -> str:
    return "".join(sorted(word[0] for word in name.words))


def _words(identities: Sequence[Identity], vocabulary: Vocabulary) -> Integers:
    found = np.full((len(identities), MOST_WORDS), NONE, dtype=np.int32)
    distinct = [_distinct(i.name.words + i.other_name.words) for i in identities]
    flat = vocabulary.number(word for words in distinct for word in words)
    lengths = np.array([len(words) for words in distinct], dtype=np.int64)
    rows = np.repeat(np.arange(len(identities)), lengths)
    starts = np.cumsum(lengths) - lengths
    found[rows, np.arange(len(flat)) - np.repeat(starts, lengths)] = flat
    return found


def _distinct(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[:MOST_WORDS] if len(set(words)) == len(words) else tuple(dict.fromkeys(words))[:MOST_WORDS]
