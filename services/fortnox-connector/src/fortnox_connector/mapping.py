"""Payload to contract and back: pure (docs/field-mapping.md has the table)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from contracts.commands import CreateFortnoxInvoice, SaveFortnoxCustomer
from contracts.outcomes import Difference, DifferingField
from contracts.values import Address, Customer, Deal, DocumentRow, Invoice, Product
from fortnox_connector import card
from fortnox_connector.card import Rule
from fortnox_connector.payloads import Costing, FullArticle, FullCustomer, FullInvoice, InvoiceRow, SlimCustomer
from normal_forms.figures import read_amount
from normal_forms.numbers import read_digits, read_number
from normal_forms.places import read_country
from normal_forms.text import fold, without_decimals

STOCKHOLM = ZoneInfo("Europe/Stockholm")
REFERENCE_LIMIT = 50
REMARKS_LIMIT = 1024
DESCRIPTION_LIMIT = 255
OWN_REFERENCE_LIMIT = 80
TERMINATOR = ";"
TEN = 10
"""Digits of an organisation number."""


def deal_reference(limego_database: str, deal_id: int, *, terminator: str = TERMINATOR) -> str:
    """Our key in ExternalInvoiceReference1. The search is a prefix match and a field may be cut: the end is marked."""
    return f"limego:{limego_database}:deal:{deal_id}{terminator}"


def company_reference(limego_database: str, company_id: str) -> str:
    """Our key in a customer's ExternalReference."""
    return f"limego:{limego_database}:company:{company_id}{TERMINATOR}"


def written_forms(number: str) -> tuple[str, ...]:
    """How a number may stand in Fortnox' search, which may match either form (fortnox.md, section 4).

    With and without its dash where it is an organisation number; else as it is written, and without separators.
    """
    plain = read_digits(number)
    if len(plain) == TEN and plain.isdecimal():
        return f"{plain[:-4]}-{plain[-4:]}", plain
    return tuple(dict.fromkeys(form for form in (number.strip(), plain) if form))


def organisation_number(written: str | None) -> str | None:
    """An organisation number as Fortnox shows it, with its dash; what cannot be read, as it is written."""
    number = read_number(written).normal
    return f"{number[:-4]}-{number[-4:]}" if number else written


def country_code(written: str | None) -> str | None:
    """The code that Fortnox demands, two letters; None where no country can be read."""
    return read_country(written or "") or None


def customer_body(command: SaveFortnoxCustomer) -> dict[str, object]:
    """The customer to create; what Lime Go does not know is left out, never sent as empty."""
    company = command.company
    fields: dict[str, object] = {
        "Name": company.name,
        "OrganisationNumber": organisation_number(company.organisation_number),
        "Phone1": without_decimals(company.phone or ""),
        "Email": company.email,
        "CountryCode": country_code(company.postal_address.country_code),
        "Address1": company.postal_address.street,
        "ZipCode": without_decimals(company.postal_address.postcode or ""),
        "City": company.postal_address.city,
        "DeliveryAddress1": company.visiting_address.street,
        "DeliveryZipCode": without_decimals(company.visiting_address.postcode or ""),
        "DeliveryCity": company.visiting_address.city,
        "Currency": command.currency,
        "ExternalReference": company_reference(command.limego_database, company.company_id),
    }
    return {"Customer": {name: value for name, value in fields.items() if value}}


def customer_differences(command: SaveFortnoxCustomer, customer: FullCustomer) -> tuple[Difference, ...]:
    """What a customer that we made has otherwise than the company; what the company does not know differs from nothing."""
    company, address = command.company, command.company.postal_address
    compared: list[tuple[DifferingField, str, str | None, Callable[[str], str]]] = [
        ("organisation_number", customer.OrganisationNumber, company.organisation_number, read_digits),
        ("name", customer.Name, company.name, fold),
        ("street", customer.Address1, address.street, fold),
        ("postcode", customer.ZipCode, address.postcode, _postcode),
        ("city", customer.City, address.city, fold),
    ]
    return tuple(
        Difference(field=field, made=made, wanted=wanted)
        for field, made, wanted, normal in compared
        if wanted and normal(made) != normal(wanted)
    )


def _postcode(written: str) -> str:
    return without_decimals(written).replace(" ", "")


def remarks(deal: Deal) -> str:
    """Filled-in custom fields as "title: value", joined by "; ". No text rows: Fortnox prices the second one."""
    return "; ".join(f"{field.title}: {field.value}" for field in deal.custom_fields if field.value)[:REMARKS_LIMIT]


def invoice_body(command: CreateFortnoxInvoice, article: FullArticle, rule: Rule, reference: str) -> dict[str, object]:
    """The invoice to create: one row, quantity 1, the deal's name and value; account and VAT by the customer's VAT type.

    What the customer's card would add to the sum (fee, freight, discount, a price list's price, prices with VAT) is said to be
    none: a field that is left out takes it from the card (fortnox.md, sections 5.1 and 5.3).
    """
    deal = command.deal
    row: dict[str, object] = {
        "ArticleNumber": article.ArticleNumber,
        "Description": deal.name[:DESCRIPTION_LIMIT],
        "DeliveredQuantity": "1",
        "Price": _number(deal.value or Decimal(0)),
        "Discount": 0,
        "DiscountType": "PERCENT",
    }
    if not rule.has_vat:
        row["VAT"] = 0
    elif article.VAT is not None:
        row["VAT"] = int(article.VAT)
    if (account := card.account(rule, article)) is not None:
        row["AccountNumber"] = account
    if article.Unit:
        row["Unit"] = article.Unit
    fields: dict[str, object] = {
        "CustomerNumber": command.customer_number,
        "Currency": command.currency,
        "ExternalInvoiceReference1": reference,
        "VATIncluded": False,
        "AdministrationFee": 0,
        "Freight": 0,
        "YourReference": (deal.contact_person or "")[:REFERENCE_LIMIT],
        "OurReference": (deal.responsible_coworker or "")[:REFERENCE_LIMIT],
        "Remarks": remarks(deal),
        "InvoiceRows": [row],
    }
    return {"Invoice": {name: value for name, value in fields.items() if value != ""}}


def _number(value: Decimal) -> float | int:
    """A JSON number; values have at most 15 digits, which a double holds exactly to the öre."""
    return int(value) if value == value.to_integral_value() else float(value)


def difference(costing: Costing, command: CreateFortnoxInvoice) -> str:
    """ "" when a document costs what the deal is worth, without VAT and in its currency; else both figures."""
    value = command.deal.value or Decimal(0)
    if (costing.excluding_vat, costing.Currency) == (value, command.currency):
        return ""
    return f"{_figure(costing.excluding_vat, costing.Currency)} ≠ {_figure(value, command.currency)}"


def document_difference(invoice: FullInvoice, command: CreateFortnoxInvoice) -> str:
    """ "" when a document is what the deal asks for; else both sums, and both customers' numbers.

    A deal that is moved to another company while its POST is in doubt may have its document on the customer before.
    """
    customers = f"Fortnox {invoice.CustomerNumber} / Lime Go {command.customer_number}"
    is_ours = invoice.CustomerNumber == command.customer_number
    return "; ".join(filter(None, (difference(invoice, command), "" if is_ours else customers)))


def vat_difference(rows: Sequence[InvoiceRow], customer: FullCustomer, article: FullArticle, *, with_account: bool) -> str:
    """ "" when priced rows carry VAT as the card of their customer says; else what they carry and what it says.

    The document itself does not name its VAT type (fortnox.md, section 5.5). `with_account`: a person may choose another account
    afterwards, so it is compared only in the answer to the POST.
    """
    rule = card.RULES.get(customer.VATType or "SEVAT")
    if rule is None:
        return f"{customer.VATType}?"
    wanted = article.VAT if rule.has_vat else Decimal(0)
    priced = [row for row in rows if row.TotalExcludingVAT]
    rates = sorted({row.VAT.strip() for row in priced if _is_rate(row.VAT)})
    found = []
    if wanted is not None and priced and bool(wanted) != bool(rates):
        found.append(f"VAT {'/'.join(rates) or 0} % ≠ {wanted:f} %")
    account = card.account(rule, article)
    if with_account and account is not None and any(row.AccountNumber not in ("", str(account)) for row in priced):
        found.append(f"{'/'.join(sorted({row.AccountNumber for row in priced}))} ≠ {account}")
    return f"{customer.VATType or 'SEVAT'}: {', '.join(found)}" if found else ""


def _is_rate(written: str) -> bool:
    """Whether a row carries VAT: "0", "0.0" and "0,00" are none. What cannot be read is told, never taken for none."""
    return bool(written.strip()) and read_amount(written) != 0


def _figure(amount: Decimal, currency: str) -> str:
    """As amounts are written in Sweden: 10 049,00 SEK."""
    return f"{amount:,.2f} {currency}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def customer(slim: SlimCustomer) -> Customer:
    """A customer from its list line: "" there means not set."""
    address = Address(street=slim.Address1 or None, postcode=slim.ZipCode or None, city=slim.City or None)
    return Customer(
        customer_number=slim.CustomerNumber,
        name=slim.Name,
        organisation_number=slim.OrganisationNumber or None,
        phone=slim.Phone or None,
        email=slim.Email or None,
        address=address,
    )


def whole_customer(full: FullCustomer) -> Customer:
    """A customer that was read by its number: as its list line would show it, and whether it is active."""
    line = full.model_dump(include=set(SlimCustomer.model_fields))
    return customer(SlimCustomer(**line, Phone=full.Phone1)).model_copy(update={"active": full.Active})


def invoice(payload: FullInvoice, written_off: Decimal = Decimal(0)) -> Invoice:
    """An invoice; freight and administration fee are header fields in Fortnox and become rows of their own here.

    `net` holds them too, so that the rows add up to it: Fortnox' own Net does in some sources, and in others does not.
    What was written off stands on its payments (`write_offs`).
    """
    rows = [
        _row(row.Description, row.DeliveredQuantity, row.ArticleNumber, row.PriceExcludingVAT, row.TotalExcludingVAT)
        for row in payload.InvoiceRows
    ]
    fees = (
        ("Frakt", payload.Freight, payload.FreightVAT),
        ("Administrationsavgift", payload.AdministrationFee, payload.AdministrationFeeVAT),
    )
    for name, fee, vat in fees:
        if fee:
            excluding_vat = fee - vat if payload.VATIncluded else fee
            rows.append(_row(name, Decimal(1), "", excluding_vat, excluding_vat))
    return Invoice(
        document_number=payload.DocumentNumber,
        customer_number=payload.CustomerNumber,
        customer_name=payload.CustomerName,
        your_reference=payload.YourReference,
        our_reference=payload.OurReference,
        terms_of_payment=payload.TermsOfPayment,
        currency=payload.Currency,
        invoice_date=payload.InvoiceDate,
        # Without terms of payment it is due at once.
        due_date=payload.DueDate or payload.InvoiceDate,
        net=payload.excluding_vat,
        vat=payload.TotalVAT,
        round_off=payload.RoundOff,
        amount=payload.Total,
        balance=payload.Balance,
        reminders=payload.Reminders,
        is_booked=payload.Booked,
        is_cancelled=payload.Cancelled,
        is_credit_note=payload.Credit.lower() == "true",
        credit_reference=credit_reference(payload) or None,
        external_reference=payload.ExternalInvoiceReference1,
        written_off=written_off,
        rows=tuple(rows),
    )


def credit_reference(payload: FullInvoice) -> str:
    """The document at the other end of a credit: a note's invoice, or an invoice's note; "" for none."""
    return "" if payload.CreditInvoiceReference == "0" else payload.CreditInvoiceReference


def _row(description: str, quantity: Decimal, article_number: str, price: Decimal, total: Decimal) -> DocumentRow:
    return DocumentRow(
        description=description, quantity=quantity, article_number=article_number or None, price=price, total=total
    )


def product(payload: FullArticle) -> Product:
    """An article."""
    return Product(
        article_number=payload.ArticleNumber,
        description=payload.Description,
        price=payload.SalesPrice,
        unit=payload.Unit or None,
        is_active=payload.Active,
    )


def digest(value: BaseModel) -> str:
    """A fingerprint of what was read, to tell whether it has changed."""
    return hashlib.sha256(value.model_dump_json().encode()).hexdigest()


def stockholm(moment: datetime) -> str:
    """A `lastmodified` value: the wall clock of Stockholm to the minute, rounded down."""
    return moment.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def changed_since(moment: datetime, *, overlap: float, autumn_overlap: float) -> str:
    """A `lastmodified` value that shows what changed from `moment` on, less an overlap in seconds.

    In the hour that happens twice the wall clock goes back: what changed in its second run has a lower one than ten minutes
    before.
    """
    return stockholm(moment - timedelta(seconds=autumn_overlap if is_autumn_change(moment) else overlap))


def is_autumn_change(moment: datetime) -> bool:
    """Whether local time within an hour of `moment` happens, or has happened, twice."""
    local = moment.astimezone(STOCKHOLM)
    return any(
        local.replace(tzinfo=None, hour=hour).replace(tzinfo=STOCKHOLM, fold=0).utcoffset()
        != local.replace(tzinfo=None, hour=hour).replace(tzinfo=STOCKHOLM, fold=1).utcoffset()
        for hour in {max(0, local.hour - 1), local.hour, min(23, local.hour + 1)}
    )
