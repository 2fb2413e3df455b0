"""Two documents of one deal are found, whichever is heard of first, and put before a person."""

from __future__ import annotations

import pytest

from contracts.kinds import RecordKind
from sync_coordinator.repository import records


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
