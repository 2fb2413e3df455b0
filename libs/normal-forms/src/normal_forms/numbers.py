"""Numbers that name a company: Swedish organisation numbers, personal numbers of sole traders, VAT numbers of any country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import ModuleType

from stdnum.util import clean, get_cc_module

from normal_forms.text import INVISIBLE, without_decimals

_LABEL = re.compile(
    r"^(?:(?:ORGANISATIONS?|ORGANIZATION|ORG|PERSON|PERS|CORPORATEID|VAT|MOMSREGISTRERINGS|MOMSREG|MOMS)(?:NUMMER|NUMBER|NR|NO|ID)?)+"
)
_BETWEEN = " -.:/+'\"=()"
_SEPARATORS = str.maketrans("", "", _BETWEEN + "\t\n\r\v\f\x1c\x1d\x1e\x1f")
# A number as a spreadsheet shows numbers: "5,560,360,793", "5.560.360.793,00". With another separator it has no comma.
_GROUPED = re.compile(r"(\d{1,3}(?:,\d{3})+)(?:\.0{1,2})?|(\d{1,3}(?:[.\s]\d{3})+),0{1,2}")
_VAT_FORM = re.compile(r"SE(\d{10})(?:01)?")
_WITH_CENTURY = re.compile(r"(?:16|18|19|20)(\d{10})")
_FOREIGN_VAT = re.compile(r"(?!SE)([A-Z]{2})[0-9A-Z+*]{4,13}")
# Where the number in the national register, behind the country's code, is the VAT number.
_REGISTER_IS_VAT = frozenset({"DK", "NO", "FI"})
# What two digits add to Luhn's sum, the first of them doubled.
_LUHN = {f"{first}{second}": sum(divmod(2 * first, 10)) + second for first in range(10) for second in range(10)}
_OTHER_CODE = {"EL": "GR", "XI": "GB", "UK": "GB"}


class NumberState(StrEnum):
    """What a field for an organisation number holds."""

    VALID = "valid"
    MISSING = "missing"
    INVALID = "invalid"


@dataclass(frozen=True)
class OrganisationNumber:
    """An organisation number as it is compared: `normal` is its ten digits, None unless the state is valid."""

    state: NumberState
    normal: str | None = None


def read_number(text: str | None) -> OrganisationNumber:
    """Reads a Swedish organisation number, or a sole trader's personal number, in every form that people write it.

    Separators of any kind, a label, the prefix 16 or a century, and the VAT form SE…01 are accepted. Ten digits of one
    kind and 0000000000 pass the check digit and are refused: they are what people type to get past a required field.
    """
    written = compact(text)
    if not written:
        return OrganisationNumber(NumberState.MISSING)
    digits = _ten_digits(written)
    if digits is None or not _is_plausible(digits):
        return OrganisationNumber(NumberState.INVALID)
    return OrganisationNumber(NumberState.VALID, digits)


def read_identifier(text: str, country_code: str = "") -> str:
    """The number under which a company is known, "" where none can be read.

    Ten digits for a Swedish number, the country's code and the number for a foreign VAT number ("DK13585628"). The
    register numbers of Denmark, Norway and Finland are read without the code where the country says so.
    """
    if not text:
        return ""
    # Most are written like this; all others take the long way.
    plain = text[:6] + text[7:] if text[6:7] == "-" else text
    if len(plain) == 10 and plain.isdecimal() and _is_plausible(plain):
        return plain
    written = compact(text)
    if (digits := _ten_digits(written)) is not None and _is_plausible(digits):
        return digits
    if found := _FOREIGN_VAT.fullmatch(written):
        return _foreign(found.group(1), written[2:])
    return _foreign(country_code, written) if country_code in _REGISTER_IS_VAT else ""


def compact(text: str | None) -> str:
    """The text without separators and label, in upper case."""
    if not text:
        return ""
    # The library knows every dash and digit of Unicode, and takes its time.
    upper = _as_digits(text).upper()
    written = upper.translate(_SEPARATORS) if upper.isascii() else re.sub(r"\s", "", clean(INVISIBLE.sub("", upper), _BETWEEN))
    return written if written.isdigit() else _LABEL.sub("", written)


def _as_digits(text: str) -> str:
    """Without what a spreadsheet adds to a number: decimals, which would be digits more, and a sign between thousands."""
    if "," in text and (found := _GROUPED.fullmatch(text.strip())) is not None:
        return (found.group(1) or found.group(2)).replace(",", "")
    return without_decimals(text)


def read_digits(text: str) -> str:
    """What can be compared of a number that is not valid: its ten digits where it has the shape, else all that is written."""
    written = compact(text)
    return _ten_digits(written) or written


def is_personal(digits: str) -> bool:
    """Skatteverket: the third digit of a legal entity's number is at least 2, which no month begins with."""
    return digits[:1].isdigit() and digits[2] < "2"


def _ten_digits(written: str) -> str | None:
    if len(written) == 10:
        return written if written.isdecimal() else None
    if found := _VAT_FORM.fullmatch(written) or _WITH_CENTURY.fullmatch(written):
        return found.group(1)
    return None


@lru_cache(maxsize=131_072)
def _is_plausible(digits: str) -> bool:
    if not digits.isascii() or not has_check_digit(digits) or len(set(digits)) == 1:
        return False
    return not is_personal(digits) or _is_birth_date(digits[:6])


def has_check_digit(digits: str) -> bool:
    """Luhn's, of ten digits: every other one doubled, all digits of the results added up. The library takes ten times as long."""
    of = _LUHN
    return (of[digits[:2]] + of[digits[2:4]] + of[digits[4:6]] + of[digits[6:8]] + of[digits[8:]]) % 10 == 0


def _is_birth_date(digits: str) -> bool:
    """Year, month, day of any century; the day of a coordination number is 60 higher."""
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    for century in (1900, 2000):
        try:
            date(century + year, month, day - 60 if day > 60 else day)
        except ValueError:
            continue
        return True
    return False


def _foreign(code: str, number: str) -> str:
    code = _OTHER_CODE.get(code, code)
    number = number.removesuffix("MVA")
    module = _vat_module(code)
    # Norway's own form ends in MVA, which people leave out.
    if module is None or not module.is_valid(f"{code}{number}MVA" if code == "NO" else code + number):
        return ""
    return code + re.sub(r"\W", "", number)


@lru_cache(maxsize=512)
def _vat_module(code: str) -> ModuleType | None:
    try:
        module = get_cc_module(code.lower(), "vat")
    except ImportError:
        return None
    return module if isinstance(module, ModuleType) else None
