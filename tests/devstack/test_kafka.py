import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from devstack import Infrastructure
from devstack.kafka import Kafka
from devstack.process import NotOursError, UnreachableError


async def send(infrastructure: Infrastructure, topic: str, values: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=infrastructure.bootstrap_servers, enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def messages(infrastructure: Infrastructure, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=infrastructure.bootstrap_servers, auto_offset_reset="earliest")
    async with consumer:
        return [(await consumer.getone()).value for _ in range(count)]


@pytest.mark.parametrize("hard", [False, True])
async def test_a_restarted_broker_has_its_address_and_its_messages(infrastructure, hard):
    topic = f"kept-{hard}"
    admin = AIOKafkaAdminClient(bootstrap_servers=infrastructure.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    await send(infrastructure, topic, [b"before"])
    address = infrastructure.bootstrap_servers
    await infrastructure.kafka.restart(hard=hard)
    await send(infrastructure, topic, [b"after"])
    assert infrastructure.bootstrap_servers == address
    assert await messages(infrastructure, topic, 2) == [b"before", b"after"]


async def test_the_environment_names_another_kafka(infrastructure, tmp_path, monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", infrastructure.bootstrap_servers)
    named = await Kafka.start(tmp_path)
    assert named.bootstrap_servers == infrastructure.bootstrap_servers
    with pytest.raises(NotOursError):
        named.kill()
    await named.stop()


async def test_a_named_kafka_that_is_not_there_is_told_by_its_variable(tmp_path, monkeypatch):
    monkeypatch.setattr("devstack.kafka.NAMED_SECONDS", 0.1)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    with pytest.raises(UnreachableError, match=r"KAFKA_BOOTSTRAP_SERVERS names 127\.0\.0\.1:1, .* or unset it"):
        await Kafka.start(tmp_path)
