"""Reasons that Lime Go gives: what cannot be read there, and what it does not take."""

from __future__ import annotations

from sync_coordinator.domain.reasons.reason import Reason, in_both

ABOUT_LIME_GO: dict[str, Reason] = {
    "company_unreadable": in_both(
        "företaget kan inte läsas",
        "Företaget eller affären kan inte läsas i Lime Go",
        "The company or the deal cannot be read in Lime Go",
        "Kontrollera att posten finns kvar, att nyckeln får läsa den och att inga texter är mycket långa. Tryck på Försök igen.",
        "Check that the record still exists, that the key may read it and that no text is very long. Then press Try again.",
        heals=False,
    ),
    "unreadable_answer": in_both(
        "svaret från Lime Go kan inte läsas",
        "Lime Go svarade något som Dubbelsynk inte kan läsa",
        "Lime Go answered something that Dubbelsynk cannot read",
        "Tryck på Försök igen. Hjälper det inte, skicka meddelandet till den som driver Dubbelsynk: Lime Go kan ha ändrat sig.",
        "Press Try again. If that does not help, send the message to whoever runs Dubbelsynk: Lime Go may have changed.",
        heals=False,
    ),
    "limego_refused": in_both(
        "Lime Go säger nej",
        "Lime Go sade nej",
        "Lime Go said no",
        "Lime Gos meddelande säger varför. Rätta det i Lime Go, eller i Fortnox om texten kommer därifrån.",
        "Lime Go's message says why. Correct it in Lime Go, or in Fortnox if the text comes from there.",
    ),
}
