"""The first cause is named, and no later check takes the place of a cause that still holds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.commands import CreateFortnoxInvoice
from contracts.events import CompanyChanged
from contracts.values import Address, ConnectionState

ABROAD = Address(country_code="NO")
NUMBER_REASONS = ["organisation_number_missing", "organisation_number_invalid"]


@pytest.mark.parametrize("reason", NUMBER_REASONS)
async def test_a_foreign_company_is_told_of_its_vat_not_of_a_swedish_number(house, make, reason):
    await house.win(make.deal(), make.company(organisation_number=None, postal_address=ABROAD))
    await house.hear(house.review(reason))
    assert (await house.record("customer", "c1"))["reason"] == "foreign_vat_unsettled"


@pytest.mark.parametrize("reason", NUMBER_REASONS)
async def test_it_is_also_when_the_matcher_s_question_overtakes_the_company(house, make, reason):
    await house.win(make.deal())
    await house.hear(house.review(reason))
    assert (await house.record("customer", "c1"))["reason"] == reason
    abroad = make.company(organisation_number=None, postal_address=ABROAD)
    await house.hear(CompanyChanged(connection_id=house.connection_id, version=10**9, company=abroad))
    assert (await house.record("customer", "c1"))["reason"] == "foreign_vat_unsettled"


@pytest.mark.parametrize("reason", NUMBER_REASONS)
async def test_a_swedish_company_is_told_of_its_number(house, make, reason):
    await house.win(make.deal(), make.company(organisation_number=None))
    await house.hear(house.review(reason))
    assert (await house.record("customer", "c1"))["reason"] == reason


async def braked(house, make, reason):
    """Deal 1 was refused for a reason, and then the hour's only invoice was made for another deal."""
    await house.activate(documents_per_hour_limit=1)
    await house.linked_company()
    await house.win(make.deal())
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), reason, "Fortnox meddelande"))
    await house.win(make.deal(2))
    # What may have been made counts as one of the hour.
    assert await house.release_held() == (reason == "outcome_unknown")
    await house.win(make.deal(2))
    assert (await house.record(key=2))["state"] == "sending"
    await house.sent()


@pytest.mark.parametrize("reason", ["customer_currency", "customer_vat", "article_missing", "year_closed", "outcome_unknown"])
async def test_the_brake_takes_no_other_cause_s_place(house, make, reason):
    await braked(house, make, reason)
    house.pass_time(601)
    await house.loops.recheck()
    await house.win(make.deal())
    record = await house.record()
    assert (record["state"], record["reason"]) == ("needs_attention", reason)
    assert record["recheck_at"] > house.now
    house.pass_time(3601)
    await house.win(make.deal())
    assert (await house.record())["state"] == "sending"


async def test_the_brake_takes_the_place_of_what_was_corrected(house, make):
    await braked(house, make, "data_refused")
    await house.win(make.deal(name="Rättat"))
    assert (await house.record())["reason"] == "brake"


async def test_who_asks_for_one_invoice_is_not_answered_with_the_brake(house, make):
    await braked(house, make, "customer_currency")
    await house.actions.try_again(house.connection_id, "invoice", "1")
    await house.sent()
    await house.win(make.deal())
    assert (await house.record())["state"] == "sending"


async def test_refused_invoices_use_up_nothing_of_the_brake_s_hour(house, make):
    await house.activate(documents_per_hour_limit=2)
    await house.linked_company()
    for deal_id in (1, 2, 3):
        await house.win(make.deal(deal_id))
        await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "customer_currency"))
        await house.sent()
    assert [(await house.record(key=key))["reason"] for key in (1, 2, 3)] == ["customer_currency"] * 3


async def test_a_pause_takes_no_other_cause_s_place(house, make):
    await house.linked_company()
    await house.win(make.deal(1, value=Decimal(0)))
    await house.win(make.deal(2, "c2"), make.company("c2"))
    await house.actions.set_state(house.connection_id, ConnectionState.PAUSED)
    await house.hear(house.matched("18", "c2"))
    await house.win(make.deal(1, value=Decimal(0)))
    await house.win(make.deal(3))
    found = {key: await house.record(key=key) for key in (1, 2, 3)}
    assert {key: record["reason"] for key, record in found.items()} == {
        1: "value_zero",
        2: "waiting_for_customer",
        3: "won_while_paused",
    }
    await house.sent()
    await house.actions.set_state(house.connection_id, ConnectionState.ACTIVE)
    await house.loops.recheck()
    await house.win(make.deal(2, "c2"))
    assert (await house.record(key=2))["state"] == "sending"
