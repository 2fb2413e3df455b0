"""Codes in a payload that other registers must have."""

from collections.abc import Mapping
from typing import Any

from sandbox.fortnox.company import Company
from sandbox.fortnox.errors import MISSING, bad

KINDS = (
    ("Currency", "currencies"), ("PriceList", "pricelists"), ("TermsOfPayment", "termsofpayments"), ("Unit", "units"),
)  # fmt: skip


def check_references(company: Company, record: Mapping[str, Any]) -> None:
    """Refuses a code of a register that the company does not have: as 400, for it stands in a payload."""
    for name, kind in KINDS:
        if record.get(name) and company[kind].get(record[name]) is None:
            raise bad(MISSING[kind])
