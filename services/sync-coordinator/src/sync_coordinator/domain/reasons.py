"""Every reason why a record waits for somebody: its title and its remedy, in Swedish and English."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOMER_MISSING = "customer_missing"
"""The company is linked to a number that Fortnox does not have: a new link heals it."""

ABOUT_LIKENESS = frozenset({"scored", "name_shared", "little_agrees"})
"""A person may say that the company is none of those, and have it created: where a number speaks, it would be a duplicate."""

RE_READ = frozenset({"stale", "connection_changed", "customer_appeared"})
"""Refusals that a fresh read and a fresh decision answer."""

PASSING = frozenset({"stale", "connection_changed", "outcome_unknown"})
"""Waits that end without anybody in Lime Go doing anything: told on the first page, not on the company there."""


@dataclass(frozen=True)
class Reason:
    """A reason in words. `short` is what Lime Go shows; `heals`: it is looked at again by itself every ten minutes."""

    short: str
    title: tuple[str, str]
    remedy: tuple[str, str]
    heals: bool = True

    def words(self, language: str) -> tuple[str, str]:
        """Title and remedy in `sv` or `en`."""
        index = 1 if language == "en" else 0
        return self.title[index], self.remedy[index]


def reason_of(code: str) -> Reason:
    """The reason with this code; an unknown one gets words that still say what to do."""
    return REASONS.get(code, UNKNOWN)


def _both(short: str, sv: str, en: str, do_sv: str, do_en: str, *, heals: bool = True) -> Reason:
    return Reason(short, (sv, en), (do_sv, do_en), heals)


UNKNOWN = _both(
    "se Dubbelsynk",
    "Något stoppade posten",
    "Something stopped the record",
    "Läs meddelandet, rätta i Lime Go eller Fortnox och tryck på Försök igen.",
    "Read the message, correct it in Lime Go or Fortnox and press Try again.",
    heals=False,
)

REASONS: dict[str, Reason] = {
    "organisation_number_missing": _both(
        "organisationsnummer saknas",
        "Företaget saknar organisationsnummer",
        "The company has no organisation number",
        "Fyll i organisationsnumret på företaget i Lime Go, eller länka till ett kundnummer.",
        "Fill in the organisation number on the company in Lime Go, or link it to a customer number.",
    ),
    "organisation_number_invalid": _both(
        "organisationsnumret är fel",
        "Organisationsnumret är inte giltigt",
        "The organisation number is not valid",
        "Rätta organisationsnumret på företaget i Lime Go (tio siffror, kontrollsiffran stämmer inte).",
        "Correct the organisation number on the company in Lime Go (ten digits; the check digit is wrong).",
    ),
    "organisation_number_shared": _both(
        "flera företag har samma organisationsnummer",
        "Två företag i Lime Go har samma organisationsnummer",
        "Two companies in Lime Go share the organisation number",
        "Slå ihop företagen i Lime Go eller rätta numret på det ena. Filialer: länka till rätt kundnummer.",
        "Merge the companies in Lime Go or correct one of the numbers. Branches: link to the right customer number.",
    ),
    "organisation_number_changed": _both(
        "organisationsnumret har ändrats",
        "Organisationsnumret har ändrats sedan företaget matchades",
        "The organisation number has changed since the company was matched",
        "Rätta tillbaka numret i Lime Go, eller länka företaget till rätt kundnummer.",
        "Change the number back in Lime Go, or link the company to the right customer number.",
    ),
    "several_customers": _both(
        "flera kunder har samma organisationsnummer",
        "Flera kunder i Fortnox har organisationsnumret",
        "Several customers in Fortnox have the organisation number",
        "Välj rätt kundnummer nedan med Länka.",
        "Choose the right customer number below with Link.",
    ),
    "customer_linked_elsewhere": _both(
        "kunden hör till ett annat företag",
        "Kunden i Fortnox är redan länkad till ett annat företag",
        "The customer in Fortnox is already linked to another company",
        "Kontrollera vilket av företagen som är kunden. Länka det andra till ett eget kundnummer.",
        "Check which of the companies is the customer. Link the other one to a customer number of its own.",
    ),
    "company_linked_elsewhere": _both(
        "företaget är länkat till en annan kund",
        "Organisationsnumret pekar på en annan kund än den som företaget är länkat till",
        "The organisation number points to another customer than the one the company is linked to",
        "Kontrollera organisationsnumret i Lime Go och i Fortnox. Inget flyttas av sig självt.",
        "Check the organisation number in Lime Go and in Fortnox. Nothing is moved by itself.",
    ),
    "number_claimed": _both(
        "ett annat företag skapas med samma nummer",
        "Ett annat företag har redan fått en kund skapad med samma organisationsnummer",
        "A customer has already been created for another company with the same organisation number",
        "Slå ihop företagen i Lime Go, rätta numret, eller länka till ett kundnummer.",
        "Merge the companies in Lime Go, correct the number, or link to a customer number.",
    ),
    "numbers_contradict": _both(
        "organisationsnummer och VAT-nummer säger olika",
        "Kundens organisationsnummer och VAT-nummer i Fortnox hör till olika företag",
        "The customer's organisation number and VAT number in Fortnox belong to different companies",
        "Rätta det nummer på kunden i Fortnox som är fel, eller länka företaget till rätt kundnummer.",
        "Correct the number that is wrong on the customer in Fortnox, or link the company to the right customer number.",
    ),
    "name_contradicts": _both(
        "numret stämmer men namnet är ett annat",
        "Kunden i Fortnox har organisationsnumret men ett annat namn",
        "The customer in Fortnox has the organisation number but another name",
        "Är det samma företag? Länka till kundnumret. Annars: rätta organisationsnumret på det ena.",
        "Is it the same company? Link to the customer number. Otherwise: correct the organisation number of one of the two.",
    ),
    "name_shared": _both(
        "flera har samma namn",
        "Flera företag eller kunder har samma namn",
        "Several companies or customers have the same name",
        "Länka företaget till rätt kundnummer. Är det ingen av kunderna: tryck på Skapa ny kund.",
        "Link the company to the right customer number. If it is none of the customers: press Create a new customer.",
    ),
    "little_agrees": _both(
        "bara namn och postnummer stämmer",
        "En kund i Fortnox har namnet och postnumret, men inget annat stämmer",
        "A customer in Fortnox has the name and the postcode, but nothing else agrees",
        "Är det samma företag? Länka till kundnumret. Annars: tryck på Skapa ny kund.",
        "Is it the same company? Link to the customer number. Otherwise: press Create a new customer.",
    ),
    "scored": _both(
        "en liknande kund finns",
        "En kund i Fortnox liknar företaget, men inget är säkert",
        "A customer in Fortnox is like the company, but nothing is certain",
        "Är det samma företag? Länka till kundnumret. Annars: tryck på Skapa ny kund.",
        "Is it the same company? Link to the customer number. Otherwise: press Create a new customer.",
    ),
    "foreign_vat_unsettled": _both(
        "utländsk moms behöver bestämmas",
        "Företaget finns utanför Sverige och momsen är inte bestämd",
        "The company is outside Sweden and its VAT is not settled",
        "Lägg upp kunden i Fortnox med rätt momstyp och VAT-nummer, och länka företaget till kundnumret.",
        "Create the customer in Fortnox with its VAT type and VAT number, and link the company to that customer number.",
    ),
    "company_missing": _both(
        "affären saknar företag",
        "Affären hör inte till något företag",
        "The deal belongs to no company",
        "Koppla affären till ett företag i Lime Go.",
        "Connect the deal to a company in Lime Go.",
    ),
    "company_unreadable": _both(
        "företaget kan inte läsas",
        "Företaget eller affären kan inte läsas i Lime Go",
        "The company or the deal cannot be read in Lime Go",
        "Kontrollera att posten finns kvar, att nyckeln får läsa den och att inga texter är mycket långa. Tryck på Försök igen.",
        "Check that the record still exists, that the key may read it and that no text is very long. Then press Try again.",
        heals=False,
    ),
    "unreadable_answer": _both(
        "svaret från Lime Go kan inte läsas",
        "Lime Go svarade något som Dubbelsynk inte kan läsa",
        "Lime Go answered something that Dubbelsynk cannot read",
        "Tryck på Försök igen. Hjälper det inte, skicka meddelandet till den som driver Dubbelsynk: Lime Go kan ha ändrat sig.",
        "Press Try again. If that does not help, send the message to whoever runs Dubbelsynk: Lime Go may have changed.",
        heals=False,
    ),
    "deal_name_missing": _both(
        "affären saknar namn",
        "Affären saknar namn",
        "The deal has no name",
        "Ge affären ett namn i Lime Go: det blir fakturaradens text.",
        "Name the deal in Lime Go: it becomes the text of the invoice row.",
    ),
    "deal_name_too_long": _both(
        "affärens namn är för långt",
        "Affärens namn är längre än 255 tecken",
        "The deal's name is longer than 255 characters",
        "Korta namnet i Lime Go till högst 255 tecken. Det kortas aldrig av sig självt.",
        "Shorten the name in Lime Go to at most 255 characters. It is never cut by itself.",
    ),
    "value_unreadable": _both(
        "affärens värde kan inte läsas",
        "Affärens värde kunde inte läsas",
        "The deal's value could not be read",
        "Fyll i värdet i Lime Go, och kontrollera att API-nyckeln har full behörighet.",
        "Fill in the value in Lime Go, and check that the API key has full access.",
    ),
    "value_zero": _both(
        "affären saknar värde",
        "Affärens värde är 0",
        "The deal's value is 0",
        "Fyll i affärens värde i Lime Go. En faktura på 0 kr görs aldrig.",
        "Fill in the deal's value in Lime Go. An invoice of 0 is never made.",
    ),
    "value_negative": _both(
        "affärens värde är negativt",
        "Affärens värde är negativt",
        "The deal's value is negative",
        "Rätta värdet i Lime Go. En kreditfaktura görs i Fortnox.",
        "Correct the value in Lime Go. Credit notes are made in Fortnox.",
    ),
    "value_unusable": _both(
        "affärens värde går inte att fakturera",
        "Affärens värde har fler än 15 siffror eller fler än två decimaler",
        "The deal's value has more than 15 digits or more than two decimals",
        "Rätta värdet i Lime Go. Det avrundas aldrig av sig självt.",
        "Correct the value in Lime Go. It is never rounded by itself.",
    ),
    "waiting_for_customer": _both(
        "kunden",
        "Fakturan väntar på kunden",
        "The invoice waits for the customer",
        "Se kundens rad: när den är klar skapas fakturan av sig själv.",
        "See the customer's row: when it is done, the invoice is made by itself.",
    ),
    "brake": _both(
        "bromsen: ovanligt många fakturor",
        "Ovanligt många fakturor på en timme: bromsen håller dem",
        "Unusually many invoices within an hour: the brake holds them",
        "Kontrollera att affärerna verkligen ska faktureras och tryck på Släpp.",
        "Check that the deals really are to be invoiced, and press Release.",
        heals=False,
    ),
    "won_while_paused": _both(
        "vunnen medan kopplingen var pausad",
        "Affären vanns medan kopplingen var pausad",
        "The deal was won while the connection was paused",
        "Fakturerades den för hand? Låt den vara. Annars: återuppta kopplingen och tryck på Släpp.",
        "Was it invoiced by hand? Leave it. Otherwise: resume the connection and press Release.",
        heals=False,
    ),
    "article_missing": _both(
        "standardartikeln saknas",
        "Standardartikeln finns inte i Fortnox",
        "The standard article does not exist in Fortnox",
        "Lägg upp artikeln i Fortnox med det nummer som kopplingen anger.",
        "Create the article in Fortnox with the number that the connection names.",
    ),
    "article_inactive": _both(
        "standardartikeln är inaktiv",
        "Standardartikeln är inaktiv i Fortnox",
        "The standard article is inactive in Fortnox",
        "Aktivera artikeln i Fortnox.",
        "Activate the article in Fortnox.",
    ),
    CUSTOMER_MISSING: _both(
        "kunden finns inte kvar i Fortnox",
        "Kunden finns inte kvar i Fortnox",
        "The customer no longer exists in Fortnox",
        "Länka företaget till rätt kundnummer, eller återskapa kunden i Fortnox med samma nummer och tryck på Försök igen.",
        "Link the company to the right customer number, or create the customer again under its number and press Try again.",
    ),
    "customer_currency": _both(
        "kunden har en annan valuta",
        "Kundens valuta i Fortnox är en annan än kopplingens",
        "The customer's currency in Fortnox differs from the connection's",
        "Ändra valutan på kunden i Fortnox, eller fakturera den här affären för hand.",
        "Change the currency of the customer in Fortnox, or invoice this deal by hand.",
    ),
    "customer_vat": _both(
        "kundens momstyp behöver bestämmas",
        "Kunden finns utanför Sverige och saknar momstyp eller VAT-nummer",
        "The customer is outside Sweden and lacks a VAT type or VAT number",
        "Ställ in momstyp och VAT-nummer på kunden i Fortnox.",
        "Set the VAT type and the VAT number of the customer in Fortnox.",
    ),
    "several_documents": _both(
        "flera fakturor har affärens referens",
        "Flera dokument i Fortnox bär affärens referens",
        "Several documents in Fortnox carry the deal's reference",
        "Makulera eller kreditera dubbletten i Fortnox. Ingen av dem väljs av sig själv.",
        "Cancel or credit the duplicate in Fortnox. None of them is chosen by itself.",
        heals=False,
    ),
    "validation": _both(
        "Fortnox säger nej",
        "Fortnox godtog inte uppgifterna",
        "Fortnox did not accept the data",
        "Läs Fortnox meddelande, rätta uppgiften i Lime Go och tryck på Försök igen.",
        "Read Fortnox' message, correct the data in Lime Go and press Try again.",
        heals=False,
    ),
    "document_reference_lost": _both(
        "fakturans referens har tagits bort",
        "Referensen på fakturan i Fortnox har ändrats eller tagits bort",
        "The reference on the invoice in Fortnox was changed or removed",
        "Kontrollera fakturan i Fortnox. Ingen ny görs, eftersom den redan kan finnas.",
        "Check the invoice in Fortnox. No new one is made, because it may exist already.",
        heals=False,
    ),
    "database_name_too_long": _both(
        "databasens namn är för långt",
        "Lime Go-databasens namn är för långt för fakturans referens",
        "The Lime Go database's name is too long for the invoice's reference",
        "Kontakta supporten: utan referens kan dubbletter inte uteslutas, så inget skapas.",
        "Contact support: without the reference duplicates cannot be ruled out, so nothing is made.",
        heals=False,
    ),
    "no_right": _both(
        "Fortnox ger inte behörighet",
        "Fortnox ger kopplingen ingen behörighet",
        "Fortnox gives the connection no right",
        "Läs Fortnox meddelande. Förnya medgivandet, eller skaffa licensen eller behörigheten i Fortnox.",
        "Read Fortnox' message. Renew the consent, or get the licence or the right in Fortnox.",
    ),
    "outcome_unknown": _both(
        "oklart om Fortnox tog emot posten",
        "Det är oklart om Fortnox tog emot posten, och det går inte att se efter där just nu",
        "It is not known whether Fortnox took the record, and just now it cannot be looked up there",
        "Kontrollera att Fortnox svarar och att medgivandet gäller. Gör inget för hand innan du har sett efter i Fortnox.",
        "Check that Fortnox answers and that the consent holds. Make nothing by hand before you have looked in Fortnox.",
    ),
    "message_too_large": _both(
        "för mycket text",
        "Posten har för mycket text för att kunna skickas vidare",
        "The record has too much text to be passed on",
        "Korta de längsta texterna på posten i Lime Go och tryck på Försök igen.",
        "Shorten the longest texts of the record in Lime Go and press Try again.",
        heals=False,
    ),
    "stale": _both(
        "köade för länge",
        "Posten hann bli gammal i kön flera gånger",
        "The record grew too old in the queue several times",
        "Kontrollera att Fortnox svarar och tryck på Försök igen.",
        "Check that Fortnox answers, and press Try again.",
    ),
    "connection_changed": _both(
        "kopplingen ändrades",
        "Kopplingen ändrades medan posten var på väg",
        "The connection was changed while the record was on its way",
        "Kontrollera kopplingen och tryck på Försök igen.",
        "Check the connection, and press Try again.",
    ),
    "customer_appeared": _both(
        "en kund med numret dök upp",
        "En kund med samma organisationsnummer dyker upp i Fortnox men kan inte läsas därifrån",
        "A customer with the same organisation number appears in Fortnox but cannot be read",
        "Länka företaget till det kundnumret, eller tryck på Försök igen.",
        "Link the company to that customer number, or press Try again.",
    ),
}
