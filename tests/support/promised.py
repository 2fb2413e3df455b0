"""I8: a document is what the last win before its POST asked for, and a customer is whom its company says it is.

The sources are the emulators' own: Lime Go's log of events with their times, and the log of calls. Ours say only what a person
is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from support.facts import Facts

GRACE = timedelta(seconds=10)
"""From our reading of a reopened deal until every later POST counts as one in spite of it: the withdrawal goes through four
services, and chaos kills them on the way."""


def i8_as_promised(facts: Facts) -> Iterator[str]:
    """Value at the last win before the POST, no POST after a known reopening, one organisation number on both sides."""
    yield from _values(facts)
    yield from _posts_after_reopening(facts)
    yield from _numbers(facts)


def is_settled_by_a_person(invoice: Any) -> bool:
    """Cancelled or credited: the deal's record says so, and nothing is to be paid for it."""
    return bool(invoice["Cancelled"] or invoice["CreditInvoiceReference"] not in ("", "0"))


def excluding_vat(invoice: Any) -> Decimal:
    """What a document costs without VAT, freight and fees included: whether `Net` holds those, the sources disagree."""
    return Decimal(str(invoice["Total"])) - Decimal(str(invoice["TotalVAT"])) - Decimal(str(invoice["RoundOff"]))


def _values(facts: Facts) -> Iterator[str]:
    done = {row["remote_id"]: int(key) for key, row in facts.records_of("invoice").items() if row["state"] == "done"}
    posted = {
        call["fields"]["DocumentNumber"]: _moment(call["started"])
        for call in facts.posts
        if call["route"] == "/3/invoices" and call["fields"].get("DocumentNumber")
    }
    for number, invoice in facts.documents.items():
        deal_id = done.get(number)
        if deal_id is None or number not in posted or number in facts.rewritten or is_settled_by_a_person(invoice):
            continue
        values = [event["deal"]["value"] for event in _moves(facts, deal_id, posted[number]) if event["type"] == "DealWon"]
        if values and excluding_vat(invoice) != Decimal(str(values[-1] or 0)):
            yield f"document {number} costs something else without VAT than deal {deal_id} was worth when it was won before"


def _posts_after_reopening(facts: Facts) -> Iterator[str]:
    for call in facts.posts:
        reference, sent_at = call["fields"].get("ExternalInvoiceReference1", ""), _moment(call["started"])
        mine = f"{facts.connection.prefix}deal:"
        if call["route"] != "/3/invoices" or not (reference.startswith(mine) and reference.endswith(";")):
            continue
        deal_id = int(reference.removeprefix(mine).rstrip(";"))
        moves = _moves(facts, deal_id, sent_at)
        # A win fires two events of one step: the later of them says how the deal stands.
        if not moves or moves[-1]["deal"]["status"] in {one["deal"]["status"] for one in moves if one["type"] == "DealWon"}:
            continue
        reopened_at = _moment(moves[-1]["at"])
        if any(
            reopened_at < _moment(read["started"]) and _moment(read["ended"]) < sent_at - GRACE for read in _reads(facts, deal_id)
        ):
            yield f"{reference} was posted although its deal was known to be reopened"


def _moves(facts: Facts, deal_id: int, before: datetime) -> list[Any]:
    """Wins and changes of step of a deal, oldest first."""
    kinds = ("DealWon", "DealLost", "DealStatusChange")
    events = [event for event in facts.events if event["type"] in kinds and event["deal"]["id"] == deal_id and event["at"]]
    return [event for event in events if _moment(event["at"]) <= before]


def _reads(facts: Facts, deal_id: int) -> list[Any]:
    return [call for call in facts.readings if str(deal_id) in call["fields"].get("numbers", "").split(",")]


def _numbers(facts: Facts) -> Iterator[str]:
    records = facts.records_of("customer")
    for row in facts.links:
        company, customer = facts.companies.get(row["company_id"]), facts.customers.get(row["customer_number"])
        if company is None or customer is None or row["confirmed_numbers"]:
            continue
        theirs, ours = _digits(customer["OrganisationNumber"]), _digits(company["organization_number"])
        record = records.get(row["company_id"])
        is_asked = record is not None and record["state"] != "done"
        if theirs and ours and theirs != ours and not is_asked:
            yield f"company {company['id']} and customer {row['customer_number']} have two numbers, and nobody is asked"


def _digits(number: str | None) -> str:
    return "".join(filter(str.isdigit, number or ""))[-10:]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
