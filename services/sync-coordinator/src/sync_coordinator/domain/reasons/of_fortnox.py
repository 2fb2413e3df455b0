"""Reasons for which Fortnox holds a record back, or may hold it already."""

from __future__ import annotations

from sync_coordinator.domain.reasons.reason import CUSTOMER_MISSING, Reason, in_both

ABOUT_FORTNOX: dict[str, Reason] = {
    "article_missing": in_both(
        "standardartikeln saknas",
        "Standardartikeln finns inte i Fortnox",
        "The standard article does not exist in Fortnox",
        "Lägg upp artikeln i Fortnox med det nummer som kopplingen anger.",
        "Create the article in Fortnox with the number that the connection names.",
    ),
    "article_inactive": in_both(
        "standardartikeln är inaktiv",
        "Standardartikeln är inaktiv i Fortnox",
        "The standard article is inactive in Fortnox",
        "Aktivera artikeln i Fortnox.",
        "Activate the article in Fortnox.",
    ),
    CUSTOMER_MISSING: in_both(
        "kunden finns inte kvar i Fortnox",
        "Kunden finns inte kvar i Fortnox",
        "The customer no longer exists in Fortnox",
        "Länka företaget till rätt kundnummer, eller återskapa kunden i Fortnox med samma nummer och tryck på Försök igen.",
        "Link the company to the right customer number, or create the customer again under its number and press Try again.",
    ),
    "customer_currency": in_both(
        "kunden har en annan valuta",
        "Kundens valuta i Fortnox är en annan än kopplingens",
        "The customer's currency in Fortnox differs from the connection's",
        "Ändra valutan på kunden i Fortnox, eller fakturera den här affären för hand.",
        "Change the currency of the customer in Fortnox, or invoice this deal by hand.",
    ),
    "customer_vat": in_both(
        "kundens momstyp behöver bestämmas",
        "Kunden finns utanför Sverige och saknar momstyp eller VAT-nummer",
        "The customer is outside Sweden and lacks a VAT type or VAT number",
        "Ställ in momstyp och VAT-nummer på kunden i Fortnox.",
        "Set the VAT type and the VAT number of the customer in Fortnox.",
    ),
    "several_documents": in_both(
        "flera fakturor har affärens referens",
        "Flera dokument i Fortnox bär affärens referens",
        "Several documents in Fortnox carry the deal's reference",
        "Makulera eller kreditera dubbletten i Fortnox. Ingen av dem väljs av sig själv.",
        "Cancel or credit the duplicate in Fortnox. None of them is chosen by itself.",
        heals=False,
    ),
    "year_closed": in_both(
        "räkenskapsåret är inte öppet i Fortnox",
        "Räkenskapsåret eller perioden är inte öppen i Fortnox",
        "The financial year or the period is not open in Fortnox",
        "Öppna räkenskapsåret, eller lås upp perioden, i Fortnox. Inget behöver ändras i Lime Go.",
        "Open the financial year, or unlock the period, in Fortnox. Nothing needs to be changed in Lime Go.",
    ),
    "account_missing": in_both(
        "ett konto saknas i Fortnox",
        "Ett konto som fakturan behöver saknas eller är inaktivt i Fortnox",
        "An account that the invoice needs is missing or inactive in Fortnox",
        "Lägg upp eller aktivera kontot i Fortnox, och kontrollera artikelns konton och de fördefinierade kontona.",
        "Create or activate the account in Fortnox, and check the article's accounts and the predefined accounts.",
    ),
    "setting_missing": in_both(
        "en uppgift saknas i Fortnox register",
        "Kunden eller artikeln i Fortnox hänvisar till något som inte finns där",
        "The customer or the article in Fortnox refers to something that does not exist there",
        "Fortnox meddelande säger vad, till exempel ett betalningsvillkor. Lägg upp det i Fortnox, eller välj ett annat där.",
        "Fortnox' message says what, for example terms of payment. Create it in Fortnox, or choose another there.",
    ),
    "data_refused": in_both(
        "Fortnox godtar inte en uppgift",
        "Fortnox godtog inte en uppgift från Lime Go",
        "Fortnox did not accept a value from Lime Go",
        "Fortnox meddelande säger vilken, till exempel ett tecken i en text. Rätta den i Lime Go: då provas posten igen.",
        "Fortnox' message says which, for example a character in a text. Correct it in Lime Go: it is then tried again.",
        heals=False,
    ),
    "validation": in_both(
        "Fortnox säger nej",
        "Fortnox sade nej",
        "Fortnox said no",
        "Fortnox meddelande säger varför. Rätta det i Fortnox, eller i Lime Go om uppgiften kommer därifrån.",
        "Fortnox' message says why. Correct it in Fortnox, or in Lime Go if the value comes from there.",
    ),
    "document_reference_lost": in_both(
        "fakturans referens har tagits bort",
        "Referensen på fakturan i Fortnox har ändrats eller tagits bort",
        "The reference on the invoice in Fortnox was changed or removed",
        "Kontrollera fakturan i Fortnox. Ingen ny görs, eftersom den redan kan finnas.",
        "Check the invoice in Fortnox. No new one is made, because it may exist already.",
        heals=False,
    ),
    "database_name_too_long": in_both(
        "databasens namn är för långt",
        "Lime Go-databasens namn är för långt för fakturans referens",
        "The Lime Go database's name is too long for the invoice's reference",
        "Kontakta supporten: utan referens kan dubbletter inte uteslutas, så inget skapas.",
        "Contact support: without the reference duplicates cannot be ruled out, so nothing is made.",
        heals=False,
        may_try=False,
    ),
    "no_right": in_both(
        "Fortnox ger inte behörighet",
        "Fortnox ger kopplingen ingen behörighet",
        "Fortnox gives the connection no right",
        "Läs Fortnox meddelande. Förnya medgivandet, eller skaffa licensen eller behörigheten i Fortnox.",
        "Read Fortnox' message. Renew the consent, or get the licence or the right in Fortnox.",
    ),
    "outcome_unknown": in_both(
        "oklart om Fortnox tog emot posten",
        "Det är oklart om Fortnox tog emot posten, och det går inte att se efter där just nu",
        "It is not known whether Fortnox took the record, and just now it cannot be looked up there",
        "Kontrollera att Fortnox svarar och att medgivandet gäller. Gör inget för hand innan du har sett efter i Fortnox.",
        "Check that Fortnox answers and that the consent holds. Make nothing by hand before you have looked in Fortnox.",
    ),
}
