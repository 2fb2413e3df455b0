"""The words of the page that shows a link before it is made, in Swedish and English."""

from __future__ import annotations

LINK: dict[str, tuple[str, str]] = {
    "title": ("Länka företag och kund", "Link company and customer"),
    "company": ("Företag i Lime Go", "Company in Lime Go"),
    "customer": ("Kund i Fortnox", "Customer in Fortnox"),
    "name": ("Namn", "Name"),
    "organisation_number": ("Organisationsnummer", "Organisation number"),
    "city": ("Ort", "City"),
    "number": ("Kundnummer", "Customer number"),
    "changes": ("Det här händer", "This happens"),
    "nothing_moves": (
        "Företaget länkas till kunden. Inget annat flyttas.",
        "The company is linked to the customer. Nothing else moves.",
    ),
    "same": (
        "Länken är redan så: du bekräftar att det är samma kund.",
        "They are linked already: you confirm that it is the same customer.",
    ),
    "before": ("Kundnummer före", "Customer number before"),
    "after": ("Kundnummer efter", "Customer number after"),
    "none": ("inget", "none"),
    "holder": ("Kunden är nu länkad till", "The customer is linked now to"),
    "holder_loses": (
        "Det företaget blir utan kund och väntar på dig, om du inte byter länkarna med varandra.",
        "That company is left without customer and waits for you, unless you swap the two links.",
    ),
    "waiting": ("Affärer som väntar och faktureras den här kunden", "Deals that wait and are invoiced to this customer"),
    "under_way": (
        "Affärer vars faktura är på väg till kunden före: den tas tillbaka om den inte hunnit iväg",
        "Deals whose invoice is on its way to the customer before: it is taken back unless it has left",
    ),
    "shown": ("Fakturor i Fortnox som visas på det här företaget", "Invoices in Fortnox that are shown on this company"),
    "left": (
        "Fakturor i Fortnox som inte längre följs på det här företaget",
        "Invoices in Fortnox that are no longer followed on this company",
    ),
    "differs": ("Stämmer det?", "Is that right?"),
    "organisation_number_differs": ("Organisationsnumren är olika.", "The organisation numbers differ."),
    "name_differs": ("Namnen är olika.", "The names differ."),
    "inactive_differs": ("Kunden är inaktiv i Fortnox.", "The customer is inactive in Fortnox."),
    "confirm": ("Ja, länka", "Yes, link"),
    "swap": ("Byt länkarna med varandra", "Swap the two links"),
    "back": ("Avbryt", "Cancel"),
    "other": ("Ett annat kundnummer i Fortnox", "Another customer number in Fortnox"),
    "look": ("Visa", "Show"),
    "customer_looked_up": (
        "Numret söks i Fortnox. Sidan laddas om av sig själv.",
        "The number is being looked up in Fortnox. The page reloads by itself.",
    ),
    "customer_unknown": ("Fortnox har ingen kund med det numret.", "Fortnox has no customer with that number."),
    "changed": (
        "Något har ändrats sedan sidan visades. Se efter en gång till.",
        "Something has changed since the page was shown. Look once more.",
    ),
    "linked_to": ("Länkad till", "Linked to"),
    "change_link": ("Ändra länk", "Change link"),
    "link_to": ("Länka", "Link"),
}
