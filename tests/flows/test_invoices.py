"""An invoice's place and state in Lime Go follow what people do with it in Fortnox."""

from __future__ import annotations

from support.companies import a_company
from support.quiescence import until


async def invoiced(flow, value=8000):
    """A won deal's invoice, a draft; its company and its number."""
    company_id = await flow.sales.add_company(**a_company())
    deal_id = await flow.sales.add_deal(company_id, value)
    await flow.sales.win(deal_id)
    return company_id, (await flow.reached(deal_id, "done"))["remote_id"]


async def shows(flow, number, **wanted):
    async def look():
        shown = await flow.erp("invoices", number)
        return shown and {name: shown[name] for name in wanted} == wanted

    await until(look, f"invoice {number} is shown with {wanted}")


async def test_a_draft_moved_to_another_customer_booked_and_paid_is_no_longer_open_where_it_was(flow):
    company_id, number = await invoiced(flow)
    await shows(flow, number, organizationId=company_id, paymentStatus="draft")
    other = await flow.books.add_customer(Name="Ett annat bolag AB", OrganisationNumber="")
    await flow.books.call("PUT", f"invoices/{number}", {"Invoice": {"CustomerNumber": other}})
    await flow.books.book_and_pay(number)
    await shows(flow, number, organizationId=company_id, paymentStatus="moved", balance="0", customerName="")


async def test_credited_in_part_and_the_rest_paid_is_told_with_its_amounts(flow):
    _, number = await invoiced(flow)
    await flow.books.call("PUT", f"invoices/{number}/bookkeep")
    await flow.books.credit(number, 800)
    await shows(flow, number, paymentStatus="partly_credited", balance="9000", credited="1000", paid="0")
    await flow.books.pay(number, 9000)
    await shows(flow, number, paymentStatus="partly_credited", balance="0", credited="1000", paid="9000")


async def test_paid_in_part_and_the_rest_written_off_is_told_with_its_amounts(flow):
    _, number = await invoiced(flow)
    await flow.books.call("PUT", f"invoices/{number}/bookkeep")
    await flow.books.pay(number, 6000)
    await shows(flow, number, paymentStatus="partly_paid", balance="4000", paid="6000")
    await flow.books.pay(number, 0, 4000)
    await shows(flow, number, paymentStatus="written_off", balance="0", paid="6000", writtenOff="4000")
