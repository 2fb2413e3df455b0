"""What was ordered and is wanted no longer is taken back, on every way by which it stops being wanted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.commands import CreateFortnoxInvoice, SaveFortnoxCustomer, WithdrawFortnoxCustomer, WithdrawFortnoxInvoice
from sync_coordinator.wiring import MIGRATIONS


async def test_a_create_that_was_taken_back_says_so_itself_when_it_is_sent_again(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.reopened())
    await house.sent_one(WithdrawFortnoxInvoice)
    # Both may be lost with Kafka, and the withdrawal may be handled later than the create: that must not leave meanwhile.
    house.pass_time(901)
    await house.loops.resend()
    again, withdrawal = [one for one in await house.sent() if isinstance(one, CreateFortnoxInvoice | WithdrawFortnoxInvoice)]
    assert (again, type(withdrawal)) == (create.model_copy(update={"is_withdrawn": True}), WithdrawFortnoxInvoice)
    assert (withdrawal.subject, withdrawal.key) == (create.subject, create.key)


async def unwanted_value(house, make):
    await house.hear(house.won(make.deal(value=Decimal(0))))


async def another_customer(house, make):
    await house.actions.link(house.connection_id, "c1", "18", confirmed=await seen(house, "18"))


async def seen(house, number):
    return (await house.actions.look_at_link(house.connection_id, "c1", number)).token


@pytest.mark.parametrize("taken_back", [unwanted_value, another_customer])
async def test_an_invoice_that_was_taken_back_is_never_sent_again_without_its_withdrawal(house, make, taken_back):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await taken_back(house, make)
    assert [type(one) for one in await sent_again(house)] == [CreateFortnoxInvoice, WithdrawFortnoxInvoice]
    await house.hear(house.superseded(create))
    assert await sent_again(house) == []


async def sent_again(house):
    """What goes out to Fortnox when no outcome has come in time."""
    await house.sent()
    house.pass_time(901)
    await house.loops.resend()
    orders = (CreateFortnoxInvoice, SaveFortnoxCustomer, WithdrawFortnoxCustomer, WithdrawFortnoxInvoice)
    return [one for one in await house.sent() if isinstance(one, orders)]


async def another_decision(house, make):
    await house.hear(house.matched("17"))


async def another_number(house, make):
    await house.hear(house.company_changed(make.company(organisation_number="5560000019")))


async def company_gone(house, make):
    await house.hear(house.removed("c1"))


@pytest.mark.parametrize("taken_back", [another_decision, another_number, company_gone])
async def test_a_customer_that_was_taken_back_is_never_sent_again_without_its_withdrawal(house, make, in_doubt, taken_back):
    await taken_back(house, make)
    assert [type(one) for one in await sent_again(house)] == [SaveFortnoxCustomer, WithdrawFortnoxCustomer]


async def test_a_look_for_a_customer_of_nobody_is_never_sent_again_without_its_withdrawal(house, in_doubt):
    await house.hear(house.removed("c1"), house.refused(in_doubt, "outcome_unknown"))
    house.pass_time(601)
    await house.loops.recheck()
    assert [type(one) for one in await sent_again(house)] == [SaveFortnoxCustomer, WithdrawFortnoxCustomer]


@pytest.fixture(params=["customer", "invoice"])
async def taken_back_before(request, house, make):
    """A create that an older replica took back, which notes nothing on the command."""
    if request.param == "invoice":
        await house.linked_company()
        await house.win(make.deal())
        create = await house.sent_one(CreateFortnoxInvoice)
        await house.hear(house.reopened())
    else:
        await house.win(make.deal())
        await house.hear(house.not_found())
        create = await house.sent_one(SaveFortnoxCustomer)
        await house.hear(house.removed("c1"))
    await house.database.pool.execute("UPDATE command SET withdrawn_at = NULL WHERE command_id = $1", create.command_id)
    return create


async def test_what_an_older_replica_took_back_is_not_sent_again_without_its_withdrawal(house, taken_back_before):
    again, withdrawal = await sent_again(house)
    assert again == taken_back_before.model_copy(update={"is_withdrawn": True})
    assert (withdrawal.subject, type(withdrawal).__name__[:8]) == (again.subject, "Withdraw")


async def test_what_was_taken_back_before_it_was_noted_is_known_after_the_migration(house, taken_back_before):
    up, _, _ = (MIGRATIONS / "0010_knows_what_was_taken_back_before.sql").read_text().partition("-- migrate:down")
    await house.database.pool.execute(up)
    noted = "SELECT command_id FROM command WHERE withdrawn_at IS NOT NULL AND connection_id = $1"
    assert [row["command_id"] for row in await house.database.pool.fetch(noted, house.connection_id)] == [
        taken_back_before.command_id
    ]


async def test_what_is_wanted_is_sent_again_alone(house, in_doubt):
    assert await sent_again(house) == [in_doubt]


async def test_a_customer_is_not_made_for_a_company_that_is_gone(house, make):
    await house.win(make.deal())
    await house.hear(house.not_found())
    order = await house.sent_one(SaveFortnoxCustomer)
    await house.hear(house.removed("c1"))
    [withdrawal] = [one for one in await house.sent() if isinstance(one, WithdrawFortnoxCustomer)]
    assert withdrawal.subject == order.subject
    await house.hear(house.superseded(order))
    record = await house.record("customer", "c1")
    assert (record["state"], record["note"]) == ("withdrawn", "company_removed")


async def test_a_survivor_that_gets_a_customer_by_the_merger_is_not_created_besides(house, make):
    await house.linked_company("c1", "17")
    await house.win(make.deal(2, "c2"))
    await house.hear(house.not_found(make.company("c2")))
    order = await house.sent_one(SaveFortnoxCustomer)
    await house.hear(house.removed("c1", merged_into="c2"))
    [withdrawal] = [one for one in await house.sent() if isinstance(one, WithdrawFortnoxCustomer)]
    assert withdrawal.subject == order.subject
    await house.hear(house.superseded(order))
    record = await house.record("customer", "c2")
    assert (record["state"], record["remote_id"]) == ("done", "17")


async def test_the_matcher_s_word_of_a_number_that_is_only_hidden_asks_nobody(house, make):
    await house.hear(house.customer_changed("17", "Exempel c1", "5599000011"))
    await house.linked_company("c1", "17")
    await house.hear(house.company_changed(make.company(organisation_number=None)))
    await house.hear(house.review("organisation_number_changed", candidates=("17",)))
    assert (await house.record("customer", "c1"))["state"] == "done"


@pytest.fixture
async def in_doubt(house, make):
    """A customer whose create went unanswered, and whose company is gone from Lime Go since: the create."""
    await house.win(make.deal())
    await house.hear(house.not_found())
    return await house.sent_one(SaveFortnoxCustomer)


@pytest.mark.parametrize("is_told_first", [True, False])
async def test_a_customer_that_may_stand_in_fortnox_for_a_company_that_is_gone_waits_in_sight(house, in_doubt, is_told_first):
    gone, unknown = house.removed("c1"), house.refused(in_doubt, "outcome_unknown")
    await house.hear(*((gone, unknown) if is_told_first else (unknown, gone)))
    await house.hear(house.removed("c1"))
    record = await house.record("customer", "c1")
    assert (record["state"], record["reason"], record["note"]) == ("needs_attention", "outcome_unknown", "company_removed")


@pytest.mark.parametrize("by_hand", [True, False])
async def test_it_is_looked_for_until_it_is_known_and_never_made_anew(house, in_doubt, browser, by_hand):
    await house.hear(house.removed("c1"), house.refused(in_doubt, "outcome_unknown"))
    await house.sent()
    if by_hand:
        answer = await browser.post(f"/api/records/customer/{house.connection_id}/c1/try-again")
        assert answer.status_code == 202
    else:
        house.pass_time(601)
        await house.loops.recheck()
    look, withdrawal = await house.sent()
    assert (type(look), type(withdrawal)) == (SaveFortnoxCustomer, WithdrawFortnoxCustomer)
    assert (look.key, look.subject) == (withdrawal.key, withdrawal.subject)
    assert look.company == in_doubt.company
    await house.hear(house.refused(look, "outcome_unknown"))
    assert (await house.record("customer", "c1"))["state"] == "needs_attention"
    house.pass_time(601)
    await house.loops.recheck()
    again, _ = await house.sent()
    await house.hear(house.saved(again, "51", adopted=True))
    assert (await house.record("customer", "c1"))["state"] == "withdrawn"
    assert (await house.story("customer", "c1"))[-1] == "made_for_nobody"


async def test_it_ends_when_two_looks_have_found_nothing(house, in_doubt):
    await house.hear(house.removed("c1"), house.refused(in_doubt, "outcome_unknown"))
    await house.sent()
    house.pass_time(601)
    await house.loops.recheck()
    look, _ = await house.sent()
    await house.hear(house.superseded(look))
    record = await house.record("customer", "c1")
    assert (record["state"], record["note"]) == ("withdrawn", "company_removed")


@pytest.fixture
async def corrected_twice(house, make, in_doubt):
    """The same, and the company was corrected twice before it went: the commands, the oldest first."""
    await house.hear(house.company_changed(make.company(name="Exempel Nord AB")))
    second = await house.sent_one(SaveFortnoxCustomer)
    await house.hear(house.company_changed(make.company(name="Exempel Syd AB")))
    third = await house.sent_one(SaveFortnoxCustomer)
    await house.hear(house.removed("c1"))
    return in_doubt, second, third


async def test_an_order_that_was_replaced_does_not_tell_what_became_of_the_last(house, corrected_twice):
    first, second, third = corrected_twice
    await house.hear(house.superseded(second), house.refused(first, "validation"))
    assert (await house.record("customer", "c1"))["state"] == "sending"
    await house.hear(house.refused(third, "outcome_unknown"))
    record = await house.record("customer", "c1")
    assert (record["state"], record["reason"], record["note"]) == ("needs_attention", "outcome_unknown", "company_removed")


async def test_what_a_replaced_order_made_for_a_company_that_is_gone_is_told(house, corrected_twice):
    first, _, third = corrected_twice
    await house.hear(house.saved(first, "51"), house.superseded(third))
    assert (await house.record("customer", "c1"))["state"] == "withdrawn"
    assert "made_for_nobody" in await house.story("customer", "c1")


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"name": "Annat Bolag AB", "organisation_number": "556000-0019"}, False),
        ({"name": "Annat Bolag AB", "organisation_number": "559900-0011"}, True),
        ({"name": "EXEMPEL C1", "organisation_number": "556000-0019"}, True),
        ({"company_id": "c3", "name": "Annat Bolag AB", "organisation_number": "556000-0019"}, True),
    ],
    ids=["another", "same_number", "same_name", "heir"],
)
@pytest.mark.parametrize("is_refused", [False, True], ids=["under_way", "in_doubt"])
async def test_only_a_company_that_may_be_the_one_waits_for_what_is_made_for_nobody(
    house, make, in_doubt, fields, waits, is_refused
):
    await house.hear(house.removed("c1", merged_into="c3"))
    if is_refused:
        await house.hear(house.refused(in_doubt, "outcome_unknown"))
    company = make.company(**{"company_id": "c2", **fields})
    await house.win(make.deal(2, company.company_id), company)
    await house.hear(house.not_found(company))
    assert await house.count_sent("SaveFortnoxCustomer") == (1 if waits else 2)
    assert (await house.record("customer", company.company_id))["state"] == ("matching" if waits else "sending")
