"""Every reason why a record waits for somebody: its title and its remedy, in Swedish and English."""

from __future__ import annotations

from sync_coordinator.domain.reasons.of_companies import ABOUT_COMPANIES
from sync_coordinator.domain.reasons.of_deals import ABOUT_DEALS
from sync_coordinator.domain.reasons.of_fortnox import ABOUT_FORTNOX
from sync_coordinator.domain.reasons.of_the_way import ABOUT_THE_WAY
from sync_coordinator.domain.reasons.reason import CUSTOMER_MISSING, Reason, in_both

__all__ = ["ABOUT_LIKENESS", "CUSTOMER_MISSING", "PASSING", "REASONS", "RE_READ", "UNKNOWN", "Reason", "reason_of"]

ABOUT_LIKENESS = frozenset({"scored", "name_shared", "little_agrees"})
"""A person may say that the company is none of those, and have it created: where a number speaks, it would be a duplicate."""

RE_READ = frozenset({"stale", "connection_changed", "customer_appeared"})
"""Refusals that a fresh read and a fresh decision answer."""

PASSING = frozenset({"stale", "connection_changed", "outcome_unknown", "write_unanswered"})
"""Waits that end without anybody in Lime Go doing anything: told on the first page, not on the company there."""

UNKNOWN = in_both(
    "se Dubbelsynk",
    "Något stoppade posten",
    "Something stopped the record",
    "Läs meddelandet, rätta i Lime Go eller Fortnox och tryck på Försök igen.",
    "Read the message, correct it in Lime Go or Fortnox and press Try again.",
    heals=False,
)

REASONS: dict[str, Reason] = {**ABOUT_COMPANIES, **ABOUT_DEALS, **ABOUT_FORTNOX, **ABOUT_THE_WAY}


def reason_of(code: str) -> Reason:
    """The reason with this code; an unknown one gets words that still say what to do."""
    return REASONS.get(code, UNKNOWN)
