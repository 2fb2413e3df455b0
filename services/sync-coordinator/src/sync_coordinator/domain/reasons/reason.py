"""What a reason is."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOMER_MISSING = "customer_missing"
"""The company is linked to a number that Fortnox does not have: a new link heals it."""

DOCUMENT_DIFFERS = "document_differs"
"""The deal's document is there, and its sum or its customer is not the deal's, or its VAT not what the customer's card asks for.

`detail` holds both of what differs, the record the document's number.
"""


OUTCOME_UNKNOWN = "outcome_unknown"
"""A create was sent, and whether it was carried out cannot be looked up just now."""

NUMBER_CHANGED = "organisation_number_changed"
"""A linked company or its customer has another number: its documents wait until a person has looked."""


@dataclass(frozen=True)
class Reason:
    """A reason in words. `short` is what Lime Go shows.

    `heals`: it is looked at again by itself. `may_try`: *Try again* can help; False where a person must decide something first.
    """

    short: str
    title: tuple[str, str]
    remedy: tuple[str, str]
    heals: bool = True
    may_try: bool = True

    def words(self, language: str) -> tuple[str, str]:
        """Title and remedy in `sv` or `en`."""
        index = 1 if language == "en" else 0
        return self.title[index], self.remedy[index]


def in_both(short: str, sv: str, en: str, do_sv: str, do_en: str, *, heals: bool = True, may_try: bool = True) -> Reason:
    """A reason from its title and its remedy, each in Swedish and English."""
    return Reason(short, (sv, en), (do_sv, do_en), heals, may_try)
