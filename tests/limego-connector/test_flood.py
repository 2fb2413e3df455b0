"""Many web hooks: folded as they come, capped, and in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from limego_connector.domain import Expectation
from limego_connector.hints import Pace
from limego_connector.intake import Intake
from limego_connector.repository import hints
from limego_connector.repository.connections import hash_token
from limego_connector.repository.hints import ToldHint
from servicekit.database import Database

WON = "ORDER"
UNKNOWN = 1_000_000


@pytest.fixture
async def paused(world: Any) -> Any:
    """A connection with a web hook, for which nobody works: what is told stays as it was stored."""
    await world.activate()
    await world.pause()
    return world


@pytest.fixture
async def intake(paused: Any) -> AsyncIterator[Intake]:
    """An intake of this process, on the same slice."""
    database = Database(paused.service.environment["DATABASE_URL"], size=2)
    await database.open()
    yield Intake(database)
    await database.close()


@pytest.fixture
async def hooks_only(world: Any) -> AsyncIterator[Any]:
    """Neither feed nor walk tells anything while the test lasts."""
    usual = dict(world.service.environment)
    world.service.environment |= {
        "LIMEGO_CONNECTOR_FEED_INTERVAL_SECONDS": "72000",
        "LIMEGO_CONNECTOR_WALK_INTERVAL_SECONDS": "72000",
    }
    await world.restart()
    await world.activate()
    yield world
    world.service.environment = usual
    await world.restart()


async def address(world: Any) -> str:
    [subscription] = (await world.state())["subscriptions"]
    return str(subscription["targeturl"]).removeprefix(world.service.url)


async def tell(world: Any, deal_ids: list[int], event: str = "DealWon", callers: int = 20) -> None:
    """Web hooks of these deals, so many at once."""
    path, left = await address(world), iter(deal_ids)

    async def call() -> None:
        for deal_id in left:
            answer = await world.http.post(path, json={"eventType": event, "deal": {"id": deal_id}})
            assert answer.status_code == 204

    await asyncio.gather(*(call() for _ in range(callers)))


async def rows(world: Any) -> list[Any]:
    return list(await world.pool.fetch("SELECT * FROM hint WHERE connection_id = $1 ORDER BY hint_id", world.connection_id))


def told(world: Any, token: str, record_key: str, expects: Expectation = Expectation.WON) -> ToldHint:
    return ToldHint(hash_token(token), record_key, expects, "")


async def test_what_is_told_again_and_again_is_one_row_that_counts(paused: Any) -> None:
    await tell(paused, [4711] * 60)
    await tell(paused, [4711] * 5, "DealLost")
    found = [(row["record_key"], row["expects"], row["told"]) for row in await rows(paused)]
    assert found == [("deal/4711", "won", 60), ("deal/4711", "not_won", 5)]


async def test_what_comes_together_is_stored_in_a_few_transactions(paused: Any, intake: Intake) -> None:
    token = (await address(paused)).rpartition("/")[2]
    stored = await asyncio.gather(*(intake.store(told(paused, token, f"deal/{number}")) for number in range(150)))
    assert stored == [True] * 150
    assert len(await rows(paused)) == 150
    # now() is the transaction's.
    assert len({row["webhook_at"] for row in await rows(paused)}) <= 3


async def test_a_hint_that_cannot_be_stored_takes_none_of_its_neighbours_with_it(paused: Any, intake: Intake) -> None:
    token = (await address(paused)).rpartition("/")[2]
    keys = [f"company/c{number}" for number in range(20)]
    results = await asyncio.gather(
        *(intake.store(told(paused, token, key)) for key in (*keys[:10], "company/\x00", *keys[10:])),
        intake.store(told(paused, "guessed", "company/c1")),
        return_exceptions=True,
    )
    assert [result for result in results if isinstance(result, bool)] == [True] * 20 + [False]
    assert {row["record_key"] for row in await rows(paused)} == set(keys)


async def test_of_too_many_the_oldest_are_dropped_and_never_what_the_feed_tells(paused: Any, intake: Intake) -> None:
    token = (await address(paused)).rpartition("/")[2]
    # As the version before stored it.
    await paused.pool.execute(
        "INSERT INTO hint (connection_id, record_key, expects, source) VALUES ($1, 'deal/1', 'won', 'feed')", paused.connection_id
    )
    numbers = range(UNKNOWN, UNKNOWN + hints.MOST_FROM_WEBHOOKS + 500)
    for start in range(0, len(numbers), 500):
        await asyncio.gather(*(intake.store(told(paused, token, f"deal/{one}")) for one in numbers[start : start + 500]))
    await intake.store(told(paused, token, "deal/2"))
    kept = {row["record_key"] for row in await rows(paused)}
    assert hints.MOST_FROM_WEBHOOKS <= len(kept) <= hints.MOST_FROM_WEBHOOKS + 300
    assert {"deal/1", "deal/2", f"deal/{numbers[-1]}"} <= kept
    assert f"deal/{numbers[0]}" not in kept


async def test_the_newest_and_what_others_confirm_are_served_in_turns(paused: Any, intake: Intake) -> None:
    token = (await address(paused)).rpartition("/")[2]
    for number in range(10):
        await intake.store(told(paused, token, f"deal/{number}"))
    await paused.pool.execute(
        """
        INSERT INTO hint (connection_id, record_key, expects, source, told, confirmed_at)
        SELECT $1, 'deal/' || number, 'won', 'walk', 1, now() - interval '1 hour' FROM generate_series(50, 52) AS number
        """,
        paused.connection_id,
    )
    await paused.pool.execute("UPDATE hint SET told_at = now() - interval '1 hour' WHERE record_key LIKE 'deal/5_'")
    await paused.pool.execute("UPDATE hint SET contradicted = 1 WHERE record_key IN ('deal/9', 'deal/50')")
    due = [hint.record_key for hint in await hints.due(paused.pool, paused.connection_id, ["deal/8"], 3)]
    assert due[:4] in (["deal/51", "deal/7", "deal/52", "deal/6"], ["deal/51", "deal/7", "deal/6", "deal/52"])
    assert set(due) == {"deal/7", "deal/6", "deal/5", "deal/51", "deal/52", "deal/50"}


async def test_a_hint_that_is_told_again_while_its_record_is_read_is_read_once_more(hooks_only: Any) -> None:
    world = hooks_only
    deal = await world.a_deal(organizationId=await world.a_company())
    await world.fault("webhook", "drop", times=None)
    # Shorter than a request may take: the answer is good, and older than the win.
    await world.fault("POST /v1/graphql", "stall", delay=8)
    await tell(world, [deal], "DealStatusChange")

    async def is_being_read() -> bool:
        return any(
            one["taken"] for one in (await world.sandbox.get("/control/faults")).json()["faults"] if one["kind"] == "stall"
        )

    await world.until(is_being_read)
    await world.move(deal, WON)
    await tell(world, [deal], "DealStatusChange")

    async def is_won() -> bool:
        return "DealWon" in await world.names()

    await world.until(is_won)


async def test_a_flood_is_read_once_and_only_a_part_of_it_again_and_a_win_behind_it_is_found(hooks_only: Any) -> None:
    world = hooks_only
    deal = await world.a_deal(organizationId=await world.a_company())
    before = len(await world.calls(route="/v1/graphql"))
    flood = hints.MOST_CONTRADICTED + 150
    await tell(world, list(range(UNKNOWN, UNKNOWN + flood)))
    await world.move(deal, WON)
    await world.heard("CompanyChanged", "CustomerBecameClient", "DealWon")

    async def is_read() -> bool:
        return all(row["contradicted"] for row in await rows(world))

    await world.until(is_read, 60)
    await world.pool.execute("UPDATE hint SET available_at = now() WHERE connection_id = $1", world.connection_id)
    assert len(await rows(world)) <= hints.MOST_CONTRADICTED + 6
    reads = len(await world.calls(route="/v1/graphql")) - before
    assert reads <= flood + 4 * (hints.MOST_CONTRADICTED + 6)


async def test_what_is_contradicted_and_told_on_and_on_is_read_in_its_usual_pauses(paused: Any, intake: Intake) -> None:
    token = (await address(paused)).rpartition("/")[2]
    await intake.store(told(paused, token, "deal/7"))
    await paused.pool.execute(
        "UPDATE hint SET contradicted = 3, available_at = now() + interval '10 minutes' WHERE connection_id = $1",
        paused.connection_id,
    )
    for _ in range(20):
        await intake.store(told(paused, token, "deal/7"))
    [row] = await paused.pool.fetch(
        "SELECT contradicted, available_at - webhook_at AS pause FROM hint WHERE connection_id = $1", paused.connection_id
    )
    assert row["contradicted"] == 1
    assert 0 < row["pause"].total_seconds() <= 5


def test_readings_have_a_burst_and_then_their_pace() -> None:
    now = 100.0
    pace = Pace(20, 3, lambda: now)
    for _ in range(3):
        assert pace.wait() == 0
        pace.begin()
    assert pace.wait() == pytest.approx(0.05)
    now = 100.051
    assert pace.wait() == 0
