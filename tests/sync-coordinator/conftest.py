"""A real Postgres with the coordinator's slice, and a house in which one connection's messages are handled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette

from contracts.commands import CreateFortnoxInvoice
from contracts.events import (
    CompanyChanged,
    CompanyLinked,
    CompanyRemoved,
    ConnectionSettings,
    CustomerBecameClient,
    CustomerChanged,
    CustomerMatched,
    CustomerNotFound,
    DealReopened,
    DealWon,
    InvoiceChanged,
    MatchReviewRequested,
)
from contracts.message import Command, Message
from contracts.outcomes import RecordRefused, RecordSaved, RecordSuperseded
from contracts.registry import TYPES
from contracts.values import Address, Company, Customer, Deal, DocumentRow, Invoice, Trigger
from devstack.postgres import Postgres
from servicekit.consumer import Consumer, Record
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.envelope import headers
from servicekit.migrate import migrate
from sync_coordinator.actions import Actions
from sync_coordinator.api import Api
from sync_coordinator.handlers import Handlers
from sync_coordinator.loops import Loops
from sync_coordinator.pages import Pages
from sync_coordinator.web import site
from sync_coordinator.wiring import MIGRATIONS, NAME

C = TypeVar("C", bound=Command)
VERSIONS = count(1)
TENANTS = count(1001)
DURATIONS = Durations()


@pytest.fixture(scope="session")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """The slice, migrated; signed in as the coordinator's own role."""
    postgres = await Postgres.start(tmp_path_factory.mktemp("coordinator"), fsync=False)
    try:
        migrate(postgres.url("sync_coordinator"), NAME.replace("-", "_"), MIGRATIONS)
        database = Database(postgres.url("sync_coordinator"))
        await database.open()
        yield database
        await database.close()
    finally:
        await postgres.stop()


def a_company(company_id: str = "c1", **changes: Any) -> Company:
    fields: dict[str, Any] = {
        "company_id": company_id,
        "name": f"Exempel {company_id} AB",
        "organisation_number": "5599000011",
        "postal_address": Address(country_code="SE"),
    }
    return Company.model_validate({**fields, **changes})


def a_deal(deal_id: int = 1, company_id: str | None = "c1", **changes: Any) -> Deal:
    fields: dict[str, Any] = {"deal_id": deal_id, "name": "Införande", "company_id": company_id, "value": Decimal("48000")}
    return Deal.model_validate({**fields, **changes})


def an_invoice(number: str = "1", customer_number: str = "17", **changes: Any) -> Invoice:
    row = DocumentRow(description="Införande", quantity=Decimal(1), article_number="1", price=Decimal(100), total=Decimal(100))
    fields: dict[str, Any] = {
        "document_number": number,
        "customer_number": customer_number,
        "customer_name": "Exempel AB",
        "currency": "SEK",
        "invoice_date": date(2026, 11, 1),
        "due_date": date(2026, 12, 1),
        "net": Decimal(100),
        "vat": Decimal(25),
        "round_off": Decimal(0),
        "amount": Decimal(125),
        "balance": Decimal(125),
        "reminders": 0,
        "is_booked": True,
        "is_cancelled": False,
        "is_credit_note": False,
        "rows": (row,),
    }
    return Invoice.model_validate({**fields, **changes})


@dataclass
class House:
    """One connection, the real handlers behind the real consumers, and a clock that the test moves."""

    database: Database
    now: datetime = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    connection_id: UUID = field(default_factory=uuid4)
    read: int = 0

    def __post_init__(self) -> None:
        self.handlers = Handlers(DURATIONS, lambda: self.now)
        self.actions = Actions(self.database, DURATIONS, lambda: self.now)
        self.loops = Loops(self.database, DURATIONS, lambda: self.now)
        self.consumers = {
            topic: Consumer(NAME, topic, by_type, self.database, DURATIONS, prepare=self.handlers.lock)
            for topic, by_type in self.handlers.by_topic().items()
        }

    async def activate(self, **settings: Any) -> None:
        tenant = next(TENANTS)
        self.connection_id = await self.actions.activate(f"database{tenant}", tenant, ConnectionSettings.model_validate(settings))
        await self.sent()

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def hear(self, *messages: Message, ids: Sequence[UUID] = ()) -> None:
        """Messages arrive in their topics, each run of one topic in one batch; none may become a dead letter."""
        for index, message in enumerate(messages):
            message_id = ids[index] if ids else uuid4()
            name = type(message).__name__
            head = {k: v.decode() for k, v in headers(message_id, name, message.key, "test", "")}
            record = Record(message.destination, message.key, head, message.model_dump_json().encode())
            await self.consumers[message.destination].handle([record])
        letters = await self.database.pool.fetch("DELETE FROM dead_letter WHERE state = 'dead' RETURNING reason")
        assert not letters, [row["reason"] for row in letters]

    async def hear_together(self, *messages: Message) -> None:
        """Messages of one topic arrive in one batch."""
        records = []
        for message in messages:
            head = {k: v.decode() for k, v in headers(uuid4(), type(message).__name__, message.key, "test", "")}
            records.append(Record(message.destination, message.key, head, message.model_dump_json().encode()))
        await self.consumers[messages[0].destination].handle(records)

    async def sent(self) -> list[Message]:
        """What this connection published since the last look, in order."""
        rows = await self.database.pool.fetch(
            "SELECT outbox_id, type, body FROM outbox WHERE outbox_id > $1 AND key LIKE $2 ORDER BY outbox_id",
            self.read,
            f"{self.connection_id}/%",
        )
        self.read = rows[-1]["outbox_id"] if rows else self.read
        return [TYPES[row["type"]].model_validate_json(row["body"]) for row in rows]

    async def sent_one(self, kind: type[C]) -> C:
        """The one message published since the last look, which is of this type."""
        (message,) = await self.sent()
        assert isinstance(message, kind)
        return message

    async def sent_with_link(self, kind: type[C]) -> tuple[C, CompanyLinked]:
        """As `sent_one` after a link by hand, which the matcher is told of."""
        message, told = await self.sent()
        assert isinstance(message, kind)
        assert isinstance(told, CompanyLinked)
        return message, told

    def win_messages(self, deal: Deal, company: Company | None = None) -> list[Message]:
        """What the Lime Go connector says of a won deal."""
        company = company or a_company(deal.company_id or "")
        return [
            CompanyChanged(connection_id=self.connection_id, version=next(VERSIONS), company=company),
            CustomerBecameClient(
                connection_id=self.connection_id,
                company_id=company.company_id,
                cause=Trigger.DEAL_WON,
                deal_id=deal.deal_id,
            ),
            self.won(deal),
        ]

    async def win(self, deal: Deal, company: Company | None = None) -> None:
        await self.hear(*self.win_messages(deal, company))

    def won(self, deal: Deal, **more: Any) -> DealWon:
        return DealWon(connection_id=self.connection_id, version=next(VERSIONS), deal=deal, **more)

    def reopened(self, deal_id: int = 1, company_id: str | None = "c1") -> DealReopened:
        return DealReopened(connection_id=self.connection_id, version=next(VERSIONS), deal_id=deal_id, company_id=company_id)

    def matched(self, number: str = "17", company_id: str = "c1") -> CustomerMatched:
        return CustomerMatched(
            connection_id=self.connection_id,
            version=next(VERSIONS),
            company_id=company_id,
            customer_number=number,
            rung="organisation_number",
        )

    def not_found(self, company: Company | None = None) -> CustomerNotFound:
        company = company or a_company()
        return CustomerNotFound(
            connection_id=self.connection_id, version=next(VERSIONS), company_id=company.company_id, company=company
        )

    def review(self, reason: str, company_id: str = "c1", candidates: tuple[str, ...] = ()) -> MatchReviewRequested:
        return MatchReviewRequested(
            connection_id=self.connection_id,
            version=next(VERSIONS),
            company_id=company_id,
            reason=reason,
            candidates=candidates,
        )

    def customer_changed(
        self, number: str = "17", name: str = "", organisation_number: str | None = None, **more: Any
    ) -> Message:
        """A customer of Fortnox. Without name and number it contradicts no company."""
        customer = Customer(customer_number=number, name=name, organisation_number=organisation_number, **more)
        return CustomerChanged(connection_id=self.connection_id, version=next(VERSIONS), customer=customer)

    def company_changed(self, company: Company) -> CompanyChanged:
        return CompanyChanged(connection_id=self.connection_id, version=next(VERSIONS), company=company)

    def removed(self, company_id: str = "c1", merged_into: str | None = None) -> CompanyRemoved:
        return CompanyRemoved(
            connection_id=self.connection_id, version=next(VERSIONS), company_id=company_id, merged_into=merged_into
        )

    def invoice_changed(self, invoice: Invoice) -> InvoiceChanged:
        return InvoiceChanged(connection_id=self.connection_id, version=next(VERSIONS), invoice=invoice)

    @staticmethod
    def _about(command: Command) -> dict[str, Any]:
        return {
            "connection_id": command.connection_id,
            "command_id": command.command_id,
            "command_record_id": command.record_id,
            "kind": command.kind,
            "generation": command.generation,
        }

    def saved(self, command: Command, remote_id: str = "1", **more: Any) -> RecordSaved:
        return RecordSaved.model_validate({**self._about(command), "remote_id": remote_id, **more})

    def refused(self, command: Command, reason: str, detail: str = "", **more: Any) -> RecordRefused:
        return RecordRefused.model_validate({**self._about(command), "reason": reason, "detail": detail, **more})

    def superseded(self, command: Command) -> RecordSuperseded:
        return RecordSuperseded.model_validate({**self._about(command), "superseded_by": uuid4()})

    async def record(self, kind: str = "invoice", key: object = "1") -> dict[str, Any]:
        row = await self.database.pool.fetchrow(
            "SELECT * FROM record WHERE connection_id = $1 AND kind = $2 AND record_key = $3",
            self.connection_id,
            kind,
            str(key),
        )
        return dict(row) if row else {}

    async def story(self, kind: str = "invoice", key: object = "1") -> list[str]:
        """The codes of a timeline, the oldest first."""
        rows = await self.database.pool.fetch(
            "SELECT code FROM timeline WHERE connection_id = $1 AND kind = $2 AND record_key = $3 ORDER BY timeline_id",
            self.connection_id,
            kind,
            str(key),
        )
        return [row["code"] for row in rows]

    async def times_told(self, code: str, kind: str = "invoice", key: object = "1") -> int:
        """How often a timeline has told a code: `story` has what repeats only once."""
        query = "SELECT sum(times) FROM timeline WHERE connection_id = $1 AND kind = $2 AND record_key = $3 AND code = $4"
        return int(await self.database.pool.fetchval(query, self.connection_id, kind, str(key), code) or 0)

    async def count_sent(self, name: str) -> int:
        """How many messages of a type this connection has published in all."""
        query = "SELECT count(*) FROM outbox WHERE type = $1 AND key LIKE $2"
        return int(await self.database.pool.fetchval(query, name, f"{self.connection_id}/%"))

    async def release_held(self) -> int:
        """A person releases everything that is held, of the amounts that stand there. How many."""
        held = "SELECT record_key, deal FROM record WHERE connection_id = $1 AND state = 'held'"
        rows = await self.database.pool.fetch(held, self.connection_id)
        deals = {row["record_key"]: Deal.model_validate_json(row["deal"]) if row["deal"] else None for row in rows}
        shown = {key: deal.value if deal else None for key, deal in deals.items()}
        return len((await self.actions.release(self.connection_id, shown)).released)

    async def linked_company(self, company_id: str = "c1", number: str = "17") -> None:
        """A company that has its customer, and nothing else."""
        await self.hear(
            CompanyChanged(connection_id=self.connection_id, version=next(VERSIONS), company=a_company(company_id)),
            CustomerBecameClient(connection_id=self.connection_id, company_id=company_id, cause=Trigger.RELATION_STATUS),
            self.matched(number, company_id),
        )
        await self.sent()

    async def invoiced(self, deal_id: int = 1, number: str = "1042") -> CreateFortnoxInvoice:
        """A deal of a linked company with its invoice."""
        await self.linked_company()
        await self.win(a_deal(deal_id))
        command = await self.sent_one(CreateFortnoxInvoice)
        await self.hear(self.saved(command, number))
        await self.sent()
        return command


@pytest.fixture
async def house(database: Database) -> House:
    """A house with an active connection, alone in an empty slice."""
    await database.pool.execute(
        """
        TRUNCATE customer, side_health, company_shown, product, invoice, timeline, command, record, link, company, connection,
                 outbox, inbox, dead_letter
        """
    )
    house = House(database)
    await house.activate()
    await house.hear(*(house.customer_changed(number) for number in ("17", "18", "19", "88", "99")))
    return house


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the coordinator's site."""
    app = Starlette(routes=[site(Api(house.actions, house.database), Pages(house.actions, house.database), frozenset({"test"}))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield client


class Make:
    """The builders, as one fixture: tests of this folder cannot import each other."""

    company = staticmethod(a_company)
    deal = staticmethod(a_deal)
    invoice = staticmethod(an_invoice)


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders of companies, deals and invoices."""
    return Make()
