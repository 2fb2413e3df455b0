"""What the connector answers over HTTP."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

WON = "ORDER"
BODY_LIMIT = 64 * 1024


async def address(world: Any) -> str:
    """The web hook's path, as Lime Go knows it."""
    [subscription] = (await world.state())["subscriptions"]
    return subscription["targeturl"].removeprefix(world.service.url)


async def test_the_hint_is_stored_before_the_answer(world: Any) -> None:
    await world.activate()
    path = await address(world)
    await world.restart("webhook.after_store:kill")
    with pytest.raises(httpx.TransportError):
        await world.http.post(path, json={"eventType": "DealWon", "deal": {"id": 4711}})
    await world.has_died()
    query = "SELECT record_key, expects FROM hint WHERE connection_id = $1"
    [row] = await world.pool.fetch(query, world.connection_id)
    assert tuple(row) == ("deal/4711", "won")
    await world.restart()


async def test_an_answer_takes_less_than_50_ms(world: Any) -> None:
    await world.activate()
    path = await address(world)
    took = []
    for _ in range(30):
        started = time.perf_counter()
        answer = await world.http.post(path, json={"eventType": "DealWon", "deal": {"id": 4711}})
        took.append(time.perf_counter() - started)
        assert answer.status_code == 204
    assert sorted(took)[15] < 0.05


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "cannot be understood"),
        (b'{"deal": {"id": "x"}}', 400, "deal.id"),
        (b'{"deal": {"id": 99999999999}}', 400, "deal.id"),
        (b'"' + b"x" * BODY_LIMIT + b'"', 413, "bytes"),
        (b"{}", 204, ""),
        (b'{"eventType": "CallPositive", "organization": {"id": "pase1"}}', 204, ""),
        (b'{"eventType": "DealWon", "deal": {"id": 7}, "new": {"field": [1]}}', 204, ""),
    ],
)
async def test_a_body_is_taken_or_refused_with_its_reason(world: Any, body: bytes, status: int, words: str) -> None:
    await world.activate()
    answer = await world.http.post(await address(world), content=body)
    assert answer.status_code == status
    assert words in answer.text


async def test_an_unknown_address_is_not_found(world: Any) -> None:
    await world.activate()
    answer = await world.http.post("/webhooks/guessed", json={"eventType": "DealWon", "deal": {"id": 1}})
    assert answer.status_code == 404


async def test_the_address_is_stored_only_as_a_hash(world: Any) -> None:
    await world.activate()
    token = (await address(world)).rpartition("/")[2]
    assert len(token) >= 43
    rows = await world.pool.fetch("SELECT webhook::text AS row FROM webhook WHERE connection_id = $1", world.connection_id)
    assert rows
    assert all(token not in row["row"] for row in rows)


async def test_a_key_needs_the_internal_token_and_is_stored_sealed(world: Any) -> None:
    await world.tell()
    assert (await world.give_key(world.keys["full"], token="wrong")).status_code == 401
    assert (await world.give_key("")).status_code == 400
    assert (await world.give_key(world.keys["full"])).status_code == 204
    query = "SELECT sealed FROM credential WHERE connection_id = $1"
    assert world.keys["full"].encode() not in await world.pool.fetchval(query, world.connection_id)
    for path in ("/internal/walks", f"/internal/connections/{world.connection_id}"):
        assert (await world.http.get(path)).status_code == 401


async def test_a_subscription_is_made_once_and_survives_a_restart(world: Any) -> None:
    await world.activate()
    await world.restart()
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.move(deal, WON)
    await world.until(world.names)
    assert len((await world.state())["subscriptions"]) == 1


@pytest.mark.parametrize("unsubscribe_by", ["query", "path"])
async def test_a_web_hook_of_an_old_address_is_ended_wherever_the_id_must_stand(world: Any, unsubscribe_by: str) -> None:
    await world.switch(unsubscribe_by=unsubscribe_by)
    await world.activate()
    [old] = (await world.state())["subscriptions"]
    url = world.service.environment["LIMEGO_CONNECTOR_PUBLIC_URL"]
    moved = url.replace("127.0.0.1", "localhost")

    async def is_moved() -> bool:
        found = [one["targeturl"] for one in (await world.state())["subscriptions"]]
        return len(found) == 1 and found[0].startswith(moved)

    try:
        world.service.environment["LIMEGO_CONNECTOR_PUBLIC_URL"] = moved
        await world.restart()
        await world.until(is_moved)
    finally:
        world.service.environment["LIMEGO_CONNECTOR_PUBLIC_URL"] = url
        await world.restart()
    assert old["targeturl"].startswith(url)


async def test_events_that_name_no_record_hinder_nothing_and_the_walk_finds_what_was_won(world: Any) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.switch(event_ids=False)
    await world.activate()
    await world.move(deal, WON)
    await world.heard("CompanyChanged", "CustomerBecameClient", "DealWon")


@pytest.mark.parametrize("kind", ["unknown_enum", "unknown_field"])
async def test_what_appears_without_notice_hinders_nothing(world: Any, kind: str) -> None:
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.activate()
    await world.fault("webhook", kind, times=None)
    await world.fault("GET /v1/event/feed/", kind, times=None)
    if kind == "unknown_field":
        await world.fault("POST /v1/graphql", kind, times=None)
    await world.move(deal, WON)
    await world.heard("CompanyChanged", "CustomerBecameClient", "DealWon")
