"""Customers: `/3/customers`."""

from typing import Any

from sandbox.fortnox.company import BASE, Answer, Call, Company, check_references, quoted
from sandbox.fortnox.errors import NOT_FOUND, bad, undocumented
from sandbox.fortnox.listing import Listing, contains
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value

SCHEMA = Schema("customer")
COUNTRIES = {
    "SE": "Sverige", "NO": "Norway", "DK": "Denmark", "FI": "Finland", "DE": "Germany", "GB": "United Kingdom",
    "US": "United States", "NL": "Netherlands", "FR": "France", "PL": "Poland", "EE": "Estonia", "IE": "Ireland",
}  # fmt: skip
DERIVED = (("CountryCode", "Country"), ("DeliveryCountryCode", "DeliveryCountry"), ("VisitingCountryCode", "VisitingCountry"))
SLIM = ("Address1", "Address2", "City", "CustomerNumber", "Email", "Name", "OrganisationNumber", "Phone", "ZipCode")


def slim(record: Value) -> Value:
    """The ten fields of the list, with "" where the single answer has null."""
    values = {name: record["Phone1" if name == "Phone" else name] for name in SLIM}
    return {"@url": record["@url"], **{name: "" if value is None else value for name, value in values.items()}}


LISTING = Listing(
    kind="customers",
    wrapper="Customers",
    slim=slim,
    search={
        **{name.lower(): contains(name) for name in ("CustomerNumber", "Name", "ZipCode", "City", "Email", "GLN", "GLNDelivery")},
        "phone": contains("Phone1"),
        "organisationnumber": contains("OrganisationNumber"),
    },
    filters={"active": lambda _, record: record["Active"], "inactive": lambda _, record: not record["Active"]},
    sort={"customernumber": "", "name": "Name"},
)


def listed(company: Company, call: Call) -> Answer:
    """GET /3/customers"""
    return Answer(LISTING.answer(company, call.query))


def get(company: Company, call: Call) -> Answer:
    """GET /3/customers/{number}"""
    return Answer({"Customer": _existing(company, call.keys[0])})


def create(company: Company, call: Call) -> Answer:
    """POST /3/customers"""
    changes = SCHEMA.read(call.wrapped("Customer"), creating=True)
    register = company["customers"]
    if register.used(changes.get("CustomerNumber", "")):
        raise bad(2000637, f"Kundnumret {changes['CustomerNumber']} är redan använt.")
    record = {**SCHEMA.blank(), **changes}
    _complete(record)
    number = changes.get("CustomerNumber") or register.next_key()
    record = {"@url": f"{BASE}/customers/{quoted(number)}", **record, "CustomerNumber": number}
    register.save(number, record)
    return Answer({"Customer": record}, 201, "customers")


def update(company: Company, call: Call) -> Answer:
    """PUT /3/customers/{number}"""
    record = _existing(company, call.keys[0])
    changes = SCHEMA.read(call.wrapped("Customer"), creating=False)
    if changes.get("CustomerNumber", call.keys[0]) != call.keys[0]:
        raise undocumented("Kundnumret kan inte ändras.")
    record = {**record, **changes}
    _complete(record)
    company["customers"].save(call.keys[0], record)
    return Answer({"Customer": record})


def delete(company: Company, call: Call) -> Answer:
    """DELETE /3/customers/{number}; refused while documents name the customer."""
    number = call.keys[0]
    _existing(company, number)
    documents = company["invoices"].values() + company["orders"].values()
    if any(document["CustomerNumber"] == number for document in documents):
        raise undocumented("Kunden har dokument och kan inte tas bort.")
    company["customers"].remove(number)
    return Answer(None, 204)


def _existing(company: Company, number: str) -> Value:
    record = company["customers"].get(number)
    if record is None:
        raise NOT_FOUND["customers"]
    return record


def _complete(record: dict[str, Any]) -> None:
    """Derives the countries' names and checks what must exist elsewhere."""
    for code, name in DERIVED:
        value = record[code]
        record[code] = value.upper() if value else value
        if value and record[code] not in COUNTRIES:
            raise undocumented(f"Ogiltig landskod: {value.upper()}")
        record[name] = COUNTRIES[record[code]] if value else None
    check_references(record)
    number = record["VATNumber"]
    if number and not (number[:2].isalpha() and number[2:].isalnum() and 4 <= len(number) <= 16):
        raise bad(2004194, "Ogiltigt VAT-nummer.")
