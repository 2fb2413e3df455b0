"""What is won while a connection is paused is marked as such; what is won afterwards is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from contracts.commands import ReadLimeGoCompany
from contracts.events import DealWon

OPEN, WON = "Offert", "ORDER"


async def wins(world: Any, number: int) -> dict[int, bool]:
    """So many reported wins: the deals, and whether each is marked."""

    async def look() -> dict[int, bool]:
        found = {one.deal.deal_id: one.won_while_paused for one in await world.said() if isinstance(one, DealWon)}
        return found if len(found) >= number else {}

    return await world.until(look)


async def hinted(world: Any) -> None:
    """Waits until a hint is stored."""
    await world.until(lambda: world.pool.fetchrow("SELECT 1 FROM hint WHERE connection_id = $1", world.connection_id))


async def test_a_win_that_a_web_hook_told_during_the_pause_is_marked_and_a_later_one_is_not(world: Any) -> None:
    company = await world.a_company()
    during, after = await world.a_deal(organizationId=company), await world.a_deal(organizationId=company)
    await world.activate()
    await world.pause()
    await world.move(during, WON)
    await hinted(world)
    await world.resume()
    assert await wins(world, 1) == {during: True}
    await world.move(after, WON)
    assert await wins(world, 2) == {during: True, after: False}


@pytest.mark.parametrize("has_event", [True, False])
async def test_a_win_that_only_feed_or_walk_show_after_the_pause_is_marked(world: Any, has_event: bool) -> None:
    company = await world.a_company()
    await world.activate()
    await world.pause()
    deals = [{"name": "Serviceavtal", "value": 1000, "organizationId": company, "status": WON}]
    [deal] = (await world.bulk(deals=deals, events=has_event))["deals"]
    await world.resume()
    assert await wins(world, 1) == {deal: True}


@pytest.fixture
async def late_lists(world: Any) -> AsyncIterator[None]:
    """Lists lag two seconds behind writes: more than the connector expects, unless it is told."""
    usual = dict(world.service.environment)
    await world.switch(search_lag=40.0)
    yield
    await world.switch(search_lag=5.0)
    world.service.environment = usual
    await world.restart()


async def won_just_before_the_resume(world: Any, *, is_in_feed: bool) -> int:
    """The deal, of which no web hook tells."""
    company = await world.a_company()
    await world.activate()
    await world.pause()
    await world.fault("webhook", "drop", times=None)
    made = await world.ask('mutation M($of: String!) { createDeal(name: "Avtal", organizationId: $of) { id } }', of=company)
    await world.move(made["createDeal"]["id"], WON)
    if not is_in_feed:
        # Somebody else who has the key reads the feed, and it forgets what it has given.
        head = {"Authorization": world.keys["full"]}
        await world.sandbox.get("/limego/v1/event/feed/", params={"peek": "false"}, headers=head)
    await world.resume()
    return int(made["createDeal"]["id"])


async def test_a_win_just_before_the_resume_is_marked_though_lists_do_not_show_it_yet(world: Any, late_lists: None) -> None:
    world.service.environment["LIMEGO_CONNECTOR_LIST_LAG_SECONDS"] = "50"
    await world.restart()
    deal = await won_just_before_the_resume(world, is_in_feed=False)
    assert await wins(world, 1) == {deal: True}


async def test_a_win_that_the_feed_shows_is_marked_though_lists_lag_longer_than_expected(world: Any, late_lists: None) -> None:
    deal = await won_just_before_the_resume(world, is_in_feed=True)
    assert await wins(world, 1) == {deal: True}


async def test_every_pause_is_caught_up_with(world: Any) -> None:
    company = await world.a_company()
    await world.activate()
    await world.pause()
    await world.resume()
    await world.has_caught_up()
    await world.pause()
    [deal] = (await world.bulk(deals=[{"name": "Avtal", "value": 1000, "organizationId": company, "status": WON}]))["deals"]
    await world.resume()
    assert await wins(world, 1) == {deal: True}


async def test_a_win_told_right_after_the_resume_is_not_marked_though_the_walk_shows_it_too(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.pause()
    await world.fault("POST /v1/graphql", "status_503", times=3, connection="deals")
    await world.resume()
    await world.move(deal, WON)
    assert await wins(world, 1) == {deal: False}


async def test_a_reading_that_is_asked_for_right_after_the_resume_marks_too(world: Any) -> None:
    company = await world.a_company()
    deal = await world.a_deal(organizationId=company)
    await world.activate()
    await world.pause()
    await world.fault("webhook", "drop", times=None)
    await world.move(deal, WON)
    await world.resume()
    await world.order(ReadLimeGoCompany, company_id=company, deal_ids=(deal,))
    assert await wins(world, 1) == {deal: True}


async def test_a_deal_reported_before_the_pause_is_not_marked_when_it_is_read_after_it(world: Any) -> None:
    company = await world.a_company()
    deal = await world.a_deal(organizationId=company)
    await world.activate()
    await world.move(deal, WON)
    await world.heard("CompanyChanged", "CustomerBecameClient", "DealWon")
    await world.pause()
    await world.resume()
    await world.order(ReadLimeGoCompany, company_id=company)
    assert [one.won_while_paused for one in await world.said() if isinstance(one, DealWon)] == [False, False]


async def test_a_pause_too_short_to_stop_the_lane_is_caught_up_with_all_the_same(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.resume()
    await world.has_caught_up()
    await world.move(deal, WON)
    assert await wins(world, 1) == {deal: False}
