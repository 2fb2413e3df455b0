"""Two documents of one deal, and two customers of one company, are found and put before a person."""

from __future__ import annotations

import pytest

from contracts.commands import CreateFortnoxInvoice
from contracts.kinds import RecordKind
from sync_coordinator.repository import connections, records


async def record(house):
    async with house.database.pool.acquire() as session:
        return await records.find(session, house.connection_id, RecordKind.INVOICE, "1")


async def carrying(house, make, number, **changes):
    database = await house.database.pool.fetchval(
        "SELECT limego_database FROM connection WHERE connection_id = $1", house.connection_id
    )
    return house.invoice_changed(make.invoice(number, external_reference=f"limego:{database}:deal:1;", **changes))


@pytest.mark.parametrize("order", [("1042", "1043"), ("1043", "1042")])
async def test_a_second_document_of_a_deal_is_put_to_review(house, make, order):
    await house.invoiced()
    for number in order:
        await house.hear(await carrying(house, make, number))
    found = await record(house)
    assert (found.state, found.reason, found.candidates) == ("needs_attention", "several_documents", ("1042", "1043"))


async def test_a_double_heard_of_before_the_outcome_is_found_at_the_outcome(house, make):
    for number in ("1042", "1043"):
        await house.hear(await carrying(house, make, number))
    await house.invoiced()
    assert (await record(house)).reason == "several_documents"


async def test_a_double_of_a_reopened_deal_stays_in_view_when_it_is_tried_again(house, make):
    await house.invoiced()
    for number in ("1042", "1043"):
        await house.hear(await carrying(house, make, number))
    await house.hear(house.reopened())
    await house.actions.try_again(house.connection_id, RecordKind.INVOICE, "1")
    assert (await record(house)).state == "matching"
    await house.hear(house.reopened())
    found = await record(house)
    assert (found.state, found.reason, found.candidates) == ("needs_attention", "several_documents", ("1042", "1043"))
    await house.hear(await carrying(house, make, "1042", is_cancelled=True))
    await house.actions.try_again(house.connection_id, RecordKind.INVOICE, "1")
    await house.hear(house.reopened())
    found = await record(house)
    assert (found.state, found.remote_id) == ("done", "1043")


async def test_a_document_in_doubt_is_not_withdrawn_and_the_poll_tells_what_came_of_it(house, make):
    await house.linked_company()
    await house.win(make.deal())
    command = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.refused(command, "outcome_unknown", "No valid consent for the tenant"), house.reopened())
    found = await record(house)
    assert (found.state, found.reason) == ("needs_attention", "outcome_unknown")
    assert await house.sent() == []
    await house.hear(await carrying(house, make, "1042"), house.reopened())
    assert (await record(house)).remote_id == "1042"
    assert (await house.story())[-2:] == ["reopened_in_doubt", "reopened_after"]


async def test_a_cancelled_document_and_a_credit_note_are_no_second_document(house, make):
    await house.invoiced()
    await house.hear(
        await carrying(house, make, "1042"),
        await carrying(house, make, "1043", is_cancelled=True),
        await carrying(house, make, "1044", is_credit_note=True),
    )
    assert (await record(house)).state == "done"


async def test_the_same_deal_number_of_another_database_is_no_double(house, make):
    await house.invoiced()
    await house.hear(await carrying(house, make, "1042"))
    await house.hear(house.invoice_changed(make.invoice("1043", external_reference="limego:annan:deal:1;")))
    assert (await record(house)).state == "done"


async def test_a_second_customer_of_a_linked_company_is_put_to_review_and_the_link_stays(house):
    await house.linked_company()
    for _ in range(2):
        await house.hear(house.review("several_customers", candidates=("17", "18")))
    found = await house.record("customer", "c1")
    assert (found["state"], found["reason"], found["candidates"]) == ("needs_attention", "several_customers", ["17", "18"])
    assert await house.times_told("needs_attention", "customer", "c1") == 1
    assert (await link(house)).customer_number == "17"
    await house.hear(house.matched("17"))
    assert (await house.record("customer", "c1"))["state"] == "done"


async def test_who_chose_the_customer_by_hand_is_not_asked_again(house):
    await house.linked_company()
    await house.hear(house.review("several_customers", candidates=("17", "18")))
    await house.actions.link(house.connection_id, "c1", "17")
    await house.hear(house.review("several_customers", candidates=("17", "18")))
    assert (await house.record("customer", "c1"))["state"] == "done"
    assert (await link(house)).rung == "manual"


@pytest.mark.parametrize(
    ("reason", "candidates"),
    [("several_customers", ("18", "19")), ("customer_linked_elsewhere", ("17",))],
)
async def test_other_reviews_leave_a_linked_company_as_it_is(house, reason, candidates):
    await house.linked_company()
    await house.hear(house.review(reason, candidates=candidates))
    assert (await house.record("customer", "c1"))["state"] == "done"


async def link(house):
    async with house.database.pool.acquire() as session:
        return await connections.find_link(session, house.connection_id, "c1")
