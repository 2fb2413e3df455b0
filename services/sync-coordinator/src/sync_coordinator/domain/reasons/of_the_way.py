"""Reasons that lie between the two systems."""

from __future__ import annotations

from sync_coordinator.domain.reasons.reason import Reason, in_both

ABOUT_THE_WAY: dict[str, Reason] = {
    "message_too_large": in_both(
        "för mycket text",
        "Posten har för mycket text för att kunna skickas vidare",
        "The record has too much text to be passed on",
        "Korta de längsta texterna på posten i Lime Go och tryck på Försök igen.",
        "Shorten the longest texts of the record in Lime Go and press Try again.",
        heals=False,
    ),
    "write_unanswered": in_both(
        "Lime Go svarar inte på det som skrivs",
        "Lime Go har i tio minuter inte svarat begripligt på det som ska visas där",
        "For ten minutes Lime Go has given no usable answer to what is to be shown there",
        "Provas igen av sig själv var tionde minut. Går det inte över: kontrollera att Lime Go svarar och att nyckeln gäller.",
        "It is tried again by itself every ten minutes. If it does not pass: check that Lime Go answers and that the key holds.",
    ),
    "stale": in_both(
        "köade för länge",
        "Posten hann bli gammal i kön flera gånger",
        "The record grew too old in the queue several times",
        "Kontrollera att Fortnox svarar och tryck på Försök igen.",
        "Check that Fortnox answers, and press Try again.",
    ),
    "connection_changed": in_both(
        "kopplingen ändrades",
        "Kopplingen ändrades medan posten var på väg",
        "The connection was changed while the record was on its way",
        "Kontrollera kopplingen och tryck på Försök igen.",
        "Check the connection, and press Try again.",
    ),
    "customer_appeared": in_both(
        "en kund med numret dök upp",
        "En kund med samma organisationsnummer dyker upp i Fortnox men kan inte läsas därifrån",
        "A customer with the same organisation number appears in Fortnox but cannot be read",
        "Länka företaget till det kundnumret, eller tryck på Försök igen.",
        "Link the company to that customer number, or press Try again.",
    ),
}
