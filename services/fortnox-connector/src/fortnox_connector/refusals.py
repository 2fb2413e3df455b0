"""What Fortnox says no for: from its code, else from its words, to the reason that a person is told."""

from __future__ import annotations

import re
from collections.abc import Mapping

UNKNOWN = "validation"
"""Fortnox said no for a cause that no table names: its own words are all there is."""

REASON_OF_CODE: Mapping[int, str] = {
    # Numbers that we sent and Fortnox does not have (any longer).
    2000204: "customer_missing",
    2000433: "customer_missing",
    2000428: "article_missing",
    2001302: "article_missing",
    # The books: accounts.
    2000423: "account_missing",
    2000550: "account_missing",
    2001304: "account_missing",
    2001403: "account_missing",
    2004167: "account_missing",
    # Registers that the customer's or the article's card points into.
    2000427: "setting_missing",
    2000429: "setting_missing",
    2000430: "setting_missing",
    2000431: "setting_missing",
    2000432: "setting_missing",
    2000435: "setting_missing",
    2001161: "setting_missing",
    # A value that came from Lime Go.
    2000106: "data_refused",
    2000107: "data_refused",
    2000108: "data_refused",
    2000134: "data_refused",
    2000359: "data_refused",
    2001600: "data_refused",
    2001896: "data_refused",
}
"""Codes that fortnox.md, section 3.3, lists and that a create of ours can meet."""

REASON_OF_WORDS = (
    (
        "year_closed",
        re.compile(
            r"räkenskapsår|financial year|fiscal year"
            r"|(låst|stängd|locked|closed) (bokförings|accounting )?period"
            r"|period\w* (är|is) (låst|stängd|locked|closed)",
            re.IGNORECASE,
        ),
    ),
    ("setting_missing", re.compile(r"kostnadsställe|cost cent(er|re)", re.IGNORECASE)),
)
"""No public source gives these codes (fortnox.md, trap 19): Fortnox' words tell them apart (docs/unconfirmed.md)."""


def reason_of(code: int, message: str) -> str:
    """The reason for a refusal with this code and these words; `validation` for one that is not known."""
    known = REASON_OF_CODE.get(code)
    if known is not None:
        return known
    return next((reason for reason, words in REASON_OF_WORDS if words.search(message)), UNKNOWN)
