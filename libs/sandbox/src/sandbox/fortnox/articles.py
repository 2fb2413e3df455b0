"""Articles and their prices: `/3/articles`, `/3/prices`."""

import re
from decimal import Decimal
from typing import Any

from sandbox.fortnox.company import BASE, Answer, Call, Company, quoted
from sandbox.fortnox.errors import bad, missing, undocumented
from sandbox.fortnox.listing import Contains, Listing, same
from sandbox.fortnox.references import check_references
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.values import cents, decimal, tidy

SCHEMA = Schema("article")
LIST_TEXT = ("DisposableQuantity", "PurchasePrice", "QuantityInStock", "ReservedQuantity", "SalesPrice", "StockValue", "VAT")
VAT_RATES = frozenset({0, 6, 12, 25})
# Letters and digits with these signs: what an integration names, and the spaces that were recorded.
_OTHER_SIGNS = re.compile(r"[^\w\-/\\+$ ]")
PRICE_FIELDS = frozenset({"ArticleNumber", "PriceList", "FromQuantity", "Price", "Percent"})


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
    _save_price(company, "A", key, "0", 0)
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
    for price in company["prices"].values():
        if price["ArticleNumber"] == key:
            company["prices"].remove(_price_key(price["PriceList"], key, str(price["FromQuantity"])))
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


def price_slim(record: Value) -> Value:
    """The sublist's form of a price."""
    return {name: record[name] for name in ("@url", "ArticleNumber", "FromQuantity", "PriceList", "Price")}


def price_sublist(company: Company, call: Call) -> Answer:
    """GET /3/prices/sublist/{list}/{number}"""
    price_list, number = call.keys
    listing = Listing(
        kind="prices",
        wrapper="Prices",
        slim=price_slim,
        search={},
        filters={"": lambda _, record: record["PriceList"] == price_list.upper() and record["ArticleNumber"] == number},
    )
    if "filter" in call.query:
        raise bad(2000587)
    return Answer(listing.answer(company, {**call.query, "filter": ""}))


def price_get(company: Company, call: Call) -> Answer:
    """GET /3/prices/{list}/{number}[/{from}]"""
    return Answer({"Price": _price(company, call.keys)})


def price_put(company: Company, call: Call) -> Answer:
    """PUT /3/prices/{list}/{number}[/{from}]; changes the article's SalesPrice with the default list's base row."""
    current = _price(company, call.keys)
    body = call.wrapped("Price")
    _price_keys(body, current, company.switches)
    amount = cents(decimal("Price", body.get("Price", current["Price"])))
    price_list, number, start = str(current["PriceList"]), str(current["ArticleNumber"]), str(current["FromQuantity"])
    percent = cents(decimal("Percent", body.get("Percent", current["Percent"])))
    record = _save_price(company, price_list, number, start, tidy(amount), tidy(percent))
    if (price_list, start) == ("A", "0"):
        article = {**_existing(company, number), "SalesPrice": tidy(amount)}
        quiet = not company.switches.stream_price_updates_article
        company["articles"].save(number, article, touch=company.switches.price_touches_article, quiet=quiet)
    return Answer({"Price": record})


def _price_keys(body: dict[str, Any], current: Value, switches: Switches) -> None:
    for name in sorted(body.keys() - PRICE_FIELDS):
        if name != "Date":
            raise bad(2001399, name)
        if switches.read_only_refused:
            raise undocumented(f"Fältet {name} är skrivskyddat.")
    for name in ("ArticleNumber", "PriceList", "FromQuantity"):
        if name in body and str(body[name]) != str(current[name]):
            raise undocumented(f"{name} kan inte ändras.")


def _price(company: Company, keys: tuple[str, ...]) -> Value:
    price_list, number, *rest = keys
    record = company["prices"].get(_price_key(price_list.upper(), number, rest[0] if rest else "0"))
    if record is None:
        raise missing("prices")
    return record


def _price_key(price_list: str, number: str, start: str) -> str:
    return f"{price_list}/{number}/{start}"


def _save_price(
    company: Company, price_list: str, number: str, start: str, amount: float, percent: Any = 0, *, modified: str | None = None
) -> Value:
    record: Value = {
        "@url": f"{BASE}/prices/{quoted(price_list)}/{quoted(number)}/{start}",
        "ArticleNumber": number,
        "Date": company.today().isoformat(),
        "FromQuantity": int(start),
        "Percent": percent,
        "Price": amount,
        "PriceList": price_list,
    }
    company["prices"].save(_price_key(price_list, number, start), record, modified=modified)
    return record


def row_defaults(company: Company, number: str) -> dict[str, Any]:
    """What a document's row takes from its article; raises Refusal for an unknown or inactive one."""
    article = company["articles"].get(number)
    if article is None:
        raise bad(2001302, number)
    if not article["Active"]:
        raise undocumented(f"Artikeln {number} är inaktiv.")
    price = company["prices"].get(_price_key("A", number, "0"))
    return {
        "Description": article["Description"],
        "AccountNumber": article["SalesAccount"],
        "VAT": tidy(Decimal(str(article["VAT"]))),
        "Unit": article["Unit"] or "",
        "HouseWork": article["Housework"],
        "HouseWorkType": article["HouseworkType"],
        "Price": price["Price"] if price else 0,
    }
