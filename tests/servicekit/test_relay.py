"""Kafka out: everything that was committed leaves, in order, under its own id, whatever breaks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.errors import KafkaConnectionError

from servicekit import outbox
from servicekit.database_errors import DATABASE_ERRORS


def by_record(found):
    numbers = defaultdict(list)
    for _, message in found:
        numbers[message.record].append(message.number)
    return numbers


async def unsent(slice_):
    return await slice_.database.pool.fetchval("SELECT count(*) FROM outbox WHERE sent_at IS NULL")


async def all_sent(slice_):
    return await unsent(slice_) == 0


async def test_messages_of_a_key_leave_in_the_order_of_their_publishing(slice_):
    async with slice_.running(slice_.relay().run):
        for start in range(0, 300, 30):
            await slice_.publish(*(slice_.happened(number, f"r{number % 5}") for number in range(start, start + 30)))
        numbers = by_record(await slice_.on_topic(300))
    assert numbers == {f"r{record}": list(range(record, 300, 5)) for record in range(5)}


async def test_of_two_relays_one_leads_and_the_other_takes_over(slice_):
    leads = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = hashtext($1)::bigint & 4294967295"

    async def leaders():
        return await slice_.database.pool.fetchval(leads, f"{slice_.name}.relay")

    first, second = (asyncio.ensure_future(slice_.relay().run()) for _ in range(2))
    await slice_.publish(*(slice_.happened(number) for number in range(100)))
    await slice_.until(lambda: all_sent(slice_))
    assert await leaders() == 1
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await slice_.publish(*(slice_.happened(number) for number in range(100, 200)))
    await slice_.until(lambda: all_sent(slice_))
    assert await leaders() == 1
    found = await slice_.on_topic(200)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert [message.number for _, message in found] == list(range(200))


async def test_what_is_sent_again_after_a_crash_is_dropped_by_the_inbox(slice_, monkeypatch):
    crashes = []

    def crash_once(name):
        if name == "relay.after_publish" and not crashes:
            crashes.append(name)
            raise KafkaConnectionError

    monkeypatch.setattr(outbox, "fault_point", crash_once)
    await slice_.publish(*(slice_.happened(number) for number in range(10)))
    async with slice_.consuming(slice_.consumer()), slice_.running(slice_.relay().run):
        found = await slice_.on_topic(20)
        await slice_.until(lambda: has_noted(slice_, 10))
    ids = [message_id for message_id, _ in found]
    assert crashes
    assert (len(ids), len(set(ids))) == (20, 10)
    assert await slice_.noted() == list(range(10))
    assert await slice_.letters() == []


async def has_noted(slice_, count):
    return len(await slice_.noted()) == count


@pytest.mark.parametrize("what", ["kafka", "postgres"])
async def test_the_relay_survives_a_restart(slice_, what):
    async with slice_.running(slice_.relay().run):
        await slice_.publish(*(slice_.happened(number) for number in range(50)))
        await slice_.until(lambda: all_sent(slice_))
        if what == "kafka":
            slice_.infrastructure.kafka.kill()
            await slice_.publish(*(slice_.happened(number) for number in range(50, 100)))
            await slice_.infrastructure.kafka.restart()
        else:
            await slice_.infrastructure.postgres.restart(hard=True)
            await slice_.until(lambda: published(slice_, range(50, 100)))
        await slice_.until(lambda: all_sent(slice_))
        found = await slice_.on_topic(100)
    numbers = [message.number for _, message in found]
    assert sorted(set(numbers)) == list(range(100))
    # What is there twice was sent again as a whole, under its ids, and never before its elders.
    assert list(dict.fromkeys(numbers)) == list(range(100))


async def published(slice_, numbers):
    try:
        await slice_.publish(*(slice_.happened(number) for number in numbers))
    except DATABASE_ERRORS:
        return False
    return True


async def test_replay_sends_what_is_kept_again_under_the_same_ids(slice_):
    before = datetime.now(UTC) - timedelta(minutes=1)
    async with slice_.running(slice_.relay().run):
        await slice_.publish(*(slice_.happened(number) for number in range(20)))
        await slice_.until(lambda: all_sent(slice_))
    first = await slice_.on_topic(20)
    address = slice_.infrastructure.bootstrap_servers
    assert await outbox.replay(slice_.database, slice_.name, address, before) == 20
    assert await outbox.replay(slice_.database, slice_.name, address, datetime.now(UTC)) == 0
    both = await slice_.on_topic(40)
    assert [message_id for message_id, _ in both] == [message_id for message_id, _ in first] * 2


async def partitions(slice_):
    rows = await slice_.database.pool.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'outbox'::regclass"
    )
    return {row["name"] for row in rows}


async def test_daily_partitions_are_made_ahead_and_dropped_after_seven_days(slice_):
    today = datetime.now(UTC).date()
    old, kept = (today - timedelta(days=days) for days in (8, 7))
    for day in (old, kept):
        await slice_.database.pool.execute(
            f"CREATE TABLE outbox_{day:%Y%m%d} PARTITION OF outbox FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        )
    async with slice_.database.pool.acquire() as connection:
        await outbox.make_partitions(connection)
        await outbox.make_partitions(connection)
    days = [kept, *(today + timedelta(days=ahead) for ahead in range(3))]
    assert await partitions(slice_) == {"outbox_default", *(f"outbox_{day:%Y%m%d}" for day in days)}
    await slice_.publish(slice_.happened(1))
    assert await slice_.database.pool.fetchval("SELECT tableoid::regclass::text FROM outbox") == f"outbox_{today:%Y%m%d}"


async def test_a_partition_is_made_for_a_service_that_runs_for_weeks(slice_, monkeypatch):
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=shift)

    shift = 0
    monkeypatch.setattr(outbox, "datetime", Tomorrow)
    async with slice_.running(slice_.relay().run):
        await slice_.until(lambda: has_partitions(slice_, 4))
        shift = 2
        await slice_.publish(slice_.happened(1))
        await slice_.until(lambda: has_partitions(slice_, 6))


async def has_partitions(slice_, count):
    return len(await partitions(slice_)) == count


async def test_since_when_nothing_has_left_is_known_whoever_leads_and_while_nobody_does(slice_):
    seconds = 0.0
    progress = outbox.Progress(lambda: seconds)

    async def age():
        async with slice_.database.pool.acquire() as connection:
            return await progress.age(connection)

    assert await age() == 0
    seconds = 10.0
    await slice_.publish(slice_.happened(1), slice_.happened(2))
    assert await age() == 10
    async with slice_.running(slice_.relay().run):
        await slice_.until(lambda: all_sent(slice_))
    seconds = 20.0
    assert await age() == 0
    seconds = 50.0
    assert await age() == 30
    await slice_.publish(slice_.happened(3))
    seconds = 60.0
    assert await age() == 40
