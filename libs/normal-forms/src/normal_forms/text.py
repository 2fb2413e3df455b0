"""Letters as they are compared: one case, no accents, and what a wrong encoding did to them undone."""

from __future__ import annotations

import re
import unicodedata

MOST_LETTERS = 1000
"""Fortnox takes 1 024 in a name. What is longer is no name, and reading it word by word would hold up everything behind it."""
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Signs without width and direction marks, which come along when a number or a name is copied out of a web page or Excel."""
_LOST = re.compile(r"[?\ufffd](?=\w)|(?<=\w)[?\ufffd]")
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("åäàáâãæ", "a"),
        **dict.fromkeys("öøòóôõœ", "o"),
        **dict.fromkeys("éèêë", "e"),
        **dict.fromkeys("üùúû", "u"),
        **dict.fromkeys("íìîï", "i"),
        **dict.fromkeys("ýÿ", "y"),
        "ñ": "n",
        "ç": "c",
        "ð": "d",
        "þ": "th",
        "ł": "l",
    }
)


_AS_A_NUMBER = re.compile(r"\s*(\d+)[.,]0{1,2}\s*")


def without_decimals(text: str) -> str:
    """Digits that a spreadsheet kept as a number ("5560360793.0", "12345,00") without its decimals; any other text as it is."""
    found = _AS_A_NUMBER.fullmatch(text) if "." in text or "," in text else None
    return found.group(1) if found else text


def fold(text: str) -> str:
    """The text in lower case, å ä ö as a a o, any run of white space as one space.

    UTF-8 that was read as Windows-1252 ("Ã¥") is put right first; a sign that stands for a lost letter is left out,
    and so is one that nobody sees, and whatever follows the first MOST_LETTERS.
    """
    text = text[:MOST_LETTERS]
    if "?" in text or "\ufffd" in text:
        text = _LOST.sub("", text)
    # The letters that most Swedish texts have besides ASCII's, one by one: the general way takes several times as long.
    plain = text.lower().replace("å", "a").replace("ä", "a").replace("ö", "o").replace("é", "e")
    if plain.isascii():
        return " ".join(plain.split())
    text = INVISIBLE.sub("", text)
    if "Ã" in text:
        text = _repaired(text)
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    if not folded.isascii():
        parts = unicodedata.normalize("NFKD", folded)
        folded = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return " ".join(folded.split())


def _repaired(text: str) -> str:
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text
