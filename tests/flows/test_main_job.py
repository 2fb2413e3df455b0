"""The main job: a won deal becomes a customer and an invoice in Fortnox, once, and the payment comes back."""

from __future__ import annotations

import asyncio

from support.companies import a_company, an_organisation_number
from support.quiescence import until


async def test_a_won_deal_of_a_new_company_makes_a_customer_and_an_invoice_and_says_so_in_lime_go(flow):
    (deal,) = await flow.new_deals(value=48000)
    await flow.sales.win(deal)
    record = await flow.reached(deal, "done")
    assert await flow.documents(deal) == [record["remote_id"]]
    customer = await flow.customer(record["company_id"], "done")

    async def is_shown():
        fields = (await flow.company(record["company_id"]))["custom_fields"]
        return fields == {"Fortnox kundnummer": customer["remote_id"], "Fortnox": f"faktura {record['remote_id']}"}

    await until(is_shown, "both numbers on the company")
    assert (await flow.company(record["company_id"]))["customer_relation"] == "IS_A_CUSTOMER"


async def test_a_company_that_fortnox_has_is_linked_and_not_made_again(flow):
    company = a_company()
    number = await flow.books.add_customer(Name=company["name"], OrganisationNumber=company["organizationNumber"])
    company_id = await flow.sales.add_company(**company)
    await flow.is_known_to_the_matcher(number)
    deal = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal)
    await flow.reached(deal, "done")
    assert (await flow.customer(company_id, "done"))["remote_id"] == number
    assert len((await flow.books.call("GET", "customers"))["Customers"]) == 1


async def test_a_deal_won_twice_makes_one_invoice_and_the_timeline_says_why(flow):
    (deal,) = await flow.new_deals()
    await flow.sales.win(deal)
    await flow.reached(deal, "done")
    await flow.sales.move(deal, "Offert")
    await until(lambda: told(flow, deal, "reopened_after"), "the reopening is told")
    await flow.sales.win(deal)
    await until(lambda: told(flow, deal, "won_again"), "the second win is told")
    assert len(await flow.documents(deal)) == 1


async def told(flow, deal, code):
    query = "SELECT 1 FROM timeline WHERE connection_id = $1 AND kind = 'invoice' AND record_key = $2 AND code = $3"
    return await flow.site.world.rows("sync_coordinator", query, flow.connection.connection_id, str(deal), code)


async def test_two_deals_of_one_new_company_make_one_customer_and_two_invoices(flow):
    company_id = await flow.sales.add_company(**a_company())
    deals = [await flow.sales.add_deal(company_id, value) for value in (100, 200)]
    await flow.sales.win(*deals)
    records = [await flow.reached(deal, "done") for deal in deals]
    assert len({record["remote_id"] for record in records}) == 2
    assert len((await flow.sandbox.state())["fortnox"]["tenants"][str(flow.tenant)]["customers"]) == 1


async def test_a_payment_in_fortnox_is_shown_in_lime_go(flow):
    (deal,) = await flow.new_deals()
    await flow.sales.win(deal)
    number = (await flow.reached(deal, "done"))["remote_id"]
    await flow.books.book_and_pay(number)

    async def is_paid():
        shown = await flow.erp("invoices", number)
        return shown and (shown["paymentStatus"], shown["balance"]) == ("paid", "0")

    await until(is_paid, "the payment is shown")


async def test_a_new_price_in_fortnox_is_shown_in_lime_go(flow):
    await flow.books.set_price("1000", 1234)

    async def is_shown():
        shown = await flow.erp("products", "1000")
        return shown and shown["price"] and float(shown["price"]) == 1234

    await until(is_shown, "the price is shown")


async def test_setting_the_relation_status_makes_the_customer_and_no_invoice(flow):
    company_id = await flow.sales.add_company(**a_company())
    await flow.sales.set_relation(company_id, "IS_A_CUSTOMER")
    await flow.customer(company_id, "done")
    tenant = (await flow.sandbox.state())["fortnox"]["tenants"][str(flow.tenant)]
    assert (len(tenant["customers"]), len(tenant["invoices"])) == (1, 0)


async def test_a_customer_made_in_fortnox_never_becomes_a_customer_in_lime_go_by_itself(flow):
    company = a_company()
    company_id = await flow.sales.add_company(**company)
    number = await flow.books.add_customer(Name=company["name"], OrganisationNumber=company["organizationNumber"])

    async def is_known():
        query = "SELECT 1 FROM customer_identity WHERE connection_id = $1 AND customer_number = $2"
        return await flow.site.world.rows("matcher", query, flow.connection.connection_id, number)

    await until(is_known, "the matcher knows the customer")
    assert (await flow.company(company_id))["customer_relation"] == "NO_RELATION"


async def test_a_second_connection_of_a_database_or_a_tenant_is_refused(flow):
    url = f"{flow.site.stack.coordinator_url}/api/connections"
    other = {"limego_database": "another", "fortnox_tenant": flow.tenant}
    again = {"limego_database": flow.database, "fortnox_tenant": 999}
    answers = await asyncio.gather(flow.site.http.post(url, json=other), flow.site.http.post(url, json=again))
    assert [answer.status_code for answer in answers] == [409, 409]


async def test_a_number_filled_in_lets_the_deal_through(flow):
    company_id = await flow.sales.add_company(**a_company(organizationNumber=None))
    deal = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal)
    assert (await flow.customer(company_id, "needs_attention"))["reason"] == "organisation_number_missing"
    await flow.sales.set_number(company_id, an_organisation_number(dash=True))
    await flow.try_again("customer", company_id)
    await flow.reached(deal, "done")


async def test_a_company_that_is_only_like_a_customer_is_created_on_a_persons_word_and_once(flow):
    digits = an_organisation_number()
    company = a_company(phoneNumber=["046-12 34 56"], organizationNumber=None)
    alike = {"Name": str(company["name"]).removesuffix(" AB"), "Phone1": "046-12 34 56"}
    address = {"Address1": "Exempelgatan 1", "ZipCode": "211 20", "City": "Malmö"}
    number = await flow.books.add_customer(**alike, **address)
    await flow.is_known_to_the_matcher(number)
    company_id = await flow.sales.add_company(**company)
    deal = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal)
    assert (await flow.customer(company_id, "needs_attention"))["reason"] == "organisation_number_missing"
    await flow.sales.set_number(company_id, digits)
    await flow.try_again("customer", company_id)
    await flow.waits_for(company_id, "scored")
    url = f"{flow.site.stack.coordinator_url}/api/records/customer/{flow.connection.connection_id}/{company_id}/confirm-new"
    answers = await asyncio.gather(*(flow.site.http.post(url) for _ in range(3)))
    assert {202} <= {answer.status_code for answer in answers} <= {202, 409}
    await flow.reached(deal, "done")

    async def is_listed_once():
        made = (await flow.books.call("GET", "customers"))["Customers"]
        numbers = sorted(one["OrganisationNumber"].replace("-", "") for one in made)
        assert numbers in ([""], ["", digits])
        return digits in numbers

    await until(is_listed_once, "Fortnox lists the new customer")
    assert (await flow.customer(company_id, "done"))["remote_id"] != number


async def test_a_link_by_hand_lets_the_deal_through_and_reaches_the_matcher(flow):
    company = a_company(organizationNumber=None)
    number = await flow.books.add_customer(Name=company["name"])
    company_id = await flow.sales.add_company(**company)
    deal = await flow.sales.add_deal(company_id)
    await flow.sales.win(deal)
    assert (await flow.customer(company_id, "needs_attention"))["reason"] == "organisation_number_missing"
    await flow.sales.set_number(company_id, "556000-0000")
    await flow.try_again("customer", company_id)
    await flow.waits_for(company_id, "organisation_number_invalid")
    connection_id = flow.connection.connection_id
    url = f"{flow.site.stack.coordinator_url}/api/records/customer/{connection_id}/{company_id}/link"

    async def is_linked():
        # A customer that the polls have not brought yet is looked up first; it has no number that could contradict.
        return (await flow.site.http.post(url, json={"customer_number": number})).status_code == 200

    await until(is_linked, "the company is linked by hand")
    await flow.reached(deal, "done")

    async def is_decided():
        query = (
            "SELECT 1 FROM decision WHERE connection_id = $1 AND company_id = $2 AND customer_number = $3 AND rung = 'approved'"
        )
        return await flow.site.world.rows("matcher", query, connection_id, company_id, number)

    await until(is_decided, "the matcher has taken the person's word")
