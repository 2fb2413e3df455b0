"""What a new company has: its settings, and the standard rows of its small registers (reference 5.7)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sandbox.fortnox.store import Value

TERMS = {
    "0": "0 dagar", "10": "10 dagar", "15": "15 dagar", "20": "20 dagar", "30": "30 dagar",
    "AG": "Autogiro", "K": "Kontant", "PF": "Postförskott",
}  # fmt: skip
UNITS = {"förp": "Förpackning", "h": "Timmar", "km": "Kilometer", "st": "Styck", "utl": "Utlägg"}
# By the customer's VAT type and the row's rate: the accounts that a new company predefines.
PREDEFINED_ACCOUNTS: Mapping[str, Mapping[int, int]] = {
    "SEVAT": {25: 3001, 12: 3002, 6: 3003, 0: 3004}, "SEREVERSEDVAT": {25: 3231}, "EUVAT": {25: 3106},
    "EUREVERSEDVAT": {25: 3108}, "EXPORT": {25: 3105},
}  # fmt: skip
PRICE_LISTS = {"A": "Prislista A"}
CURRENCIES = {
    "SEK": (1, "Svensk krona"),
    "EUR": (11.5, "Euro"),
    "NOK": (0.98, "Norsk krona"),
    "DKK": (1.54, "Dansk krona"),
    "USD": (10.4, "US-dollar"),
}


@dataclass(frozen=True)
class Settings:
    """What the company has chosen for itself: whole kronor, bank details (without them nothing is printed or mailed), and
    registration for documents that Fortnox sends. And what its books have: an open financial year (without one no invoice
    is made or booked), and predefined accounts for rows that name none."""

    rounds_to_kronor: bool = True
    bank_details: bool = True
    registered: bool = False
    financial_year: bool = True
    predefined_accounts: bool = True

    def changed(self, values: Mapping[str, Any]) -> "Settings":
        """These settings with some set otherwise; raises ValueError."""
        if not all(isinstance(value, bool) for value in values.values()) or set(values) - set(asdict(self)):
            raise ValueError(f"the settings are true or false: {', '.join(asdict(self))}")
        return replace(self, **values)

    def to_json(self) -> dict[str, bool]:
        """The settings as control shows them."""
        return asdict(self)


def standard_rows(today: str) -> dict[str, dict[str, Value]]:
    """By register and code, the rows without code and address."""
    rates = {"Date": today, "IsAutomatic": False}
    return {
        "termsofpayments": {code: {"Description": text} for code, text in TERMS.items()},
        "pricelists": {code: {"Description": text, "Comments": "", "PreSelected": True} for code, text in PRICE_LISTS.items()},
        "units": {code: {"Description": text, "CodeEnglish": ""} for code, text in UNITS.items()},
        "currencies": {
            code: {"Description": text, "BuyRate": rate, "SellRate": rate, "Unit": 1, **rates}
            for code, (rate, text) in CURRENCIES.items()
        },
    }
