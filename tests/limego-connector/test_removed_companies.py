"""A company that Lime Go no longer has is reported as gone, once, and only when a direct read has shown it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from contracts.commands import ReadLimeGoCompany, SaveLimeGoCompany
from contracts.events import CompanyChanged, CompanyRemoved, DealWon

DELETE = "mutation ($id: String!) { deleteOrganization(id: $id) }"
MERGE = "mutation ($id: String!, $into: String!) { mergeOrganization(id: $id, into: $into) { id } }"

REPORTS = "SELECT body FROM outbox WHERE type = 'SideHealthReported' AND key LIKE $1 ORDER BY outbox_id DESC LIMIT 1"


async def report(world):
    """The newest report of the connection's health."""
    body = await world.pool.fetchval(REPORTS, f"{world.connection_id}/%")
    return json.loads(body) if body else {}


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


async def test_a_company_that_lime_go_answers_with_an_error_hides_no_other_from_the_scan(world):
    broken, gone, edited, _ = [await world.a_company(name=f"{name} AB") for name in ("Trasig", "Borta", "Ny", "Kvar")]
    await world.activate()
    await world.fault("POST /v1/graphql", "status_400", record=broken, times=None)
    await world.ask(DELETE, id=gone)
    await world.edit(edited, 'organizationNumber: "559900-0019"')
    await all_are_removed(world, {gone: None})
    changed = [one.company.company_id for one in await world.said() if isinstance(one, CompanyChanged)]
    assert changed == [edited]


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


async def many_missing(world):
    """The part of the newest report of health that tells that many companies are missing, or an empty one."""
    reads = (await report(world)).get("reads", ())
    return next((read for read in reads if read["resource"] == "missing companies"), {})


async def some_companies(world, count):
    """Companies with their own organisation numbers; five more stay, whatever a test does with these."""
    made = await world.bulk(organizations=[{"name": f"Bolag {number} AB"} for number in range(count + 5)])
    return made["organizations"][:count]


async def a_day_passes(world, *companies):
    """These companies have been missing for a day longer."""
    query = (
        "UPDATE company SET missing_since = missing_since - interval '24 hours' WHERE company_id = ANY($1) AND connection_id = $2"
    )
    await world.pool.execute(query, list(companies), world.connection_id)


async def all_are_removed(world, heirs):
    async def look():
        return sorted(await removed(world)) == sorted(heirs.items())

    await world.until(look)


async def test_of_many_missing_companies_each_is_gone_after_a_day_and_a_merged_one_at_once(world):
    await world.switch(merged_id="survivor")
    survivor, merged, *companies = await some_companies(world, 14)
    first, *others = companies
    await world.activate()
    for company in companies:
        await world.ask(DELETE, id=company)
    await world.ask(MERGE, id=merged, into=survivor)
    told = await world.until(lambda: many_missing(world))
    assert told["problem"] == "many_missing"
    scale = float(world.service.environment["TIME_SCALE"])
    waits = (datetime.fromisoformat(told["believed_at"]) - datetime.fromisoformat(told["failing_since"])) * scale
    assert timedelta(hours=23) < waits < timedelta(hours=25)
    # Every one has now been missing for long enough to be confirmed alone.
    query = "SELECT count(*) FROM company WHERE connection_id = $1 AND missing_since < now() - interval '4 seconds'"
    await world.until(lambda: _at_least(world, query, len(companies)))
    await world.order(ReadLimeGoCompany, company_id=first, deal_ids=())
    await are_removed(world, (merged, survivor))
    await a_day_passes(world, first)
    await are_removed(world, (merged, survivor), (first, None))
    await a_day_passes(world, *others)
    await all_are_removed(world, {merged: survivor, **dict.fromkeys(companies)})

    async def is_over():
        return (await report(world))["reads"] and not await many_missing(world)

    await world.until(is_over)


async def test_many_companies_that_were_merged_are_gone_at_once(world):
    await world.switch(merged_id="survivor")
    survivor, *companies = await some_companies(world, 13)
    await world.activate()
    for company in companies:
        await world.ask(MERGE, id=company, into=survivor)
    await all_are_removed(world, dict.fromkeys(companies, survivor))
    query = "SELECT count(*) FROM outbox WHERE key LIKE $1 AND body LIKE '%missing companies%'"
    assert await world.pool.fetchval(query, f"{world.connection_id}/%") == 0


async def test_the_scan_is_not_repeated_at_once_when_many_companies_are_missing(world):
    companies = await some_companies(world, 12)
    await world.activate()
    for company in companies:
        await world.ask(DELETE, id=company)
    await world.until(lambda: many_missing(world))
    before = await _scans(world)

    async def has_scanned_twice():
        found = await _scans(world)
        return found if len(found) >= len(before) + 2 else None

    # The interval is 3 seconds here; a scan that failed would be repeated after a twentieth, a tenth, a fifth of one.
    moments = (await world.until(has_scanned_twice))[-2:]
    assert moments[1] - moments[0] > timedelta(seconds=1)
    (companies_read,) = [read for read in (await report(world))["reads"] if read["resource"] == "companies"]
    assert companies_read["problem"] == ""
    assert await removed(world) == []


async def _scans(world):
    """When each scan of companies asked Lime Go for them; there are fewer than one request can name."""
    calls = await world.calls(route="/v1/graphql")
    scans = [call for call in calls if call["fields"].get("field", "").startswith("organization,organization,")]
    return [datetime.fromisoformat(call["started"]) for call in scans]


async def _at_least(world, query, count):
    return await world.pool.fetchval(query, world.connection_id) >= count
