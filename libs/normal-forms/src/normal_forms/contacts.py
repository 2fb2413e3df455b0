"""Telephone numbers, e-mail addresses and web domains."""

from __future__ import annotations

import re

import phonenumbers

from normal_forms.text import fold, without_decimals

_SWEDISH = re.compile(r"(?:\+46\(?0?\)?|0046|0)([1-9]\d{6,8})")
_FEWEST = 6
_NO_DIGIT = re.compile(r"[^\d+]")
_EMAIL = re.compile(r"[\w.+&'-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(r"^(?:[a-z]+://)?(?:[^@/]*@)?((?:[\w-]+\.)+[\w-]{2,})")
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov"})

SHARED_DOMAINS = frozenset(
    {
        *("gmail.com", "hotmail.com", "hotmail.se", "outlook.com", "live.se", "live.com", "msn.com", "yahoo.com", "yahoo.se"),
        *("icloud.com", "me.com", "telia.com", "bredband.net", "comhem.se", "spray.se", "bahnhof.se", "swipnet.se", "home.se"),
        *("tele2.se", "facebook.com", "linkedin.com", "instagram.com", "protonmail.com", "proton.me"),
    }
)
"""Domains that say nothing of the company behind an address."""


def read_phone(text: str, country_code: str = "") -> str:
    """The number by E.164 ("+46812345678"); its digits where it cannot be one; "" where there are too few to tell anything.

    Of several numbers in the field the first is read; "08/123 456 78" is one.
    """
    if not text:
        return ""
    text = without_decimals(text)
    digits = text if text.isdecimal() else _NO_DIGIT.sub("", text.partition("/")[0])
    if len(digits) < _FEWEST:
        digits = _NO_DIGIT.sub("", text)
    if country_code in ("", "SE") and (found := _SWEDISH.fullmatch(digits)):
        return "+46" + found.group(1)
    return _any_phone(digits, country_code or "SE") or (digits if len(digits) >= _FEWEST else "")


def _any_phone(digits: str, country_code: str) -> str:
    try:
        number = phonenumbers.parse(digits, country_code)
    except phonenumbers.NumberParseException:
        return ""
    # A number with a zero in front of its area code is Italian, or nonsense; either is compared by its digits.
    if number.italian_leading_zero or not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_email(text: str) -> str:
    """The first address in the field, in lower case; "" where none is."""
    if "@" not in text:
        return ""
    found = _EMAIL.search(fold(text))
    return found.group() if found else ""


def domain_of(email: str) -> str:
    """The company's own domain in a normal e-mail address; "" for a domain that many share."""
    return _registered(email.partition("@")[2]) if email else ""


def read_domain(text: str) -> str:
    """The registered domain of a web address, with or without scheme, "www" and path; "" where many share it."""
    if not text:
        return ""
    found = _HOST.match(fold(text))
    return _registered(found.group(1)) if found else ""


def _registered(host: str) -> str:
    labels = host.split(".")
    kept = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    domain = ".".join(labels[-kept:])
    return "" if domain in SHARED_DOMAINS else domain
