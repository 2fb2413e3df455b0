"""Codes in a payload that other registers must have."""

from collections.abc import Mapping
from typing import Any

from sandbox.fortnox.company import Company
from sandbox.fortnox.errors import MISSING, bad


def check_references(company: Company, record: Mapping[str, Any]) -> None:
    """Refuses a currency, terms of payment or unit that the company does not have: as 400, for it stands in a payload."""
    for name, kind in (("Currency", "currencies"), ("TermsOfPayment", "termsofpayments"), ("Unit", "units")):
        if record.get(name) and company[kind].get(record[name]) is None:
            raise bad(MISSING[kind])
