"""The service as a process, on a real Postgres and a real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts import topics
from contracts.commands import CreateFortnoxInvoice, SaveFortnoxCustomer
from contracts.events import CustomerBecameClient, CustomerNotFound, DealWon
from contracts.message import Message
from contracts.outcomes import RecordSaved
from contracts.registry import TYPES
from contracts.values import Trigger
from devstack import Infrastructure, Service
from devstack.process import free_port
from devstack.services import migrate, provision, python_environment
from servicekit.envelope import headers

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Wire:
    """The running service, and the topics around it."""

    service: Service
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    http: httpx.AsyncClient

    async def say(self, message: Message) -> None:
        head = headers(uuid4(), type(message).__name__, message.key, "test", TRACE)
        body = message.model_dump_json().encode()
        await self.producer.send_and_wait(message.destination, body, key=message.key.encode(), headers=head)

    async def command(self) -> tuple[Message, dict[str, str]]:
        record = await asyncio.wait_for(self.consumer.getone(), 30)
        head = {name: value.decode() for name, value in record.headers}
        return TYPES[head["ce_type"]].model_validate_json(record.value), head


@pytest.fixture
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    """The service with its own infrastructure."""
    directory = tmp_path_factory.mktemp("service")
    async with Infrastructure.start(directory, fsync=False) as infrastructure:
        url, servers = infrastructure.database_url("sync_coordinator"), infrastructure.bootstrap_servers
        await provision(directory=directory, bootstrap_servers=servers)
        await migrate("sync-coordinator", directory=directory, database_url=url)
        environment = python_environment(DATABASE_URL=url, KAFKA_BOOTSTRAP_SERVERS=servers)
        service = Service("sync-coordinator", 1, directory=directory, port=free_port(), environment=environment)
        service.start()
        try:
            await service.ready()
            consumer = AIOKafkaConsumer(topics.FORTNOX_COMMAND, bootstrap_servers=servers, auto_offset_reset="earliest")
            async with AIOKafkaProducer(bootstrap_servers=servers) as producer, consumer:
                async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
                    yield Wire(service, producer, consumer, http)
        finally:
            service.kill()


async def test_the_service_decides_over_kafka_carries_the_trace_on_and_stops_when_told(wire, make):
    body = {"limego_database": "bolaget", "fortnox_tenant": 1, "settings": {}}
    answer = await wire.http.post("/api/connections", json=body)
    connection_id = UUID(answer.json()["connection_id"])
    await wire.say(CustomerBecameClient(connection_id=connection_id, company_id="c1", cause=Trigger.DEAL_WON, deal_id=1))
    await wire.say(DealWon(connection_id=connection_id, version=1, deal=make.deal()))
    await wire.say(CustomerNotFound(connection_id=connection_id, version=1, company_id="c1", company=make.company()))
    customer, head = await wire.command()
    assert isinstance(customer, SaveFortnoxCustomer)
    assert head["traceparent"].split("-")[1] == TRACE.split("-")[1]
    await wire.say(
        RecordSaved(
            connection_id=connection_id,
            command_id=customer.command_id,
            command_record_id=customer.record_id,
            kind=customer.kind,
            generation=1,
            remote_id="17",
        )
    )
    invoice, _ = await wire.command()
    assert isinstance(invoice, CreateFortnoxInvoice)
    page = await wire.http.get("/", params={"lang": "en"})
    assert "Invoice" in page.text
    assert await wire.service.terminate(within=30) == 0
