"""fortpyx: a customer's order becomes a paid, then a credited invoice. Run by `run.py`, in an environment of its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from fortpyx import Fortpyx
from fortpyx.fortpyx import (
    FortnoxArticle,
    FortnoxArticleWrap,
    FortnoxCustomer,
    FortnoxCustomerWrap,
    FortnoxInvoicePayment,
    FortnoxInvoicePaymentWrap,
    FortnoxOrder,
    FortnoxOrderWrap,
)
from life import TODAY, Life


def main() -> None:
    life = Life()
    given = life.given
    # The address, and nothing else: the client's own names for it.
    Fortpyx._Fortpyx__BASE_URL = given["api"]
    Fortpyx._Fortpyx__AUTHORIZATION_URL = f"{given['oauth']}/auth"
    Fortpyx._Fortpyx__TOKEN_URL = f"{given['oauth']}/token"
    client = Fortpyx(client_id=given["client_id"], client_secret=given["client_secret"], page_size=100)
    _consent(life, client)
    _sell(life, client.fortnox)


def _consent(life: Life, client: Any) -> None:
    scopes = life.given["scopes"].split()
    url = client.get_authorization_url(life.given["redirect_uri"], scopes, "en-slump", use_service_account=False)

    def approve() -> str:
        answer = requests.post(url, data={"bolag": life.given["tenant"], "svar": "godkann"}, allow_redirects=False, timeout=10)
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    code = life.step("a person approves on the consent page", approve)
    life.step("code exchanged for tokens", lambda: client.get_tokens(code, life.given["redirect_uri"]))
    life.step("refresh token exchanged", client.refresh_tokens)


def _sell(life: Life, api: Any) -> None:
    life.step(
        "article made",
        lambda: api.articles.create_an_article(
            FortnoxArticleWrap(Article=FortnoxArticle(ArticleNumber="T1", Description="Timme", VAT=25))
        ),
    )
    customer = FortnoxCustomer(Name="Exempelkunden AB", OrganisationNumber="559900-0019", City="Malmö")
    made = life.step("customer made", lambda: api.customers.create_a_customer(FortnoxCustomerWrap(Customer=customer)))
    number = made and made.customer.customer_number
    life.step("customer read", lambda: api.customers.retrieve_a_customer(number), expect=lambda it: it.customer.city == "Malmö")
    change = FortnoxCustomerWrap(Customer=FortnoxCustomer(Name="Exempelkunden AB", City="Lund"))
    life.step(
        "customer changed", lambda: api.customers.update_a_customer(change, number), expect=lambda it: it.customer.city == "Lund"
    )
    life.step("customers listed", api.customers.retrieve_a_list_of_customers, expect=lambda it: len(it.customers) > 0)
    rows = [{"ArticleNumber": "T1", "OrderedQuantity": "2", "DeliveredQuantity": "2", "Price": 500}]
    order = FortnoxOrder.model_validate({"CustomerNumber": number, "OrderRows": rows})
    made = life.step("order made", lambda: api.orders.create_a_new_order(FortnoxOrderWrap(Order=order)))
    order_number = str(made.order.document_number) if made else ""
    made = life.step("order made an invoice", lambda: api.orders.create_invoice_out_of_given_order(order_number))
    _invoice(life, api, order_number)


def _invoice(life: Life, api: Any, order_number: str) -> None:
    listed = life.step("invoices listed", api.invoices.retrieve_a_list_of_invoices)
    mine = listed.invoices if listed else []
    number = str(mine[0].document_number) if mine else ""
    life.step("invoice read", lambda: api.invoices.retrieve_a_single_invoice(number), expect=lambda it: it.invoice.total == 1250)
    life.step("invoice booked", lambda: api.invoices.bookkeep_an_invoice(number), expect=lambda it: it.invoice.booked)
    payment = FortnoxInvoicePayment.model_validate({"InvoiceNumber": int(number or 0), "Amount": 1250, "PaymentDate": TODAY})
    wrapped = FortnoxInvoicePaymentWrap(InvoicePayment=payment)
    made = life.step("payment made", lambda: api.invoice_payments.create_an_invoice_payment(wrapped))
    paid = str(made.invoice_payment.number) if made else ""
    life.step("payment booked", lambda: api.invoice_payments.bookkeep_an_invoice_payment(wrapped, paid))
    life.step(
        "invoice shown as paid", lambda: api.invoices.retrieve_a_single_invoice(number), expect=lambda it: it.invoice.balance == 0
    )
    life.step("invoice credited", lambda: api.invoices.credit_an_invoice(number))


main()
