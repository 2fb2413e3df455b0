"""What the customer's card in Fortnox adds to an invoice never makes it cost something else than its deal, unseen."""

from __future__ import annotations

from decimal import Decimal


async def deal_of_a_customer_with_a_fee(flow):
    """A deal of 10 000 of a company whose customer has an administration fee of 49."""
    company = await flow.linked_company()
    number = (await flow.customer(company, "done"))["remote_id"]
    await flow.books.call("PUT", f"customers/{number}", {"Customer": {"InvoiceAdministrationFee": "49"}})
    return await flow.sales.add_deal(company, 10_000)


async def excluding_vat(flow, number):
    invoice = (await flow.books.call("GET", f"invoices/{number}"))["Invoice"]
    return Decimal(str(invoice["Total"])) - Decimal(str(invoice["TotalVAT"])) - Decimal(str(invoice["RoundOff"]))


async def test_a_deal_of_10_000_costs_10_000_whatever_fee_the_customer_has(flow):
    deal = await deal_of_a_customer_with_a_fee(flow)
    await flow.sales.win(deal)
    record = await flow.reached(deal, "done")
    assert await excluding_vat(flow, record["remote_id"]) == 10_000


async def test_an_invoice_that_fortnox_adds_the_fee_to_is_told_until_a_person_has_corrected_it(flow):
    deal = await deal_of_a_customer_with_a_fee(flow)
    await flow.sandbox.switch(zero_keeps_card_terms=True)
    try:
        await flow.sales.win(deal)
        record = await flow.reached(deal, "needs_attention", "done")
    finally:
        await flow.sandbox.switch(zero_keeps_card_terms=False)
    assert (record["state"], record["reason"]) == ("needs_attention", "document_differs")
    await flow.try_again("invoice", deal)
    assert (await flow.reached(deal, "needs_attention", "done"))["state"] == "needs_attention"
    await flow.books.call("PUT", f"invoices/{record['remote_id']}", {"Invoice": {"AdministrationFee": 0}})
    assert (await flow.reached(deal, "done"))["remote_id"] == record["remote_id"]
    assert await flow.documents(deal) == [record["remote_id"]]
