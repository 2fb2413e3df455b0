"""A deal that is won again after its invoice was made keeps that invoice, and is compared with it."""

from __future__ import annotations

from decimal import Decimal

from contracts.commands import CreateFortnoxInvoice, SaveLimeGoCompany


async def won_again(house, deal):
    """The deal of invoice 1042 is reopened and won anew: its record."""
    await house.hear(house.reopened(deal.deal_id), house.won(deal))
    assert await house.count_sent("CreateFortnoxInvoice") == 1
    return await house.record()


async def polled(house, make, **changes):
    """Fortnox' poll brings invoice 1042 of deal 1."""
    query = "SELECT limego_database FROM connection WHERE connection_id = $1"
    database = await house.database.pool.fetchval(query, house.connection_id)
    fields = {"net": Decimal(48_000), "external_reference": f"limego:{database}:deal:1;", **changes}
    await house.hear(house.invoice_changed(make.invoice("1042", **fields)))


def facts(record):
    return record["state"], record["reason"], record["remote_id"], record["detail"].replace("\N{NO-BREAK SPACE}", " ")


async def test_another_value_is_told_with_both_and_makes_no_second_invoice(house, make):
    await house.invoiced()
    record = await won_again(house, make.deal(value=Decimal(99)))
    assert facts(record) == ("needs_attention", "document_differs", "1042", "48 000,00 SEK ≠ 99,00 SEK")
    assert (await house.story())[-2:] == ["won_again", "needs_attention"]
    status = "väntar: fakturans belopp, kund eller moms stämmer inte"
    assert (await house.sent_one(SaveLimeGoCompany)).status_text == status


async def test_it_ends_when_the_invoice_is_corrected_in_fortnox(house, make):
    await house.invoiced()
    await won_again(house, make.deal(value=Decimal(99)))
    await polled(house, make, net=Decimal(99))
    await compared_anew(house)


async def compared_anew(house):
    """The one order that was sent makes Fortnox' connector look at the invoice, which agrees."""
    *_, order = [message for message in await house.sent() if isinstance(message, CreateFortnoxInvoice)]
    await house.hear(house.saved(order, "1042", adopted=True))
    record = await house.record()
    assert (record["state"], record["remote_id"]) == ("done", "1042")


async def test_it_ends_when_the_deal_gets_the_value_of_the_invoice_back(house, make):
    await house.invoiced()
    await won_again(house, make.deal(value=Decimal(99)))
    await house.hear(house.won(make.deal()))
    await compared_anew(house)


async def test_a_value_that_could_not_be_ordered_ends_too_when_the_deal_gets_the_invoiced_one_back(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.hear(house.won(make.deal(value=Decimal(0))), house.saved(create, "1042"))
    assert (await house.record())["reason"] == "document_differs"
    await house.sent()
    await house.hear(house.won(make.deal()))
    await compared_anew(house)


async def test_a_deal_that_was_moved_to_another_company_is_told_with_both_customers(house, make):
    await house.linked_company("c2", "18")
    await house.invoiced()
    record = await won_again(house, make.deal(company_id="c2"))
    assert facts(record) == ("needs_attention", "document_differs", "1042", "Fortnox 17 / Lime Go 18")
    assert record["company_id"] == "c2"


async def test_what_counts_is_the_invoice_as_it_stands_in_fortnox(house, make):
    await house.invoiced()
    await polled(house, make, net=Decimal(99))
    assert facts(await won_again(house, make.deal(value=Decimal(99))))[0] == "done"
    record = await won_again(house, make.deal())
    assert facts(record) == ("needs_attention", "document_differs", "1042", "99,00 SEK ≠ 48 000,00 SEK")


async def test_an_invoice_in_another_currency_is_told(house, make):
    await house.invoiced()
    await polled(house, make, currency="EUR")
    assert facts(await won_again(house, make.deal()))[3] == "48 000,00 EUR ≠ 48 000,00 SEK"


async def test_nobody_is_asked_to_pay_a_credited_invoice_so_it_is_not_compared(house, make):
    await house.invoiced()
    await polled(house, make, credit_reference="1043")
    record = await won_again(house, make.deal(value=Decimal(99)))
    assert (record["state"], record["note"]) == ("done", "credited")
