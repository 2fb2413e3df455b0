"""Reasons about a deal, and about when its document may be made."""

from __future__ import annotations

from sync_coordinator.domain.reasons.reason import Reason, in_both

ABOUT_DEALS: dict[str, Reason] = {
    "company_missing": in_both(
        "affären saknar företag",
        "Affären hör inte till något företag",
        "The deal belongs to no company",
        "Koppla affären till ett företag i Lime Go.",
        "Connect the deal to a company in Lime Go.",
    ),
    "deal_name_missing": in_both(
        "affären saknar namn",
        "Affären saknar namn",
        "The deal has no name",
        "Ge affären ett namn i Lime Go: det blir fakturaradens text.",
        "Name the deal in Lime Go: it becomes the text of the invoice row.",
    ),
    "deal_name_too_long": in_both(
        "affärens namn är för långt",
        "Affärens namn är längre än 255 tecken",
        "The deal's name is longer than 255 characters",
        "Korta namnet i Lime Go till högst 255 tecken. Det kortas aldrig av sig självt.",
        "Shorten the name in Lime Go to at most 255 characters. It is never cut by itself.",
    ),
    "value_unreadable": in_both(
        "affärens värde kan inte läsas",
        "Affärens värde kunde inte läsas",
        "The deal's value could not be read",
        "Fyll i värdet i Lime Go, och kontrollera att API-nyckeln har full behörighet.",
        "Fill in the value in Lime Go, and check that the API key has full access.",
    ),
    "value_zero": in_both(
        "affären saknar värde",
        "Affärens värde är 0",
        "The deal's value is 0",
        "Fyll i affärens värde i Lime Go. En faktura på 0 kr görs aldrig.",
        "Fill in the deal's value in Lime Go. An invoice of 0 is never made.",
    ),
    "value_negative": in_both(
        "affärens värde är negativt",
        "Affärens värde är negativt",
        "The deal's value is negative",
        "Rätta värdet i Lime Go. En kreditfaktura görs i Fortnox.",
        "Correct the value in Lime Go. Credit notes are made in Fortnox.",
    ),
    "value_unusable": in_both(
        "affärens värde går inte att fakturera",
        "Affärens värde har fler än 15 siffror eller fler än två decimaler",
        "The deal's value has more than 15 digits or more than two decimals",
        "Rätta värdet i Lime Go. Det avrundas aldrig av sig självt.",
        "Correct the value in Lime Go. It is never rounded by itself.",
    ),
    "waiting_for_customer": in_both(
        "kunden",
        "Fakturan väntar på kunden",
        "The invoice waits for the customer",
        "Se kundens rad: när den är klar skapas fakturan av sig själv.",
        "See the customer's row: when it is done, the invoice is made by itself.",
        may_try=False,
    ),
    "brake": in_both(
        "bromsen: ovanligt många fakturor",
        "Ovanligt många fakturor på en timme: bromsen håller dem",
        "Unusually many invoices within an hour: the brake holds them",
        "Tryck på Granska och välj vilka som ska bli fakturor.",
        "Press Review and choose which are to become invoices.",
        heals=False,
        may_try=False,
    ),
    "won_while_paused": in_both(
        "vunnen medan kopplingen var pausad",
        "Affären vanns medan kopplingen var pausad",
        "The deal was won while the connection was paused",
        "Fakturerades den för hand? Låt den vara. Annars: återuppta kopplingen, tryck på Granska och välj den.",
        "Was it invoiced by hand? Leave it. Otherwise: resume the connection, press Review and choose it.",
        heals=False,
        may_try=False,
    ),
    "changed_since_release": in_both(
        "beloppet ändrades",
        "Affärens belopp är ett annat än det som släpptes",
        "The deal's amount is another than the one that was released",
        "Kontrollera beloppet, tryck på Granska och välj fakturan igen om det stämmer.",
        "Check the amount, press Review and choose the invoice again if it is right.",
        heals=False,
        may_try=False,
    ),
}
