"""What a customer's card in Fortnox says of VAT, and what a row gets by it: pure (docs/field-mapping.md has the table).

Each VAT type has an account of its own on the article (fortnox.md, sections 5.1 and 5.5). A type that the country or the VAT
number contradicts is refused: an invoice would carry the wrong VAT, and Fortnox books it all the same (section 7, line 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from fortnox_connector.payloads import FullArticle, FullCustomer
from normal_forms.places import read_country
from servicekit.errors import PermanentError

EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
    "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""The member states' country codes (ISO 3166)."""
PREFIXES: Mapping[str, str] = MappingProxyType({"GR": "EL"})
"""Countries whose VAT numbers begin with other letters than their code."""


class Place(Enum):
    """Where a customer of a VAT type is. A card without a country is at home."""

    HOME = "at home"
    UNION = "in another EU country"
    BEYOND = "outside the EU"


@dataclass(frozen=True)
class Rule:
    """What a VAT type means for an invoice: whose account, whether VAT, and what the card must say."""

    account: str
    has_vat: bool
    place: Place
    needs_number: bool


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "SEVAT": Rule("SalesAccount", has_vat=True, place=Place.HOME, needs_number=False),
        "SEREVERSEDVAT": Rule("ConstructionAccount", has_vat=False, place=Place.HOME, needs_number=True),
        "EUVAT": Rule("EUVATAccount", has_vat=True, place=Place.UNION, needs_number=False),
        "EUREVERSEDVAT": Rule("EUAccount", has_vat=False, place=Place.UNION, needs_number=True),
        "EXPORT": Rule("ExportAccount", has_vat=False, place=Place.BEYOND, needs_number=False),
    }
)


def rule_of(customer: FullCustomer, home_country: str) -> Rule:
    """The rule of the card's VAT type; PermanentError when the card must not be invoiced by it."""
    if not customer.Active:
        raise PermanentError("customer_inactive")
    rule = RULES.get(customer.VATType or "SEVAT")
    if rule is None:
        raise PermanentError("customer_vat_unknown", customer.VATType)
    country = read_country(customer.CountryCode) if customer.CountryCode.strip() else home_country
    if not country or rule.place is not _place(country, home_country):
        raise PermanentError("customer_vat", f"{customer.VATType or 'SEVAT'}, {country}")
    if not _is_number_right(customer.VATNumber, country, rule):
        raise PermanentError("customer_vat_number", f"{customer.VATType or 'SEVAT'}, {country}")
    return rule


def account(rule: Rule, article: FullArticle) -> int | None:
    """The account that the article names for the rule's VAT type; None leaves it to Fortnox, which takes the company's own."""
    number = str(getattr(article, rule.account))
    return int(number) if number.isascii() and number.isdecimal() and int(number) else None


def _place(country: str, home_country: str) -> Place:
    if country == home_country:
        return Place.HOME
    return Place.UNION if country in EU else Place.BEYOND


def _is_number_right(number: str, country: str, rule: Rule) -> bool:
    """A number that is there belongs to the country; outside the EU, where forms differ, to no country of the EU."""
    letters = number.strip()[:2].upper()
    if not letters:
        return not rule.needs_number
    if rule.place is Place.BEYOND:
        return letters not in {PREFIXES.get(one, one) for one in EU}
    if not letters.isalpha() and not rule.needs_number:
        return True
    return letters == PREFIXES.get(country, country)
