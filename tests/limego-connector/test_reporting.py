"""From what a person does in Lime Go to what the connector says."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from contracts.commands import ReadLimeGoCompany
from contracts.events import CompanyChanged, CompanyListingCompleted, CustomerBecameClient, DealWon
from contracts.values import ConnectionState, Trigger

OPEN, WON = "Offert", "ORDER"
TRIGGER = ("CompanyChanged", "CustomerBecameClient", "DealWon")


async def test_a_deal_won_by_a_salesperson_is_reported_once_and_whole(world: Any) -> None:
    company = await world.a_company(email="info@nordviken.example", postalAddress={"street": "Storgatan 1", "zipCode": "111 22"})
    deal = await world.a_deal(organizationId=company, value="123456789012345.67", customFields={"Rabatt": "10 %"})
    await world.activate()
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    changed, became, won = await world.said()
    assert isinstance(changed, CompanyChanged)
    assert isinstance(became, CustomerBecameClient)
    assert isinstance(won, DealWon)
    assert changed.company.organisation_number == "559900-1234"
    assert changed.company.postal_address.postcode == "111 22"
    assert (became.company_id, became.cause, became.deal_id) == (company, Trigger.DEAL_WON, deal)
    assert (won.deal.deal_id, won.deal.company_id, won.deal.responsible_coworker) == (deal, company, "Siv Säljkvist")
    assert [(one.title, one.value) for one in won.deal.custom_fields] == [("Rabatt", "10 %")]
    await world.is_quiet()
    await world.heard(*TRIGGER)


async def test_amounts_are_read_exactly(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company(), value="12345678.91")
    await world.activate()
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    won = (await world.said())[-1]
    assert isinstance(won, DealWon)
    assert won.deal.value == Decimal("12345678.91")


async def test_a_country_is_reported_by_its_code_and_one_that_cannot_be_read_as_it_is_written(world: Any) -> None:
    company = await world.a_company(postalAddress={"countryCode": "Sverige "}, visitAddress={"countryCode": "Lönneberga"})
    deal = await world.a_deal(organizationId=company)
    await world.activate()
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    changed = (await world.said())[0]
    assert isinstance(changed, CompanyChanged)
    addresses = (changed.company.postal_address, changed.company.visiting_address)
    assert [address.country_code for address in addresses] == ["SE", "Lönneberga"]


async def test_signs_that_no_database_stores_do_not_stop_a_deal(world: Any) -> None:
    company = await world.a_company(name="Nord\x00viken AB", phoneNumber=["08-\x0012 34"])
    deal = await world.a_deal(organizationId=company, name="Tak\x00byte")
    await world.activate()
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    changed, _, won = await world.said()
    assert isinstance(changed, CompanyChanged)
    assert isinstance(won, DealWon)
    assert (changed.company.name, changed.company.phone, won.deal.name) == ("Nordviken AB", "08-12 34", "Takbyte")


async def test_old_wins_never_trigger(world: Any) -> None:
    company = await world.a_company()
    client = await world.a_company(customerRelation="IS_A_CUSTOMER")
    deals = [{"name": f"Affär {number}", "value": 1, "status": WON, "organizationId": company} for number in range(120)]
    # Their events fill the feed more than twice.
    old = (await world.bulk(deals=deals, events=True))["deals"]
    await world.activate()
    await world.move(old[0], OPEN)
    await world.move(old[0], WON)
    await world.edit(client, "customerRelation: WAS_A_CUSTOMER")
    await world.edit(client, "customerRelation: IS_A_CUSTOMER")
    await asyncio.sleep(4)
    await world.is_quiet()
    assert "DealWon" not in await world.names()
    assert "CustomerBecameClient" not in await world.names()
    assert (await world.status())["baseline_deals"] == 120


async def test_all_companies_are_listed_though_some_change_meanwhile(world: Any) -> None:
    made = await world.bulk(organizations=[{"name": f"Bolag {number} AB"} for number in range(130)])
    await world.tell()
    await world.give_key(world.keys["full"])
    for company in made["organizations"][:15]:
        await world.edit(company, 'name: "Bytt namn AB"')
    await world.is_in_service()
    *listed, completed = await world.said(listing=True)
    assert isinstance(completed, CompanyListingCompleted)
    assert [message.record_id for message in listed] == list(dict.fromkeys(message.record_id for message in listed))
    assert {message.record_id for message in listed} == set(made["organizations"])
    assert completed.count == 130


async def test_a_deal_reopened_and_won_again_is_told_each_time(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    await world.move(deal, OPEN)
    await world.heard(*TRIGGER, "DealReopened")
    await world.move(deal, WON)
    await world.heard(*TRIGGER, "DealReopened", *TRIGGER[:2], "DealWon")


async def test_the_relation_status_triggers_without_any_deal(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    await world.edit(company, "customerRelation: IS_A_CUSTOMER")
    await world.heard("CompanyChanged", "CustomerBecameClient")
    became = (await world.said())[-1]
    assert isinstance(became, CustomerBecameClient)
    assert (became.cause, became.deal_id) == (Trigger.RELATION_STATUS, None)


async def test_a_won_deal_without_company_is_told_alone(world: Any) -> None:
    deal = await world.a_deal()
    await world.activate()
    await world.move(deal, WON)
    await world.heard("DealWon")
    [won] = await world.said()
    assert isinstance(won, DealWon)
    assert (won.deal.company_id, won.record_id) == (None, f"deal/{deal}")
    await world.order(ReadLimeGoCompany, company_id=None, deal_ids=(deal,))
    await world.heard("DealWon", "DealWon")


async def test_the_walk_finds_what_web_hook_and_feed_never_told(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    await world.a_deal(organizationId=company, status=WON)
    await world.heard(*TRIGGER)
    walk = (await world.status())["walks"][0]
    assert walk["kind"] == "deals"
    assert walk["requests_per_1000_deals"] > 0


async def test_the_feed_finds_what_the_web_hook_lost(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.fault("webhook", "drop", times=None)
    await world.move(deal, WON)
    await world.heard(*TRIGGER)


@pytest.mark.parametrize("kind", ["double", "reorder"])
async def test_doubled_and_reordered_web_hooks_change_nothing(world: Any, kind: str) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.fault("webhook", kind, times=None)
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    await world.is_quiet()
    await world.heard(*TRIGGER)


async def test_a_full_feed_is_emptied_only_of_what_is_stored_also_when_killed_in_the_gap(world: Any) -> None:
    company = await world.a_company()
    deals = [{"name": "Affär", "value": 1, "organizationId": company} for _ in range(60)]
    made = (await world.bulk(deals=deals))["deals"]
    await world.activate()
    await world.fault("webhook", "drop", times=None)
    await world.restart("feed.after_read:kill")
    await asyncio.gather(*(world.move(deal, WON) for deal in made))
    await world.has_died()
    await world.restart()

    async def won() -> bool:
        return {one.deal.deal_id for one in await world.said() if isinstance(one, DealWon)} == set(made)

    await world.until(won)
    await world.is_quiet()
    assert (await world.names()).count("DealWon") == 60


async def test_an_asked_for_reading_tells_everything_again_with_a_higher_version(world: Any) -> None:
    company = await world.a_company()
    deal = await world.a_deal(organizationId=company)
    await world.activate()
    await world.move(deal, WON)
    await world.heard(*TRIGGER)
    outcome = await world.order(ReadLimeGoCompany, company_id=company)
    assert (outcome["type"], outcome["kind"], outcome["remote_id"]) == ("RecordSaved", "reading", company)
    first, *_, last = [one for one in await world.said() if isinstance(one, DealWon)]
    assert last.version > first.version


async def test_a_company_that_is_gone_is_refused(world: Any) -> None:
    await world.activate()
    outcome = await world.order(ReadLimeGoCompany, company_id="pase404")
    assert (outcome["type"], outcome["reason"]) == ("RecordRefused", "company_missing")


async def test_a_paused_connection_stores_hints_and_reads_them_later(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.tell(ConnectionState.PAUSED)
    await asyncio.sleep(1.5)
    await world.move(deal, WON)
    await asyncio.sleep(1)
    assert await world.names() == []
    await world.tell()
    await world.heard(*TRIGGER)


async def test_a_refused_key_rests_the_lane_until_there_is_another_one(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.give_key("go-api:00000000-0000-4000-8000-00000000dead")
    await asyncio.sleep(0.3)
    await world.move(deal, WON)
    await asyncio.sleep(1)
    assert await world.names() == []
    await world.give_key(world.keys["full"])
    await world.heard(*TRIGGER)
