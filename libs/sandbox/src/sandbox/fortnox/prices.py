"""Prices of articles in price lists: `/3/prices`."""

from decimal import Decimal
from typing import Any

from sandbox.fortnox.company import BASE, Answer, Call, Company, quoted
from sandbox.fortnox.errors import bad, missing, undocumented
from sandbox.fortnox.listing import Listing
from sandbox.fortnox.references import check_references
from sandbox.fortnox.store import Value
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.values import cents, decimal, is_digits, tidy

DEFAULT_LIST = "A"
FIELDS = frozenset({"ArticleNumber", "PriceList", "FromQuantity", "Price", "Percent"})


def slim(record: Value) -> Value:
    """The sublist's form of a price."""
    return {name: record[name] for name in ("@url", "ArticleNumber", "FromQuantity", "PriceList", "Price")}


def sublist(company: Company, call: Call) -> Answer:
    """GET /3/prices/sublist/{list}/{number}"""
    price_list, number = call.keys
    listing = Listing(
        kind="prices",
        wrapper="Prices",
        slim=slim,
        search={},
        filters={"": lambda _, record: record["PriceList"] == price_list.upper() and record["ArticleNumber"] == number},
    )
    if "filter" in call.query:
        raise bad(2000587)
    return Answer(listing.answer(company, {**call.query, "filter": ""}))


def get(company: Company, call: Call) -> Answer:
    """GET /3/prices/{list}/{number}[/{from}]"""
    return Answer({"Price": _price(company, call.keys)})


def update(company: Company, call: Call) -> Answer:
    """PUT /3/prices/{list}/{number}[/{from}]; changes the article's SalesPrice with the default list's base row."""
    current = _price(company, call.keys)
    body = call.wrapped("Price")
    _keys(body, current, company.switches)
    amount = cents(decimal("Price", body.get("Price", current["Price"])))
    price_list, number, start = str(current["PriceList"]), str(current["ArticleNumber"]), str(current["FromQuantity"])
    percent = cents(decimal("Percent", body.get("Percent", current["Percent"])))
    record = save(company, price_list, number, start, tidy(amount), tidy(percent))
    _tell_article(company, price_list, number, start, tidy(amount))
    return Answer({"Price": record})


def create(company: Company, call: Call) -> Answer:
    """POST /3/prices; the base row of the default list is there already, it came with the article."""
    body = call.wrapped("Price")
    _known(body, company.switches)
    number, price_list = str(body.get("ArticleNumber", "")), str(body.get("PriceList", "")).upper()
    start = str(body.get("FromQuantity", 0))
    if company["articles"].get(number) is None:
        raise bad(2001302, number)
    check_references(company, {"PriceList": price_list})
    if not price_list or not is_digits(start):
        raise bad(2000108, "FromQuantity" if price_list else "PriceList")
    if company["prices"].get(_key(price_list, number, str(int(start)))) is not None:
        raise undocumented("Priset finns redan.")
    amount, percent = (tidy(cents(decimal(name, body.get(name, 0)))) for name in ("Price", "Percent"))
    record = save(company, price_list, number, str(int(start)), amount, percent)
    _tell_article(company, price_list, number, str(int(start)), amount)
    return Answer({"Price": record}, 201, "prices")


def delete(company: Company, call: Call) -> Answer:
    """DELETE /3/prices/{list}/{number}/{from}; the base row of the default list goes with its article only."""
    record = _price(company, call.keys)
    if (record["PriceList"], record["FromQuantity"]) == (DEFAULT_LIST, 0):
        raise undocumented("Artikelns grundpris kan inte tas bort.")
    company["prices"].remove(_key(record["PriceList"], record["ArticleNumber"], str(record["FromQuantity"])))
    return Answer(None, 204)


def remove_all(company: Company, number: str) -> None:
    """Removes the prices of an article that goes."""
    for price in company["prices"].values():
        if price["ArticleNumber"] == number:
            company["prices"].remove(_key(price["PriceList"], number, str(price["FromQuantity"])))


def of_article(company: Company, price_list: str, number: str, quantity: Decimal) -> int | float:
    """What so many cost in a list: the row with the highest quantity that is reached; a list without the article leaves it to
    the default one."""
    for name in (price_list, DEFAULT_LIST):
        rows = [row for row in company["prices"].values() if (row["PriceList"], row["ArticleNumber"]) == (name, number)]
        reached = [row for row in rows if row["FromQuantity"] <= max(quantity, Decimal(0))]
        if reached:
            price: int | float = max(reached, key=lambda row: row["FromQuantity"])["Price"]
            return price
    return 0


def _tell_article(company: Company, price_list: str, number: str, start: str, amount: int | float) -> None:
    """The default list's base row is the article's SalesPrice."""
    article = company["articles"].get(number)
    if (price_list, start) != (DEFAULT_LIST, "0") or article is None:
        return
    quiet = not company.switches.stream_price_updates_article
    touch = company.switches.price_touches_article
    company["articles"].save(number, {**article, "SalesPrice": amount}, touch=touch, quiet=quiet)


def _known(body: dict[str, Any], switches: Switches) -> None:
    for name in sorted(body.keys() - FIELDS):
        if name != "Date":
            raise bad(2001399, name)
        if switches.read_only_refused:
            raise undocumented(f"Fältet {name} är skrivskyddat.")


def _keys(body: dict[str, Any], current: Value, switches: Switches) -> None:
    _known(body, switches)
    for name in ("ArticleNumber", "PriceList", "FromQuantity"):
        if name in body and str(body[name]) != str(current[name]):
            raise undocumented(f"{name} kan inte ändras.")


def _price(company: Company, keys: tuple[str, ...]) -> Value:
    price_list, number, *rest = keys
    record = company["prices"].get(_key(price_list.upper(), number, rest[0] if rest else "0"))
    if record is None:
        raise missing("prices")
    return record


def _key(price_list: str, number: str, start: str) -> str:
    return f"{price_list}/{number}/{start}"


def save(
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
    company["prices"].save(_key(price_list, number, start), record, modified=modified)
    return record
