"""I1-I8 of promises.md, checked against what both emulators and all four slices hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx

from support.agreement import i5_both_systems_agree
from support.facts import Facts, World, gather
from support.promised import excluding_vat, i8_as_promised

MOVING = ("matching", "sending")
NOT_ALONE = ("several_documents", "document_reference_lost", "outcome_unknown", "document_differs")
"""Reasons with which a document may be there although its record is not done: a person has been asked."""
WRITES_PER_CHANGE = 2


@dataclass(frozen=True)
class Violation:
    """A broken promise, named by ids only."""

    invariant: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


async def check(world: World) -> list[Violation]:
    """All violations of I1-I8, of all connections."""
    found: list[Violation] = []
    everything = await gather(world)
    for facts in everything:
        for name, invariant in INVARIANTS.items():
            found += [Violation(name, f"{facts.connection.database}: {text}") for text in invariant(facts)]
    found += [Violation("I6", text) for text in _i6_own_credentials(everything)]
    found += [Violation("I2", text) for text in await _without_remedy(world)]
    return found


async def _without_remedy(world: World) -> list[str]:
    """Records that need attention and do not tell a person why and what to do."""
    query = {"state": "needs_attention", "limit": "1000"}
    async with httpx.AsyncClient(base_url=world.coordinator_url, trust_env=False, timeout=30) as client:
        records = (await client.get("/api/records", params=query)).raise_for_status().json()["records"]
    return [
        f"{one['kind']} {one['key']} needs attention without a remedy" for one in records if not (one["reason"] and one["remedy"])
    ]


def _i1_one_of_each(facts: Facts) -> Iterator[str]:
    """At most one customer and one document per business key."""
    yield from _doubled("customers", "ExternalReference", facts.customers, facts.connection.prefix)
    yield from _doubled("documents", "ExternalInvoiceReference1", facts.documents, facts.connection.prefix)
    invoiced = {order["InvoiceReference"] for order in facts.orders.values()}
    for number, order in facts.orders.items():
        reference = order["ExternalInvoiceReference1"]
        if not reference.startswith(facts.connection.prefix) or order["InvoiceReference"] != "0":
            continue
        for other in (other for other, one in facts.documents.items() if one["ExternalInvoiceReference1"] == reference):
            if other not in invoiced:
                yield f"order {number} and invoice {other} both are {reference}"
    yield from _shared_numbers(facts)
    sharing: dict[str, list[str]] = defaultdict(list)
    for key, record in facts.records_of("invoice").items():
        if record["state"] == "done":
            sharing[record["remote_id"]].append(key)
    for number, deals in sharing.items():
        if len(deals) > 1:
            yield f"deals {', '.join(sorted(deals))} share document {number}"


def _doubled(what: str, name: str, records: dict[str, Any], prefix: str) -> Iterator[str]:
    numbers: dict[str, list[str]] = defaultdict(list)
    for number, record in records.items():
        # Without its end a reference names no one deal: the sandbox can be told to cut it.
        if (record[name] or "").startswith(prefix) and record[name].endswith(";"):
            numbers[record[name]].append(number)
    for reference, found in numbers.items():
        if len(found) > 1:
            yield f"{what} {', '.join(sorted(found))} all are {reference}"


def _shared_numbers(facts: Facts) -> Iterator[str]:
    """No customer of ours has the organisation number of another customer."""
    by_number: dict[str, list[str]] = defaultdict(list)
    for number, customer in facts.customers.items():
        by_number["".join(filter(str.isdigit, customer["OrganisationNumber"] or ""))].append(number)
    for digits, numbers in by_number.items():
        ours = [one for one in numbers if (facts.customers[one]["ExternalReference"] or "").startswith(facts.connection.prefix)]
        if digits and ours and len(numbers) > 1:
            yield f"customers {', '.join(sorted(numbers))} have one organisation number, and we made {', '.join(sorted(ours))}"


def _i2_none_vanishes(facts: Facts) -> Iterator[str]:
    """Every deal won after the activation has come to an end that says what it is."""
    records, customers = facts.records_of("invoice"), facts.records_of("customer")
    told = _told_without_document(facts)
    for deal_id in facts.wins:
        deal, record = facts.deals[deal_id], records.get(str(deal_id))
        if deal_id in facts.connection.baseline:
            if record is not None:
                yield f"deal {deal_id} was won before the activation and has a record"
        elif record is None:
            if deal["assessment"] == "POSITIVE" and not told[deal["organization"]]:
                yield f"deal {deal_id} was won and has no record"
        else:
            yield from _ended(facts, deal, record, customers.get(record["company_id"]))
    for key, record in (*records.items(), *customers.items()):
        if record["state"] in ("needs_attention", "held") and not record["reason"]:
            yield f"{record['kind']} {key} needs attention and does not say why"
        if record["state"] in MOVING:
            yield f"{record['kind']} {key} is still {record['state']}"
    for key in records:
        if int(key) not in facts.wins:
            yield f"deal {key} has a record and was never won"


def _ended(facts: Facts, deal: Any, record: Any, customer: Any) -> Iterator[str]:
    key, state, is_won = record["record_key"], record["state"], deal["assessment"] == "POSITIVE"
    documents = [
        number
        for number, invoice in facts.documents.items()
        if invoice["ExternalInvoiceReference1"] == facts.connection.deal_reference(deal["id"])
    ]
    if state == "withdrawn" and is_won:
        yield f"deal {key} is won and its record is withdrawn"
    if state == "waiting" and is_won and (customer is None or customer["state"] not in ("needs_attention", "held")):
        yield f"deal {key} waits for a customer that nobody is asked about"
    if state == "done" and record["remote_id"] not in facts.invoices:
        yield f"deal {key} is done by document {record['remote_id']}, which is not there"
    if state == "done" and documents and record["remote_id"] not in documents:
        yield f"deal {key} is done by document {record['remote_id']}, and is document {', '.join(documents)}"
    if state != "done" and documents and record["reason"] not in NOT_ALONE:
        yield f"deal {key} is document {', '.join(documents)} and its record is {state} ({record['reason']})"


def _i3_bijection(facts: Facts) -> Iterator[str]:
    """Links are a bijection between things that are there, and say what the references in Fortnox say."""
    customers = [row["customer_number"] for row in facts.links]
    companies = {row["company_id"]: row["customer_number"] for row in facts.links}
    if len(set(customers)) != len(customers) or len(companies) != len(customers):
        yield "the links are no bijection"
    for company, customer in companies.items():
        if company not in facts.companies or customer not in facts.customers:
            yield f"company {company} is linked to customer {customer}, and one of them is not there"
    owners = {facts.connection.company_reference(company): company for company in facts.companies}
    for number, customer in facts.customers.items():
        owner = owners.get(customer["ExternalReference"] or "")
        if owner is not None and companies.get(owner) != number:
            yield f"customer {number} was made for company {owner}, which is linked to {companies.get(owner)}"
    for key, record in facts.records_of("customer").items():
        if record["state"] == "done" and companies.get(key) != record["remote_id"]:
            yield f"company {key} is done as customer {record['remote_id']} and linked to {companies.get(key)}"


def _i4_sums(facts: Facts) -> Iterator[str]:
    """Rows and fees add up to the total excluding VAT, VAT is that times rate, to the öre; I8 compares with the deal."""
    for number, invoice in facts.documents.items():
        yield from _adds_up(number, invoice)


def _adds_up(number: str, invoice: Any) -> Iterator[str]:
    rows, vat = invoice["InvoiceRows"], _amount(invoice["TotalVAT"])
    fees = ("Freight", "AdministrationFee")
    added = sum((_amount(row["TotalExcludingVAT"]) for row in rows), Decimal(0)) + sum(_amount(invoice[fee]) for fee in fees)
    if added != excluding_vat(invoice):
        yield f"the rows and fees of document {number} do not add up to its total without VAT"
    rated = sum((_amount(row["TotalExcludingVAT"]) * _amount(row["VAT"]) / 100 for row in rows), Decimal(0))
    rated += sum(_amount(invoice[f"{fee}VAT"]) for fee in fees)
    if rated.quantize(Decimal("0.01"), ROUND_HALF_UP) != vat.quantize(Decimal("0.01")):
        yield f"the VAT of document {number} is not its rows times their rates"


def _amount(value: object) -> Decimal:
    return Decimal(str(value))


def _i6_own_credentials(everything: list[Facts]) -> Iterator[str]:
    """No call with another connection's credentials: by the references that the calls and the records name."""
    for facts in everything:
        mine, tenant = facts.connection.prefix, facts.connection.tenant
        for call in (*facts.posts, *facts.searches):
            reference = call["fields"].get("ExternalInvoiceReference1", "")
            if reference.startswith("limego:") and not reference.startswith(mine):
                yield f"a call about {reference} was made with tenant {tenant}'s token"
        for number, customer in facts.customers.items():
            reference = customer["ExternalReference"] or ""
            if reference.startswith("limego:") and not reference.startswith(mine):
                yield f"customer {number} of tenant {tenant} is {reference}"


def _i7_no_rewriting(facts: Facts) -> Iterator[str]:
    """Per won deal at most one effective POST of a customer and of a document, and two writes to Lime Go."""
    posted: dict[str, set[str]] = defaultdict(set)
    for call in facts.posts:
        fields = call["fields"]
        reference = fields.get("ExternalInvoiceReference1", "")
        if call["route"] == "/3/invoices" and reference.endswith(";") and fields.get("DocumentNumber"):
            posted[reference].add(fields["DocumentNumber"])
    for reference, numbers in posted.items():
        if len(numbers) > 1:
            yield f"{reference} was posted as {', '.join(sorted(numbers))}"
    yield from _told_once(facts)
    links = {row["company_id"]: row["customer_number"] for row in facts.links}
    for company_id, company in facts.companies.items():
        writes = company["writes"].get("api", 0) + company["writes"].get("erp", 0)
        # Every win is a change by a person, and so is every correction, and every release.
        changes = company["writes"].get("person", 0) + facts.edits[links.get(company_id, "")]
        # A company that is taken away may let any other go on.
        changes += facts.releases[company_id] + len(facts.removed)
        # Somebody moved a document of this company's to a customer without a company.
        changes += sum(one["organizationId"] == company_id and one["paymentStatus"] == "moved" for one in facts.tab.values())
        if writes > WRITES_PER_CHANGE * changes:
            yield f"company {company_id} was written to {writes} times after {changes} changes by people"


def _told_without_document(facts: Facts) -> Counter[str]:
    """How often each company's timeline tells of a win that makes nothing, because the connection makes no documents."""
    told: Counter[str] = Counter()
    for row in facts.told:
        if row["code"] == "won_without_document":
            told[row["record_key"]] += row["times"]
    return told


def _told_once(facts: Facts) -> Iterator[str]:
    """What makes nothing leaves no state that a second message about it could be compared with."""
    told = _told_without_document(facts)
    wins: Counter[str] = Counter()
    for deal_id, times in facts.wins.items():
        wins[facts.deals[deal_id]["organization"] or ""] += times
    for company_id, times in told.items():
        if times > wins[company_id]:
            yield f"{wins[company_id]} wins of company {company_id} are told {times} times"


INVARIANTS: dict[str, Callable[[Facts], Iterator[str]]] = {
    "I1": _i1_one_of_each,
    "I2": _i2_none_vanishes,
    "I3": _i3_bijection,
    "I4": _i4_sums,
    "I5": i5_both_systems_agree,
    "I7": _i7_no_rewriting,
    "I8": i8_as_promised,
}
