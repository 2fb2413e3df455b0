"""The buttons: which call of the API each one makes, and what the page says when it went well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.fortnox.values import cents, tidy
from sandbox.pages.fortnox.context import PageContext
from sandbox.pages.fortnox.forms import Input

Edit = Callable[[PageContext, str, Mapping[str, str]], object]
AMOUNT, PRICE = Input("belopp", "Belopp", "number"), Input("pris", "Pris", "number")


@dataclass(frozen=True)
class Button:
    """One button. `done` is what the page says afterwards; `removes` that the record is gone then."""

    edit: Edit
    done: str
    removes: bool = False


def _call(method: str, plural: str, *action: str) -> Edit:
    return lambda context, number, _: context.ask(method, plural, number, *action)


def _pay(context: PageContext, number: str, fields: Mapping[str, str]) -> object:
    """POST /3/invoicepayments, then its bookkeep. Without an amount it is all that is left, without a date today."""
    invoice = context.record("Invoice", "invoices", number)
    amount = AMOUNT.sent(fields.get("belopp", ""))
    paid = invoice["Balance"] if amount is None else amount
    body = {"InvoiceNumber": number, "PaymentDate": fields.get("datum") or context.company.today().isoformat()}
    made = context.ask("POST", "invoicepayments", body={"InvoicePayment": {**body, **_amounts(invoice, paid)}}).body or {}
    return context.ask("PUT", "invoicepayments", made["InvoicePayment"]["Number"], "bookkeep")


def _amounts(invoice: Mapping[str, Any], paid: Any) -> dict[str, Any]:
    """A payment's amount is in SEK; what was filled in is in the invoice's currency."""
    if invoice["Currency"] == "SEK" or not isinstance(paid, int | float):
        return {"Amount": paid}
    rate = Decimal(str(invoice["CurrencyRate"])) / Decimal(str(invoice["CurrencyUnit"]))
    return {"Amount": tidy(cents(Decimal(str(paid)) * rate)), "AmountCurrency": paid}


def _set_price(context: PageContext, number: str, fields: Mapping[str, str]) -> object:
    """PUT /3/prices/A/{number}"""
    return context.ask("PUT", "prices", "A", number, body={"Price": {"Price": PRICE.sent(fields.get("pris", ""))}})


BUTTONS: Mapping[tuple[str, str], Button] = {
    ("faktura", "bokfor"): Button(_call("PUT", "invoices", "bookkeep"), "Fakturan är bokförd."),
    ("faktura", "betala"): Button(_pay, "Betalningen är registrerad och bokförd."),
    ("faktura", "paminn"): Button(_call("GET", "invoices", "printreminder"), "Påminnelsen är utskriven."),
    ("faktura", "kreditera"): Button(_call("PUT", "invoices", "credit"), "Kreditfakturan är skapad, som utkast."),
    ("faktura", "makulera"): Button(_call("PUT", "invoices", "cancel"), "Fakturan är makulerad."),
    ("faktura", "e-post"): Button(_call("GET", "invoices", "email"), "Fakturan är skickad med e-post."),
    ("faktura", "skriv-ut"): Button(_call("GET", "invoices", "print"), "Fakturan är utskriven."),
    ("faktura", "skickad"): Button(_call("PUT", "invoices", "externalprint"), "Fakturan är märkt som skickad."),
    ("order", "skapa-faktura"): Button(_call("PUT", "orders", "createinvoice"), "Fakturan är skapad av ordern, som utkast."),
    ("order", "makulera"): Button(_call("PUT", "orders", "cancel"), "Ordern är makulerad."),
    ("order", "e-post"): Button(_call("GET", "orders", "email"), "Ordern är skickad med e-post."),
    ("order", "skriv-ut"): Button(_call("GET", "orders", "print"), "Ordern är utskriven."),
    ("order", "skickad"): Button(_call("PUT", "orders", "externalprint"), "Ordern är märkt som skickad."),
    ("kund", "ta-bort"): Button(_call("DELETE", "customers"), "Kunden är borttagen.", removes=True),
    ("artikel", "ta-bort"): Button(_call("DELETE", "articles"), "Artikeln är borttagen.", removes=True),
    ("artikel", "pris"): Button(_set_price, "Priset är sparat."),
    ("betalning", "bokfor"): Button(_call("PUT", "invoicepayments", "bookkeep"), "Betalningen är bokförd."),
    ("betalning", "ta-bort"): Button(_call("DELETE", "invoicepayments"), "Betalningen är borttagen."),
}
SAVED = {"skapad": "Sparat: posten är skapad.", "sparad": "Ändringen är sparad."}
DONE = {**{f"{one}.{name}": button.done for (one, name), button in BUTTONS.items()}, **SAVED}
"""What a page says, by the word in its address: no text of an address is ever shown as an answer of Fortnox's."""
