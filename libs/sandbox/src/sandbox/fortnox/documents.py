"""What invoices and orders share: made from a customer's card, changed in part, summed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sandbox.fortnox.company import BASE, CURRENCIES, Company, check_references, quoted
from sandbox.fortnox.errors import NOT_FOUND, bad, undocumented
from sandbox.fortnox.rows import merge, priced, totals
from sandbox.fortnox.schema import Schema, decimal, tidy
from sandbox.fortnox.store import Value

COPIED = (
    "Address1", "Address2", "City", "ZipCode", "Country", "Phone1", "Phone2", "Currency", "PriceList", "TermsOfPayment",
    "TermsOfDelivery", "WayOfDelivery", "OurReference", "YourReference", "DeliveryAddress1", "DeliveryAddress2",
    "DeliveryCity", "DeliveryCountry", "DeliveryName", "DeliveryZipCode", "OrganisationNumber", "Project",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One kind of document. `extra` names read-only fields that a POST may hold all the same."""

    plural: str
    wrapper: str
    schema: Schema
    row_schema: Schema
    rows: str
    dated: str
    subject: str
    extra: frozenset[str] = frozenset()


def existing(company: Company, kind: Kind, number: str) -> Value:
    """The document; raises Refusal 404."""
    record = company[kind.plural].get(number)
    if record is None:
        raise NOT_FOUND[kind.plural]
    return record


def made(company: Company, kind: Kind, body: Mapping[str, Any]) -> Value:
    """A new document of a body, not yet saved; raises Refusal. A refused body draws no number."""
    changes = kind.schema.read(_cut(company, body), creating=True, allowed=kind.extra)
    customer = company["customers"].get(changes["CustomerNumber"])
    if customer is None:
        raise bad(2000204, "Kunde inte hitta kund")
    register = company[kind.plural]
    number = changes.get("DocumentNumber", "")
    if number and (not number.isdecimal() or register.used(number)):
        raise undocumented(f"Dokumentnumret {number} är ogiltigt eller redan använt.")
    rows = merge(company, kind.row_schema, [], changes.pop(kind.rows, []))
    record = {**_from_customer(kind, customer), **changes, kind.rows: rows}
    record[kind.dated] = record[kind.dated] or company.today().isoformat()
    record["OutboundDate"] = record["OutboundDate"] or record[kind.dated]
    record["CurrencyRate"] = changes.get("CurrencyRate", CURRENCIES.get(record["Currency"], (1, ""))[0])
    _check(company, changes, record)
    number = number or register.next_key()
    email = {**record["EmailInformation"]}
    email["EmailSubject"] = email["EmailSubject"] or kind.subject.format(number)
    return {
        "@url": f"{BASE}/{kind.plural}/{quoted(number)}",
        "@urlTaxReductionList": f"{BASE}/taxreductions?filter={kind.plural}&referencenumber={number}",
        **summed(company, kind, record),
        "DocumentNumber": number,
        "EmailInformation": email,
    }


def changed(company: Company, kind: Kind, record: Value, body: Mapping[str, Any]) -> Value:
    """The document after an update, not yet saved; raises Refusal."""
    changes = kind.schema.read(_cut(company, body), creating=False)
    if changes.get("DocumentNumber", record["DocumentNumber"]) != record["DocumentNumber"]:
        raise undocumented("Dokumentnumret kan inte ändras.")
    if "CustomerNumber" in changes and company["customers"].get(changes["CustomerNumber"]) is None:
        raise bad(2000204, "Kunde inte hitta kund")
    if kind.rows in changes:
        changes[kind.rows] = merge(company, kind.row_schema, record[kind.rows], changes[kind.rows])
    else:
        changes[kind.rows] = [{**row, "RowId": company.next_row_id()} for row in record[kind.rows]]
    changed_record = {**record, **changes}
    _check(company, changes, changed_record)
    return summed(company, kind, changed_record)


def summed(company: Company, kind: Kind, record: Value) -> Value:
    """The document with its rows' and its own sums."""
    rows = [priced(row, vat_included=record["VATIncluded"]) for row in record[kind.rows]]
    customer = company["customers"].get(record["CustomerNumber"])
    sums = totals(record, rows, customer["VATType"] if customer else "SEVAT")
    housework = any(row["HouseWork"] for row in rows)
    return {**record, kind.rows: rows, **sums, "HouseWork": housework}


def due(record: Value, invoice_date: str) -> str:
    """The due date by the terms of payment; terms that are no number of days give the invoice date."""
    terms = record["TermsOfPayment"]
    days = int(terms) if terms.isdecimal() else 0
    return (date.fromisoformat(invoice_date) + timedelta(days=days)).isoformat()


def _check(company: Company, changes: Mapping[str, Any], record: Value) -> None:
    check_references(changes)
    if record["OutboundDate"] > company.today().isoformat() and "OutboundDate" in changes:
        raise bad(2003126, "Utleveransdatum kan inte vara efter dagens datum.")


def _cut(company: Company, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Shortens the reference without a word where the switch says so."""
    length, name = company.switches.reference_cut, "ExternalInvoiceReference1"
    if length is None or not isinstance(body.get(name), str):
        return body
    return {**body, name: body[name][:length]}


def _from_customer(kind: Kind, customer: Value) -> dict[str, Any]:
    record = kind.schema.blank()
    for name in COPIED:
        record[name] = customer[name] or record[name]
    record["CustomerName"] = customer["Name"]
    record["DeliveryAddress1"] = record["DeliveryAddress1"][:60]
    record["EmailInformation"] = {**record["EmailInformation"], "EmailAddressTo": customer["EmailInvoice"] or customer["Email"]}
    for name, source in (("Freight", "InvoiceFreight"), ("AdministrationFee", "InvoiceAdministrationFee")):
        if customer[source]:
            record[name] = tidy(decimal(source, customer[source]))
    return record
