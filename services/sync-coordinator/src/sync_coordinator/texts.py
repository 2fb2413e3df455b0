"""The words of pages, timelines and notices in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sync_coordinator.domain.reasons import reason_of

LANGUAGES = ("sv", "en")

# Each value: Swedish, English. Timeline texts may name their parameters.
TIMELINE: dict[str, tuple[str, str]] = {
    "triggered": ("Blev kund i Lime Go ({cause})", "Became a customer in Lime Go ({cause})"),
    "announced": ("Affären vanns", "The deal was won"),
    "waiting": ("Väntar på kunden", "Waits for the customer"),
    "customer_sent": ("Kunden skickades till Fortnox", "The customer was sent to Fortnox"),
    "linked": ("Länkad till kund {number} ({rung})", "Linked to customer {number} ({rung})"),
    "confirmed_new": (
        "Ingen av kunderna är företaget: en ny ska skapas",
        "None of the customers is the company: a new one is to be created",
    ),
    "company_removed": ("Företaget finns inte längre i Lime Go", "The company is no longer in Lime Go"),
    "company_merged": (
        "Företaget slogs ihop med företag {company} i Lime Go",
        "The company was merged into company {company} in Lime Go",
    ),
    "made_for_nobody": (
        "Kund {number} skapades, men företaget finns inte längre i Lime Go",
        "Customer {number} was created, but the company is no longer in Lime Go",
    ),
    "looked_again": (
        "Fortnox tillfrågas igen om kunden skapades; ingen ny skapas",
        "Fortnox is asked again whether the customer was created; no new one is made",
    ),
    "link_taken": (
        "Kund {number} länkades till ett annat företag för hand",
        "Customer {number} was linked to another company by hand",
    ),
    "taken_back": (
        "Företaget får en annan kund: fakturan tas tillbaka om den inte hunnit iväg",
        "The company gets another customer: the invoice is taken back unless it has left",
    ),
    "invoice_sent": ("Fakturan skickades till Fortnox", "The invoice was sent to Fortnox"),
    "invoice_made": ("Faktura {number} skapades", "Invoice {number} was made"),
    "invoice_found": ("Faktura {number} fanns redan för affären", "Invoice {number} existed already for the deal"),
    "invoice_cancelled": (
        "Faktura {number} fanns redan, makulerad: ingen ny skapas",
        "Invoice {number} existed already, cancelled: no new one is made",
    ),
    "invoice_credited": (
        "Faktura {number} fanns redan, krediterad: ingen ny skapas",
        "Invoice {number} existed already, credited: no new one is made",
    ),
    "invoice_agrees": ("Faktura {number} stämmer nu med affären", "Invoice {number} agrees with the deal now"),
    "won_again": ("Vanns igen: redan fakturerad, faktura {number}", "Won again: already invoiced, invoice {number}"),
    "won_again_sending": ("Vanns igen medan fakturan är på väg", "Won again while its invoice is under way"),
    "reopened_after": (
        "Affären öppnades igen; faktura {number} ligger kvar i Fortnox",
        "The deal was reopened; invoice {number} stays in Fortnox",
    ),
    "reopened_in_doubt": (
        "Affären öppnades igen; en faktura kan finnas i Fortnox",
        "The deal was reopened; an invoice may exist in Fortnox",
    ),
    "withdraw_asked": (
        "Affären öppnades igen; fakturan tas tillbaka om den inte hunnit iväg",
        "The deal was reopened; the invoice is taken back unless it has left already",
    ),
    "order_withdrawn": (
        "Uppgifterna ändrades innan något hade skapats i Fortnox: det som beställdes tas tillbaka om det inte hunnit iväg",
        "The data changed before anything was made in Fortnox: what was ordered is taken back unless it has left already",
    ),
    "order_replaced": (
        "Uppgifterna ändrades innan något hade skapats i Fortnox: de nya beställdes i stället",
        "The data changed before anything was made in Fortnox: the new data was ordered instead",
    ),
    "made_before_replaced": (
        "{number} hann skapas i Fortnox innan de nya uppgifterna kom fram: de jämförs",
        "{number} was made in Fortnox before the new data got there: they are compared",
    ),
    "matched_again": (
        "Uppgifterna ändrades och ingen kund hann skapas: matchas på nytt",
        "The data changed and no customer had been made: matched again",
    ),
    "withdrawn": ("Affären öppnades igen: ingen faktura skapas", "The deal was reopened: no invoice is made"),
    "won_without_document": (
        "En affär vanns; kopplingen skapar inga fakturor",
        "A deal was won; the connection makes no invoices",
    ),
    "held": ("Hålls: {reason}", "Held: {reason}"),
    "released": ("Släpptes", "Released"),
    "asked": ("Försök igen", "Try again was pressed"),
    "read_again": ("Läses om: {reason}", "Read again: {reason}"),
    "needs_attention": ("Behöver åtgärd: {reason}", "Needs attention: {reason}"),
    "shown": ("Visas i Lime Go igen", "Shown in Lime Go again"),
    "your_reference_cut": (
        "Er referens är längre än 50 tecken och kortades",
        "Your reference is longer than 50 characters and was cut",
    ),
    "our_reference_cut": (
        "Vår referens är längre än 50 tecken och kortades",
        "Our reference is longer than 50 characters and was cut",
    ),
    "remarks_cut": (
        "Egna fält är längre än 1 024 tecken och kortades på fakturan",
        "Custom fields are longer than 1,024 characters and were cut on the invoice",
    ),
}

PARAMETERS: dict[str, tuple[str, str]] = {
    "deal_won": ("vunnen affär", "deal won"),
    "relation_status": ("relationsstatus", "relation status"),
    "manual": ("för hand", "by hand"),
    "created": ("skapad", "created"),
    "adopted": ("fanns redan", "existed already"),
    "approved": ("för hand", "by hand"),
    "organisation_number": ("organisationsnummer", "organisation number"),
    "vat_number": ("VAT-nummer", "VAT number"),
    "personal_number": ("personnummer", "personal number"),
    "name_and_postcode": ("namn och postnummer", "name and postcode"),
    "superseded": ("vanns igen", "won again"),
}

STATES: dict[str, tuple[str, str]] = {
    "matching": ("Söks", "Matching"),
    "waiting": ("Väntar", "Waiting"),
    "held": ("Hålls", "Held"),
    "sending": ("Skickas", "Sending"),
    "done": ("Klar", "Done"),
    "needs_attention": ("Behöver åtgärd", "Needs attention"),
    "withdrawn": ("Återtagen", "Withdrawn"),
}

KINDS: dict[str, tuple[str, str]] = {
    "customer": ("Kund", "Customer"),
    "invoice": ("Faktura", "Invoice"),
    "company": ("Företag i Lime Go", "Company in Lime Go"),
    "erp_invoice": ("Faktura i Lime Go", "Invoice in Lime Go"),
    "product": ("Produkt i Lime Go", "Product in Lime Go"),
}

PAGE: dict[str, tuple[str, str]] = {
    "title": ("Dubbelsynk", "Dubbelsynk"),
    "lead": ("Allt som synkas mellan Lime Go och Fortnox", "All that is synced between Lime Go and Fortnox"),
    "connections": ("Kopplingar", "Connections"),
    "records": ("Poster", "Records"),
    "all": ("Alla", "All"),
    "state": ("Läge", "State"),
    "what": ("Post", "Record"),
    "when": ("När", "When"),
    "why": ("Varför och vad du gör", "Why, and what to do"),
    "do": ("Åtgärd", "Action"),
    "try_again": ("Försök igen", "Try again"),
    "link": ("Länka till kundnummer", "Link to customer number"),
    "confirm_new": ("Skapa ny kund", "Create a new customer"),
    "customer_number": ("Kundnummer i Fortnox", "Customer number in Fortnox"),
    "review_held": ("Granska", "Review"),
    "held_title": ("Fakturor som hålls", "Held invoices"),
    "held_lead": (
        "Inget av detta är skickat till Fortnox. Välj vilka som ska bli fakturor.",
        "None of this has been sent to Fortnox. Choose which are to become invoices.",
    ),
    "held_none": ("Inga fakturor hålls.", "No invoices are held."),
    "held_more": (
        "De äldsta visas först; fler visas när dessa är klara.",
        "The oldest come first; more come when these are done.",
    ),
    "held_since": ("hålls sedan", "held since"),
    "ask_chosen": ("Gå vidare med de valda", "Continue with the chosen"),
    "ask_all": ("Gå vidare med alla", "Continue with all"),
    "question": ("Skapa {what}, {sum}?", "Create {what}, {sum}?"),
    "question_lead": (
        "Det här skapas i Fortnox. Affärerna läses om först: en vars belopp har ändrats skapas inte.",
        "These are created in Fortnox. The deals are read again first: one whose amount has changed is not created.",
    ),
    "yes_create": ("Ja, skapa", "Yes, create"),
    "cancel": ("Avbryt", "Cancel"),
    "back": ("Till alla poster", "To all records"),
    "amount_unknown": ("belopp okänt", "amount unknown"),
    "and_unknown": ("och belopp som inte är kända", "and amounts that are not known"),
    "together": ("Samma orsak", "One cause"),
    "try_all": ("Försök igen med alla", "Try all again"),
    "said": ("{system} svarade", "{system} answered"),
    "by_itself": ("Provas igen av sig själv", "Tried again by itself"),
    "not_by_itself": ("Provas inte igen av sig själv.", "Not tried again by itself."),
    "paused_row": (
        "Kopplingen är pausad: inget händer förrän den återupptas.",
        "The connection is paused: nothing happens until it is resumed.",
    ),
    "excluding_vat": ("exkl. moms", "excl. VAT"),
    "pause": ("Pausa", "Pause"),
    "resume": ("Återuppta", "Resume"),
    "active": ("aktiv", "active"),
    "paused": ("pausad", "paused"),
    "history": ("Historik", "History"),
    "earlier": ("Nyare", "Newer"),
    "later": ("Äldre", "Older"),
    "none": ("Inga poster här.", "No records here."),
    "no_connections": ("Ingen koppling är aktiverad.", "No connection is activated."),
    "deal": ("affär", "deal"),
    "no_company": ("utan företag", "no company"),
    "answer": ("Meddelande", "Message"),
    "candidates": ("Möjliga kunder", "Possible customers"),
    "times": ("gånger", "times"),
    "page": ("Sida", "Page"),
}

NOTICES: dict[str, tuple[str, str]] = {
    "asked": ("Posten läses om och provas på nytt.", "The record is read again and tried once more."),
    "linked": ("Företaget är länkat.", "The company is linked."),
    "confirmed_new": (
        "Företaget skapas som ny kund, om ingen kund har dess organisationsnummer.",
        "The company is created as a new customer, unless a customer has its organisation number.",
    ),
    "not_about_likeness": (
        "Här kan en ny kund bli en dubblett, så ingen skapas. Gör det som står på raden.",
        "A new customer could be a duplicate here, so none is created. Do what the row says.",
    ),
    "released": (
        "Släppt: {number}. Varje affär läses om en gång till innan fakturan skapas.",
        "Released: {number}. Each deal is read once more before its invoice is made.",
    ),
    "released_some": (
        "Släppt: {number}. Inte släppt: {left}, vars belopp har ändrats eller som inte hålls längre. Granska igen.",
        "Released: {number}. Not released: {left} whose amount has changed or which is held no longer. Review again.",
    ),
    "nothing_chosen": ("Inget var valt, så inget släpptes.", "Nothing was chosen, so nothing was released."),
    "asked_together": (
        "Läses om och provas på nytt: {number_records}.",
        "Read again and tried once more: {number_records}.",
    ),
    "paused": ("Kopplingen är pausad: inget skickas.", "The connection is paused: nothing is sent."),
    "active": ("Kopplingen är igång.", "The connection is running."),
    "customer_linked_elsewhere": (
        "Det kundnumret är redan länkat till ett annat företag.",
        "That customer number is linked to another company already.",
    ),
    "company_linked_elsewhere": (
        "Företaget är redan länkat till ett kundnummer.",
        "The company is linked to a customer number already.",
    ),
    "company_removed": (
        "Företaget finns inte längre i Lime Go, så det kan inte länkas.",
        "The company is no longer in Lime Go, so it cannot be linked.",
    ),
    "customer_unknown": ("Fortnox har ingen kund med det numret.", "Fortnox has no customer with that number."),
    "customer_looked_up": (
        "Numret söks i Fortnox. Försök igen om en stund.",
        "The number is being looked up in Fortnox. Try again in a moment.",
    ),
    "customer_under_way": (
        "Kunden söks eller skapas just nu. Vänta tills det är klart.",
        "The customer is being looked for or created right now. Wait until that is done.",
    ),
    "connection_paused": ("Kopplingen är pausad. Återuppta den först.", "The connection is paused. Resume it first."),
    "held": ("Posten hålls. Tryck på Granska vid kopplingen.", "The record is held. Press Review at its connection."),
    "amount_unreadable": (
        "Ett belopp i formuläret går inte att läsa, så inget släpptes. Tryck på Granska igen.",
        "An amount in the form cannot be read, so nothing was released. Press Review again.",
    ),
    "cannot_help": (
        "Ett nytt försök hjälper inte här. Gör det som står vid posten.",
        "Another try does not help here. Do what stands at the record.",
    ),
    "nothing_to_try": ("Posten behöver inte provas igen.", "The record needs no other try."),
    "not_found": ("Posten finns inte.", "There is no such record."),
    "invalid": ("Kundnumret ska ha 1–50 tecken.", "A customer number has 1–50 characters."),
}

# The notices of what was done; the others say why it was not.
DONE = frozenset({"asked", "asked_together", "linked", "confirmed_new", "released", "paused", "active"})

# Each value: one and many in Swedish, one and many in English.
COUNTED: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "invoice": (("faktura", "fakturor"), ("invoice", "invoices")),
    "record": (("post", "poster"), ("record", "records")),
}

NOTES: dict[str, tuple[str, str]] = {
    "company_removed": (
        "Företaget finns inte längre i Lime Go: det är borttaget eller ihopslaget med ett annat.",
        "The company is no longer in Lime Go: it was deleted or merged into another.",
    ),
    "cancelled": ("Fakturan är makulerad i Fortnox.", "The invoice is cancelled in Fortnox."),
    "credited": ("Fakturan är krediterad i Fortnox.", "The invoice is credited in Fortnox."),
}


def language(asked: str | None, accepted: str) -> str:
    """`sv` or `en`: what the address asks for, else the browser's first language that we have, else Swedish."""
    if asked in LANGUAGES:
        return str(asked)
    for part in accepted.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "sv"


def word(table: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    """A code's text; a code without text is shown as it is."""
    found = table.get(code)
    return found[LANGUAGES.index(language)] if found else code


def counted(number: int, what: str, language: str) -> str:
    """A number of things: "19 fakturor", "1 invoice"."""
    one, many = COUNTED[what][LANGUAGES.index(language)]
    return f"{number} {one if number == 1 else many}"


def money(value: Decimal | None, currency: str, language: str) -> str:
    """An amount as people write it: "412 000 kr", "SEK 412,000"; öre only where there are any."""
    if value is None:
        return word(PAGE, "amount_unknown", language)
    digits = f"{value:,.2f}".removesuffix(".00")
    if language == "en":
        return f"{currency}\N{NO-BREAK SPACE}{digits}"
    digits = digits.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return f"{digits}\N{NO-BREAK SPACE}{'kr' if currency == 'SEK' else currency}"


def entry(code: str, params: Mapping[str, str], language: str) -> str:
    """A line of a timeline in words; reasons become their titles."""
    shown = {name: _parameter(name, value, language) for name, value in params.items()}
    try:
        return word(TIMELINE, code, language).format_map(shown)
    except KeyError:
        return word(TIMELINE, code, language)


def _parameter(name: str, value: str, language: str) -> str:
    if name == "reason" and value not in PARAMETERS:
        return reason_of(value).words(language)[0]
    return word(PARAMETERS, value, language)
