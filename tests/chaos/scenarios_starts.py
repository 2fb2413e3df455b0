"""R5, R16, R18: how deals come to us, old ones and those that come at once."""

from __future__ import annotations

import asyncio

from chaos.stage import LIMEGO, Stage, killed
from support.companies import a_company, an_organisation_number

RECONCILED_WITHIN = 15 * 60
OLD_WINS = 5_000


async def unreliable_webhooks(stage: Stage) -> list[str]:
    """R5: a third is lost, a third comes twice, the rest out of order."""
    await stage.activate()
    for kind, probability in (("drop", 0.34), ("double", 0.5), ("reorder", 1.0)):
        await stage.webhook_fault(kind, probability=probability, delay=5)
    deals = await stage.new_deals(20)
    await stage.sales.win(*deals)
    return await _all_reach_fortnox(stage, deals)


async def crash_in_the_feed(stage: Stage) -> list[str]:
    """R5: no webhook comes, and the process dies where the feed has forgotten a full page that was only just read."""
    await stage.activate()
    await stage.webhook_fault("drop")
    deals = await stage.new_deals(30)
    await stage.site.restart(LIMEGO, "feed.after_read:kill")
    await stage.sales.win(*deals)
    await killed(stage.site.stack.services[LIMEGO])
    await stage.site.restart(LIMEGO)
    return await _all_reach_fortnox(stage, deals)


async def only_the_walk(stage: Stage) -> list[str]:
    """R5: no webhook comes, and somebody else reads the feed with our key."""
    await stage.activate()
    await stage.webhook_fault("drop")
    key = (await stage.sandbox.ask("GET", "limego/databases"))["databases"][stage.database]["full"]
    stage.site.stack.services[LIMEGO].freeze()
    deals = await stage.new_deals(5)
    await stage.sales.win(*deals)
    await _empty_feed(stage, key)
    stage.site.stack.services[LIMEGO].thaw()
    return await _all_reach_fortnox(stage, deals)


async def _empty_feed(stage: Stage, key: str) -> None:
    page = [None]
    while page:
        answer = await stage.sandbox.http.get("/limego/v1/event/feed/", params={"peek": "false"}, headers={"Authorization": key})
        page = answer.json().get("items", [])


async def _all_reach_fortnox(stage: Stage, deals: list[int]) -> list[str]:
    seconds = RECONCILED_WITHIN / stage.site.stack.time_scale
    async with asyncio.timeout(seconds + 5):
        for deal in deals:
            await stage.reached(deal, "done", within=seconds)
    return []


async def old_wins(stage: Stage) -> list[str]:
    """R16: 5 000 deals were won before the activation, and the feed is full of them."""
    companies = 500
    for start in range(0, OLD_WINS, 1000):
        await stage.sandbox.put_in(
            stage.database,
            organizations=[a_company() for _ in range(companies // 5)],
            deals=[
                {"name": "Gammal affär", "value": 100 + start, "status": "ORDER", "organizationIndex": index % (companies // 5)}
                for index in range(1000)
            ],
            events=True,
        )
    await stage.activate()
    new = (await stage.new_deals())[0]
    await stage.sales.win(new)
    await stage.reached(new, "done", within=60)
    # The feed is read to its end, and a walk goes over everything at least once more.
    walks = "SELECT count(*) FROM walk WHERE connection_id = $1 AND kind = 'deals'"
    for _ in range(600):
        found = await stage.site.world.rows("limego_connector", walks, stage.connection.connection_id)
        if int(found[0][0]) >= 2:
            break
        await asyncio.sleep(0.2)
    tenant = (await stage.sandbox.state())["fortnox"]["tenants"][str(stage.tenant)]
    documents = len(tenant["invoices"])
    return [] if documents == 1 else [f"{documents} documents after one new win"]


async def two_deals_at_once(stage: Stage) -> list[str]:
    """R18: two deals of one new company, won in the same instant."""
    await stage.activate()
    company = await stage.sales.add_company(**a_company())
    deals = [await stage.sales.add_deal(company, value) for value in (100, 200)]
    await stage.sales.win(*deals)
    for deal in deals:
        await stage.reached(deal, "done")
    return []


async def two_companies_one_number(stage: Stage) -> list[str]:
    """R18: two companies with one number: nothing is guessed, both wait for a person."""
    await stage.activate()
    number = an_organisation_number()
    companies = [await stage.sales.add_company(**a_company(organizationNumber=number)) for _ in range(2)]
    deals = [await stage.sales.add_deal(company) for company in companies]
    await stage.sales.win(*deals)
    for deal in deals:
        await stage.reached(deal, "waiting", "done")
    # The one that was decided first may have been alone with its number then; the other one never is.
    states = [(await stage.record(deal))["state"] for deal in deals]
    return [] if "waiting" in states else ["both companies with one number got a customer"]


async def made_by_hand(stage: Stage) -> list[str]:
    """R18: a person makes the customer in Fortnox a minute before the deal is won, before any poll has seen it."""
    await stage.activate()
    company = a_company()
    company_id = await stage.sales.add_company(**company)
    deal = await stage.sales.add_deal(company_id)
    by_hand = await stage.books.add_customer(Name=company["name"], OrganisationNumber=company["organizationNumber"])
    await asyncio.sleep(60 / stage.site.stack.time_scale)
    await stage.sales.win(deal)
    await stage.reached(deal, "done", within=60)
    link = await stage.site.record("customer", company_id, stage.database)
    return [] if link["remote_id"] == by_hand else [f"company {company_id} became customer {link['remote_id']}, not {by_hand}"]
