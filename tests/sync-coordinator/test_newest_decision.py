"""What is decided while a create waits or is in doubt takes its place; what was made with older data is told with both."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.commands import (
    CreateFortnoxInvoice,
    ReadLimeGoCompany,
    SaveFortnoxCustomer,
    SaveLimeGoCompany,
    WithdrawFortnoxCustomer,
    WithdrawFortnoxInvoice,
)
from contracts.events import CompanyChanged, CustomerBecameClient, CustomerCreateWithdrawn
from contracts.values import Trigger


async def ordered(house, make, value=1000):
    """A deal of a linked company whose create is under way."""
    await house.linked_company()
    await house.win(make.deal(value=Decimal(value)))
    return await house.sent_one(CreateFortnoxInvoice)


async def ordered_again(house, make, value=2000):
    """A deal won at 1000 whose value was changed while its create was under way: both orders."""
    older = await ordered(house, make)
    await house.hear(house.won(make.deal(value=Decimal(value))))
    return older, await house.sent_one(CreateFortnoxInvoice)


async def test_a_changed_value_is_ordered_at_once_in_the_place_of_the_old_one(house, make):
    older, newer = await ordered_again(house, make)
    assert (newer.subject, newer.deal.value) == (older.subject, 2000)
    await house.hear(house.superseded(older), house.saved(newer, "1042"))
    assert ((await house.record())["state"], (await house.record())["remote_id"]) == ("done", "1042")
    assert await house.story() == ["announced", "invoice_sent", "order_replaced", "invoice_made"]


async def test_a_deal_that_is_read_again_unchanged_is_not_ordered_again(house, make):
    create = await ordered(house, make)
    await house.win(create.deal)
    assert await house.sent() == []


async def test_a_deal_won_again_before_its_create_came_back_is_ordered_again(house, make):
    older = await ordered(house, make)
    await house.hear(house.reopened(), house.won(make.deal(value=Decimal(1000))))
    withdrawal, newer = await house.sent()
    assert (type(withdrawal), type(newer)) == (WithdrawFortnoxInvoice, CreateFortnoxInvoice)
    await house.hear(house.superseded(older))
    assert ((await house.record())["state"], await house.sent()) == ("sending", [])
    await house.hear(house.saved(newer, "1042"))
    assert (await house.record())["state"] == "done"


async def test_all_orders_of_a_deal_keep_their_order_also_when_it_is_moved_to_another_company(house, make):
    """Kafka orders by key: of two partitions the older order may come last, and would take the newer one's place."""
    await house.linked_company("c2", "18")
    older = await ordered(house, make)
    await house.hear(house.won(make.deal(company_id="c2")))
    newer = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.reopened(company_id="c2"))
    withdrawal = await house.sent_one(WithdrawFortnoxInvoice)
    assert (older.customer_number, newer.customer_number) == ("17", "18")
    assert len({(one.key, one.subject) for one in (older, newer, withdrawal)}) == 1
    house.pass_time(901)
    await house.loops.resend()
    repeated = [one for one in await house.sent() if isinstance(one, CreateFortnoxInvoice | WithdrawFortnoxInvoice)]
    assert [(type(one), one.key) for one in repeated] == [(type(one), older.key) for one in (newer, withdrawal)]


async def test_what_was_made_with_the_old_value_is_told_with_both(house, make):
    older, newer = await ordered_again(house, make)
    await house.hear(house.saved(older, "1042"))
    assert (await house.record())["state"] == "sending"
    figures = "1 000,00 SEK ≠ 2 000,00 SEK"
    await house.hear(house.refused(newer, "document_differs", figures, remote_id="1042"))
    record = await house.record()
    assert (record["state"], record["reason"], record["remote_id"]) == ("needs_attention", "document_differs", "1042")
    assert (record["detail"], (await house.story())[-2:]) == (figures, ["made_before_replaced", "needs_attention"])


async def test_a_value_that_cannot_be_invoiced_takes_the_create_back(house, make):
    create = await ordered(house, make)
    await house.hear(house.won(make.deal(value=Decimal(0))))
    await house.sent_one(WithdrawFortnoxInvoice)
    await house.hear(house.superseded(create))
    await house.sent_one(ReadLimeGoCompany)
    await house.win(make.deal(value=Decimal(0)))
    assert (await house.record())["reason"] == "value_zero"


async def test_a_create_that_could_not_be_taken_back_is_told_with_both_values(house, make):
    create = await ordered(house, make)
    await house.hear(house.won(make.deal(value=Decimal(0))), house.saved(create, "1042"))
    record = await house.record()
    assert (record["reason"], record["remote_id"]) == ("document_differs", "1042")
    assert record["detail"].replace("\N{NO-BREAK SPACE}", " ") == "1 000,00 SEK ≠ 0,00 SEK"


async def test_only_what_was_ordered_last_is_ordered_again_when_no_outcome_comes(house, make):
    _, newer = await ordered_again(house, make)
    house.pass_time(901)
    await house.loops.resend()
    creates = [message for message in await house.sent() if isinstance(message, CreateFortnoxInvoice)]
    assert creates == [newer]


async def creating(house, make):
    """A company whose customer is being created, and its deal, which waits."""
    await house.win(make.deal())
    await house.hear(house.not_found())
    return await house.sent_one(SaveFortnoxCustomer)


def changed(house, make, **fields):
    company = make.company(**fields)
    return CompanyChanged(connection_id=house.connection_id, version=house.won(make.deal()).version, company=company)


async def test_a_corrected_name_is_ordered_in_the_place_of_the_old_one(house, make):
    older = await creating(house, make)
    await house.hear(changed(house, make, name="Exempel Nord AB"))
    newer = await house.sent_one(SaveFortnoxCustomer)
    assert (newer.subject, newer.company.name) == (older.subject, "Exempel Nord AB")
    await house.hear(house.superseded(older), house.saved(newer, "17"))
    assert (await house.record("customer", "c1"))["state"] == "done"


async def test_a_changed_company_looks_at_what_is_under_way_of_its_own_only(house, make):
    await ordered(house, make)
    # Nobody reads the others: there may be thousands of them.
    await house.database.pool.execute("UPDATE record SET deal = 'unreadable' WHERE kind = 'invoice'")
    await house.hear(house.company_changed(make.company("c2", name="Exempel Nord AB")))


async def test_a_corrected_number_takes_the_create_back_and_the_matcher_decides_afresh(house, make):
    create = await creating(house, make)
    await house.hear(changed(house, make, organisation_number="5560000019"))
    await house.sent_one(WithdrawFortnoxCustomer)
    await house.hear(house.superseded(create))
    assert (await house.sent_one(CustomerCreateWithdrawn)).company_id == "c1"
    await house.hear(house.not_found(make.company(organisation_number="5560000019")))
    newer = await house.sent_one(SaveFortnoxCustomer)
    assert newer.company.organisation_number == "5560000019"
    await house.hear(house.saved(newer, "17"))
    assert (await house.record("customer", "c1"))["state"] == "done"


async def test_a_customer_made_with_the_mistyped_number_is_told_with_both_and_its_invoices_wait(house, make):
    create = await creating(house, make)
    await house.hear(changed(house, make, organisation_number="5560000019"), house.saved(create, "17"))
    await house.hear(house.matched("17"), house.review("organisation_number_changed"))
    record = await house.record("customer", "c1")
    assert (record["state"], record["reason"]) == ("needs_attention", "customer_differs")
    assert record["detail"] == "17: Fortnox 5599000011 / Lime Go 5560000019"
    assert (await house.record())["state"] == "waiting"
    assert await house.count_sent("CreateFortnoxInvoice") == 0
    await house.actions.link(house.connection_id, "c1", "17")
    assert ((await house.record("customer", "c1"))["state"], (await house.record())["state"]) == ("done", "sending")


async def test_a_customer_with_other_data_than_its_company_is_compared_by_a_person_and_not_tried_again(house, make, browser):
    create = await creating(house, make)
    differences = [{"field": "name", "made": "Exempel c1 AB", "wanted": "Exempel Nord AB"}]
    await house.hear(house.saved(create, "17", differences=differences))
    assert (await house.record("customer", "c1"))["reason"] == "customer_differs"
    page = (await browser.get("/")).text
    assert f"/records/customer/{house.connection_id}/c1/link" in page
    # A second reading would find the customer by its number, and end the difference unseen.
    assert f"/records/customer/{house.connection_id}/c1/try-again" not in page


@pytest.mark.parametrize("decision", ["matched", "review"])
async def test_another_decision_takes_the_create_back(house, make, decision):
    create = await creating(house, make)
    heard = house.matched("17") if decision == "matched" else house.review("organisation_number_shared")
    await house.hear(heard)
    await house.sent_one(WithdrawFortnoxCustomer)
    await house.hear(house.superseded(create))
    await house.sent_one(CustomerCreateWithdrawn)
    again = house.matched("17") if decision == "matched" else house.review("organisation_number_shared")
    await house.hear(again)
    assert (await house.record("customer", "c1"))["state"] == ("done" if decision == "matched" else "needs_attention")


async def test_what_the_matcher_finds_never_overrules_a_link_made_by_hand(house, make):
    trigger = CustomerBecameClient(connection_id=house.connection_id, company_id="c1", cause=Trigger.RELATION_STATUS)
    await house.hear(changed(house, make), trigger, house.review("organisation_number_missing"))
    await house.actions.link(house.connection_id, "c1", "99")
    await house.sent()
    await house.hear(house.matched("17"))
    record = await house.record("customer", "c1")
    assert (record["state"], record["remote_id"]) == ("done", "99")
    links = await house.database.pool.fetch("SELECT customer_number FROM link WHERE connection_id = $1", house.connection_id)
    assert [row["customer_number"] for row in links] == ["99"]
    assert {type(message) for message in await house.sent()} <= {SaveLimeGoCompany}
