"""What the forms ask for, in groups, and the choices that some fields have."""

from collections.abc import Mapping, Sequence

from sandbox.fortnox.company import Company
from sandbox.pages.fortnox.forms import Input

Groups = Sequence[tuple[str, Sequence[Input]]]
NUMBER_HINT = "Tomt: nästa i serien."
CARD_HINT = "Tomt: som på kundkortet."
# So many of a register are offered while a number is typed.
OFFERED = 300

CUSTOMER: Groups = (
    ("Kund", (
        Input("CustomerNumber", "Kundnummer", hint=NUMBER_HINT, fixed=True),
        Input("Name", "Namn"),
        Input("OrganisationNumber", "Organisationsnummer"),
        Input("Type", "Typ", choices="customer_types", initial="COMPANY"),
        Input("VATType", "Momstyp", choices="vat_types", initial="SEVAT"),
        Input("VATNumber", "VAT-nummer"),
        Input("Active", "Status", choices="active", initial="true"),
    )),
    ("Kontakt", (
        Input("Email", "E-post", "email"),
        Input("Phone1", "Telefon"),
        Input("Phone2", "Telefon 2"),
        Input("WWW", "Webbplats"),
        Input("YourReference", "Er referens"),
        Input("OurReference", "Vår referens"),
    )),
    ("Fakturaadress", (
        Input("Address1", "Adress"),
        Input("Address2", "Adress 2"),
        Input("ZipCode", "Postnummer"),
        Input("City", "Ort"),
        Input("CountryCode", "Landskod", hint="Två bokstäver, till exempel SE."),
    )),
    ("Leveransadress", (
        Input("DeliveryName", "Namn vid leverans"),
        Input("DeliveryAddress1", "Leveransadress"),
        Input("DeliveryAddress2", "Leveransadress 2"),
        Input("DeliveryZipCode", "Postnummer för leverans"),
        Input("DeliveryCity", "Ort för leverans"),
        Input("DeliveryCountryCode", "Landskod för leverans"),
    )),
    ("Fakturering", (
        Input("TermsOfPayment", "Betalningsvillkor", choices="terms"),
        Input("Currency", "Valuta", choices="currencies", initial="SEK"),
        Input("EmailInvoice", "E-post för fakturor", "email"),
        Input("EmailOrder", "E-post för ordrar", "email"),
        Input("ExternalReference", "Extern referens"),
        Input("Comments", "Kommentar", "area"),
    )),
)  # fmt: skip

ARTICLE: Groups = (
    ("Artikel", (
        Input("ArticleNumber", "Artikelnummer", hint=NUMBER_HINT, fixed=True),
        Input("Description", "Benämning"),
        Input("SalesPrice", "Pris utan moms", "number", hint="I prislista A."),
        Input("Unit", "Enhet", choices="units"),
        Input("VAT", "Moms", "number", choices="vat_rates", initial="25"),
        Input("Type", "Typ", choices="article_types", initial="STOCK"),
        Input("Active", "Status", choices="active", initial="true"),
    )),
    ("Övrigt", (
        Input("SalesAccount", "Försäljningskonto", "number"),
        Input("PurchasePrice", "Inköpspris", "number"),
        Input("EAN", "EAN-kod"),
        Input("StockPlace", "Lagerplats"),
        Input("Note", "Anteckning", "area"),
    )),
)  # fmt: skip

RECEIVER = (
    Input("CustomerName", "Kundens namn", hint=CARD_HINT),
    Input("Address1", "Adress", hint=CARD_HINT),
    Input("Address2", "Adress 2"),
    Input("ZipCode", "Postnummer", hint=CARD_HINT),
    Input("City", "Ort", hint=CARD_HINT),
    Input("EmailInformation.EmailAddressTo", "E-posta till", "email", hint=CARD_HINT),
)
DELIVERY = (
    Input("DeliveryName", "Namn vid leverans"),
    Input("DeliveryAddress1", "Leveransadress"),
    Input("DeliveryZipCode", "Postnummer för leverans"),
    Input("DeliveryCity", "Ort för leverans"),
    Input("DeliveryDate", "Leveransdatum", "date"),
)
REFERENCES = (
    Input("YourReference", "Er referens"),
    Input("OurReference", "Vår referens"),
    Input("YourOrderNumber", "Ert ordernummer"),
    Input("ExternalInvoiceReference1", "Extern referens 1"),
    Input("ExternalInvoiceReference2", "Extern referens 2"),
    Input("Remarks", "Text på dokumentet", "area"),
)
CONDITIONS = (
    Input("TermsOfPayment", "Betalningsvillkor", choices="terms", hint=CARD_HINT),
    Input("Currency", "Valuta", choices="currencies", hint=CARD_HINT),
    Input("VATIncluded", "Priser", choices="vat_included", initial="false"),
    Input("Freight", "Frakt", "number"),
    Input("AdministrationFee", "Avgift", "number"),
)
CUSTOMER_NUMBER = Input("CustomerNumber", "Kundnummer", choices="customers", fixed=True)

INVOICE: Groups = (
    ("Faktura", (
        CUSTOMER_NUMBER,
        Input("InvoiceDate", "Fakturadatum", "date", hint="Tomt: idag."),
        Input("DueDate", "Förfallodatum", "date", hint="Tomt: efter betalningsvillkoret."),
        *CONDITIONS,
        Input("NotCompleted", "Klar att bokföra", choices="completed", initial="false"),
    )),
    ("Referenser", REFERENCES),
    ("Mottagare", RECEIVER),
    ("Leverans", DELIVERY),
)  # fmt: skip

ORDER: Groups = (
    ("Order", (
        CUSTOMER_NUMBER,
        Input("OrderDate", "Orderdatum", "date", hint="Tomt: idag."),
        *CONDITIONS,
        Input("CopyRemarks", "Texten till fakturan", choices="truth", initial="false"),
    )),
    ("Referenser", REFERENCES),
    ("Mottagare", RECEIVER),
    ("Leverans", DELIVERY),
)  # fmt: skip

_ROW = (Input("ArticleNumber", "Artikel", choices="articles"), Input("Description", "Benämning"))
_PRICED = (
    Input("Unit", "Enhet", choices="units"),
    Input("Price", "Pris", "number"),
    Input("VAT", "Moms", "number", choices="row_vat_rates"),
    Input("Discount", "Rabatt", "number"),
    Input("DiscountType", "Rabatt i", choices="discounts", initial="PERCENT"),
)
INVOICE_ROW = (*_ROW, Input("DeliveredQuantity", "Antal", "number"), *_PRICED)
ORDER_ROW = (
    *_ROW,
    Input("OrderedQuantity", "Beställt", "number"),
    Input("DeliveredQuantity", "Levererat", "number"),
    *_PRICED,
)

# What is typed, with help, rather than chosen: the registers behind may be long.
TYPED = frozenset({"customers", "articles"})
_VAT_RATES = [(rate, f"{rate} %") for rate in ("25", "12", "6", "0")]
_FIXED: Mapping[str, list[tuple[str, str]]] = {
    "customer_types": [("COMPANY", "företag"), ("PRIVATE", "privatperson")],
    "vat_types": [
        ("SEVAT", "svensk moms"), ("SEREVERSEDVAT", "omvänd skattskyldighet i Sverige"),
        ("EUREVERSEDVAT", "omvänd skattskyldighet i EU"), ("EUVAT", "moms i EU"), ("EXPORT", "export"),
    ],
    "article_types": [("STOCK", "vara"), ("SERVICE", "tjänst")],
    "active": [("true", "aktiv"), ("false", "inaktiv")],
    "truth": [("false", "nej"), ("true", "ja")],
    "completed": [("false", "ja"), ("true", "nej, inte än")],
    "vat_included": [("false", "utan moms"), ("true", "med moms")],
    "discounts": [("PERCENT", "%"), ("AMOUNT", "kr")],
    "vat_rates": _VAT_RATES,
    "row_vat_rates": [("", "–"), *_VAT_RATES],
}  # fmt: skip


def choices(company: Company) -> dict[str, list[tuple[str, str]]]:
    """By name, the values that may be chosen and what each is called; "" is none."""
    empty = [("", "–")]
    terms, currencies = company["termsofpayments"].values(), company["currencies"].values()
    return {
        **_FIXED,
        "terms": empty + [(one["Code"], one["Description"]) for one in terms],
        "currencies": empty + [(one["Code"], one["Code"]) for one in currencies],
        "units": empty + [(one["Code"], one["Code"]) for one in company["units"].values()],
        "customers": _offered(company, "customers", "CustomerNumber", "Name"),
        "articles": _offered(company, "articles", "ArticleNumber", "Description"),
    }


def _offered(company: Company, kind: str, key: str, name: str) -> list[tuple[str, str]]:
    records = [one.value or {} for one in company[kind].current()[-OFFERED:]]
    return [(one[key], one[name]) for one in records]
