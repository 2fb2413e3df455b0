"""What cannot go through waits with a reason, is looked at again, and goes through when it is corrected."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany, SaveFortnoxCustomer, SaveLimeGoCompany, SaveLimeGoInvoice
from contracts.events import CompanyLinked
from contracts.kinds import RecordKind
from contracts.values import Address
from support.links import link_by_hand

NO_NUMBER = "organisation_number_missing"
BAD_DEALS = [
    ({"value": None}, "value_unreadable"),
    ({"value": Decimal(0)}, "value_zero"),
    ({"value": Decimal(-1)}, "value_negative"),
    ({"value": Decimal("1.001")}, "value_unusable"),
    ({"value": Decimal("1234567890123456")}, "value_unusable"),
    ({"name": ""}, "deal_name_missing"),
    ({"name": "x" * 256}, "deal_name_too_long"),
]


@pytest.mark.parametrize(("changes", "reason"), BAD_DEALS)
async def test_a_bad_deal_makes_nothing_and_goes_through_when_corrected(house, make, changes, reason):
    await house.linked_company()
    await house.win(make.deal(1, **changes))
    record = await house.record()
    assert (record["state"], record["reason"]) == ("needs_attention", reason)
    assert record["recheck_at"] is not None
    assert "väntar: " in (await house.sent_one(SaveLimeGoCompany)).status_text
    await house.win(make.deal(1))
    assert (await house.sent_one(CreateFortnoxInvoice)).deal == make.deal(1)


async def test_a_deal_without_company_waits_and_follows_the_company_it_gets(house, make):
    await house.hear(house.won(make.deal(5, None)))
    record = await house.record(key=5)
    assert (record["state"], record["reason"], record["company_id"]) == ("needs_attention", "company_missing", "deal/5")
    house.pass_time(601)
    await house.loops.recheck()
    order = await house.sent_one(ReadLimeGoCompany)
    assert (order.company_id, order.deal_ids) == (None, (5,))
    await house.hear(house.saved(order))
    await house.win(make.deal(5))
    await house.hear(house.matched())
    assert (await house.sent_one(CreateFortnoxInvoice)).deal.company_id == "c1"


async def test_a_company_without_number_waits_with_its_deal_and_goes_through_when_it_is_filled_in(house, make):
    await house.win(make.deal())
    await house.hear(house.review(NO_NUMBER))
    assert (await house.sent_one(SaveLimeGoCompany)).status_text == "väntar: organisationsnummer saknas"
    assert (await house.record())["reason"] == "waiting_for_customer"
    await house.hear(house.not_found())
    await house.hear(house.saved(await house.sent_one(SaveFortnoxCustomer), "17"))
    await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), "1042"))
    assert (await house.sent_one(SaveLimeGoCompany)).status_text == "faktura 1042"


async def test_a_foreign_company_is_not_created_and_goes_through_when_linked_by_hand(house, make):
    abroad = make.company(postal_address=Address(country_code="NO"))
    await house.win(make.deal(), abroad)
    await house.hear(house.not_found(abroad))
    assert (await house.record("customer", "c1"))["reason"] == "foreign_vat_unsettled"
    assert await house.count_sent("SaveFortnoxCustomer") == 0
    await house.sent()
    await house.actions.link(house.connection_id, "c1", "88")
    invoice, _ = await house.sent_with_link(CreateFortnoxInvoice)
    assert invoice.customer_number == "88"


async def test_a_deal_that_waited_long_for_its_customer_is_read_again_first(house, make):
    await house.win(make.deal())
    await house.hear(house.review(NO_NUMBER))
    await house.sent()
    house.pass_time(3600)
    await house.hear(house.matched())
    assert (await house.sent_one(ReadLimeGoCompany)).deal_ids == (1,)
    await house.win(make.deal(1, value=Decimal(50)))
    assert (await house.sent_one(CreateFortnoxInvoice)).deal.value == 50


async def test_links_stay_a_bijection(house, make):
    await house.linked_company("c1", "17")
    await house.win(make.deal(2, "c2"))
    await house.hear(house.matched("17", "c2"))
    record = await house.record("customer", "c2")
    assert (record["reason"], record["candidates"]) == ("customer_linked_elsewhere", ["17"])
    assert (await house.record(key=2))["state"] == "waiting"
    assert await house.count_sent("CreateFortnoxInvoice") == 0


async def test_another_customer_for_a_linked_company_is_a_review_not_a_move(house):
    await house.linked_company("c1", "17")
    await house.hear(house.matched("18"))
    record = await house.record("customer", "c1")
    assert (record["state"], record["reason"]) == ("needs_attention", "company_linked_elsewhere")
    await house.hear(house.matched("17"))
    assert (await house.record("customer", "c1"))["state"] == "done"


async def test_a_review_of_a_linked_company_changes_nothing(house):
    await house.linked_company()
    await house.hear(house.review(NO_NUMBER))
    assert (await house.record("customer", "c1"))["state"] == "done"


async def test_a_link_whose_customer_is_gone_may_be_replaced(house, make):
    await house.linked_company("c1", "17")
    await house.win(make.deal())
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "customer_missing"))
    await house.sent()
    await link_by_hand(house, "c1", "18")
    invoice, told = await house.sent_with_link(CreateFortnoxInvoice)
    assert (invoice.customer_number, told.customer_number) == ("18", "18")


async def test_the_matcher_is_told_of_a_link_by_hand_and_of_no_other(house, make):
    await house.win(make.deal())
    await house.hear(house.matched("17"))
    assert not any(isinstance(message, CompanyLinked) for message in await house.sent())
    for _ in range(2):
        await house.actions.link(house.connection_id, "c1", "17")
    first, second = await house.sent()
    assert (first.company_id, first.customer_number) == ("c1", "17")
    assert second.version > first.version


@pytest.mark.parametrize("reason", ["article_missing", "customer_currency", "customer_vat"])
async def test_a_refusal_that_fortnox_can_heal_is_tried_again_by_itself(house, make, reason):
    await house.linked_company()
    await house.win(make.deal())
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), reason, "Fortnox meddelande"))
    record = await house.record()
    assert (record["reason"], record["detail"]) == (reason, "Fortnox meddelande")
    await house.sent()
    house.pass_time(601)
    await house.loops.recheck()
    await house.hear(house.saved(await house.sent_one(ReadLimeGoCompany)))
    await house.win(make.deal())
    await house.sent_one(CreateFortnoxInvoice)


async def test_what_only_a_person_can_settle_is_not_sent_again_unchanged(house, make):
    await house.linked_company()
    await house.win(make.deal())
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "data_refused", "Ogiltigt tecken"))
    await house.sent()
    assert (await house.record())["recheck_at"] is None
    await house.win(make.deal())
    assert await house.sent() == []
    await house.actions.try_again(house.connection_id, RecordKind.INVOICE, "1")
    await house.sent_one(ReadLimeGoCompany)
    await house.win(make.deal())
    await house.sent_one(CreateFortnoxInvoice)


async def test_a_corrected_deal_is_sent_again_without_being_asked(house, make):
    await house.linked_company()
    await house.win(make.deal())
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "validation"))
    await house.sent()
    await house.win(make.deal(1, name="Rättat"))
    assert (await house.sent_one(CreateFortnoxInvoice)).deal.name == "Rättat"


async def test_a_refusal_of_an_older_command_says_nothing_about_the_newest(house, make):
    await house.linked_company()
    await house.win(make.deal())
    first = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.refused(first, "stale"))
    await house.hear(house.saved(await house.sent_one(ReadLimeGoCompany)))
    await house.win(make.deal())
    second = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.refused(first, "article_missing"))
    assert (await house.record())["state"] == "sending"
    await house.hear(house.saved(second))
    await house.hear(house.refused(first, "article_missing"))
    assert (await house.record())["state"] == "done"


async def test_stale_commands_are_read_again_three_times_and_then_need_a_person(house, make):
    await house.linked_company()
    await house.win(make.deal())
    for _ in range(3):
        await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "stale"))
        await house.hear(house.saved(await house.sent_one(ReadLimeGoCompany)))
        await house.win(make.deal())
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "stale"))
    record = await house.record()
    assert (record["state"], record["reason"]) == ("needs_attention", "stale")


async def test_a_customer_that_appeared_goes_back_to_the_matcher(house, make):
    await house.win(make.deal())
    await house.hear(house.not_found())
    await house.hear(house.refused(await house.sent_one(SaveFortnoxCustomer), "customer_appeared"))
    # Read at once, three times over, it would need a person before the poll has told the matcher.
    assert (await house.record("customer", "c1"))["state"] == "matching"
    assert await house.sent() == []
    await house.hear(house.matched("99"))
    assert (await house.sent_one(CreateFortnoxInvoice)).customer_number == "99"


async def test_a_company_that_cannot_be_read_needs_attention(house, make):
    await house.win(make.deal())
    house.pass_time(901)
    await house.loops.recheck()
    await house.hear(house.refused(await house.sent_one(ReadLimeGoCompany), "company_missing"))
    assert (await house.record("customer", "c1"))["reason"] == "company_unreadable"


async def test_an_invoice_that_lime_go_refuses_is_told_and_can_be_tried_again(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice()))
    await house.hear(house.refused(await house.sent_one(SaveLimeGoInvoice), "validation", "customerName is too long"))
    record = await house.record("erp_invoice", "1")
    assert (record["state"], record["reason"]) == ("needs_attention", "limego_refused")
    await house.actions.try_again(house.connection_id, RecordKind.ERP_INVOICE, "1")
    await house.loops.show()
    await house.hear(house.saved(await house.sent_one(SaveLimeGoInvoice)))
    assert (await house.record("erp_invoice", "1"))["state"] == "done"


async def test_a_stale_line_is_sent_again_from_what_is_stored(house):
    await house.linked_company()
    row = await house.database.pool.fetchrow("SELECT body FROM command WHERE type = 'SaveLimeGoCompany'")
    first = SaveLimeGoCompany.model_validate_json(row["body"])
    await house.hear(house.refused(first, "stale"))
    await house.loops.show()
    assert (await house.sent_one(SaveLimeGoCompany)).status_text == first.status_text
    await house.loops.show()
    assert await house.sent() == []


async def test_the_brake_holds_what_is_too_much_and_a_person_releases_it(house, make):
    await house.activate(documents_per_hour_limit=2)
    await house.linked_company()
    for deal_id in (1, 2, 3):
        await house.win(make.deal(deal_id))
    commands = [message for message in await house.sent() if isinstance(message, CreateFortnoxInvoice)]
    assert len(commands) == 2
    assert (await house.record(key=3))["reason"] == "brake"
    await house.win(make.deal(3))
    assert (await house.record(key=3))["state"] == "held"
    assert await house.release_held() == 1
    assert 3 in (await house.sent_one(ReadLimeGoCompany)).deal_ids
    await house.win(make.deal(3))
    assert (await house.sent_one(CreateFortnoxInvoice)).deal.deal_id == 3


async def test_the_brake_counts_within_one_batch_and_lets_go_after_an_hour(house, make):
    await house.activate(documents_per_hour_limit=2)
    await house.linked_company()
    await house.hear_together(*[house.won(make.deal(n)) for n in (1, 2, 3)])
    assert await house.count_sent("CreateFortnoxInvoice") == 2
    house.pass_time(3601)
    await house.win(make.deal(4))
    assert await house.count_sent("CreateFortnoxInvoice") == 3


async def test_a_command_without_outcome_is_sent_again_under_its_id(house, make):
    await house.linked_company()
    await house.hear(*[house.saved(command) for command in await _open_commands(house)])
    await house.win(make.deal())
    first = await house.sent_one(CreateFortnoxInvoice)
    assert await house.loops.resend() == 0
    house.pass_time(901)
    assert await house.loops.resend() == 1
    assert await house.sent_one(CreateFortnoxInvoice) == first
    assert await house.loops.resend() == 0


async def _open_commands(house):
    rows = await house.database.pool.fetch("SELECT body FROM command WHERE finished_at IS NULL")
    return [SaveLimeGoCompany.model_validate_json(row["body"]) for row in rows]


async def test_a_trigger_without_decision_is_read_again_once_at_a_time(house, make):
    await house.win(make.deal())
    assert await house.loops.recheck() == 0
    house.pass_time(901)
    await house.loops.recheck()
    order = await house.sent_one(ReadLimeGoCompany)
    assert (order.company_id, order.deal_ids) == ("c1", (1,))
    house.pass_time(901)
    await house.loops.recheck()
    assert await house.sent() == []


async def test_an_outcome_of_an_older_generation_is_an_outcome(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.saved(create.model_copy(update={"generation": 0}), "1042"))
    assert (await house.record())["state"] == "done"


async def test_an_outcome_of_a_forgotten_command_still_links_the_customer(house, make):
    """The slice was restored to an hour ago: the command is unknown, its effect in Fortnox is real."""
    await house.win(make.deal())
    await house.hear(house.not_found())
    create = await house.sent_one(SaveFortnoxCustomer)
    await house.database.pool.execute("DELETE FROM command")
    await house.hear(house.saved(create, "17"))
    assert (await house.record("customer", "c1"))["remote_id"] == "17"


async def test_a_message_of_an_unknown_connection_waits(house, make):
    message = house.won(make.deal()).model_copy(update={"connection_id": house.connection_id.__class__(int=7)})
    await house.hear(message)
    waiting = await house.database.pool.fetchval("SELECT count(*) FROM dead_letter WHERE state = 'waiting'")
    assert waiting == 1


async def test_a_timeline_counts_what_repeats_and_forgets_the_oldest(house, make):
    await house.invoiced()
    for _ in range(60):
        await house.hear(house.reopened(), house.won(make.deal()))
    story = await house.story()
    assert len(story) < 15
    times = await house.database.pool.fetchval("SELECT max(times) FROM timeline WHERE code = 'won_again'")
    assert times == 60


async def test_nothing_is_created_where_the_connection_makes_no_documents(house, make):
    await house.activate(create_document="nothing")
    await house.win(make.deal())
    await house.hear(house.matched())
    line = await house.sent_one(SaveLimeGoCompany)
    assert line.status_text == "kund i Fortnox"
    assert await house.record() == {}
