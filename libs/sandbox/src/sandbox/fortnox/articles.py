"""Articles: `/3/articles`."""

import re
from typing import Any

from sandbox.fortnox import prices
from sandbox.fortnox.company import BASE, Answer, Call, Company, quoted
from sandbox.fortnox.errors import bad, missing, undocumented
from sandbox.fortnox.listing import Contains, Listing, same
from sandbox.fortnox.references import check_references
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value

SCHEMA = Schema("article")
LIST_TEXT = ("DisposableQuantity", "PurchasePrice", "QuantityInStock", "ReservedQuantity", "SalesPrice", "StockValue", "VAT")
VAT_RATES = frozenset({0, 6, 12, 25})
# Letters and digits with these signs: what an integration names, and the spaces that were recorded.
_OTHER_SIGNS = re.compile(r"[^\w\-/\\+$ ]")


def slim(record: Value) -> Value:
    """The list's form: quantities and prices as text, null stays null."""
    values = {name: record[name] for name in SCHEMA.listed}
    texts = {name: None if values[name] is None else str(values[name]) for name in LIST_TEXT}
    return {"@url": record["@url"], **values, **texts}


LISTING = Listing(
    kind="articles",
    wrapper="Articles",
    slim=slim,
    numbers={"articlenumber": "ArticleNumber"},
    search={
        "description": Contains("Description"),
        "ean": Contains("EAN"),
        "suppliernumber": Contains("SupplierNumber"),
        "manufacturer": Contains("Manufacturer"),
        "manufacturerarticlenumber": Contains("ManufacturerArticleNumber"),
        "webshop": same("WebshopArticle"),
    },
    filters={"active": lambda _, record: record["Active"], "inactive": lambda _, record: not record["Active"]},
    sort={
        "articlenumber": "",
        "quantityinstock": "QuantityInStock",
        "reservedquantity": "ReservedQuantity",
        "stockvalue": "StockValue",
    },
)


def listed(company: Company, call: Call) -> Answer:
    """GET /3/articles"""
    return Answer(LISTING.answer(company, call.query))


def get(company: Company, call: Call) -> Answer:
    """GET /3/articles/{number}"""
    return Answer({"Article": _existing(company, call.keys[0])})


def create(company: Company, call: Call) -> Answer:
    """POST /3/articles; makes the base row of the default price list too."""
    changes = SCHEMA.read(call.wrapped("Article"), company.switches, creating=True)
    _check(company, changes)
    register = company["articles"]
    if company.switches.article_numbers_checked and _OTHER_SIGNS.search(changes.get("ArticleNumber", "")):
        raise bad(2000359, "ArticleNumber")
    if register.used(changes.get("ArticleNumber", "")):
        raise bad(2000013, changes["ArticleNumber"])
    key = changes.get("ArticleNumber") or register.next_key()
    record = {"@url": f"{BASE}/articles/{quoted(key)}", **SCHEMA.blank(), **changes, "ArticleNumber": key}
    register.save(key, record)
    prices.save(company, prices.DEFAULT_LIST, key, "0", 0)
    return Answer({"Article": record}, 201, "articles")


def update(company: Company, call: Call) -> Answer:
    """PUT /3/articles/{number}"""
    record = _existing(company, call.keys[0])
    changes = SCHEMA.read(call.wrapped("Article"), company.switches, creating=False)
    if changes.get("ArticleNumber", call.keys[0]) != call.keys[0]:
        raise undocumented("Artikelnumret kan inte ändras.")
    _check(company, changes)
    record = {**record, **changes}
    company["articles"].save(call.keys[0], record)
    return Answer({"Article": record})


def delete(company: Company, call: Call) -> Answer:
    """DELETE /3/articles/{number}, its prices too; refused while a document's row names it, unless a switch lets it go."""
    key = call.keys[0]
    _existing(company, key)
    rows = [row for one in company["invoices"].values() for row in one["InvoiceRows"]]
    rows += [row for one in company["orders"].values() for row in one["OrderRows"]]
    if not company.switches.delete_in_use and any(row["ArticleNumber"] == key for row in rows):
        raise undocumented("Artikeln används på dokument och kan inte tas bort.")
    prices.remove_all(company, key)
    company["articles"].remove(key)
    return Answer(None, 204)


def _check(company: Company, changes: dict[str, Any]) -> None:
    check_references(company, changes)
    if changes.get("VAT", 0) not in VAT_RATES and not changes.get("SalesAccount"):
        raise bad(2004167)


def _existing(company: Company, key: str) -> Value:
    record = company["articles"].get(key)
    if record is None:
        raise missing("articles")
    return record


def sold(company: Company, number: str) -> Value:
    """The article of a document's row; raises Refusal for an unknown or inactive one."""
    article = company["articles"].get(number)
    if article is None:
        raise bad(2001302, number)
    if not article["Active"]:
        raise undocumented(f"Artikeln {number} är inaktiv.")
    return article
