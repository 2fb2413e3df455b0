"""Document rows: how an update meets the rows that are there, and what they add up to."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.fortnox.articles import row_defaults
from sandbox.fortnox.company import Company, check_references
from sandbox.fortnox.errors import bad, undocumented
from sandbox.fortnox.schema import Schema, cents, tidy
from sandbox.fortnox.store import Value

PREDEFINED_ACCOUNT = 3001
VAT_RATES = frozenset({0, 6, 12, 25})
NO_VAT = frozenset({"SEREVERSEDVAT", "EUREVERSEDVAT", "EXPORT"})


def merge(company: Company, schema: Schema, old: list[Value], sent: list[dict[str, Any]]) -> list[Value]:
    """The rows after an update. Without any RowId row i changes row i field by field and inherits the rest; with
    some, those are changed and rows without it are new. Missing rows go; all rows get new ids."""
    if any("RowId" in row for row in sent):
        by_id = {row["RowId"]: row for row in old}
        rows = [_changed(company, schema, _by_id(by_id, row), row) for row in sent]
    else:
        rows = [_changed(company, schema, old[i] if i < len(old) else None, row) for i, row in enumerate(sent)]
    return [{**row, "RowId": company.next_row_id()} for row in rows]


def _by_id(by_id: dict[Any, Value], row: dict[str, Any]) -> Value | None:
    if "RowId" not in row:
        return None
    if row["RowId"] not in by_id:
        raise undocumented(f"Kan inte hitta raden. ({row['RowId']})")
    return by_id[row["RowId"]]


def _changed(company: Company, schema: Schema, old: Value | None, sent: dict[str, Any]) -> Value:
    changes = schema.read(sent, creating=False)
    if "Description" in changes:
        changes["Description"] = _description(sent["Description"], changes["Description"])
    check_references(changes)
    if changes.get("VAT", 0) not in VAT_RATES:
        raise bad(2004167, "Konto måste anges när en egen momssats används.")
    number = changes.get("ArticleNumber")
    if old is None:
        start = {**schema.blank(), **(row_defaults(company, number) if number else {"AccountNumber": PREDEFINED_ACCOUNT})}
        return {**start, **changes}
    if number:
        row_defaults(company, number)
    return {**old, **changes}


def _description(sent: Any, taken: str) -> str:
    if sent and "—" in str(sent):
        raise bad(2000359, "Värdet innehåller otillåtna tecken. (description)")
    text = str(sent or taken).replace("\r", "").replace("\n", "")
    return text[:255]


def priced(row: Value, *, vat_included: bool) -> Value:
    """The row with its sums: delivered quantity x price - discount, two decimals."""
    quantity, price = Decimal(row["DeliveredQuantity"]), Decimal(str(row["Price"]))
    discount = Decimal(str(row["Discount"]))
    gross = quantity * price
    total = cents(gross - (gross * discount / 100 if row["DiscountType"] == "PERCENT" else discount))
    factor = 1 + Decimal(str(row["VAT"])) / 100 if vat_included else Decimal(1)
    sums = {
        "Total": tidy(total),
        "TotalExcludingVAT": tidy(cents(total / factor)),
        "PriceExcludingVAT": tidy(cents(price / factor)),
    }
    return {name: sums.get(name, value) for name, value in row.items()}


def totals(document: Value, rows: list[Value], vat_type: str) -> dict[str, Any]:
    """The document's sums. VAT is rounded once per rate; a document in SEK is rounded to whole kronor, and RoundOff
    holds the difference. Freight and fees carry 25 %, and Net holds them, so that Net + TotalVAT + RoundOff = Total."""
    included, taxed = bool(document["VATIncluded"]), vat_type not in NO_VAT
    by_rate: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_rate[Decimal(str(row["VAT"])) if taxed else Decimal(0)] += Decimal(str(row["Total"]))
    fees = {name: Decimal(str(document[name])) for name in ("Freight", "AdministrationFee")}
    rate = Decimal(25 if taxed else 0)
    vats = {name: cents(_vat(fee, rate, included=included)) for name, fee in fees.items()}
    row_vat = {rate: cents(_vat(amount, rate, included=included)) for rate, amount in by_rate.items()}
    total_vat = sum(row_vat.values(), Decimal()) + sum(vats.values(), Decimal())
    amount = sum(by_rate.values(), Decimal()) + sum(fees.values(), Decimal())
    exact = amount if included else amount + total_vat
    total = exact.quantize(Decimal(1), ROUND_HALF_UP) if document["Currency"] == "SEK" else exact
    return {
        "AdministrationFeeVAT": tidy(vats["AdministrationFee"]),
        "FreightVAT": tidy(vats["Freight"]),
        "Gross": tidy(_gross(rows)),
        "Net": tidy(exact - total_vat),
        "TotalVAT": tidy(total_vat),
        "RoundOff": tidy(total - exact),
        "Total": tidy(total),
        "TotalToPay": tidy(total),
    }


def _vat(amount: Decimal, rate: Decimal, *, included: bool) -> Decimal:
    return amount * rate / ((100 + rate) if included else 100)


def _gross(rows: list[Value]) -> Decimal:
    """The rows' sum before discounts."""
    return cents(sum((Decimal(row["DeliveredQuantity"]) * Decimal(str(row["Price"])) for row in rows), Decimal()))
