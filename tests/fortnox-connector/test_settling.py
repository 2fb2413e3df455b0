"""What settles an invoice is told with it: credit notes, write-offs, and payments that are removed again."""

from __future__ import annotations

import pytest


@pytest.fixture
async def silent(world):
    """A Fortnox in which neither a booking nor a payment touches its invoice's time of change, and payments can be removed."""
    await world.switch(payment_touches_invoice=False, bookkeep_touches_invoice=False, delete_booked_payment=True)
    yield
    await world.switch(bookkeep_touches_invoice=True, delete_booked_payment=False)


async def booked(world, price=1000):
    """A booked invoice; its number."""
    rows = [{"ArticleNumber": "1000", "Price": price, "DeliveredQuantity": "1"}]
    body = {"Invoice": {"CustomerNumber": await world.made_customer(), "InvoiceRows": rows}}
    number = (await world.fortnox("POST", "invoices", body))["Invoice"]["DocumentNumber"]
    await world.fortnox("PUT", f"invoices/{number}/bookkeep")
    return number


async def pay(world, number, amount, *write_offs):
    """A booked payment; its number."""
    lost = [{"Amount": one, "AccountNumber": 3740} for one in write_offs]
    date = (await world.fortnox("GET", f"invoices/{number}"))["Invoice"]["InvoiceDate"]
    payment = {"InvoiceNumber": int(number), "Amount": amount, "PaymentDate": date, "WriteOffs": lost}
    made = (await world.fortnox("POST", "invoicepayments", {"InvoicePayment": payment}))["InvoicePayment"]["Number"]
    await world.fortnox("PUT", f"invoicepayments/{made}/bookkeep")
    return made


async def is_told(world, number, **wanted):
    async def look():
        told = [one["invoice"] for one in await world.told("InvoiceChanged") if one["invoice"]["document_number"] == number]
        return told and {name: float(told[-1][name]) for name in wanted} == wanted

    await world.until(look)


async def test_what_payments_wrote_off_is_told_with_the_invoice(parts):
    number = await booked(parts.world)
    await pay(parts.world, number, 1000, 100, 50)
    await pay(parts.world, number, 60)
    async with parts.polling():
        await is_told(parts.world, number, balance=40.0, written_off=150.0)


async def test_nothing_more_is_read_of_an_invoice_of_which_nothing_is_settled(parts):
    number = await booked(parts.world)
    async with parts.polling():
        await is_told(parts.world, number, balance=1250.0, written_off=0.0)
        payments = await parts.world.calls(route="/3/invoicepayments")
    assert all("invoicenumber" not in str(call) for call in payments)


async def test_a_payment_that_is_removed_again_is_noticed_though_nothing_tells_of_it(parts, silent):
    number = await booked(parts.world)
    payment = await pay(parts.world, number, 1250)
    await parts.poller._read_invoices({number: "a line"})
    await is_told(parts.world, number, balance=0.0)
    await parts.world.fortnox("DELETE", f"invoicepayments/{payment}")

    async def is_listed():
        return (await parts.world.fortnox("GET", "invoices?filter=unpaid"))["Invoices"]

    await parts.world.until(is_listed)
    # The time of change is what it was: no poll by it shows the invoice once its overlap is over.
    await parts.poller._poll_unpaid()
    await is_told(parts.world, number, balance=1250.0)


async def test_the_unpaid_invoices_that_are_older_than_the_connection_are_left_alone(parts):
    await booked(parts.world)
    await parts.poller._poll_unpaid()
    assert await parts.world.told("InvoiceChanged") == []


async def test_the_booking_of_a_credit_note_tells_of_the_invoice_that_it_credits(parts):
    number = await booked(parts.world)
    note = (await parts.world.fortnox("PUT", f"invoices/{number}/credit"))["Invoice"]["CreditInvoiceReference"]
    await parts.world.fortnox("PUT", f"invoices/{note}/bookkeep")
    # By the note alone, as when its invoice is older than the connection.
    await parts.poller._read_invoices({note: "a line"})
    told = {one["invoice"]["document_number"]: one["invoice"]["balance"] for one in await parts.world.told("InvoiceChanged")}
    assert {name: float(balance) for name, balance in told.items()} == {note: 0.0, number: 0.0}
