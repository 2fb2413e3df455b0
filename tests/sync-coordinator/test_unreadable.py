"""A trigger whose record cannot be read in Lime Go is put before a person, and goes on once it can be read."""

from __future__ import annotations

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany
from contracts.events import CustomerBecameClient, TriggerUnreadable
from contracts.kinds import RecordKind
from contracts.values import Trigger


def unreadable(house, make, deal_id=1, company_id=None):
    version = house.won(make.deal()).version
    return TriggerUnreadable(connection_id=house.connection_id, version=version, company_id=company_id, deal_id=deal_id)


@pytest.mark.parametrize("company_id", [None, "c1"])
async def test_a_won_deal_that_cannot_be_read_needs_attention_until_it_can(house, make, company_id):
    await house.linked_company()
    await house.hear(unreadable(house, make, company_id=company_id), unreadable(house, make, company_id=company_id))
    record = await house.record()
    assert (record["state"], record["reason"]) == ("needs_attention", "company_unreadable")
    assert await house.times_told("needs_attention") == 1
    await house.sent()
    await house.actions.try_again(house.connection_id, RecordKind.INVOICE, "1")
    assert (await house.sent_one(ReadLimeGoCompany)).deal_ids == (1,)
    await house.hear(house.won(make.deal()))
    assert (await house.sent_one(CreateFortnoxInvoice)).deal.deal_id == 1


async def test_a_deal_of_a_pause_is_held_also_if_it_can_be_read_only_later(house, make):
    await house.linked_company()
    told = unreadable(house, make).model_copy(update={"won_while_paused": True})
    await house.hear(told, house.won(make.deal()))
    assert (await house.record())["reason"] == "won_while_paused"
    await house.release_held()
    await house.hear(unreadable(house, make))
    assert (await house.record())["reason"] == "company_unreadable"
    await house.hear(house.won(make.deal()))
    assert await house.count_sent("CreateFortnoxInvoice") == 1


async def test_a_deal_that_waits_for_its_customer_waits_on_and_is_read_again_when_that_comes(house, make):
    await house.win(make.deal())
    await house.hear(unreadable(house, make))
    assert (await house.record())["state"] == "waiting"
    await house.sent()
    house.pass_time(3600)
    await house.hear(house.matched())
    assert ReadLimeGoCompany in [type(message) for message in await house.sent()]
    await house.hear(unreadable(house, make))
    assert (await house.record())["reason"] == "company_unreadable"


async def test_an_invoice_that_is_made_is_not_put_in_question(house, make):
    await house.invoiced()
    await house.hear(unreadable(house, make))
    assert (await house.record())["state"] == "done"


async def test_a_connection_without_documents_hears_of_it_too_and_of_its_end(house, make):
    await house.activate(create_document="nothing")
    await house.hear(unreadable(house, make))
    assert (await house.record())["reason"] == "company_unreadable"
    await house.win(make.deal())
    assert (await house.record())["state"] == "withdrawn"
    assert await house.count_sent("CreateFortnoxInvoice") == 0


async def test_a_client_that_cannot_be_read_needs_attention_and_a_linked_one_does_not(house, make):
    await house.linked_company("c2")
    await house.hear(unreadable(house, make, None, "c1"), unreadable(house, make, None, "c2"))
    record = await house.record("customer", "c1")
    assert (record["state"], record["reason"]) == ("needs_attention", "company_unreadable")
    assert (await house.record("customer", "c2"))["state"] == "done"
    became = CustomerBecameClient(connection_id=house.connection_id, company_id="c1", cause=Trigger.RELATION_STATUS)
    await house.hear(became, house.matched("18"))
    assert (await house.record("customer", "c1"))["state"] == "done"
