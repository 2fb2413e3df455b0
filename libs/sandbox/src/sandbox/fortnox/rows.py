"""Document rows: how an update meets the rows that are there, and what they add up to."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sandbox.fortnox import housework
from sandbox.fortnox.articles import VAT_RATES, sold
from sandbox.fortnox.company import Company
from sandbox.fortnox.errors import bad, undocumented
from sandbox.fortnox.references import check_references
from sandbox.fortnox.schema import BLANK, Schema
from sandbox.fortnox.store import Value
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.terms import FREE_OF_VAT, Terms, row_defaults
from sandbox.fortnox.values import cents, kronor, tidy

MEASURED_TO_KEEP_VAT = "SEREVERSEDVAT"


def merge(company: Company, schema: Schema, old: list[Value], sent: list[dict[str, Any]], terms: Terms) -> list[Value]:
    """The rows after an update. Without any RowId row i changes row i field by field and inherits the rest; with
    some, those are changed and rows without it are new. Missing rows go; all rows get new ids."""
    most = company.switches.document_rows
    if most is not None and len(sent) > most:
        raise undocumented(f"Ett dokument kan ha högst {most} rader.")
    if any("RowId" in row for row in sent):
        found = _by_id(old, sent)
    else:
        found = [old[index] if index < len(old) else None for index in range(len(sent))]
    rows = [_changed(company, schema, before, row, terms) for before, row in zip(found, sent, strict=True)]
    if company.switches.second_text_row_priced:
        rows = _second_texts(found, sent, rows)
    return [{**row, "RowId": company.next_row_id()} for row in rows]


def _by_id(old: list[Value], sent: list[dict[str, Any]]) -> list[Value | None]:
    left = {str(row["RowId"]): row for row in old}
    found: list[Value | None] = []
    for row in sent:
        if "RowId" not in row:
            found.append(None)
            continue
        if str(row["RowId"]) not in left:
            raise undocumented(f"Kan inte hitta raden. ({row['RowId']})")
        found.append(left.pop(str(row["RowId"])))
    return found


def _changed(company: Company, schema: Schema, old: Value | None, sent: dict[str, Any], terms: Terms) -> Value:
    changes = schema.read(sent, company.switches, creating=False)
    if "Description" in changes:
        changes["Description"] = _description(sent["Description"], changes["Description"])
    check_references(company, changes)
    if changes.get("VAT", 0) not in VAT_RATES and not changes.get("AccountNumber"):
        raise bad(2004167)
    if old is not None:
        if changes.get("ArticleNumber"):
            sold(company, changes["ArticleNumber"])
        return housework.promoted(old, {**old, **changes}, changes)
    if company.switches.zero_keeps_card_terms and not changes.get("Discount", 1):
        changes = {name: value for name, value in changes.items() if name not in ("Discount", "DiscountType")}
    taken = row_defaults(company, changes, terms)
    if "Discount" in changes and "DiscountType" not in changes and company.switches.discount_alone_is_amount:
        changes["DiscountType"] = "AMOUNT"
    return {**schema.blank(), **taken, **changes}


def _second_texts(found: list[Value | None], sent: list[dict[str, Any]], rows: list[Value]) -> list[Value]:
    """The first text row after an article is its comment; a second one in line became a product row with the article's
    unit and price (measured, reference 5.2), also behind a text that was there."""
    texts, article, result = 0, None, []
    for before, body, row in zip(found, sent, rows, strict=True):
        if _is_text(before, body, row):
            texts += 1
            is_priced = before is None and texts > 1
            result.append({**row, "Unit": article["Unit"], "Price": article["Price"]} if article and is_priced else row)
        else:
            texts, article = 0, row if row["ArticleNumber"] else None
            result.append(row)
    return result


def _is_text(before: Value | None, body: dict[str, Any], row: Value) -> bool:
    """Whether a row is a text: a new one says nothing else, an old one has nothing else."""
    if before is None:
        return {name for name, value in body.items() if value is not None and value != ""} == {"Description"}
    quantities = (row["DeliveredQuantity"], row.get("OrderedQuantity", "0"))
    return not row["ArticleNumber"] and not row["Price"] and quantities == ("0", "0")


def _description(sent: Any, taken: str) -> str:
    if sent is None or sent == BLANK:
        return taken
    if "—" in str(sent):
        raise bad(2000359, "description")
    return str(sent).replace("\r", "").replace("\n", "")[:255]


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


def totals(document: Value, rows: list[Value], vat_type: str, switches: Switches, *, rounds: bool) -> dict[str, Any]:
    """The document's sums. VAT is rounded once per rate, or by row; where the company `rounds`, a document in SEK is rounded to
    whole kronor, and RoundOff holds the difference. A row's VAT is charged as the row says; freight and fees carry 25 % unless
    the customer's type is free of VAT, and stand in Total, not in Net (a switch)."""
    included = bool(document["VATIncluded"])
    taxed = vat_type not in FREE_OF_VAT or vat_type == MEASURED_TO_KEEP_VAT or switches.foreign_row_vat_kept
    parts: defaultdict[tuple[Decimal, int], Decimal] = defaultdict(Decimal)
    for index, row in enumerate(rows):
        by_row = index if switches.vat_rounded_by_row else 0
        parts[Decimal(str(row["VAT"])) if taxed else Decimal(0), by_row] += Decimal(str(row["Total"]))
    fees = {name: Decimal(str(document[name])) for name in ("Freight", "AdministrationFee")}
    rate = Decimal(0 if vat_type in FREE_OF_VAT else 25)
    vats = {name: cents(_vat(fee, rate, included=included)) for name, fee in fees.items()}
    row_vat = [cents(_vat(amount, rate, included=included)) for (rate, _), amount in parts.items()]
    total_vat = sum(row_vat, Decimal()) + sum(vats.values(), Decimal())
    amount = sum(parts.values(), Decimal()) + sum(fees.values(), Decimal())
    exact = amount if included else amount + total_vat
    total = kronor(exact) if rounds and document["Currency"] == "SEK" else exact
    in_fees = sum(fees.values(), Decimal()) - (sum(vats.values(), Decimal()) if included else 0)
    return {
        "AdministrationFeeVAT": tidy(vats["AdministrationFee"]),
        "FreightVAT": tidy(vats["Freight"]),
        "Gross": tidy(_gross(rows)),
        "Net": tidy(exact - total_vat - (0 if switches.net_holds_fees else in_fees)),
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
