"""What was ordered and is wanted no longer is taken back, on every way by which it stops being wanted."""

from __future__ import annotations

from contracts.commands import CreateFortnoxInvoice, SaveFortnoxCustomer, WithdrawFortnoxCustomer, WithdrawFortnoxInvoice


async def test_a_create_that_was_taken_back_is_not_sent_again_without_its_withdrawal(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.reopened())
    await house.sent_one(WithdrawFortnoxInvoice)
    # Both may be lost with Kafka: the create alone would invoice a deal that is won no longer.
    house.pass_time(901)
    await house.loops.resend()
    again, withdrawal = [one for one in await house.sent() if isinstance(one, CreateFortnoxInvoice | WithdrawFortnoxInvoice)]
    assert (again, type(withdrawal)) == (create, WithdrawFortnoxInvoice)
    assert (withdrawal.subject, withdrawal.key) == (create.subject, create.key)


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
