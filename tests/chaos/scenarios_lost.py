"""R2, R3, R14: answers that do not come, documents that look like ours, holders that freeze."""

from __future__ import annotations

import asyncio

from chaos.stage import FORTNOX, Stage, frozen, second_replica
from support.companies import a_company
from support.quiescence import until

POLL_SECONDS = 300
"""The Fortnox connector's poll interval."""
BEYOND = 600
"""Seconds after which a POST takes effect: long after the settle time, the second look and the POST that follows them."""
NEIGHBOURS = (*range(10, 20), *range(100, 200), *range(1000, 1420))
"""Deal numbers that begin with 1: with one more page of hits than fits one answer."""


async def lost_answers(stage: Stage) -> list[str]:
    """R2: each kind of lost answer once for a customer and once for an invoice."""
    await stage.activate()
    for what in ("customers", "invoices"):
        for kind in ("lost_answer", "answer_502", "stall"):
            await stage.fault(f"POST /3/{what}", kind)
    deals = await stage.new_deals(6)
    await stage.sales.win(*deals)
    for deal in deals:
        await stage.reached(deal, "done", within=60)
    return await stage.untaken_faults() + [
        f"deal {deal} has no one document" for deal in deals if len(await stage.documents(deal)) != 1
    ]


async def prefix_neighbours(stage: Stage) -> list[str]:
    """R3: deal 1 next to 10 … 1 419, and the same number of another database."""
    await stage.activate()
    foreign = await stage.books.add_customer(Name="Någon annan AB")
    references = [stage.connection.deal_reference(number) for number in NEIGHBOURS]
    references += ["limego:another:deal:1;", f"{stage.connection.prefix}deal:1"]
    for start in range(0, len(references), 20):
        page = references[start : start + 20]
        await asyncio.gather(*(stage.books.add_invoice(foreign, ExternalInvoiceReference1=one) for one in page))
    await stage.sales.add_deal(await stage.sales.add_company(**a_company()), id=1)
    await stage.sales.win(1)
    record = await stage.reached(1, "done")
    documents = await stage.documents(1)
    return [] if documents == [record["remote_id"]] else [f"deal 1 is {record['remote_id']} and its documents are {documents}"]


async def touched_by_a_person(stage: Stage) -> list[str]:
    """R3: our document is cancelled, credited, or made of our order, before we know that it is there."""
    await stage.activate()
    company = await stage.linked_company()
    broken = []
    for edit, note in ((_cancel, "cancelled"), (_credit, "credited")):
        deal = await stage.sales.add_deal(company)
        await stage.fault("POST /3/invoices", "lost_answer")
        await stage.sales.win(deal)
        await stage.sent(deal)
        number = await _document(stage, deal)
        await edit(stage, number)
        record = await stage.reached(deal, "done")
        if (record["remote_id"], record["note"]) != (number, note):
            broken.append(f"deal {deal} was {note} as {number} and is {record['note']} {record['remote_id']}")
    return broken + await _invoiced_order(stage, company)


async def _document(stage: Stage, deal: int) -> str:
    for _ in range(50):
        if documents := await stage.documents(deal):
            return documents[0]
        await asyncio.sleep(0.05)
    raise AssertionError(f"deal {deal} has no document although its POST was to take effect")


async def _cancel(stage: Stage, number: str) -> None:
    await stage.books.call("PUT", f"invoices/{number}/cancel")


async def _credit(stage: Stage, number: str) -> None:
    await stage.books.call("PUT", f"invoices/{number}/bookkeep")
    await stage.books.call("PUT", f"invoices/{number}/credit")


async def _invoiced_order(stage: Stage, company: str) -> list[str]:
    deal = await stage.sales.add_deal(company, 700)
    link = await stage.site.record("customer", company, stage.database)
    rows = [{"ArticleNumber": "1000", "OrderedQuantity": "1", "DeliveredQuantity": "1", "Price": 700}]
    body = {
        "CustomerNumber": link["remote_id"],
        "ExternalInvoiceReference1": stage.connection.deal_reference(deal),
        "OrderRows": rows,
    }
    order = (await stage.books.call("POST", "orders", {"Order": body}))["Order"]["DocumentNumber"]
    invoice = (await stage.books.call("PUT", f"orders/{order}/createinvoice"))["Invoice"]["DocumentNumber"]
    # Searches lag behind writes; who wins the deal does so later.
    await stage.pause(6)
    await stage.sales.win(deal)
    record = await stage.reached(deal, "done")
    return (
        [] if record["remote_id"] == invoice else [f"deal {deal} is {record['remote_id']} and not invoice {invoice} of our order"]
    )


async def late_commit(stage: Stage) -> list[str]:
    """R14: POSTs take effect after our timeout, some of them so late that the first look is still blind."""
    await stage.activate()
    for what in ("customers", "invoices"):
        for delay in (15, 60, 100, 118):
            await stage.fault(f"POST /3/{what}", "late_commit", delay=delay)
    deals = await stage.new_deals(6)
    await stage.sales.win(*deals)
    # A holder that dies in the middle: the next one must count from the send, not from its own start.
    await stage.site.restart(FORTNOX)
    for deal in deals:
        await stage.reached(deal, "done", within=90)
    return await stage.untaken_faults()


async def frozen_before_the_check(stage: Stage) -> list[str]:
    """R14: the holder freezes before it checks its lease; another takes over; then it thaws."""
    await stage.activate()
    return _alone(*await _frozen(stage, "fortnox.before_lease_check"))


async def frozen_after_the_send(stage: Stage) -> list[str]:
    """R14: the holder freezes with the answer on its way."""
    await stage.activate()
    return _alone(*await _frozen(stage, "fortnox.after_send"))


async def frozen_before_the_send(stage: Stage) -> list[str]:
    """R14: the holder freezes between its check and its POST. Awake again, it learns that its lane is gone, or sends first."""
    await stage.activate()
    deal, documents = await _frozen(stage, "fortnox.before_send")
    return [] if len(documents) == 1 else await _told_of_both(stage, deal, documents)


async def later_than_the_settle_time(stage: Stage) -> list[str]:
    """R14: a POST takes effect after both looks, which nothing can prevent: a poll finds the double it makes."""
    await stage.activate()
    deal = await stage.sales.add_deal(await stage.linked_company())
    await stage.fault("POST /3/invoices", "late_commit", delay=BEYOND)
    await stage.sales.win(deal)
    await stage.reached(deal, "done", within=60)

    async def are_two() -> list[str]:
        documents = await stage.documents(deal)
        return documents if len(documents) == 2 else []

    return await _told_of_both(stage, deal, await until(are_two, f"deal {deal} has a double", within=60))


async def _told_of_both(stage: Stage, deal: int, documents: list[str]) -> list[str]:
    """A person reads of both within a poll's cycle."""
    record = await stage.reached(deal, "needs_attention", within=POLL_SECONDS / stage.site.stack.time_scale + 15)
    told = sorted(record["candidates"])
    return [] if record["reason"] == "several_documents" and told == sorted(documents) else [f"a person is told of {told}"]


async def _frozen(stage: Stage, point: str) -> tuple[int, list[str]]:
    """A deal won with a holder that freezes at the point and thaws when its successor is done; the deal's documents."""
    deal = await stage.sales.add_deal(await stage.linked_company())
    holder = stage.site.stack.services[FORTNOX]
    await stage.site.restart(FORTNOX, f"{point}:freeze")
    await stage.pause(60)
    try:
        async with second_replica(stage.site):
            await stage.sales.win(deal)
            await frozen(holder)
            await stage.reached(deal, "done", within=60)
            holder.thaw()
            await stage.pause(200)
            return deal, await stage.documents(deal)
    finally:
        await stage.site.restart(FORTNOX)


def _alone(deal: int, documents: list[str]) -> list[str]:
    return [] if len(documents) == 1 else [f"deal {deal} has the documents {documents}"]
