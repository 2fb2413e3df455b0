"""A document that costs something else than its deal is worth is told with both amounts, and every remedy leads out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany, SaveLimeGoCompany, WithdrawFortnoxInvoice
from contracts.kinds import RecordKind

BOTH = "48 049,00 SEK ≠ 48 000,00 SEK"


@pytest.fixture
async def differing(house, make):
    """A house whose one deal has invoice 1042, which costs 49 too much; what was ordered."""
    await house.linked_company()
    await house.win(make.deal())
    command = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.refused(command, "document_differs", BOTH, remote_id="1042"))
    return command


async def changed_in_fortnox(house, make, number="1042", net=48_049, **changes):
    query = "SELECT limego_database FROM connection WHERE connection_id = $1"
    database = await house.database.pool.fetchval(query, house.connection_id)
    reference = f"limego:{database}:deal:1;"
    await house.hear(house.invoice_changed(make.invoice(number, net=Decimal(net), external_reference=reference, **changes)))


async def is_told(house):
    record = await house.record()
    assert (record["state"], record["reason"], record["detail"]) == ("needs_attention", "document_differs", BOTH)
    assert record["remote_id"] == "1042"


async def ordered_anew(house):
    """The order by which Fortnox' connector looks at the document once more."""
    [order] = [message for message in await house.sent() if isinstance(message, CreateFortnoxInvoice)]
    return order


async def asked_again(house):
    await house.actions.try_again(house.connection_id, RecordKind.INVOICE, "1")
    orders = [message for message in await house.sent() if isinstance(message, ReadLimeGoCompany)]
    assert [order.deal_ids for order in orders] == [(1,)]


async def test_it_is_told_with_its_number_and_both_amounts_and_is_never_done(house, make, differing):
    await is_told(house)
    assert (await house.sent_one(SaveLimeGoCompany)).status_text == "väntar: fakturans belopp, kund eller moms stämmer inte"
    await house.win(make.deal())
    await is_told(house)
    assert await house.count_sent("CreateFortnoxInvoice") == 1


async def test_try_again_looks_at_the_same_document_and_is_done_when_the_amounts_agree(house, make, differing):
    await asked_again(house)
    await house.win(make.deal())
    again = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.refused(again, "document_differs", BOTH, remote_id="1042"))
    await is_told(house)
    await house.sent()
    await asked_again(house)
    await house.win(make.deal())
    await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), "1042", adopted=True))
    record = await house.record()
    assert (record["state"], record["reason"], record["remote_id"]) == ("done", "", "1042")
    assert (await house.story())[-1] == "invoice_agrees"


async def test_a_changed_deal_is_compared_although_the_brake_is_on(house, make):
    await house.activate(documents_per_hour_limit=1)
    await house.linked_company("c2", "18")
    await house.win(make.deal(2, "c2"))
    await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), "1041"))
    await house.linked_company()
    await house.win(make.deal())
    assert await house.release_held() == 1
    await house.sent()
    await house.win(make.deal())
    command = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.refused(command, "document_differs", BOTH, remote_id="1042"))
    await house.sent()
    await house.win(make.deal(value=Decimal(48_049)))
    assert (await house.sent_one(CreateFortnoxInvoice)).deal.deal_id == 1


async def test_the_value_corrected_in_lime_go_is_compared_at_once(house, make, differing):
    await house.sent()
    await house.win(make.deal(value=Decimal(48_049)))
    await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), "1042", adopted=True))
    assert (await house.record())["state"] == "done"


async def test_a_change_in_fortnox_that_makes_the_amounts_agree_ends_it_by_itself(house, make, differing):
    await changed_in_fortnox(house, make, net=48_048)
    await changed_in_fortnox(house, make, "1043", net=48_000, is_credit_note=True)
    await is_told(house)
    await changed_in_fortnox(house, make, net=48_000, currency="EUR")
    await is_told(house)
    await house.sent()
    await changed_in_fortnox(house, make, net=48_000)
    await house.hear(house.saved(await ordered_anew(house), "1042", adopted=True))
    assert (await house.record())["state"] == "done"
    assert (await house.story())[-1] == "invoice_agrees"


async def test_a_document_whose_vat_alone_differs_is_done_by_no_poll(house, make):
    """Only Fortnox' connector knows what VAT the customer's card asks for."""
    await house.linked_company()
    await house.win(make.deal())
    vat = "EUREVERSEDVAT: 25 % ≠ 0 %"
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "document_differs", vat, remote_id="1042"))
    await house.sent()
    await changed_in_fortnox(house, make, net=48_000)
    again = await ordered_anew(house)
    assert (await house.record())["state"] == "sending"
    await house.hear(house.refused(again, "document_differs", vat, remote_id="1042"))
    record = await house.record()
    assert (record["state"], record["reason"], record["detail"]) == ("needs_attention", "document_differs", vat)


@pytest.mark.parametrize(("changes", "note"), [({"is_cancelled": True}, "cancelled"), ({"credit_reference": "1043"}, "credited")])
async def test_cancelled_or_credited_in_fortnox_it_ends_with_a_note(house, make, differing, changes, note):
    await changed_in_fortnox(house, make, **changes)
    record = await house.record()
    assert (record["state"], record["note"], (await house.story())[-1]) == ("done", note, f"invoice_{note}")


async def test_reopening_the_deal_hides_no_difference_and_cancelling_the_invoice_ends_it(house, make, differing):
    await house.sent()
    await house.hear(house.reopened(), house.reopened())
    await is_told(house)
    assert await house.times_told("reopened_after") == 1
    await asked_again(house)
    await house.hear(house.reopened())
    await is_told(house)
    await changed_in_fortnox(house, make, is_cancelled=True)
    assert (await house.record())["state"] == "done"


async def test_reopened_while_it_is_compared_anew_nothing_is_withdrawn(house, make, differing):
    await asked_again(house)
    await house.win(make.deal())
    again = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.reopened())
    assert not [message for message in await house.sent() if isinstance(message, WithdrawFortnoxInvoice)]
    await house.hear(house.refused(again, "document_differs", BOTH, remote_id="1042"))
    await is_told(house)
    assert await house.times_told("reopened_after") == 1


async def test_the_page_shows_the_number_and_both_amounts(house, browser, differing):
    text = (await browser.get("/", headers={"Accept-Language": "en"})).text
    assert "1042" in text
    assert BOTH in text
    assert "another amount without VAT or another customer" in text


@pytest.mark.parametrize("changes", [{"value": Decimal(0)}, {"value": None}, {"name": ""}])
async def test_a_deal_that_could_not_be_invoiced_now_is_compared_all_the_same_for_its_document_is_there(
    house, make, differing, changes
):
    await house.sent()
    await house.win(make.deal(**changes))
    again = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.refused(again, "document_differs", BOTH, remote_id="1042"))
    await is_told(house)


async def test_the_right_amount_on_another_customer_ends_nothing(house, make, differing):
    await changed_in_fortnox(house, make, net=48_000, customer_number="18")
    await is_told(house)


async def test_what_was_made_for_a_company_that_the_deal_has_left_is_told_with_both_customers(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.won(make.deal(company_id="c2")), house.saved(create, "1042"))
    record = await house.record()
    assert (record["reason"], record["remote_id"]) == ("document_differs", "1042")
    assert record["detail"] == f"Fortnox {create.customer_number} / Lime Go –"


async def test_what_was_made_for_the_customer_before_a_link_by_hand_is_told_with_both(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    wanted = await house.actions.look_at_link(house.connection_id, "c1", "18")
    await house.actions.link(house.connection_id, "c1", "18", confirmed=wanted.token)
    await house.hear(house.saved(create, "1042", adopted=True))
    record = await house.record()
    assert (record["state"], record["reason"], record["remote_id"]) == ("needs_attention", "document_differs", "1042")
    assert record["detail"] == "Fortnox 17 / Lime Go 18"
