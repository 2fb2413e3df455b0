"""Invoice payments: `/3/invoicepayments`."""

from decimal import Decimal
from typing import Any

from sandbox.fortnox import invoices
from sandbox.fortnox.company import BASE, Answer, Call, Company
from sandbox.fortnox.documents import existing
from sandbox.fortnox.errors import NOT_FOUND, undocumented
from sandbox.fortnox.listing import Listing, same
from sandbox.fortnox.schema import Schema, decimal
from sandbox.fortnox.store import Value

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
    sort={"paymentdate": ""},
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
    changes = SCHEMA.read(call.wrapped("InvoicePayment"), creating=True)
    invoice = existing(company, invoices.KIND, str(changes["InvoiceNumber"]))
    if not invoice["Booked"]:
        raise undocumented("Fakturan är inte bokförd.")
    paid = changes.setdefault("PaymentDate", company.today().isoformat())
    if paid < invoice["InvoiceDate"]:
        raise undocumented("Betalningsdatum kan inte vara före fakturadatum.")
    number = company["invoicepayments"].next_key()
    record = {
        "@url": f"{BASE}/invoicepayments/{number}",
        **SCHEMA.blank(),
        **_from_invoice(invoice),
        "AmountCurrency": changes["Amount"],
        **changes,
        "Number": number,
        "Source": "API",
    }
    company["invoicepayments"].save(number, record)
    return Answer({"InvoicePayment": record}, 201, "invoicepayments")


def bookkeep(company: Company, call: Call) -> Answer:
    """PUT /3/invoicepayments/{number}/bookkeep; lowers the invoice's balance, which touches the invoice only if the
    switch says so."""
    record = _existing(company, call.keys[0])
    if record["Booked"]:
        raise undocumented("Betalningen är redan bokförd.")
    paid = Decimal(str(record["AmountCurrency"])) + sum(
        (decimal("Amount", w.get("Amount", 0)) for w in record["WriteOffs"]), Decimal()
    )
    invoices.settle(company, str(record["InvoiceNumber"]), -paid, touch=company.switches.payment_touches_invoice)
    voucher = {"VoucherSeries": "C", "VoucherNumber": company.next_voucher(), "VoucherYear": 1}
    record = {**record, "Booked": True, **voucher}
    company["invoicepayments"].save(record["Number"], record)
    return Answer({"InvoicePayment": record})


def delete(company: Company, call: Call) -> Answer:
    """DELETE /3/invoicepayments/{number}; not a booked one."""
    record = _existing(company, call.keys[0])
    if record["Booked"]:
        raise undocumented("Betalningen är bokförd och kan inte tas bort.")
    company["invoicepayments"].remove(record["Number"])
    return Answer(None, 204)


def _existing(company: Company, number: str) -> Value:
    record = company["invoicepayments"].get(number)
    if record is None:
        raise NOT_FOUND["invoicepayments"]
    return record


def _from_invoice(invoice: Value) -> dict[str, Any]:
    return {
        "Currency": invoice["Currency"],
        "CurrencyRate": invoice["CurrencyRate"],
        "ExternalInvoiceReference1": invoice["ExternalInvoiceReference1"],
        "ExternalInvoiceReference2": invoice["ExternalInvoiceReference2"],
        "InvoiceCustomerName": invoice["CustomerName"],
        "InvoiceCustomerNumber": invoice["CustomerNumber"],
        "InvoiceDueDate": invoice["DueDate"],
        "InvoiceOCR": invoice["OCR"],
        "InvoiceTotal": str(invoice["Total"]),
    }
