"""What invoices and orders share: made from a customer's card, changed in part, summed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sandbox.fortnox import countries, housework
from sandbox.fortnox.company import BASE, Company, quoted
from sandbox.fortnox.errors import bad, missing, undocumented
from sandbox.fortnox.references import check_references
from sandbox.fortnox.rows import merge, priced, totals
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value
from sandbox.fortnox.terms import SWEDISH, terms_of
from sandbox.fortnox.values import decimal, is_digits, tidy

MOST_DIGITS = 20
FEES = {"Freight": "InvoiceFreight", "AdministrationFee": "InvoiceAdministrationFee"}
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
        raise missing(kind.plural)
    return record


def made(company: Company, kind: Kind, body: Mapping[str, Any]) -> Value:
    """A new document of a body, not yet saved; raises Refusal. A refused body draws no number."""
    changes = kind.schema.read(_cut(company, body), company.switches, creating=True, allowed=kind.extra)
    customer = company["customers"].get(changes["CustomerNumber"])
    if customer is None:
        raise bad(2000204)
    register = company[kind.plural]
    number = changes.get("DocumentNumber", "")
    if number and (not is_digits(number) or len(number) > MOST_DIGITS or register.used(number)):
        raise undocumented(f"Dokumentnumret {number} är ogiltigt eller redan använt.")
    sent = changes.pop(kind.rows, [])
    if company.switches.zero_keeps_card_terms:
        changes = {name: value for name, value in changes.items() if value or name not in FEES}
    record = kind.schema.changed(_from_customer(kind, customer), changes)
    record[kind.rows] = merge(company, kind.row_schema, [], sent, terms_of(company, record))
    currency = company["currencies"].get(record["Currency"])
    record["CurrencyRate"] = changes.get("CurrencyRate", currency["SellRate"] if currency else 1)
    _complete(company, kind, record)
    _check(company, kind, changes, record)
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
    null_clears = company.switches.null_clears_headers or kind.plural != "invoices"
    changes = kind.schema.read(_cut(company, body), company.switches, creating=False, null_clears=null_clears)
    if changes.get("DocumentNumber", record["DocumentNumber"]) != record["DocumentNumber"]:
        raise undocumented("Dokumentnumret kan inte ändras.")
    if "CustomerNumber" in changes and company["customers"].get(changes["CustomerNumber"]) is None:
        raise bad(2000204)
    after = kind.schema.changed(record, changes)
    if kind.rows in changes:
        after[kind.rows] = merge(company, kind.row_schema, record[kind.rows], changes[kind.rows], terms_of(company, after))
    else:
        after[kind.rows] = [{**row, "RowId": company.next_row_id()} for row in record[kind.rows]]
    _complete(company, kind, after)
    _check(company, kind, changes, after)
    return summed(company, kind, after)


def summed(company: Company, kind: Kind, record: Value) -> Value:
    """The document with its rows' and its own sums."""
    rows = [priced(row, vat_included=record["VATIncluded"]) for row in record[kind.rows]]
    customer = company["customers"].get(record["CustomerNumber"])
    vat_type = customer["VATType"] if customer else SWEDISH
    sums = totals(record, rows, vat_type, company.switches, rounds=company.settings.rounds_to_kronor)
    return {**record, kind.rows: rows, **sums, "HouseWork": any(row["HouseWork"] for row in rows)}


def due(record: Value, invoice_date: str) -> str:
    """The due date by the terms of payment; terms that are no number of days give the invoice date."""
    terms = record["TermsOfPayment"]
    days = int(terms) if terms.isdecimal() and len(terms) < 5 else 0
    return (date.fromisoformat(invoice_date) + timedelta(days=days)).isoformat()


def _complete(company: Company, kind: Kind, record: dict[str, Any]) -> None:
    """Fills the dates that were never told, or were cleared."""
    record[kind.dated] = record[kind.dated] or company.today().isoformat()
    record["OutboundDate"] = record["OutboundDate"] or record[kind.dated]


def _check(company: Company, kind: Kind, changes: Mapping[str, Any], record: Value) -> None:
    check_references(company, changes)
    if changes.get("OutboundDate") and record["OutboundDate"] > company.today().isoformat():
        raise bad(2003126)
    for name in ("Country", "DeliveryCountry"):
        if company.switches.country_names_checked and changes.get(name) and changes[name] not in countries.KNOWN:
            raise undocumented(f"Ogiltigt land: {changes[name]}")
    housework.check(record["TaxReductionType"], record[kind.rows], changed="TaxReductionType" in changes)


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
    address = customer["EmailInvoice" if kind.plural == "invoices" else "EmailOrder"] or customer["Email"]
    record["EmailInformation"] = {**record["EmailInformation"], "EmailAddressTo": address}
    record["VATIncluded"] = customer["ShowPriceVATIncluded"]
    for name, source in FEES.items():
        if customer[source]:
            record[name] = tidy(decimal(source, customer[source]))
    return record
