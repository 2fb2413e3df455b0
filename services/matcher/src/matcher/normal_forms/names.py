"""Names of companies and sole traders: legal form, legal name, and the words that tell one company from another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcher.normal_forms.text import fold

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
_LONGEST_FORM = max(len(written.split()) for written in _FORM_OF)
# Words that start names as often as they are a legal form: they count as one in front only where Swedish law puts them there.
_IN_FRONT = frozenset({"ab", "hb", "kb", "brf", "stiftelse", "firma", "ekfor"})

_APART = re.compile(r"\s+(?:t/a|d/?b/?a|trading as|bifirma(?: till)?|genom|under namnet)\s+|\s+/\s+|\s*;\s*")
_CARE_OF = re.compile(r"\b(?:c/o|c\.o\.|℅|att(?:n|\.)?[:.]).*$")
_PUBLIC = re.compile(r"\(?\bpubl\b\.?\)?")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DOTS = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_NO_WORD = re.compile(r"[^\w&+]+")
_FIRST_OF_A_PLACE = frozenset({"norra", "sodra", "ostra", "vastra", "stora", "lilla", "nya", "gamla", "upplands", "sankt"})
_ADDITION = re.compile(
    r"^(.*\w\W+(?:ab|aktiebolag|hb|handelsbolag|kb|kommanditbolag|ek\.? for\.?))(?:\s*,\s*|\s+-\s+|\s+i\s+|\s+(?=filial$))([a-z ]+)$"
)
_AND = frozenset({"&", "+", "and", "och"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared.

    `legal`: every word in order, and the legal form; "" where no legal form is written, for then it may be a trading
    name. `words`: those that tell companies apart, without legal form, "och" and the place at the end ("i Stockholm"),
    which is `place`.
    """

    legal: str = ""
    form: str = ""
    words: tuple[str, ...] = ()
    place: str = ""

    @property
    def core(self) -> str:
        """The words as one text."""
        return " ".join(self.words)


NOTHING = Name()


def read_names(text: str) -> tuple[Name, ...]:
    """The names in a field, the legal one first: "Karlsson Restaurang AB / Kalles Kök" holds two."""
    folded = _CARE_OF.sub("", _PUBLIC.sub(" ", fold(text)))
    names = [name for part in _parts(folded) if (name := _read(part)).words]
    names.sort(key=lambda name: not name.legal)
    return tuple(names[:2])


def _parts(folded: str) -> list[str]:
    if "(" not in folded and "/" not in folded and ";" not in folded and "  " not in folded and not _APART.search(folded):
        return [folded]
    aside = _BRACKETS.findall(folded)
    return [*_APART.split(_BRACKETS.sub(" ", folded)), *aside]


def _read(text: str) -> Name:
    text, addition = _without_addition(text)
    words = _NO_WORD.sub(" ", _DOTS.sub("", text)).replace("_", " ").replace("&", " & ").replace("+", " & ").split()
    form, rest = _without_form(words)
    rest = ["och" if word in _AND else word for word in rest]
    legal = " ".join([*rest, f"[{form}]"]) if form and rest else ""
    words = _without_place(rest)
    place = " ".join(rest[len(words) + 1 :]) or addition
    return Name(legal, form, tuple(word for word in words if word != "och"), place)


def _without_addition(text: str) -> tuple[str, str]:
    """Without what people put behind the legal form: a town, a department, a branch."""
    found = _ADDITION.match(text)
    return (found.group(1), found.group(2)) if found else (text, "")


def _without_form(words: list[str]) -> tuple[str, list[str]]:
    """The outermost legal form, and the words within all that are written: people write it twice."""
    form = ""
    while (found := _outermost_form(words)) is not None:
        written, words = found
        form = form or written
    return form, words


def _outermost_form(words: list[str]) -> tuple[str, list[str]] | None:
    for length in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        if form := _FORM_OF.get(" ".join(words[-length:])):
            return form, words[:-length]
        if (form := _FORM_OF.get(" ".join(words[:length]), "")) in _IN_FRONT:
            return form, words[length:]
    return None


def _without_place(words: list[str]) -> list[str]:
    """Without "i Stockholm" at the end: the register demands it of namesakes, and people leave it out."""
    while True:
        if len(words) > 2 and words[-2] == "i":
            words = words[:-2]
        elif len(words) > 3 and words[-3] == "i" and words[-2] in _FIRST_OF_A_PLACE:
            words = words[:-3]
        else:
            return words
