"""Invoices: `/3/invoices`, their life from draft to booked, cancelled or credited."""

from decimal import Decimal
from typing import Any

from sandbox.fortnox.company import Answer, Call, Company
from sandbox.fortnox.documents import Kind, changed, due, existing, made, summed
from sandbox.fortnox.errors import LOCKED_BOOKED, LOCKED_CANCELLED, bad, undocumented
from sandbox.fortnox.listing import (
    Contains,
    Listing,
    any_row,
    at_least,
    at_most,
    labelled,
    prefix,
    row_at_least,
    row_at_most,
    same,
)
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value
from sandbox.fortnox.values import cents, quantity, tidy

KIND = Kind(
    plural="invoices",
    wrapper="Invoice",
    schema=Schema("invoice"),
    row_schema=Schema("invoice_row"),
    rows="InvoiceRows",
    dated="InvoiceDate",
    subject="Faktura {} bifogas",
)


def slim(record: Value) -> Value:
    """The list's fields; the currency rate is text here."""
    values = {name: record[name] for name in KIND.schema.listed}
    return {"@url": record["@url"], **values, "CurrencyRate": str(values["CurrencyRate"])}


def _open(record: Value) -> bool:
    return bool(record["Booked"] and not record["Cancelled"] and record["Balance"] != 0)


def _paid(record: Value) -> bool:
    return bool(record["Booked"] and not record["Cancelled"] and record["Balance"] == 0)


LISTING = Listing(
    kind="invoices",
    wrapper="Invoices",
    slim=slim,
    numbers={"customernumber": "CustomerNumber", "documentnumber": "DocumentNumber"},
    search={
        **{
            name.lower(): Contains(name)
            for name in ("CostCenter", "CustomerName", "OCR", "OurReference", "Project", "YourReference", "YourOrderNumber")
        },
        **{name.lower(): same(name) for name in ("NotCompleted", "Sent", "InvoiceType", "Currency", "Credit")},
        "externalinvoicereference1": prefix("ExternalInvoiceReference1"),
        "externalinvoicereference2": prefix("ExternalInvoiceReference2"),
        "fromdate": at_least("InvoiceDate"),
        "todate": at_most("InvoiceDate"),
        "fromfinalpaydate": at_least("FinalPayDate"),
        "tofinalpaydate": at_most("FinalPayDate"),
        "articlenumber": any_row("InvoiceRows", "ArticleNumber"),
        "articledescription": any_row("InvoiceRows", "Description"),
        "accountnumberfrom": row_at_least("InvoiceRows", "AccountNumber"),
        "accountnumberto": row_at_most("InvoiceRows", "AccountNumber"),
        "label": labelled,
    },
    filters={
        "cancelled": lambda _, record: record["Cancelled"],
        "fullypaid": lambda _, record: _paid(record),
        "unpaid": lambda _, record: _open(record),
        "unpaidoverdue": lambda company, record: _open(record) and record["DueDate"] < company.today().isoformat(),
        "unbooked": lambda _, record: not record["Booked"] and not record["Cancelled"],
    },
    sort={
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "documentnumber": "",
        "invoicedate": "InvoiceDate",
        "ocr": "OCR",
        "total": "Total",
    },
)  # fmt: skip


def listed(company: Company, call: Call) -> Answer:
    """GET /3/invoices"""
    return Answer(LISTING.answer(company, call.query))


def get(company: Company, call: Call) -> Answer:
    """GET /3/invoices/{number}"""
    return Answer({"Invoice": existing(company, KIND, call.keys[0])})


def create(company: Company, call: Call) -> Answer:
    """POST /3/invoices"""
    return Answer({"Invoice": save_new(company, call.wrapped("Invoice"), {})}, 201, "invoices")


def save_new(company: Company, body: dict[str, Any], fixed: dict[str, Any]) -> Value:
    """Makes and saves an invoice; `fixed` holds the fields that no body may set."""
    _open_year(company)
    record = made(company, KIND, body)
    record.update(fixed)
    number = record["DocumentNumber"]
    record = _drafted(company, record)
    company["invoices"].save(number, record)
    return record


def _drafted(company: Company, record: Value) -> Value:
    """A draft with what follows from the rest: due date, OCR number, balance."""
    balance = record["Total"] if company.switches.draft_balance_is_total else 0
    number = record["OCR"] or ocr(record["DocumentNumber"])
    return {**record, "DueDate": record["DueDate"] or due(record, record["InvoiceDate"]), "OCR": number, "Balance": balance}


def update(company: Company, call: Call) -> Answer:
    """PUT /3/invoices/{number}; only a draft can be changed, and not the rows of one that an order made."""
    record = _draft(company, call.keys[0])
    body = call.wrapped("Invoice")
    if "InvoiceRows" in body and record["OrderReference"] != "0":
        raise undocumented("En eller flera rader har koppling till en order, det går därför inte att uppdatera raderna via API.")
    record = changed(company, KIND, record, body)
    if ("InvoiceDate" in body or "TermsOfPayment" in body) and not body.get("DueDate"):
        record["DueDate"] = ""
    return _saved(company, _drafted(company, record))


def _draft(company: Company, number: str) -> Value:
    record = existing(company, KIND, number)
    if record["Cancelled"]:
        raise undocumented(LOCKED_CANCELLED)
    if record["Booked"]:
        raise undocumented(LOCKED_BOOKED)
    return record


def _saved(company: Company, record: Value, *, touch: bool = True) -> Answer:
    company["invoices"].save(record["DocumentNumber"], record, touch=touch)
    return Answer({"Invoice": record})


def bookkeep(company: Company, call: Call) -> Answer:
    """PUT /3/invoices/{number}/bookkeep; an invoice of 0 is paid at once, a credit note settles what it credits."""
    record = _draft(company, call.keys[0])
    _open_year(company)
    if record["NotCompleted"]:
        raise undocumented("Fakturan är markerad som ej klar och kan inte bokföras.")
    voucher = {"VoucherSeries": "B", "VoucherNumber": company.next_voucher(), "VoucherYear": 1}
    record = {**record, "Booked": True, "Balance": record["Total"], **voucher}
    if record["Total"] == 0:
        record["FinalPayDate"] = company.today().isoformat()
    if record["Credit"] == "true":
        record = {**record, "Balance": 0, "FinalPayDate": company.today().isoformat()}
        settle(company, record["CreditInvoiceReference"], Decimal(str(record["Total"])), touch=True)
    return _saved(company, record, touch=company.switches.bookkeep_touches_invoice)


def _open_year(company: Company) -> None:
    if not company.settings.financial_year:
        raise undocumented("Det finns inget öppet räkenskapsår för fakturadatumet.")


def cancel(company: Company, call: Call) -> Answer:
    """PUT /3/invoices/{number}/cancel; only a draft."""
    return _saved(company, {**_draft(company, call.keys[0]), "Cancelled": True})


def external_print(company: Company, call: Call) -> Answer:
    """PUT /3/invoices/{number}/externalprint"""
    return _saved(company, {**existing(company, KIND, call.keys[0]), "Sent": True})


def credit(company: Company, call: Call) -> Answer:
    """PUT /3/invoices/{number}/credit; makes a draft with negative quantities and answers the original."""
    record = existing(company, KIND, call.keys[0])
    if not record["Booked"] or record["Credit"] == "true" or record["CreditInvoiceReference"] != "0":
        raise undocumented("Fakturan kan inte krediteras.")
    number = company["invoices"].next_key()
    rows = [_negative(company, row) for row in record["InvoiceRows"]]
    note = {
        **record, "InvoiceRows": rows, "Freight": -record["Freight"], "AdministrationFee": -record["AdministrationFee"],
        "Booked": False, "Sent": False, "Credit": "true", "CreditInvoiceReference": record["DocumentNumber"],
        "FinalPayDate": None, "VoucherSeries": None, "VoucherNumber": None, "VoucherYear": None, "DocumentNumber": number,
        "Reminders": 0, "LastRemindDate": None, "OCR": "",
        "InvoiceDate": company.today().isoformat(), "DueDate": company.today().isoformat(),
        "@url": record["@url"].rpartition("/")[0] + f"/{number}",
        "@urlTaxReductionList": record["@urlTaxReductionList"].rpartition("=")[0] + f"={number}",
        "EmailInformation": {**record["EmailInformation"], "EmailSubject": KIND.subject.format(number)},
    }  # fmt: skip
    if not company.switches.credit_copies_reference:
        note["ExternalInvoiceReference1"] = ""
    note = _drafted(company, summed(company, KIND, note))
    company["invoices"].save(number, note)
    return _saved(company, {**record, "CreditInvoiceReference": number})


def _negative(company: Company, row: Value) -> Value:
    opposite = quantity(-Decimal(row["DeliveredQuantity"]))
    discount = -row["Discount"] if row["DiscountType"] == "AMOUNT" else row["Discount"]
    return {**row, "DeliveredQuantity": opposite, "Discount": discount, "RowId": company.next_row_id()}


def settle(company: Company, number: str, amount: Decimal, *, touch: bool) -> None:
    """Changes an invoice's balance by an amount (a payment is negative) and sets its final pay date at 0."""
    record = existing(company, KIND, number)
    balance = cents(Decimal(str(record["Balance"])) + amount)
    final = company.today().isoformat() if balance <= 0 else None
    record = {**record, "Balance": tidy(balance), "FinalPayDate": final}
    company["invoices"].save(number, record, touch=touch, quiet=not company.switches.stream_settling_updates_invoice)


def ocr(number: str) -> str:
    """Number, length digit (of the whole), check digit (Luhn over what stands before it)."""
    if not number.isdecimal():
        raise bad(2000108, "DocumentNumber")
    body = number + str((len(number) + 2) % 10)
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(body)))
    return f"{body}{-sum(value - 9 if value > 9 else value for value in doubled) % 10}"
