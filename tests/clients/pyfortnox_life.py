"""pyfortnox: the same story. Run by `run.py`, in an environment of its own.

It signs in with the headers `Access-Token` and `Client-Secret`, which Fortnox shut off in 2025, so the switch
`legacy_headers` is on for it. It has no methods for a document's actions: its `update` is given their path for a number.
"""

from __future__ import annotations

from typing import Any

import fortnox
from life import TODAY, Life


def main() -> None:
    life = Life()
    given = life.given
    client = fortnox.Client(access_token=given["access_token"], client_secret=given["client_secret"], base_url=given["api"])
    _sell(life, client)


def _sell(life: Life, client: Any) -> None:
    life.step("article made", lambda: client.articles.create(ArticleNumber="T2", Description="Timme", VAT=25))
    customer = {"Name": "Exempelkunden AB", "OrganisationNumber": "559900-0019", "City": "Malmö"}
    made = life.step("customer made", lambda: client.customers.create(customer))
    number = made and made.CustomerNumber
    life.step("customer read", lambda: client.customers.retrieve(number), expect=lambda it: it.City == "Malmö")
    life.step("customer changed", lambda: client.customers.update(number, City="Lund"), expect=lambda it: it.City == "Lund")
    life.step("customers listed", client.customers.list, expect=lambda it: len(it) > 0)
    rows = [{"ArticleNumber": "T2", "OrderedQuantity": 2, "DeliveredQuantity": 2, "Price": 500}]
    made = life.step("order made", lambda: client.orders.create(CustomerNumber=number, OrderRows=rows))
    order = made and made.DocumentNumber
    made = life.step("order made an invoice", lambda: client.orders.update(f"{order}/createinvoice", {}))
    _invoice(life, client, made and made.DocumentNumber)


def _invoice(life: Life, client: Any, number: Any) -> None:
    life.step("invoices listed", client.invoices.list, expect=lambda it: len(it) > 0)
    life.step("invoice read", lambda: client.invoices.retrieve(number), expect=lambda it: it.Total == 1250)
    life.step("invoice booked", lambda: client.invoices.update(f"{number}/bookkeep", {}), expect=lambda it: it.Booked)
    payment = {"InvoiceNumber": int(number or 0), "Amount": 1250, "PaymentDate": TODAY}
    made = life.step("payment made", lambda: client.invoice_payments.create(payment))
    paid = made and made.Number
    life.step("payment booked", lambda: client.invoice_payments.update(f"{paid}/bookkeep", {}))
    life.step("invoice shown as paid", lambda: client.invoices.retrieve(number), expect=lambda it: it.Balance == 0)
    life.step("invoice credited", lambda: client.invoices.update(f"{number}/credit", {}))


main()
