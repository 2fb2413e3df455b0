"""I5: after quiescence both systems hold the same, field by field, computed here a second time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from support.facts import STOCKHOLM, Facts

NUMBER_FIELD, TEXT_FIELD = "Fortnox kundnummer", "Fortnox"


def i5_both_systems_agree(facts: Facts) -> Iterator[str]:
    """The ERP tab's invoices and products are Fortnox's; the customer number on a company is its link."""
    yield from _invoices(facts)
    yield from _products(facts)
    yield from _companies(facts)


def _invoices(facts: Facts) -> Iterator[str]:
    companies = {row["customer_number"]: row["company_id"] for row in facts.links}
    for number in facts.tab:
        if number not in facts.invoices:
            yield f"invoice {number} is shown and is not in Fortnox"
    for number, invoice in facts.invoices.items():
        company = companies.get(invoice["CustomerNumber"])
        is_new = facts.modified["invoices"][number] >= facts.connection.activated_at.replace(microsecond=0)
        shown = facts.tab.get(number)
        if shown is None:
            if company is not None and is_new:
                yield f"invoice {number} of company {company} is not shown"
            continue
        if company is None:
            if shown["paymentStatus"] != "moved" or Decimal(shown["balance"]):
                yield f"invoice {number} is shown and its customer is not linked"
            continue
        differing = sorted(
            name for name, value in _as_shown(invoice, company, facts).items() if _plain(shown[name]) != _plain(value)
        )
        if differing:
            yield f"invoice {number} is shown with another {', '.join(differing)}"


def _as_shown(invoice: Any, company: str, facts: Facts) -> dict[str, object]:
    rows = [
        (row["Description"], row["DeliveredQuantity"], row["ArticleNumber"], row["PriceExcludingVAT"], row["TotalExcludingVAT"])
        for row in invoice["InvoiceRows"]
    ]
    for name, fee in (("Frakt", invoice["Freight"]), ("Administrationsavgift", invoice["AdministrationFee"])):
        if fee:
            rows.append((name, 1, "", fee, fee))
    return {
        "organizationId": company,
        "customerName": invoice["CustomerName"],
        "yourReference": invoice["YourReference"],
        "ourReference": invoice["OurReference"],
        "customerNumber": invoice["CustomerNumber"],
        "termsOfPayment": invoice["TermsOfPayment"],
        "amount": invoice["Total"],
        "currency": invoice["Currency"],
        "vat": invoice["TotalVAT"],
        "invoiceDate": invoice["InvoiceDate"],
        "dueDate": invoice["DueDate"],
        "reminders": invoice["Reminders"],
        "balance": invoice["Balance"],
        **_settled(invoice, facts),
        "isCreditNote": invoice["Credit"] == "true",
        "rows": [dict(zip(("description", "quantity", "articleNumber", "price", "total"), row, strict=True)) for row in rows],
    }


def _settled(invoice: Any, facts: Facts) -> dict[str, object]:
    number, total, balance = invoice["DocumentNumber"], _amount(invoice["Total"]), _amount(invoice["Balance"])
    if not invoice["Booked"] or invoice["Cancelled"] or invoice["Credit"] == "true":
        return {"paymentStatus": _unsettled(invoice, balance), "paid": 0, "credited": 0, "writtenOff": 0}
    notes = [one for one in facts.invoices.values() if one["Credit"] == "true" and one["CreditInvoiceReference"] == number]
    credited = -sum(_amount(note["Total"]) for note in notes if note["Booked"] and not note["Cancelled"])
    payments = [one for one in facts.payments if str(one["InvoiceNumber"]) == number and one["Booked"]]
    lost = sum(_amount(part["Amount"]) for payment in payments for part in payment["WriteOffs"])
    paid = max(total - balance - credited - lost, Decimal(0))
    today = datetime.now(STOCKHOLM).date().isoformat()
    if balance > 0:
        status = "overdue" if today > invoice["DueDate"] else "partly_paid" if paid else "partly_credited" if credited else "due"
    elif credited and credited + (lost if lost < 1 else 0) >= total:
        status = "credited"
    else:
        status = "written_off" if lost >= 1 else "partly_credited" if credited else "paid"
    return {"paymentStatus": status, "paid": paid, "credited": credited, "writtenOff": lost}


def _unsettled(invoice: Any, balance: Decimal) -> str:
    if invoice["Cancelled"]:
        return "cancelled"
    if not invoice["Booked"]:
        return "draft"
    return "due" if balance else "paid"


def _amount(value: object) -> Decimal:
    return Decimal(str(value))


def _products(facts: Facts) -> Iterator[str]:
    for number, article in facts.articles.items():
        shown = facts.products.get(number)
        if shown is None:
            if facts.modified["articles"][number] >= facts.connection.activated_at.replace(microsecond=0):
                yield f"article {number} is not shown"
            continue
        wanted = {
            "description": article["Description"],
            "price": article["SalesPrice"],
            "unit": article["Unit"],
            "active": article["Active"],
        }
        differing = sorted(name for name, value in wanted.items() if _plain(shown[name]) != _plain(value))
        if differing:
            yield f"article {number} is shown with another {', '.join(differing)}"


def _companies(facts: Facts) -> Iterator[str]:
    links = {row["company_id"]: row["customer_number"] for row in facts.links}
    for company_id, company in facts.companies.items():
        shown = company["custom_fields"].get(NUMBER_FIELD)
        if shown != links.get(company_id):
            yield f"company {company_id} shows customer {shown} and is linked to {links.get(company_id)}"
    for key, record in facts.records_of("invoice").items():
        company = facts.companies.get(record["company_id"])
        if record["state"] != "done" or company is None:
            continue
        if company["customer_relation"] != "IS_A_CUSTOMER":
            yield f"company {company['id']} won deal {key} and is no customer"
    newest: dict[str, int] = {}
    for record in facts.records_of("invoice").values():
        if record["state"] == "done":
            newest[record["company_id"]] = max(newest.get(record["company_id"], 0), int(record["remote_id"]))
    for company_id, number in newest.items():
        # A company that is gone shows nothing.
        if company_id in facts.companies and str(number) not in facts.companies[company_id]["custom_fields"].get(TEXT_FIELD, ""):
            yield f"company {company_id} does not tell of document {number}"


def _plain(value: object) -> object:
    """Equal values in one form: numbers as numbers, "" as nothing."""
    if isinstance(value, list):
        return [{name: _plain(one) for name, one in row.items()} for row in value]
    if isinstance(value, bool) or value in (None, ""):
        return value or None
    try:
        return Decimal(str(value)).normalize()
    except ArithmeticError:
        return value
