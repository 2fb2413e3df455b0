"""A real Postgres with the matcher's slice, and a world in which one test's messages are handled and its answers read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from contracts import topics
from contracts.events import (
    CompanyChanged,
    CompanyConfirmedNew,
    CompanyLinked,
    CompanyListingCompleted,
    ConnectionChanged,
    CustomerBecameClient,
    CustomerChanged,
    CustomerListingCompleted,
)
from contracts.message import Message
from contracts.registry import TYPES
from contracts.values import Company, ConnectionState, Customer, Trigger
from devstack.postgres import Postgres
from matcher.keyed_hash import KeyedHash
from matcher.score_models import ScoreModels
from matcher.wiring import MIGRATIONS, NAME, consumers
from servicekit import fault_points
from servicekit.clock import utc_now
from servicekit.consumer import Record
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.envelope import headers
from servicekit.migrate import migrate

VERSIONS = count(1)
KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="session")
async def database_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecretStr]:
    """Where the slice is, migrated; signed in as the matcher's own role."""
    postgres = await Postgres.start(tmp_path_factory.mktemp("matcher"), fsync=False)
    try:
        url = postgres.url("matcher")
        migrate(url, NAME, MIGRATIONS)
        yield SecretStr(url)
    finally:
        await postgres.stop()


@pytest.fixture(scope="session")
async def database(database_url: SecretStr) -> AsyncIterator[Database]:
    """The slice, open."""
    database = Database(database_url.get_secret_value())
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def own_database(database: Database, hashing: KeyedHash) -> AsyncIterator[Database]:
    """The shared slice without its secret, which comes back after the test."""
    kept = await database.pool.fetchval("DELETE FROM hash_secret RETURNING sealed")
    yield database
    await database.pool.execute("DELETE FROM hash_secret")
    await database.pool.execute("INSERT INTO hash_secret (sealed) VALUES ($1)", kept)


@pytest.fixture(scope="session")
async def hashing(database: Database) -> KeyedHash:
    """The slice's keyed hash, opened."""
    hashing = KeyedHash(Vault(KEY))
    await hashing.open(database)
    return hashing


@pytest.fixture
def models() -> ScoreModels:
    """The connections' models, as one replica reads them."""
    return ScoreModels(Vault(KEY))


@pytest.fixture
def without_claim() -> Iterator[None]:
    """The guard "claim" switched off, as in the runs that prove that it is needed."""
    fault_points.configure("claim:off")
    yield
    fault_points.configure("")


@dataclass
class World:
    """One connection, and the matcher that handles what happens to it."""

    database: Database
    hashing: KeyedHash
    models: ScoreModels
    connection_id: UUID = field(default_factory=uuid4)
    listing_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.consumers = {
            consumer.topic: consumer for consumer in consumers(self.database, Durations(), self.hashing, self.models)
        }

    def connection(self) -> ConnectionChanged:
        """The connection, activated."""
        return ConnectionChanged(
            connection_id=self.connection_id,
            version=next(VERSIONS),
            state=ConnectionState.ACTIVE,
            generation=1,
            limego_database="bolaget",
            fortnox_tenant=1,
            activated_at=utc_now(),
        )

    def company(
        self,
        company_id: str,
        number: str | None = None,
        *,
        version: int | None = None,
        listed: bool = False,
        name: str = "",
        **known: Any,
    ) -> CompanyChanged:
        """A company with an organisation number. Without a name it has one that no other has, and that contradicts none."""
        return CompanyChanged(
            connection_id=self.connection_id,
            version=version or next(VERSIONS),
            company=Company(company_id=company_id, name=name, organisation_number=number, **known),
            listing_id=self.listing_id if listed else None,
        )

    def customer(
        self,
        customer_number: str,
        number: str | None = None,
        *,
        version: int | None = None,
        listed: bool = False,
        name: str = "",
        **known: Any,
    ) -> CustomerChanged:
        """A customer with an organisation number; as `company`."""
        return CustomerChanged(
            connection_id=self.connection_id,
            version=version or next(VERSIONS),
            customer=Customer(customer_number=customer_number, name=name, organisation_number=number, **known),
            listing_id=self._customer_listing if listed else None,
        )

    def became_client(self, company_id: str) -> CustomerBecameClient:
        """A deal of the company was won."""
        return CustomerBecameClient(
            connection_id=self.connection_id, company_id=company_id, cause=Trigger.DEAL_WON, deal_id=next(VERSIONS)
        )

    def linked(self, company_id: str, customer_number: str, *, version: int | None = None) -> CompanyLinked:
        """A person's word."""
        return CompanyLinked(
            connection_id=self.connection_id,
            version=version or next(VERSIONS),
            company_id=company_id,
            customer_number=customer_number,
        )

    def confirmed_new(self, company_id: str, *, version: int | None = None) -> CompanyConfirmedNew:
        """A person's word that it is none of the customers that are alike."""
        return CompanyConfirmedNew(connection_id=self.connection_id, version=version or next(VERSIONS), company_id=company_id)

    def companies_listed(self, number: int = 0) -> CompanyListingCompleted:
        """The end of the companies' listing."""
        return CompanyListingCompleted(connection_id=self.connection_id, listing_id=self.listing_id, count=number)

    def customers_listed(self, number: int = 0) -> CustomerListingCompleted:
        """The end of the customers' listing."""
        return CustomerListingCompleted(connection_id=self.connection_id, listing_id=self._customer_listing, count=number)

    @staticmethod
    def record(message: Message) -> Record:
        """The message as it comes from Kafka, under an id of its own."""
        head = headers(uuid4(), type(message).__name__, message.key, "test", "")
        return Record(
            message.topic, message.key, {name: value.decode() for name, value in head}, message.model_dump_json().encode()
        )

    async def handle(self, *messages: Message) -> None:
        """Handles messages in order: those of one topic that follow each other are one batch."""
        run: list[Message] = []
        for message in messages:
            if run and run[-1].topic != message.topic:
                await self.handle_records([self.record(each) for each in run])
                run = []
            run.append(message)
        await self.handle_records([self.record(each) for each in run])

    async def handle_records(self, records: list[Record]) -> None:
        """Handles one batch of one topic."""
        await self.consumers[records[0].topic].handle(records)

    async def is_listed(self) -> None:
        """The connection, with both listings complete and empty."""
        await self.handle(self.connection(), self.companies_listed(), self.customers_listed())

    async def published(self) -> list[Message]:
        """Everything that the matcher has said about the connection, oldest first."""
        rows = await self.database.pool.fetch(
            "SELECT type, body FROM outbox WHERE topic = $1 AND key LIKE $2 ORDER BY outbox_id",
            topics.MATCHER_DECISION,
            f"{self.connection_id}/%",
        )
        return [TYPES[row["type"]].model_validate_json(row["body"]) for row in rows]

    async def said(self) -> list[tuple[str, ...]]:
        """The same in short: company, and customer number, "not_found" or reason and candidates."""
        return [_in_short(message) for message in await self.published()]

    @property
    def _customer_listing(self) -> UUID:
        return UUID(int=self.listing_id.int ^ 1)


def _in_short(message: Message) -> tuple[str, ...]:
    match type(message).__name__:
        case "CustomerMatched":
            return (message.record_id, getattr(message, "customer_number"))  # noqa: B009
        case "CustomerNotFound":
            return (message.record_id, "not_found")
    return (message.record_id, getattr(message, "reason"), *getattr(message, "candidates"))  # noqa: B009


@pytest.fixture
def world(database: Database, hashing: KeyedHash, models: ScoreModels) -> World:
    """A connection of its own for each test."""
    return World(database, hashing, models)


@pytest.fixture
def another_world(database: Database, hashing: KeyedHash, models: ScoreModels) -> World:
    """A second connection; known only when its test makes it so."""
    return World(database, hashing, models)
