"""Customers: `/3/customers`."""

from typing import Any

from sandbox.fortnox.company import BASE, Answer, Call, Company, quoted
from sandbox.fortnox.countries import NAMES
from sandbox.fortnox.errors import bad, missing, undocumented
from sandbox.fortnox.listing import Contains, Listing
from sandbox.fortnox.references import check_references
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value
from sandbox.fortnox.values import is_digits

SCHEMA = Schema("customer")
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
    numbers={"customernumber": "CustomerNumber"},
    search={
        **{name.lower(): Contains(name) for name in ("Name", "ZipCode", "City", "Email", "GLN", "GLNDelivery")},
        "phone": Contains("Phone1"),
        "organisationnumber": Contains("OrganisationNumber"),
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
    """POST /3/customers; the answer has SalesAccount as a number, every later one as text."""
    changes = SCHEMA.read(call.wrapped("Customer"), company.switches, creating=True)
    register = company["customers"]
    if register.used(changes.get("CustomerNumber", "")):
        raise bad(2000637, changes["CustomerNumber"])
    record = SCHEMA.changed(SCHEMA.blank(), changes)
    _complete(company, record)
    key = changes.get("CustomerNumber") or register.next_key()
    record = {"@url": f"{BASE}/customers/{quoted(key)}", **record, "CustomerNumber": key}
    register.save(key, record)
    account = record["SalesAccount"]
    return Answer({"Customer": {**record, "SalesAccount": int(account) if account else account}}, 201, "customers")


def update(company: Company, call: Call) -> Answer:
    """PUT /3/customers/{number}"""
    record = _existing(company, call.keys[0])
    switches = company.switches
    changes = SCHEMA.read(call.wrapped("Customer"), switches, creating=False, null_clears=switches.null_clears_headers)
    if changes.get("CustomerNumber", call.keys[0]) != call.keys[0]:
        raise undocumented("Kundnumret kan inte ändras.")
    record = SCHEMA.changed(record, changes)
    _complete(company, record)
    company["customers"].save(call.keys[0], record)
    return Answer({"Customer": record})


def delete(company: Company, call: Call) -> Answer:
    """DELETE /3/customers/{number}; refused while documents name the customer, unless a switch lets it go."""
    key = call.keys[0]
    _existing(company, key)
    documents = company["invoices"].values() + company["orders"].values()
    if not company.switches.delete_in_use and any(document["CustomerNumber"] == key for document in documents):
        raise undocumented("Kunden har dokument och kan inte tas bort.")
    company["customers"].remove(key)
    return Answer(None, 204)


def _existing(company: Company, key: str) -> Value:
    record = company["customers"].get(key)
    if record is None:
        raise missing("customers")
    return record


def _complete(company: Company, record: dict[str, Any]) -> None:
    """Derives the countries' names and checks what must exist elsewhere."""
    for code, name in DERIVED:
        value = record[code]
        record[code] = value.upper() if value else value
        if value and record[code] not in NAMES:
            raise undocumented(f"Ogiltig landskod: {value.upper()}")
        record[name] = NAMES[record[code]] if value else None
    check_references(company, record)
    if record["SalesAccount"] and not is_digits(record["SalesAccount"]):
        raise bad(2000108, "SalesAccount")
    vat = record["VATNumber"]
    if vat and not (vat[:2].isalpha() and vat[2:].isalnum() and 4 <= len(vat) <= 16):
        raise bad(2004194)
