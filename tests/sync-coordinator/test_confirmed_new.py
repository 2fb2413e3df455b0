"""A company that is none of the customers that are like it: a person's word goes to the matcher, who alone permits to create."""

from __future__ import annotations

import asyncio

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany, SaveFortnoxCustomer
from contracts.events import CompanyConfirmedNew
from contracts.values import ConnectionState
from sync_coordinator.actions import NotPossibleError


@pytest.mark.parametrize("reason", ["scored", "name_shared", "little_agrees"])
async def test_a_company_that_a_person_calls_new_is_created_once_the_matcher_permits_it(house, make, reason):
    await house.win(make.deal())
    await house.hear(house.review(reason, candidates=("17",)))
    await house.sent()
    await house.actions.confirm_new(house.connection_id, "c1")
    assert (await house.sent_one(CompanyConfirmedNew)).company_id == "c1"
    with pytest.raises(NotPossibleError) as pressed_again:
        await house.actions.confirm_new(house.connection_id, "c1")
    assert pressed_again.value.code == "customer_under_way"
    await house.hear(house.not_found())
    with pytest.raises(NotPossibleError):
        await house.actions.confirm_new(house.connection_id, "c1")
    await house.hear(house.not_found())
    await house.hear(house.saved(await house.sent_one(SaveFortnoxCustomer), "51"))
    assert (await house.sent_one(CreateFortnoxInvoice)).customer_number == "51"
    assert "confirmed_new" in await house.story("customer", "c1")


@pytest.mark.parametrize(
    "reason",
    [
        *("organisation_number_missing", "organisation_number_invalid", "organisation_number_shared", "number_claimed"),
        *("several_customers", "name_contradicts", "numbers_contradict", "organisation_number_changed"),
        *("customer_linked_elsewhere", "company_linked_elsewhere", "foreign_vat_unsettled"),
    ],
)
async def test_where_the_number_speaks_nobody_can_call_a_company_new(house, make, reason):
    await house.win(make.deal())
    await house.hear(house.review(reason, candidates=("17",)))
    await house.sent()
    with pytest.raises(NotPossibleError) as refused:
        await house.actions.confirm_new(house.connection_id, "c1")
    assert refused.value.code == "not_about_likeness"
    assert await house.sent() == []
    assert (await house.record("customer", "c1"))["reason"] == reason


async def test_a_number_that_speaks_meanwhile_keeps_the_company_waiting_for_it(house, make):
    await house.win(make.deal())
    await house.hear(house.review("scored", candidates=("17",)))
    await house.actions.confirm_new(house.connection_id, "c1")
    await house.hear(house.review("several_customers", candidates=("17", "18")))
    record = await house.record("customer", "c1")
    assert (record["state"], record["reason"]) == ("needs_attention", "several_customers")
    assert await house.count_sent("SaveFortnoxCustomer") == 0


async def test_a_link_between_the_word_and_the_permission_creates_nothing(house, make):
    await house.win(make.deal())
    await house.hear(house.review("scored", candidates=("17",)))
    await house.actions.confirm_new(house.connection_id, "c1")
    await house.sent()
    await house.actions.link(house.connection_id, "c1", "17")
    _, told = await house.sent_with_link(CreateFortnoxInvoice)
    assert told.customer_number == "17"
    await house.hear(house.not_found())
    assert await house.count_sent("SaveFortnoxCustomer") == 0
    with pytest.raises(NotPossibleError) as linked:
        await house.actions.confirm_new(house.connection_id, "c1")
    assert (linked.value.code, linked.value.owner) == ("company_linked_elsewhere", "17")


async def test_a_link_and_a_word_at_the_same_time_make_one_customer(house, make):
    await house.win(make.deal())
    await house.hear(house.review("scored", candidates=("17",)))
    done = await asyncio.gather(
        house.actions.link(house.connection_id, "c1", "17"),
        house.actions.confirm_new(house.connection_id, "c1"),
        house.actions.confirm_new(house.connection_id, "c1"),
        return_exceptions=True,
    )
    assert all(one is None or isinstance(one, NotPossibleError) for one in done)
    await house.hear(house.not_found())
    assert (await house.record("customer", "c1"))["remote_id"] == "17"
    assert await house.count_sent("SaveFortnoxCustomer") == 0


async def test_a_word_that_gets_no_answer_is_decided_again(house, make):
    await house.win(make.deal())
    await house.hear(house.review("scored", candidates=("17",)))
    await house.actions.confirm_new(house.connection_id, "c1")
    await house.sent()
    house.pass_time(901)
    await house.loops.recheck()
    assert (await house.sent_one(ReadLimeGoCompany)).company_id == "c1"


async def test_a_paused_connection_creates_nobody(house, make):
    await house.win(make.deal())
    await house.hear(house.review("scored", candidates=("17",)))
    await house.actions.set_state(house.connection_id, ConnectionState.PAUSED)
    with pytest.raises(NotPossibleError) as refused:
        await house.actions.confirm_new(house.connection_id, "c1")
    assert refused.value.code == "connection_paused"
