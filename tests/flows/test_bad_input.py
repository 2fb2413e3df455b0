"""Bad input gets a reason and a remedy, nothing is created for it, and its good neighbour goes on."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from contracts import topics
from support.companies import a_company, an_organisation_number
from support.quiescence import until

NAME = "x" * 256


async def neighbour_goes_on(flow):
    (deal,) = await flow.new_deals()
    await flow.sales.win(deal)
    await flow.reached(deal, "done")


@pytest.mark.parametrize(
    ("deal", "reason"),
    [
        ({"value": 0}, "value_zero"),
        ({"value": -5}, "value_negative"),
        ({"value": 1234567890123456}, "value_unusable"),
        ({"value": 100, "name": NAME}, "deal_name_too_long"),
    ],
)
async def test_a_deal_that_cannot_be_invoiced_needs_attention(flow, deal, reason):
    company_id = await flow.sales.add_company(**a_company())
    deal_id = await flow.sales.add_deal(company_id, **deal)
    await flow.sales.win(deal_id)
    assert (await flow.reached(deal_id, "needs_attention"))["reason"] == reason
    assert await flow.documents(deal_id) == []
    await neighbour_goes_on(flow)


async def test_a_deal_without_a_company_needs_attention(flow):
    deal_id = await flow.sales.add_deal(None)
    await flow.sales.win(deal_id)
    assert (await flow.reached(deal_id, "needs_attention"))["reason"] == "company_missing"
    await neighbour_goes_on(flow)


async def test_a_won_deal_that_can_never_be_read_needs_attention_and_goes_through_once_it_can(flow):
    (deal,) = await flow.new_deals()
    await flow.sandbox.switch_limego(unreadable=str(deal))
    try:
        await flow.sales.win(deal)
        assert (await flow.reached(deal, "needs_attention", within=90))["reason"] == "company_unreadable"
    finally:
        await flow.sandbox.switch_limego(unreadable="")
    await flow.try_again("invoice", deal)
    await flow.reached(deal, "done")


async def test_a_won_deal_that_could_not_be_read_and_was_reopened_is_not_waited_for_when_it_is_tried_again(flow):
    (deal,) = await flow.new_deals()
    await flow.sandbox.switch_limego(unreadable=str(deal))
    try:
        await flow.sales.win(deal)
        assert (await flow.reached(deal, "needs_attention", within=90))["reason"] == "company_unreadable"
        await flow.sales.move(deal, "Offert")
    finally:
        await flow.sandbox.switch_limego(unreadable="")
    await flow.try_again("invoice", deal)
    await flow.reached(deal, "withdrawn")


async def test_a_value_corrected_lets_the_deal_through(flow):
    company_id = await flow.sales.add_company(**a_company())
    deal_id = await flow.sales.add_deal(company_id, 0)
    await flow.sales.win(deal_id)
    await flow.reached(deal_id, "needs_attention")
    await flow.sales.move(deal_id, "Offert")
    await flow.reached(deal_id, "withdrawn")
    await flow.sales.set_value(deal_id, 500)
    await flow.sales.win(deal_id)
    await flow.reached(deal_id, "done")


@pytest.mark.parametrize(
    ("number", "reason"), [("556000-0000", "organisation_number_invalid"), (None, "organisation_number_missing")]
)
async def test_a_company_without_a_usable_number_needs_attention_and_is_not_created(flow, number, reason):
    company_id = await flow.sales.add_company(**a_company(organizationNumber=number))
    deal_id = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal_id)
    assert (await flow.customer(company_id, "needs_attention"))["reason"] == reason
    assert (await flow.sandbox.state())["fortnox"]["tenants"][str(flow.tenant)]["customers"] == []


async def test_two_companies_that_are_known_to_share_a_number_need_attention_and_none_is_created(flow):
    number = an_organisation_number()
    companies = [await flow.sales.add_company(**a_company(organizationNumber=number)) for _ in range(2)]
    deals = [await flow.sales.add_deal(company_id) for company_id in companies]
    for deal_id in deals:
        # A step of the process is read, and so the company becomes known.
        await flow.sales.move(deal_id, "Förhandling")

    async def are_known():
        query = "SELECT company_id FROM company_identity WHERE connection_id = $1"
        rows = await flow.site.world.rows("matcher", query, flow.connection.connection_id)
        return {row["company_id"] for row in rows} >= set(companies)

    await until(are_known, "the matcher knows both companies")
    await flow.sales.win(*deals)
    for company_id, deal_id in zip(companies, deals, strict=True):
        assert (await flow.customer(company_id, "needs_attention", "done"))["reason"] == "organisation_number_shared"
        assert (await flow.reached(deal_id, "waiting", "done"))["reason"] == "waiting_for_customer"
    tenant = (await flow.sandbox.state())["fortnox"]["tenants"][str(flow.tenant)]
    assert (tenant["customers"], tenant["invoices"]) == ([], [])


async def test_a_foreign_company_without_settled_vat_needs_attention(flow):
    company = a_company(postalAddress={"street": "Torggata 1", "zipCode": "0181", "city": "Oslo", "countryCode": "NO"})
    company_id = await flow.sales.add_company(**company)
    deal_id = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal_id)
    assert (await flow.customer(company_id, "needs_attention"))["reason"] == "foreign_vat_unsettled"


async def test_a_swedish_company_whose_country_is_written_by_its_name_is_invoiced(flow):
    address = {"street": "Storgatan 1", "zipCode": "111 22", "city": "Stockholm", "countryCode": "Sverige"}
    company_id = await flow.sales.add_company(**a_company(postalAddress=address))
    deal_id = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal_id)
    await flow.reached(deal_id, "done")


async def test_an_inactive_standard_article_needs_attention_and_goes_through_once_it_is_active(flow):
    await flow.books.set_article("1000", Active=False)
    (deal_id,) = await flow.new_deals()
    await flow.sales.win(deal_id)
    assert (await flow.reached(deal_id, "needs_attention"))["reason"] == "article_inactive"
    await flow.books.set_article("1000", Active=True)
    await flow.try_again("invoice", deal_id)
    await flow.reached(deal_id, "done")


async def test_a_customer_in_another_currency_needs_attention(flow):
    company_id = await flow.linked_company()
    number = (await flow.customer(company_id, "done"))["remote_id"]
    await flow.books.call("PUT", f"customers/{number}", {"Customer": {"Currency": "EUR"}})
    deal_id = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal_id)
    record = await flow.reached(deal_id, "needs_attention")
    assert (record["reason"], record["detail"]) == ("customer_currency", "EUR")


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        ({"ce_type": "DealWon", "ce_dataversion": "1"}, b"{ not json", "unreadable_body"),
        ({"ce_type": "DealWon", "ce_dataversion": "99"}, b"{}", "unknown_message_version"),
        ({"ce_type": "Nonsense", "ce_dataversion": "1"}, b"{}", "unknown_message_type"),
    ],
)
async def test_a_poison_message_becomes_a_dead_letter_and_the_partition_goes_on(flow, head, body, reason):
    headers = [(name, value.encode()) for name, value in {**head, "ce_id": str(uuid4())}.items()]
    async with AIOKafkaProducer(bootstrap_servers=flow.site.stack.bootstrap_servers) as producer:
        for partition in range(topics.PARTITIONS[topics.LIMEGO_COMPANY]):
            await producer.send_and_wait(topics.LIMEGO_COMPANY, body, partition=partition, headers=headers)

    async def is_told():
        query = "SELECT 1 FROM dead_letter WHERE reason LIKE $1 || '%' AND state = 'dead'"
        return all([await flow.site.world.rows(role, query, reason) for role in ("matcher", "sync_coordinator")])

    await until(is_told, "the dead letter with its reason")
    await neighbour_goes_on(flow)
