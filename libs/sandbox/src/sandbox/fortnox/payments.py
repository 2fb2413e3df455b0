"""Invoice payments: `/3/invoicepayments`."""

from decimal import Decimal
from typing import Any

from sandbox.fortnox import invoices
from sandbox.fortnox.company import BASE, Answer, Call, Company
from sandbox.fortnox.errors import bad, missing, undocumented
from sandbox.fortnox.listing import Listing, same
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value
from sandbox.fortnox.values import cents, tidy

SCHEMA = Schema("payment")


def slim(record: Value) -> Value:
    """The list's fields, and whether there are write-offs."""
    values = {name: record[name] for name in SCHEMA.listed}
    return {"@url": record["@url"], **values, "WriteOffExist": bool(record["WriteOffs"])}


LISTING = Listing(
    kind="invoicepayments",
    wrapper="InvoicePayments",
    slim=slim,
    search={"invoicenumber": same("InvoiceNumber")},
    sort={"paymentdate": "PaymentDate"},
)


def listed(company: Company, call: Call) -> Answer:
    """GET /3/invoicepayments"""
    return Answer(LISTING.answer(company, call.query))


def get(company: Company, call: Call) -> Answer:
    """GET /3/invoicepayments/{number}"""
    return Answer({"InvoicePayment": _existing(company, call.keys[0])})


def create(company: Company, call: Call) -> Answer:
    """POST /3/invoicepayments; the invoice must be booked, and the balance waits for the payment's bookkeeping. There
    is no guard against paying too much."""
    changes = SCHEMA.read(call.wrapped("InvoicePayment"), company.switches, creating=True)
    invoice = company["invoices"].get(str(changes["InvoiceNumber"]))
    if invoice is None:
        raise bad(2000434)
    if not invoice["Booked"]:
        raise undocumented("Fakturan är inte bokförd.")
    record = {**SCHEMA.blank(), **_from_invoice(invoice), **changes}
    record["PaymentDate"] = record["PaymentDate"] or company.today().isoformat()
    _check(invoice, record)
    if "AmountCurrency" not in changes:
        record["AmountCurrency"] = _in_currency(record)
    number = company["invoicepayments"].next_key()
    record = {"@url": f"{BASE}/invoicepayments/{number}", **record, "Number": number, "Source": "API"}
    company["invoicepayments"].save(number, record)
    return Answer({"InvoicePayment": record}, 201, "invoicepayments")


def update(company: Company, call: Call) -> Answer:
    """PUT /3/invoicepayments/{number}; not a booked one, and never over to another invoice."""
    record = _existing(company, call.keys[0])
    if record["Booked"]:
        raise undocumented("Betalningen är bokförd och kan inte ändras.")
    changes = SCHEMA.read(call.wrapped("InvoicePayment"), company.switches, creating=False)
    if changes.get("InvoiceNumber", record["InvoiceNumber"]) != record["InvoiceNumber"]:
        raise undocumented("Betalningens faktura kan inte ändras.")
    record = {**record, **changes}
    record["PaymentDate"] = record["PaymentDate"] or company.today().isoformat()
    if "Amount" in changes and "AmountCurrency" not in changes:
        record["AmountCurrency"] = _in_currency(record)
    _check(company["invoices"].get(str(record["InvoiceNumber"])) or {}, record)
    company["invoicepayments"].save(record["Number"], record)
    return Answer({"InvoicePayment": record})


def _check(invoice: Value, record: Value) -> None:
    if record["PaymentDate"] < invoice["InvoiceDate"]:
        raise undocumented("Betalningsdatum kan inte vara före fakturadatum.")


def _in_currency(record: Value) -> int | float:
    """The amount, which is in SEK, in the invoice's currency."""
    rate = Decimal(str(record["CurrencyRate"])) or Decimal(1)
    return tidy(cents(Decimal(str(record["Amount"])) * Decimal(str(record["CurrencyUnit"])) / rate))


def bookkeep(company: Company, call: Call) -> Answer:
    """PUT /3/invoicepayments/{number}/bookkeep; lowers the invoice's balance, which touches the invoice only if the
    switch says so."""
    record = _existing(company, call.keys[0])
    if record["Booked"]:
        raise undocumented("Betalningen är redan bokförd.")
    _settle(company, record, -1)
    voucher = {"VoucherSeries": "C", "VoucherNumber": company.next_voucher(), "VoucherYear": 1}
    record = {**record, "Booked": True, **voucher}
    company["invoicepayments"].save(record["Number"], record)
    return Answer({"InvoicePayment": record})


def delete(company: Company, call: Call) -> Answer:
    """DELETE /3/invoicepayments/{number}; a booked one only where a switch allows it, and the balance rises again."""
    record = _existing(company, call.keys[0])
    if record["Booked"]:
        if not company.switches.delete_booked_payment:
            raise undocumented("Betalningen är bokförd och kan inte tas bort.")
        _settle(company, record, 1)
    company["invoicepayments"].remove(record["Number"])
    return Answer(None, 204)


def _settle(company: Company, record: Value, sign: int) -> None:
    """Moves the invoice's balance by the payment and what it writes off, down (-1) or up again (1)."""
    parts = [record["AmountCurrency"], *(one["Amount"] for one in record["WriteOffs"])]
    paid = sum((Decimal(str(part)) for part in parts), Decimal())
    invoices.settle(company, str(record["InvoiceNumber"]), sign * paid, touch=company.switches.payment_touches_invoice)


def _existing(company: Company, number: str) -> Value:
    record = company["invoicepayments"].get(number)
    if record is None:
        raise missing("invoicepayments")
    return record


def _from_invoice(invoice: Value) -> dict[str, Any]:
    return {
        "Currency": invoice["Currency"],
        "CurrencyRate": invoice["CurrencyRate"],
        "CurrencyUnit": invoice["CurrencyUnit"],
        "ExternalInvoiceReference1": invoice["ExternalInvoiceReference1"],
        "ExternalInvoiceReference2": invoice["ExternalInvoiceReference2"],
        "InvoiceCustomerName": invoice["CustomerName"],
        "InvoiceCustomerNumber": invoice["CustomerNumber"],
        "InvoiceDueDate": invoice["DueDate"],
        "InvoiceOCR": invoice["OCR"],
        "InvoiceTotal": str(invoice["Total"]),
    }
