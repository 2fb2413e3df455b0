"""Reasons about a company and which customer it is."""

from __future__ import annotations

from sync_coordinator.domain.reasons.reason import NUMBER_CHANGED, Reason, in_both

ABOUT_COMPANIES: dict[str, Reason] = {
    "organisation_number_missing": in_both(
        "organisationsnummer saknas",
        "Företaget saknar organisationsnummer",
        "The company has no organisation number",
        "Fyll i organisationsnumret på företaget i Lime Go, eller länka till ett kundnummer.",
        "Fill in the organisation number on the company in Lime Go, or link it to a customer number.",
    ),
    "organisation_number_invalid": in_both(
        "organisationsnumret är fel",
        "Organisationsnumret är inte giltigt",
        "The organisation number is not valid",
        "Rätta organisationsnumret på företaget i Lime Go (tio siffror, kontrollsiffran stämmer inte).",
        "Correct the organisation number on the company in Lime Go (ten digits; the check digit is wrong).",
    ),
    "organisation_number_shared": in_both(
        "flera företag har samma organisationsnummer",
        "Två företag i Lime Go har samma organisationsnummer",
        "Two companies in Lime Go share the organisation number",
        "Slå ihop företagen i Lime Go eller rätta numret på det ena. Filialer: länka till rätt kundnummer.",
        "Merge the companies in Lime Go or correct one of the numbers. Branches: link to the right customer number.",
    ),
    NUMBER_CHANGED: in_both(
        "organisationsnumret har ändrats",
        "Organisationsnumret har ändrats i Lime Go eller Fortnox sedan företaget länkades",
        "The organisation number has changed in Lime Go or Fortnox since the company was linked",
        "Samma kund? Tryck på Länka vid den, eller ge båda samma nummer. Annars: länka till rätt kundnummer.",
        "The same customer? Press Link beside it, or give both the same number. Otherwise: link to the right customer number.",
    ),
    "several_customers": in_both(
        "flera kunder har samma organisationsnummer",
        "Flera kunder i Fortnox har organisationsnumret",
        "Several customers in Fortnox have the organisation number",
        "Välj rätt kundnummer nedan med Länka.",
        "Choose the right customer number below with Link.",
    ),
    "customer_linked_elsewhere": in_both(
        "kunden hör till ett annat företag",
        "Kunden i Fortnox är redan länkad till ett annat företag",
        "The customer in Fortnox is already linked to another company",
        "Kontrollera vilket av företagen som är kunden. Länka det andra till ett eget kundnummer.",
        "Check which of the companies is the customer. Link the other one to a customer number of its own.",
    ),
    "company_linked_elsewhere": in_both(
        "företaget är länkat till en annan kund",
        "Organisationsnumret pekar på en annan kund än den som företaget är länkat till",
        "The organisation number points to another customer than the one the company is linked to",
        "Kontrollera organisationsnumret i Lime Go och i Fortnox. Inget flyttas av sig självt.",
        "Check the organisation number in Lime Go and in Fortnox. Nothing is moved by itself.",
    ),
    "number_claimed": in_both(
        "ett annat företag skapas med samma nummer",
        "Ett annat företag har redan fått en kund skapad med samma organisationsnummer",
        "A customer has already been created for another company with the same organisation number",
        "Slå ihop företagen i Lime Go, rätta numret, eller länka till ett kundnummer.",
        "Merge the companies in Lime Go, correct the number, or link to a customer number.",
    ),
    "merged_with_another_customer": in_both(
        "företag slogs ihop som hade varsin kund",
        "Ett företag som hade en annan kund i Fortnox slogs ihop med det här i Lime Go",
        "A company with another customer in Fortnox was merged into this one in Lime Go",
        "Välj med Länka vilken av kunderna som företaget är.",
        "Choose with Link which of the customers the company is.",
        heals=False,
    ),
    "numbers_contradict": in_both(
        "organisationsnummer och VAT-nummer säger olika",
        "Kundens organisationsnummer och VAT-nummer i Fortnox hör till olika företag",
        "The customer's organisation number and VAT number in Fortnox belong to different companies",
        "Rätta det nummer på kunden i Fortnox som är fel, eller länka företaget till rätt kundnummer.",
        "Correct the number that is wrong on the customer in Fortnox, or link the company to the right customer number.",
    ),
    "name_contradicts": in_both(
        "numret stämmer men namnet är ett annat",
        "Kunden i Fortnox har organisationsnumret men ett annat namn",
        "The customer in Fortnox has the organisation number but another name",
        "Är det samma företag? Länka till kundnumret. Annars: rätta organisationsnumret på det ena.",
        "Is it the same company? Link to the customer number. Otherwise: correct the organisation number of one of the two.",
    ),
    "name_shared": in_both(
        "flera har samma namn",
        "Flera företag eller kunder har samma namn",
        "Several companies or customers have the same name",
        "Länka företaget till rätt kundnummer. Är det ingen av kunderna: tryck på Skapa ny kund.",
        "Link the company to the right customer number. If it is none of the customers: press Create a new customer.",
        may_try=False,
    ),
    "little_agrees": in_both(
        "bara namn och postnummer stämmer",
        "En kund i Fortnox har namnet och postnumret, men inget annat stämmer",
        "A customer in Fortnox has the name and the postcode, but nothing else agrees",
        "Är det samma företag? Länka till kundnumret. Annars: tryck på Skapa ny kund.",
        "Is it the same company? Link to the customer number. Otherwise: press Create a new customer.",
        may_try=False,
    ),
    "scored": in_both(
        "en liknande kund finns",
        "En kund i Fortnox liknar företaget, men inget är säkert",
        "A customer in Fortnox is like the company, but nothing is certain",
        "Är det samma företag? Länka till kundnumret. Annars: tryck på Skapa ny kund.",
        "Is it the same company? Link to the customer number. Otherwise: press Create a new customer.",
        may_try=False,
    ),
    "country_unreadable": in_both(
        "landet går inte att läsa",
        "Det går inte att läsa vilket land företaget finns i",
        "The company's country cannot be read",
        "Skriv landet på företaget i Lime Go som en kod med två bokstäver (SE) eller med sitt namn (Sverige).",
        "Write the country on the company in Lime Go as a code of two letters (SE) or by its name (Sweden).",
    ),
    "foreign_vat_unsettled": in_both(
        "utländsk moms behöver bestämmas",
        "Företaget finns utanför Sverige och momsen är inte bestämd",
        "The company is outside Sweden and its VAT is not settled",
        "Lägg upp kunden i Fortnox med rätt momstyp och VAT-nummer, och länka företaget till kundnumret.",
        "Create the customer in Fortnox with its VAT type and VAT number, and link the company to that customer number.",
    ),
}
