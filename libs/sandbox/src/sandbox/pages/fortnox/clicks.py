"""The buttons: which call of the API each one makes, and what the page says when it went well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.fortnox.values import cents, tidy
from sandbox.pages.fortnox.desk import Desk
from sandbox.pages.fortnox.forms import Input

Edit = Callable[[Desk, str, Mapping[str, str]], object]
AMOUNT, PRICE = Input("belopp", "Belopp", "number"), Input("pris", "Pris", "number")


@dataclass(frozen=True)
class Click:
    """One button. `done` is what the page says afterwards; `removes` that the record is gone then."""

    edit: Edit
    done: str
    removes: bool = False


def _call(method: str, plural: str, *action: str) -> Edit:
    return lambda desk, number, _: desk.ask(method, plural, number, *action)


def _pay(desk: Desk, number: str, fields: Mapping[str, str]) -> object:
    """POST /3/invoicepayments, then its bookkeep. Without an amount it is all that is left, without a date today."""
    invoice = desk.record("Invoice", "invoices", number)
    amount = AMOUNT.sent(fields.get("belopp", ""))
    paid = invoice["Balance"] if amount is None else amount
    body = {"InvoiceNumber": number, "PaymentDate": fields.get("datum") or desk.company.today().isoformat()}
    made = desk.ask("POST", "invoicepayments", body={"InvoicePayment": {**body, **_amounts(invoice, paid)}}).body or {}
    return desk.ask("PUT", "invoicepayments", made["InvoicePayment"]["Number"], "bookkeep")


def _amounts(invoice: Mapping[str, Any], paid: Any) -> dict[str, Any]:
    """A payment's amount is in SEK; what was filled in is in the invoice's currency."""
    if invoice["Currency"] == "SEK" or not isinstance(paid, int | float):
        return {"Amount": paid}
    rate = Decimal(str(invoice["CurrencyRate"])) / Decimal(str(invoice["CurrencyUnit"]))
    return {"Amount": tidy(cents(Decimal(str(paid)) * rate)), "AmountCurrency": paid}


def _set_price(desk: Desk, number: str, fields: Mapping[str, str]) -> object:
    """PUT /3/prices/A/{number}"""
    return desk.ask("PUT", "prices", "A", number, body={"Price": {"Price": PRICE.sent(fields.get("pris", ""))}})


CLICKS: Mapping[tuple[str, str], Click] = {
    ("faktura", "bokfor"): Click(_call("PUT", "invoices", "bookkeep"), "Fakturan är bokförd."),
    ("faktura", "betala"): Click(_pay, "Betalningen är registrerad och bokförd."),
    ("faktura", "paminn"): Click(_call("GET", "invoices", "printreminder"), "Påminnelsen är utskriven."),
    ("faktura", "kreditera"): Click(_call("PUT", "invoices", "credit"), "Kreditfakturan är skapad, som utkast."),
    ("faktura", "makulera"): Click(_call("PUT", "invoices", "cancel"), "Fakturan är makulerad."),
    ("faktura", "e-post"): Click(_call("GET", "invoices", "email"), "Fakturan är skickad med e-post."),
    ("faktura", "skriv-ut"): Click(_call("GET", "invoices", "print"), "Fakturan är utskriven."),
    ("faktura", "skickad"): Click(_call("PUT", "invoices", "externalprint"), "Fakturan är märkt som skickad."),
    ("order", "skapa-faktura"): Click(_call("PUT", "orders", "createinvoice"), "Fakturan är skapad av ordern, som utkast."),
    ("order", "makulera"): Click(_call("PUT", "orders", "cancel"), "Ordern är makulerad."),
    ("order", "e-post"): Click(_call("GET", "orders", "email"), "Ordern är skickad med e-post."),
    ("order", "skriv-ut"): Click(_call("GET", "orders", "print"), "Ordern är utskriven."),
    ("order", "skickad"): Click(_call("PUT", "orders", "externalprint"), "Ordern är märkt som skickad."),
    ("kund", "ta-bort"): Click(_call("DELETE", "customers"), "Kunden är borttagen.", removes=True),
    ("artikel", "ta-bort"): Click(_call("DELETE", "articles"), "Artikeln är borttagen.", removes=True),
    ("artikel", "pris"): Click(_set_price, "Priset är sparat."),
    ("betalning", "bokfor"): Click(_call("PUT", "invoicepayments", "bookkeep"), "Betalningen är bokförd."),
    ("betalning", "ta-bort"): Click(_call("DELETE", "invoicepayments"), "Betalningen är borttagen."),
}
SAVED = {"skapad": "Sparat: posten är skapad.", "sparad": "Ändringen är sparad."}
DONE = {**{f"{one}.{name}": click.done for (one, name), click in CLICKS.items()}, **SAVED}
"""What a page says, by the word in its address: no text of an address is ever shown as an answer of Fortnox's."""
