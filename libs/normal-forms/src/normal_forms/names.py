"""Names of companies and sole traders: legal form, legal name, and the words that tell one company from another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from normal_forms.text import fold

_FORMS = {
    "ab": ("ab", "a b", "aktiebolag", "aktiebolaget", "publikt aktiebolag"),
    "hb": ("hb", "h b", "handelsbolag", "handelsbolaget"),
    "kb": ("kb", "k b", "kommanditbolag", "kommanditbolaget"),
    "ekfor": ("ek for", "ekfor", "ekonomisk forening", "ekonomiska foreningen", "ekonomiska forening", "e f", "ek forening"),
    "brf": ("brf", "bostadsrattsforening", "bostadsrattsforeningen", "bostadsrattsforen", "bostadsr for"),
    "stiftelse": ("stiftelse", "stiftelsen", "stift"),
    "ideell": ("ideell forening", "ideella foreningen", "ideella forening"),
    "firma": ("enskild firma", "firma", "e firma", "ensk firma"),
    "as": ("as", "a s", "asa", "aktieselskab", "aksjeselskap"),
    "aps": ("aps", "anpartsselskab"),
    "oy": ("oy", "oyj", "oy ab", "osakeyhtio"),
    "gmbh": ("gmbh",),
    "ag": ("ag",),
    "ltd": ("ltd", "limited", "plc"),
    "inc": ("inc", "llc", "corp"),
    "bv": ("bv", "b v", "nv"),
    "sa": ("sa", "sas", "sarl", "srl", "spa"),
}
_FORM_OF = {written: form for form, all_written in _FORMS.items() for written in all_written}
_FIRST_OF_A_FORM = frozenset(written.split()[0] for written in _FORM_OF)
_LAST_OF_A_FORM = frozenset(written.split()[-1] for written in _FORM_OF)
_LONGEST_FORM = max(len(written.split()) for written in _FORM_OF)
# Words that start names as often as they are a legal form: they count as one in front only where Swedish law puts them there.
_IN_FRONT = frozenset({"ab", "hb", "kb", "brf", "stiftelse", "firma", "ekfor"})

_APART = re.compile(r"\s+(?:t/a|d/?b/?a|trading as|bifirma(?: till)?|genom|under namnet)\s+|\s+/\s+|\s*;\s*")
_CARE_OF = re.compile(r"\b(?:c/o|c\.o\.|att(?:n|\.)?[:.]).*$")
# A text that holds several names has one of these, or a slash, a semicolon or brackets.
_APART_WORDS = frozenset({"dba", "trading", "bifirma", "genom", "under"})
_PUBLIC = re.compile(r"\(?\bpubl\b\.?\)?")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DOTS = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_NO_WORD = re.compile(r"[^\w&+]+")
_FIRST_OF_A_PLACE = frozenset({"norra", "sodra", "ostra", "vastra", "stora", "lilla", "nya", "gamla", "upplands", "sankt"})
_ADDITION = re.compile(r"^(.+?)(?:\s*,\s*|\s+-\s+)([a-z ]+)$")
_DEPARTMENTS = frozenset(
    {"filial", "ekonomi", "ekonomiavdelningen", "redovisningen", "fakturor", "inkop", "kontoret", "huvudkontoret"}
)
# What follows "i" behind a legal form and is no town: the estate of a bankrupt company is another legal person than the
# successor that bears its name.
_ENDING = frozenset({"konkurs", "likvidation", "rekonstruktion", "ackord"})
_AND = frozenset({"&", "+", "and", "och"})
# Words that join others, or stand before or for a place.
_JOINTS = _AND | {"i", "filial"}


class Name(NamedTuple):
    """A name as it is compared.

    `legal`: every word in order, and the legal form; "" where no legal form is written, for then it may be a trading
    name. `words`: those that tell companies apart, without legal form, "och" and the place at the end ("i Stockholm"),
    which is `place`. `core` is the words as one text, `sorted_core` the same in alphabetical order.
    """

    legal: str = ""
    form: str = ""
    words: tuple[str, ...] = ()
    place: str = ""

    core: str = ""
    sorted_core: str = ""


NOTHING = Name()


@lru_cache(maxsize=65_536)
def read_names(text: str) -> tuple[Name, ...]:
    """The names in a field, the legal one first: "Karlsson Restaurang AB / Kalles Kök" holds two."""
    folded = fold(text)
    if "publ" in folded:
        folded = " ".join(_PUBLIC.sub(" ", folded).split())
    if "/" in folded or "." in folded or ":" in folded:
        folded = _CARE_OF.sub("", folded)
    names = [name for part in _parts(folded) if (name := _read(part)).words]
    if len(names) > 1:
        names.sort(key=lambda name: not name.legal)
    return tuple(names[:2])


def _parts(folded: str) -> list[str]:
    has_sign = "/" in folded or "(" in folded or ";" in folded
    if not has_sign and _APART_WORDS.isdisjoint(folded.split()):
        return [folded]
    aside = _BRACKETS.findall(folded)
    return [*_APART.split(_BRACKETS.sub(" ", folded)), *aside]


def _read(text: str) -> Name:
    text, addition = _without_addition(text)
    words = _words_of(text)
    if not addition and _JOINTS.isdisjoint(words):
        # As most names are: words and a legal form.
        form, rest = _without_form(words)
        legal = " ".join([*rest, f"[{form}]"]) if form else ""
        return Name(legal, form, tuple(rest), "", " ".join(rest), " ".join(sorted(rest)))
    form, rest = _without_form(["och" if word in _AND else word for word in words])
    if not form and (found := _outermost_form(within := _without_place(rest))):
        addition = addition or " ".join(rest[len(within) :]).removeprefix("i ")
        form, rest = found[0], _without_form(within)[1]
    legal = " ".join([*rest, f"[{form}]"]) if form else ""
    telling, place = _telling(rest)
    return Name(legal, form, telling, place or addition, " ".join(telling), " ".join(sorted(telling)))


def _telling(words: list[str]) -> tuple[tuple[str, ...], str]:
    """The words that tell companies apart, and the outermost place."""
    place, words = "", [word for word in words if word != "och"]
    while True:
        within = _without_place(words)
        place = place or " ".join(words[len(within) :]).removeprefix("i ")
        _, shorter = _without_form(within)
        if shorter == words:
            return tuple(words), place
        words = shorter


def _without_addition(text: str) -> tuple[str, str]:
    """Without what people put behind a name: a department, a branch; a town, where a legal form shows that the name is over."""
    found = _ADDITION.match(text) if "," in text or " - " in text else None
    if not found or (found.group(2) not in _DEPARTMENTS and not _without_form(_words_of(found.group(1)))[0]):
        return text, ""
    return found.group(1), found.group(2)


def _words_of(text: str) -> list[str]:
    if text.replace(" ", "").isalnum():
        return text.split()
    return _NO_WORD.sub(" ", _DOTS.sub("", text)).replace("_", " ").replace("&", " & ").replace("+", " & ").split()


def _without_form(words: list[str]) -> tuple[str, list[str]]:
    """The outermost legal form, and the words within all that are written: people write it twice."""
    form = ""
    while (found := _outermost_form(words)) is not None:
        written, words = found
        form = form or written
    return form, words


def _outermost_form(words: list[str]) -> tuple[str, list[str]] | None:
    if words and words[-1] not in _LAST_OF_A_FORM and words[0] not in _FIRST_OF_A_FORM:
        return None
    lengths = range(min(_LONGEST_FORM, len(words) - 1), 0, -1)
    for length in lengths:
        if form := _FORM_OF.get(" ".join(words[-length:])):
            return form, words[:-length]
    for length in lengths:
        if (form := _FORM_OF.get(" ".join(words[:length]), "")) in _IN_FRONT:
            return form, words[length:]
    return None


def _without_place(words: list[str]) -> list[str]:
    """Without "i Stockholm" at the end: the register demands it of namesakes, and people leave it out.

    Behind a legal form whatever follows "i" is a place; without one it is one word, or two of which the first is known.
    """
    for place in range(2, len(words) - 1):
        is_last = place == len(words) - 2 or (place == len(words) - 3 and words[place + 1] in _FIRST_OF_A_PLACE)
        if words[place] == "i" and words[place + 1] not in _ENDING and (is_last or _ends_with_form(words[:place])):
            return _without_place(words[:place])
    if len(words) > 2 and words[-2] == "i" and words[-1] not in _ENDING:
        return words[:-2]
    return words[:-1] if len(words) > 1 and words[-1] == "filial" else words


def _ends_with_form(words: list[str]) -> bool:
    return any(" ".join(words[-length:]) in _FORM_OF for length in range(1, min(_LONGEST_FORM, len(words) - 1) + 1))
