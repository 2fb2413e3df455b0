"""The main job in messages: won, customer, invoice, write back, payment; once, whatever is repeated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

from contracts.commands import (
    CreateFortnoxInvoice,
    SaveFortnoxCustomer,
    SaveLimeGoCompany,
    SaveLimeGoInvoice,
    SaveLimeGoProduct,
    WithdrawFortnoxInvoice,
)
from contracts.events import CustomerBecameClient, ProductUpdated
from contracts.values import PaymentStatus, Product, Trigger


async def test_a_won_deal_of_a_new_company_becomes_a_customer_and_an_invoice(house, make):
    await house.win(make.deal())
    assert await house.sent() == []

    await house.hear(house.not_found())
    customer = await house.sent_one(SaveFortnoxCustomer)
    assert (customer.company, customer.currency, customer.generation) == (make.company(), "SEK", 1)

    await house.hear(house.saved(customer, "17"))
    invoice = await house.sent_one(CreateFortnoxInvoice)
    assert (invoice.deal, invoice.customer_number, invoice.standard_article) == (make.deal(), "17", "1")

    await house.hear(house.saved(invoice, "1042"))
    line = await house.sent_one(SaveLimeGoCompany)
    assert (line.customer_number, line.status_text, line.set_is_customer) == ("17", "faktura 1042", True)
    assert (await house.record())["state"] == "done"
    assert (await house.record("customer", "c1"))["state"] == "done"

    await house.hear(house.invoice_changed(make.invoice("1042", "17")))
    shown = await house.sent_one(SaveLimeGoInvoice)
    assert (shown.company_id, shown.payment_status) == ("c1", PaymentStatus.DUE)


async def test_a_won_deal_costs_two_writes_to_lime_go(house, make):
    await house.win(make.deal())
    await house.hear(house.not_found())
    await house.hear(house.saved(await house.sent_one(SaveFortnoxCustomer), "17"))
    await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), "1"))
    for _ in range(2):
        await house.hear(house.invoice_changed(make.invoice("1", "17")))
        await house.hear(house.matched("17"))
    assert await house.count_sent("SaveLimeGoCompany") == 1
    assert await house.count_sent("SaveLimeGoInvoice") == 1


async def test_a_decision_that_overtakes_its_trigger_still_costs_one_line(house, make):
    """The matcher's topic may be read before Lime Go's: nothing is written back until the trigger's deal is known."""
    await house.hear(house.matched("17"))
    changed, became, won = house.win_messages(make.deal())
    await house.hear(changed, became)
    assert await house.sent() == []
    await house.hear(won)
    await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), "1042"))
    assert (await house.sent_one(SaveLimeGoCompany)).status_text == "faktura 1042"


async def test_a_company_that_fortnox_has_is_linked_and_not_created(house, make):
    await house.win(make.deal())
    await house.hear(house.matched("4711"))
    assert (await house.sent_one(CreateFortnoxInvoice)).customer_number == "4711"
    assert await house.count_sent("SaveFortnoxCustomer") == 0


async def test_becoming_a_customer_without_a_deal_makes_a_customer_and_no_document(house, make):
    trigger = CustomerBecameClient(connection_id=house.connection_id, company_id="c1", cause=Trigger.RELATION_STATUS)
    await house.hear(trigger, house.not_found())
    await house.hear(house.saved(await house.sent_one(SaveFortnoxCustomer), "17"))
    line = await house.sent_one(SaveLimeGoCompany)
    assert (line.customer_number, line.status_text, line.set_is_customer) == ("17", "kund i Fortnox", False)


async def test_a_deal_won_twice_makes_one_invoice(house, make):
    await house.win(make.deal())
    await house.win(make.deal())
    await house.hear(house.matched())
    await house.win(make.deal())
    assert await house.count_sent("CreateFortnoxInvoice") == 1


async def test_the_same_message_twice_is_handled_once(house, make):
    await house.linked_company()
    message_id = uuid4()
    message = house.won(make.deal())
    await house.hear(message, ids=[message_id])
    await house.hear(message, ids=[message_id])
    assert await house.count_sent("CreateFortnoxInvoice") == 1


async def test_two_deals_of_one_new_company_make_one_customer_and_two_invoices(house, make):
    await house.win(make.deal(1))
    await house.win(make.deal(2))
    await house.hear(house.not_found(), house.not_found())
    customer = await house.sent_one(SaveFortnoxCustomer)
    await house.hear(house.saved(customer, "17"))
    invoices = await house.sent()
    assert [type(command) for command in invoices] == [CreateFortnoxInvoice, CreateFortnoxInvoice]
    await house.hear(house.saved(invoices[0], "1"))
    assert await house.sent() == []
    await house.hear(house.saved(invoices[1], "2"))
    assert (await house.sent_one(SaveLimeGoCompany)).status_text == "faktura 1, 2"


async def test_a_batch_with_many_companies_is_one_unit_of_work(house, make):
    deals = [make.deal(n, f"c{n}") for n in range(1, 6)]
    await house.hear_together(*[message for deal in deals for message in house.win_messages(deal)])
    await house.hear_together(*[house.matched(str(n), f"c{n}") for n in range(1, 6)])
    commands = await house.sent()
    assert len(commands) == 5
    await house.hear_together(*[house.saved(command, f"10{n}") for n, command in enumerate(commands)])
    assert {type(line) for line in await house.sent()} == {SaveLimeGoCompany}
    assert await house.count_sent("SaveLimeGoCompany") == 5


async def test_a_deal_reopened_before_its_customer_is_known_is_withdrawn(house, make):
    await house.win(make.deal())
    await house.hear(house.reopened(), house.matched())
    assert (await house.record())["state"] == "withdrawn"
    assert await house.count_sent("CreateFortnoxInvoice") == 0
    await house.win(make.deal())
    assert (await house.record())["state"] == "sending"


async def test_a_deal_reopened_while_its_create_is_queued_takes_it_back(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.reopened())
    assert (await house.sent_one(WithdrawFortnoxInvoice)).subject == create.subject
    assert (await house.record())["state"] == "sending"
    await house.hear(house.superseded(create))
    assert (await house.record())["state"] == "withdrawn"


async def test_a_deal_reopened_too_late_keeps_its_invoice_and_says_so(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.reopened(), house.saved(create, "1042"))
    record = await house.record()
    assert (record["state"], record["remote_id"]) == ("done", "1042")
    assert (await house.story())[-1] == "reopened_after"


async def test_a_deal_reopened_and_won_again_after_its_invoice_makes_nothing_new(house, make):
    await house.invoiced()
    await house.hear(house.reopened())
    await house.win(make.deal())
    await house.win(make.deal())
    assert await house.sent() == []
    assert ((await house.record())["state"], await house.times_told("won_again")) == ("done", 1)


async def test_an_old_version_changes_nothing(house, make):
    older, newer = house.won(make.deal(1, name="Gammalt")), house.won(make.deal(1, name="Nytt"))
    await house.hear(newer, older)
    await house.linked_company()
    await house.hear(house.matched())
    assert "Nytt" in (await house.record())["deal"]


async def test_an_invoice_that_a_person_credited_is_done_and_says_why(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.saved(create, "1042", adopted=True, note="credited"))
    record = await house.record()
    assert (record["state"], record["note"]) == ("done", "credited")


async def test_an_invoice_waits_for_its_link_and_is_shown_when_it_comes(house, make):
    await house.hear(house.invoice_changed(make.invoice("1", "17")), house.invoice_changed(make.invoice("2", "18")))
    assert await house.sent() == []
    await house.win(make.deal())
    await house.hear(house.matched("17"))
    create, shown = await house.sent()
    assert isinstance(create, CreateFortnoxInvoice)
    assert isinstance(shown, SaveLimeGoInvoice)
    assert (shown.company_id, shown.invoice.document_number) == ("c1", "1")


async def test_a_payment_is_shown_and_an_equal_invoice_is_not_sent_again(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice()))
    assert (await house.sent_one(SaveLimeGoInvoice)).payment_status is PaymentStatus.DUE
    await house.hear(house.invoice_changed(make.invoice(balance=Decimal(0))))
    assert (await house.sent_one(SaveLimeGoInvoice)).payment_status is PaymentStatus.PAID
    await house.hear(house.invoice_changed(make.invoice(balance=Decimal(0))))
    assert await house.sent() == []


async def test_an_older_invoice_snapshot_is_dropped_also_within_a_batch(house, make):
    await house.linked_company()
    older, newer = house.invoice_changed(make.invoice()), house.invoice_changed(make.invoice(balance=Decimal(0)))
    await house.hear_together(newer, older)
    assert (await house.sent_one(SaveLimeGoInvoice)).payment_status is PaymentStatus.PAID
    await house.hear(older)
    assert await house.sent() == []


async def test_an_invoice_turns_overdue_at_midnight_in_stockholm(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice(due_date=date(2026, 11, 24))))
    await house.sent()
    await house.loops.show()
    assert await house.sent() == []
    house.pass_time(11 * 3600 + 60)
    await house.loops.show()
    assert (await house.sent_one(SaveLimeGoInvoice)).payment_status is PaymentStatus.OVERDUE
    await house.loops.show()
    assert await house.sent() == []


async def test_a_product_is_shown_when_it_differs(house, make):
    product = Product(article_number="1", description="Arbete", price=Decimal(1200), unit="tim", is_active=True)
    dearer = product.model_copy(update={"price": Decimal(1300)})
    for version, shown in enumerate((product, product, dearer), 1):
        await house.hear(ProductUpdated(connection_id=house.connection_id, version=version, product=shown))
    assert [message.product.price for message in await house.sent() if isinstance(message, SaveLimeGoProduct)] == [1200, 1300]
