"""A record that cannot be read: its trigger is told, and its neighbours go on."""

from __future__ import annotations

from typing import Any

from contracts.commands import ReadLimeGoCompany
from contracts.events import CompanyChanged, CompanyListingCompleted, DealReopened, DealWon, TriggerUnreadable

WON = "ORDER"


async def test_a_won_deal_that_can_never_be_read_is_told_and_its_neighbour_goes_on(world: Any) -> None:
    company = await world.a_company()
    deal, neighbour = await world.a_deal(organizationId=company), await world.a_deal(organizationId=company)
    await world.activate()
    await world.switch(unreadable=str(deal))
    await world.move(deal, WON)
    await world.move(neighbour, WON)
    await world.heard("CompanyChanged", "CustomerBecameClient", "DealWon")
    await give_up(world)
    told = (await world.said())[-1]
    assert isinstance(told, TriggerUnreadable)
    assert (told.deal_id, told.record_id, told.won_while_paused) == (deal, f"deal/{deal}", False)
    await world.switch(unreadable="")

    async def is_found() -> bool:
        return {one.deal.deal_id for one in await world.said() if isinstance(one, DealWon)} == {deal, neighbour}

    await world.until(is_found)


async def test_a_company_that_became_a_client_and_can_never_be_read_is_told(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    await world.switch(unreadable=company)
    await world.edit(company, "customerRelation: IS_A_CUSTOMER")
    await give_up(world)
    [told] = await world.said()
    assert isinstance(told, TriggerUnreadable)
    assert (told.company_id, told.deal_id) == (company, None)


async def test_a_deal_won_in_a_pause_that_can_never_be_read_is_told_as_such(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.pause()
    await world.switch(unreadable=str(deal))
    await world.move(deal, WON)
    await world.until(lambda: world.pool.fetchrow("SELECT 1 FROM hint WHERE connection_id = $1", world.connection_id))
    await world.resume()
    await give_up(world)
    [told] = await world.said()
    assert isinstance(told, TriggerUnreadable)
    assert told.won_while_paused


async def give_up(world: Any) -> None:
    """Lets a hint that was given back be read for the last time at once, and waits for what is told."""
    query = "UPDATE hint SET contradicted = 3, available_at = now() WHERE connection_id = $1 AND contradicted > 0 RETURNING 1"
    await world.until(lambda: world.pool.fetchrow(query, world.connection_id))

    async def is_told() -> bool:
        return "TriggerUnreadable" in await world.names()

    await world.until(is_told)


async def test_a_company_that_cannot_be_read_does_not_keep_the_listing_from_ending(world: Any) -> None:
    made = (await world.bulk(organizations=[{"name": f"Bolag {number} AB"} for number in range(25)]))["organizations"]
    await world.switch(unreadable=made[3])
    await world.activate()
    *listed, completed = await world.said(listing=True)
    assert isinstance(completed, CompanyListingCompleted)
    assert completed.count == 24
    assert {one.record_id for one in listed if isinstance(one, CompanyChanged)} == {*made} - {made[3]}


async def test_a_deal_that_cannot_be_read_does_not_keep_the_baseline_from_ending_and_counts_as_old(world: Any) -> None:
    company = await world.a_company()
    old = {"name": "Gammal affär", "value": 1, "status": WON, "organizationId": company}
    deals = (await world.bulk(deals=[old] * 25))["deals"]
    await world.switch(unreadable=str(deals[3]))
    await world.activate()
    assert (await world.status())["baseline_deals"] == 25


async def test_of_every_deal_that_somebody_waits_for_something_is_told(world: Any) -> None:
    company = await world.a_company()
    open_deal, unreadable = await world.a_deal(organizationId=company), await world.a_deal(organizationId=company)
    await world.activate()
    await world.switch(unreadable=str(unreadable))
    outcome = await world.order(ReadLimeGoCompany, company_id=company, deal_ids=(open_deal, unreadable, 999_999))
    assert outcome["type"] == "RecordSaved"
    changed, reopened, *untold = await world.said()
    assert isinstance(changed, CompanyChanged)
    assert isinstance(reopened, DealReopened)
    assert (reopened.deal_id, reopened.company_id) == (open_deal, company)
    assert [(type(one), one.deal_id) for one in untold] == [(TriggerUnreadable, unreadable), (TriggerUnreadable, 999_999)]


async def test_a_deal_that_cannot_be_read_does_not_hide_its_companys_other_deals(world: Any) -> None:
    company = await world.a_company()
    old, new = await world.a_deal(organizationId=company), await world.a_deal(organizationId=company, value=0)
    await world.activate()
    await world.move(old, WON)
    await world.move(new, WON)
    await world.until(lambda: told_of(world, old, new))
    await world.switch(unreadable=str(old))
    before = len(await world.said())
    outcome = await world.order(ReadLimeGoCompany, company_id=company, deal_ids=(new,))
    assert outcome["type"] == "RecordSaved"
    assert [one.deal.deal_id for one in (await world.said())[before:] if isinstance(one, DealWon)] == [new]


async def test_a_deal_too_large_for_kafka_is_told_and_does_not_hide_its_companys_other_deals(world: Any) -> None:
    company = await world.a_company()
    huge, other = await world.a_deal(organizationId=company, name="x" * 1_000_000), await world.a_deal(organizationId=company)
    await world.activate()
    await world.move(huge, WON)
    await world.heard("CompanyChanged", "CustomerBecameClient", "TriggerUnreadable")
    await world.move(other, WON)
    await world.until(lambda: told_of(world, other))
    before = len(await world.said())
    outcome = await world.order(ReadLimeGoCompany, company_id=company, deal_ids=(huge, other))
    assert outcome["type"] == "RecordSaved"
    news = (await world.said())[before:]
    assert [one.deal.deal_id for one in news if isinstance(one, DealWon)] == [other]
    assert [one.deal_id for one in news if isinstance(one, TriggerUnreadable)] == [huge]


async def told_of(world: Any, *deals: int) -> bool:
    return {one.deal.deal_id for one in await world.said() if isinstance(one, DealWon)} == {*deals}
