"""The states of Fortnox's records in words that a person reads, with the colour of each."""

from typing import NamedTuple

from sandbox.fortnox.company import Company
from sandbox.fortnox.store import Value


class State(NamedTuple):
    """A state in a word, and the colour of its pill."""

    text: str
    colour: str = ""


def invoice_state(company: Company, invoice: Value) -> State:
    """What an accountant calls it. An invoice is credited once its credit note is booked."""
    if invoice["Cancelled"]:
        return State("makulerad")
    if not invoice["Booked"]:
        return State("utkast")
    if invoice["Credit"] != "true" and _settled_by_note(company, invoice["CreditInvoiceReference"]):
        return State("krediterad")
    balance = invoice["Balance"]
    if balance == 0:
        return State("bokförd" if invoice["Credit"] == "true" else "betald", "green")
    if balance < 0:
        return State("överbetald", "yellow")
    if invoice["DueDate"] < company.today().isoformat():
        return State("förfallen", "red")
    return State("delvis betald" if balance < invoice["Total"] else "bokförd", "yellow")


def _settled_by_note(company: Company, number: str) -> bool:
    note = company["invoices"].get(number)
    return bool(note and note["Booked"])


def order_state(company: Company, order: Value) -> State:
    """An order is open until it is cancelled or has its invoice."""
    if order["Cancelled"]:
        return State("makulerad")
    return State("öppen", "yellow") if order["InvoiceReference"] == "0" else State("fakturerad", "green")


def active_state(company: Company, record: Value) -> State:
    """A customer or an article."""
    return State("aktiv", "green") if record["Active"] else State("inaktiv")
