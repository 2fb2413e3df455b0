"""Every reason why a record waits for somebody: its title and its remedy, in Swedish and English."""

from __future__ import annotations

from sync_coordinator.domain.reasons.of_companies import ABOUT_COMPANIES
from sync_coordinator.domain.reasons.of_deals import ABOUT_DEALS
from sync_coordinator.domain.reasons.of_fortnox import ABOUT_FORTNOX
from sync_coordinator.domain.reasons.of_lime_go import ABOUT_LIME_GO
from sync_coordinator.domain.reasons.of_the_way import ABOUT_THE_WAY
from sync_coordinator.domain.reasons.reason import (
    CUSTOMER_MISSING,
    DOCUMENT_DIFFERS,
    NUMBER_CHANGED,
    OUTCOME_UNKNOWN,
    Reason,
    in_both,
)

__all__ = [
    "ABOUT_ANOTHER_COMPANY",
    "ABOUT_DEALS",
    "ABOUT_LIKENESS",
    "ABOUT_THE_CUSTOMER",
    "ABOUT_THE_NUMBER",
    "CUSTOMER_MISSING",
    "DOCUMENT_DIFFERS",
    "MAY_EXIST",
    "NUMBER_CHANGED",
    "OUTCOME_UNKNOWN",
    "OUTSIDE",
    "PASSING",
    "REASONS",
    "RE_READ",
    "UNKNOWN",
    "UNNAMED",
    "Reason",
    "reason_of",
    "said_by",
]

ABOUT_THE_NUMBER = frozenset({"organisation_number_missing", "organisation_number_invalid"})
"""They ask for a Swedish number, which only a Swedish company has: of a foreign one its VAT comes first."""

ABOUT_LIKENESS = frozenset({"scored", "name_shared", "little_agrees"})
"""A person may say that the company is none of those, and have it created: where a number speaks, it would be a duplicate."""

ABOUT_ANOTHER_COMPANY = frozenset({"organisation_number_shared", "number_claimed", "customer_linked_elsewhere"})
"""Another company of Lime Go stands in the way: it may be gone, or have another number now."""

ABOUT_THE_CUSTOMER = frozenset(code for code in ABOUT_FORTNOX if code.startswith("customer_"))
"""A document that waits for one of these is decided again when its company gets another customer."""

RE_READ = frozenset({"stale", "connection_changed", "customer_appeared"})
"""Refusals that a fresh read and a fresh decision answer."""

MAY_EXIST = frozenset({"several_documents", "document_reference_lost", OUTCOME_UNKNOWN, DOCUMENT_DIFFERS})
"""Reasons with which a document may stand in Fortnox although none is known here: reopening the deal hides nothing."""

PASSING = frozenset({"stale", "connection_changed", OUTCOME_UNKNOWN, "write_unanswered"})
"""Waits that end without anybody in Lime Go doing anything: told on the first page, not on the company there."""

OUTSIDE = frozenset({"year_closed", "account_missing", "setting_missing", "validation", "limego_refused"})
"""Refusals whose cause lies, or may lie, outside the record: only another try tells whether it is mended, so the pauses grow."""

UNNAMED = frozenset({"validation", "limego_refused"})
"""Refusals of which only the remote system's own words say why."""

UNKNOWN = in_both(
    "se Dubbelsynk",
    "Något stoppade posten",
    "Something stopped the record",
    "Läs meddelandet, rätta i Lime Go eller Fortnox och tryck på Försök igen.",
    "Read the message, correct it in Lime Go or Fortnox and press Try again.",
    heals=False,
)

REASONS: dict[str, Reason] = {**ABOUT_COMPANIES, **ABOUT_DEALS, **ABOUT_FORTNOX, **ABOUT_LIME_GO, **ABOUT_THE_WAY}


def reason_of(code: str) -> Reason:
    """The reason with this code; an unknown one gets words that still say what to do."""
    return REASONS.get(code, UNKNOWN)


def said_by(code: str) -> str:
    """Whose words a record's `detail` holds, as far as the reason tells."""
    return "Lime Go" if code in ABOUT_LIME_GO else "Fortnox" if code in ABOUT_FORTNOX else ""
