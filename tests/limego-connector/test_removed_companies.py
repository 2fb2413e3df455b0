"""A company that Lime Go no longer has is reported as gone, once, and only when a direct read has shown it."""

from __future__ import annotations

from contracts.commands import ReadLimeGoCompany, SaveLimeGoCompany
from contracts.events import CompanyChanged, CompanyRemoved, DealWon

DELETE = "mutation ($id: String!) { deleteOrganization(id: $id) }"
MERGE = "mutation ($id: String!, $into: String!) { mergeOrganization(id: $id, into: $into) { id } }"


async def removed(world):
    """The companies that were reported as gone, with their heirs."""
    return [(one.company_id, one.merged_into) for one in await world.said() if isinstance(one, CompanyRemoved)]


async def are_removed(world, *expected):
    async def look():
        return await removed(world) == list(expected)

    await world.until(look)


async def test_a_deleted_client_is_found_by_the_scan_and_reported_once(world):
    company, _ = await world.a_company(name="Borta AB"), await world.a_company(name="Kvar AB")
    await world.activate()
    await world.edit(company, "customerRelation: IS_A_CUSTOMER")
    await world.heard("CompanyChanged", "CustomerBecameClient")
    await world.ask(DELETE, id=company)
    await are_removed(world, (company, None))
    await world.order(ReadLimeGoCompany, company_id=company, deal_ids=())
    await are_removed(world, (company, None))


async def test_a_merged_company_names_its_survivor_where_lime_go_tells_and_its_deals_are_reported_with_it(world):
    await world.switch(merged_id="survivor")
    gone, survivor = await world.a_company(name="Borta AB"), await world.a_company(name="Kvar AB")
    deal = await world.a_deal(organizationId=gone)
    await world.activate()
    await world.move(deal, "ORDER")
    await world.heard("CompanyChanged", "CustomerBecameClient", "DealWon")
    await world.ask(MERGE, id=gone, into=survivor)
    await world.order(ReadLimeGoCompany, company_id=gone, deal_ids=())
    await are_removed(world, (gone, survivor))
    last = [one.deal.company_id for one in await world.said() if isinstance(one, DealWon)][-1]
    assert last == survivor


async def test_a_company_that_was_edited_is_found_by_the_scan(world):
    company = await world.a_company(name="Förr AB")
    await world.activate()
    await world.edit(company, 'organizationNumber: "559900-0019"')

    async def look():
        said = [one.company for one in await world.said() if isinstance(one, CompanyChanged)]
        return said and said[-1].organisation_number == "559900-0019"

    await world.until(look)


async def test_a_failed_or_hidden_read_removes_nothing(world):
    company = await world.a_company(name="Kvar AB")
    await world.activate()
    await world.fault("POST /v1/graphql", "status_500", times=3)
    await world.order(ReadLimeGoCompany, company_id=company, deal_ids=())
    unknown = await world.order(ReadLimeGoCompany, company_id="finns-inte", deal_ids=())
    assert unknown["reason"] == "company_missing"
    assert await removed(world) == []


async def test_a_customer_number_is_cleared_only_when_the_command_says_so(world):
    company = await world.a_company(customFields={"Fortnox kundnummer": "17"})
    await world.activate()
    for clear, shown in ((False, "17"), (True, "")):
        await world.order(
            SaveLimeGoCompany,
            company_id=company,
            customer_number=None,
            status_text="x",
            clear_customer_number=clear,
            set_is_customer=False,
        )
        assert (await world.company(company))["custom_fields"].get("Fortnox kundnummer", "") == shown


async def test_a_company_that_one_reading_did_not_find_is_not_gone(world):
    company, _ = await world.a_company(name="Åter AB"), await world.a_company(name="Kvar AB")
    await world.activate()
    before = (await world.sandbox.get("/control/state")).json()["limego"]
    await world.ask(DELETE, id=company)
    assert (await world.order(ReadLimeGoCompany, company_id=company, deal_ids=()))["reason"] == "company_missing"
    assert await removed(world) == []
    await world.sandbox.put("/control/state", json={"limego": before})

    async def is_found_again():
        query = "SELECT missing_since IS NULL FROM company WHERE connection_id = $1 AND company_id = $2"
        return await world.pool.fetchval(query, world.connection_id, company)

    await world.until(is_found_again)
    assert await removed(world) == []


async def test_many_companies_that_are_missing_at_once_are_told_and_none_is_gone(world):
    companies = [await world.a_company(name=f"Bolag {number} AB") for number in range(11)]
    for number in range(4):
        await world.a_company(name=f"Kvar {number} AB")
    await world.activate()
    for company in companies:
        await world.ask(DELETE, id=company)

    async def is_told():
        query = (
            "SELECT body FROM outbox WHERE type = 'SideHealthReported' AND body LIKE '%SuspiciousAnswerError%' AND key LIKE $1"
        )
        return await world.pool.fetchval(query, f"{world.connection_id}%")

    await world.until(is_told)
    for company in companies:
        assert (await world.order(ReadLimeGoCompany, company_id=company, deal_ids=()))["reason"] == "company_missing"
    # Every one has now been missing for long enough to be confirmed alone.
    query = "SELECT count(*) FROM company WHERE connection_id = $1 AND missing_since < now() - interval '4 seconds'"
    await world.until(lambda: _at_least(world, query, len(companies)))
    await world.order(ReadLimeGoCompany, company_id=companies[0], deal_ids=())
    assert await removed(world) == []


async def _at_least(world, query, count):
    return await world.pool.fetchval(query, world.connection_id) >= count
