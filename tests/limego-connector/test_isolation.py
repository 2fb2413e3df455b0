"""No part of a lane's work needs another part's success."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.events import DealWon

WON = "ORDER"
FEED = "GET /v1/event/feed/"


async def is_won(world: Any, deal: int) -> None:
    async def look() -> bool:
        return deal in {one.deal.deal_id for one in await world.said() if isinstance(one, DealWon)}

    await world.until(look)


@pytest.mark.parametrize("kind", ["status_500", "status_403", "garbled", "status_400"])
async def test_a_feed_that_fails_keeps_neither_web_hook_nor_walk_from_a_win_and_is_asked_ever_more_seldom(
    world: Any, kind: str
) -> None:
    company = await world.a_company()
    hooked, walked = await world.a_deal(organizationId=company), await world.a_deal(organizationId=company)
    await world.fault(FEED, kind, times=None)
    await world.activate()
    await world.move(hooked, WON)
    await is_won(world, hooked)
    before = len(await world.calls(route=FEED.partition(" ")[2]))
    await world.fault("webhook", "drop", times=None)
    await world.move(walked, WON)
    await is_won(world, walked)
    await world.fault(FEED, kind, times=None)
    # A walk comes after 3 s; tries of the feed from 0.05 s doubling to 3 s.
    assert len(await world.calls(route=FEED.partition(" ")[2])) - before <= 12


@pytest.mark.parametrize("kind", ["status_500", "status_403", "garbled"])
async def test_a_pause_is_caught_up_with_though_the_feed_fails(world: Any, kind: str) -> None:
    company = await world.a_company()
    during, after = await world.a_deal(organizationId=company), await world.a_deal(organizationId=company)
    await world.activate()
    await world.pause()
    await world.fault("webhook", "drop")
    await world.move(during, WON)
    await world.fault(FEED, kind, times=None)
    await world.resume()
    await is_won(world, during)
    await world.move(after, WON)
    await is_won(world, after)
    marks = {one.deal.deal_id: one.won_while_paused for one in await world.said() if isinstance(one, DealWon)}
    assert marks == {during: True, after: False}


async def test_a_subscription_that_fails_keeps_no_win_from_being_found(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.fault("POST /v1/event/subscription", "status_403", times=None)
    await world.tell()
    await world.give_key(world.keys["full"])

    async def is_listed() -> bool:
        return bool((await world.status()).get("listing_completed"))

    await world.until(is_listed)
    await world.move(deal, WON)
    await is_won(world, deal)
    assert (await world.state())["subscriptions"] == []
