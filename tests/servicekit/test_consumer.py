"""Kafka in: nothing is lost, nothing is handled twice, and no message stops its partition."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import NewTopic

from servicekit import dead_letters
from servicekit.errors import PermanentError, TransientError, UnknownConnectionError


def failing_on(slice_, number, error):
    """A handler that cannot take one number."""
    tries = []

    async def on_happened(unit, received):
        await slice_.note(unit, received)
        if any(item.message.number == number for item in received):
            tries.append(len(received))
            raise error

    return on_happened, tries


async def test_a_poison_message_is_kept_with_its_reason_and_the_partition_goes_on(slice_):
    good, connection = [slice_.happened(number) for number in range(6)], slice_.connection_id
    versioned = slice_.record(good[0], ce_dataversion="7")
    async with slice_.producer() as producer, slice_.consuming(slice_.consumer()):

        async def send(body, head, key=b"a", partition=0):
            await producer.send_and_wait(slice_.topic, body, key, partition=partition, headers=head)

        def head_of(record, **changed):
            return [(name, value.encode()) for name, value in (record.headers | changed).items()]

        for number, message in enumerate(good):
            record = slice_.record(message)
            await send(record.body, head_of(record))
            if number == 1:
                await send(b"{not json", head_of(slice_.record(good[0])))
                await send(b"", [])
                await send(None, head_of(slice_.record(good[0])))
                await send(b"{}", [("ce_type", None), ("x", b"\xff")])
            if number == 2:
                await send(versioned.body, head_of(versioned))
                await send(record.body, head_of(slice_.record(message), ce_type="Nobody"))
                await send(record.body, head_of(slice_.record(message), ce_id="no id"))
                await send(b'{"connection_id": "x"}', head_of(slice_.record(message)))
                await send(b"\xff\x00", head_of(slice_.record(message), ce_type="Nul\0"), b"key\0\xff")
        await slice_.until(lambda: _are(slice_, 6))
        assert await slice_.noted() == list(range(6))
        reasons = [reason for state, reason in await slice_.letters() if state == "dead"]
    assert sorted(reasons) == sorted(
        [
            "unreadable_body: Happened: body",
            "unknown_message_type",
            "unreadable_body: Happened: body",
            "unknown_message_type",
            "unknown_message_version: Happened 7",
            "unknown_message_type: Nobody",
            "unreadable_id: Happened",
            "unreadable_body: Happened: connection_id, where, record, number",
            "unknown_message_type: Nul\ufffd",
        ]
    )
    assert str(connection) not in str(reasons)


async def _are(slice_, count):
    return len(await slice_.noted()) >= count


async def test_after_a_failed_batch_the_others_are_handled_and_the_bad_one_is_tried_three_times(slice_):
    handler, tries = failing_on(slice_, 2, ValueError("a name that nobody should see"))
    await slice_.consumer(handler).handle([slice_.record(slice_.happened(number)) for number in range(5)])
    assert await slice_.noted() == [0, 1, 3, 4]
    assert tries == [5, 1, 1, 1]
    assert await slice_.letters() == [("dead", "ValueError: gave up after 3 tries")]


async def test_what_fails_once_is_handled_by_the_next_try(slice_):
    tries = []

    async def on_happened(unit, received):
        await slice_.note(unit, received)
        tries.append(1)
        if len(tries) <= 2:
            raise TransientError("busy")

    await slice_.consumer(on_happened).handle([slice_.record(slice_.happened(1))])
    assert await slice_.noted() == [1]
    assert await slice_.letters() == []


async def test_a_permanent_error_is_not_tried_again(slice_):
    handler, tries = failing_on(slice_, 2, PermanentError("no_such_thing", "ask nobody"))
    await slice_.consumer(handler).handle([slice_.record(slice_.happened(number)) for number in (1, 2)])
    assert tries == [2, 1]
    assert await slice_.letters() == [("dead", "no_such_thing: ask nobody")]


async def test_a_value_that_no_column_can_hold_is_a_bad_message_and_not_an_outage(slice_):
    numbers = (1, 2**40, 3)
    await slice_.consumer().handle([slice_.record(slice_.happened(number)) for number in numbers])
    assert await slice_.noted() == [1, 3]
    assert await slice_.letters() == [("dead", "DataError: gave up after 3 tries")]


async def test_a_message_id_is_handled_once_in_a_batch_and_ever_after(slice_):
    consumer, message_id = slice_.consumer(), uuid4()
    record = slice_.record(slice_.happened(1), message_id)
    await consumer.handle([record, record])
    await consumer.handle([record, slice_.record(slice_.happened(2))])
    assert await slice_.noted() == [1, 2]
    assert await slice_.letters() == []


async def test_the_handlers_of_a_batch_get_runs_of_one_type_in_order(slice_):
    runs = []

    async def on_happened(_unit, received):
        runs.append([item.message.number for item in received])

    await slice_.consumer(on_happened).handle([slice_.record(slice_.happened(number)) for number in (3, 1, 2)])
    assert runs == [[3, 1, 2]]


class Connections:
    """Which connections are known."""

    def __init__(self, slice_):
        self.known, self._slice = set(), slice_

    async def on_happened(self, unit, received):
        for item in received:
            if item.message.connection_id not in self.known:
                raise UnknownConnectionError(item.message.connection_id)
        await self._slice.note(unit, received)


async def test_a_message_waits_for_its_connection_and_is_handled_when_it_is_known(slice_):
    connections = Connections(slice_)
    consumer = slice_.consumer(connections.on_happened)
    await consumer.handle([slice_.record(slice_.happened(1))])
    await consumer.retry_waiting()
    assert [state for state, _ in await slice_.letters()] == ["waiting"]
    connections.known.add(slice_.connection_id)
    await consumer.retry_waiting()
    await consumer.retry_waiting()
    assert await slice_.noted() == [1]
    assert [state for state, _ in await slice_.letters()] == ["retried"]


async def test_a_message_whose_connection_never_comes_dies_after_its_time(slice_):
    connections = Connections(slice_)
    consumer = slice_.consumer(connections.on_happened, unknown_connection=0.2)
    await consumer.handle([slice_.record(slice_.happened(1))])

    async def is_dead():
        await consumer.retry_waiting()
        return [state for state, _ in await slice_.letters()] == ["dead"]

    await slice_.until(is_dead)
    [(_, reason)] = await slice_.letters()
    assert str(slice_.connection_id) in reason
    async with slice_.database.pool.acquire() as connection:
        assert await dead_letters.count_dead(connection) == 1


async def test_many_that_wait_do_not_stand_in_the_way_of_one_whose_connection_is_known(slice_):
    connections = Connections(slice_)
    consumer = slice_.consumer(connections.on_happened)
    later = uuid4()
    batch = [slice_.happened(number) for number in range(120)]
    batch += [slice_.happened(120).model_copy(update={"connection_id": later})]
    await consumer.handle([slice_.record(message) for message in batch])
    connections.known.add(later)
    await consumer.retry_waiting()
    assert await slice_.noted() == [120]


async def test_a_letter_that_waited_and_cannot_be_handled_says_why(slice_):
    async def fails(unit, received):
        raise tries.pop()

    tries = [PermanentError("no_such_thing", "ask nobody"), *[UnknownConnectionError(slice_.connection_id)] * 2]
    consumer = slice_.consumer(fails)
    await consumer.handle([slice_.record(slice_.happened(1))])
    await consumer.retry_waiting()
    assert await slice_.letters() == [("dead", "no_such_thing: ask nobody")]


async def test_an_operator_has_a_dead_letter_handled_again(slice_):
    connections = Connections(slice_)
    consumer = slice_.consumer(connections.on_happened, unknown_connection=0)
    await consumer.handle([slice_.record(slice_.happened(1))])
    await consumer.retry_waiting()
    connections.known.add(slice_.connection_id)
    async with slice_.database.pool.acquire() as connection:
        [letter] = await dead_letters.letters(connection, "dead")
        assert await dead_letters.mark_for_retry(connection, letter.dead_letter_id)
        assert not await dead_letters.mark_for_retry(connection, 999)
    await consumer.retry_waiting()
    assert await slice_.noted() == [1]


@pytest.mark.parametrize("hard", [False, True])
async def test_while_postgres_is_away_messages_wait_and_none_is_lost(slice_, hard):
    async with slice_.producer() as producer, slice_.consuming(slice_.consumer()):

        async def send(numbers):
            for number in numbers:
                record = slice_.record(slice_.happened(number, record=f"r{number % 7}"))
                head = [(name, value.encode()) for name, value in record.headers.items()]
                await producer.send_and_wait(slice_.topic, record.body, record.key.encode(), headers=head)

        await send(range(20))
        await slice_.until(lambda: _are(slice_, 1))
        postgres = slice_.infrastructure.postgres
        if hard:
            postgres.kill()
        else:
            await postgres.stop()
        await send(range(20, 60))
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await slice_.noted()
        await postgres.restart()
        await slice_.until(lambda: _are_without_fail(slice_, 60))
        assert await slice_.noted() == list(range(60))
        assert await slice_.letters() == []


async def _are_without_fail(slice_, count):
    try:
        return await _are(slice_, count)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


async def test_a_consumer_whose_topic_was_away_for_a_while_gets_its_partitions_back(slice_):
    consumer = slice_.consumer()
    async with slice_.admin() as admin, slice_.consuming(consumer), slice_.producer() as producer:

        async def has_no_partition():
            return not consumer._subscriber.consumer.assignment()

        await admin.delete_topics([slice_.topic])
        await slice_.until(has_no_partition)
        await admin.create_topics([NewTopic(slice_.topic, 1, 1)])
        record = slice_.record(slice_.happened(1))
        head = [(name, value.encode()) for name, value in record.headers.items()]
        await producer.send_and_wait(slice_.topic, record.body, b"a", headers=head)
        await slice_.until(lambda: _are(slice_, 1))
