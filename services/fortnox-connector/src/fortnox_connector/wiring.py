"""The one place where the Fortnox connector's objects are made: settings -> objects -> application."""

from __future__ import annotations

from dataclasses import dataclass

from contracts import topics
from contracts.commands import (
    CreateFortnoxInvoice,
    ReadFortnoxCustomer,
    SaveFortnoxCustomer,
    WithdrawFortnoxCustomer,
    WithdrawFortnoxInvoice,
)
from contracts.events import ConnectionChanged
from contracts.health import Side
from fortnox_connector.client import AuthClient, FortnoxClient
from fortnox_connector.customer import CustomerMaker
from fortnox_connector.executor import Executor
from fortnox_connector.handlers import Handlers
from fortnox_connector.invoice import InvoiceMaker
from fortnox_connector.lookup import CustomerLookup
from fortnox_connector.poller import Poller
from fortnox_connector.repository import Repository
from fortnox_connector.settings import FortnoxConnectorSettings
from fortnox_connector.single_records import SingleRecords
from fortnox_connector.tokens import TokenSource
from fortnox_connector.unread_repository import UnreadRepository
from servicekit.application import Application
from servicekit.budget import RateBudget
from servicekit.consumer import Consumer
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.health import HealthReporter, nobody
from servicekit.http_client import Remote
from servicekit.lanes import Lane, Lanes, LaneStoppedError, LaneWork
from servicekit.work import Item, Result

SERVICE = "fortnox-connector"
BUDGET = 25
"""Requests per window (Fortnox, rate limits guide: 300 a minute, enforced as about 25 per sliding 5 s)."""


@dataclass(frozen=True)
class FortnoxLane:
    """What the connector does in one lane."""

    executor: Executor
    poller: Poller
    client: FortnoxClient

    async def execute(self, item: Item) -> Result:
        return await self.executor.execute(item)

    async def run(self) -> None:
        await self.poller.run()

    async def close(self) -> None:
        await self.client.close()


def build(settings: FortnoxConnectorSettings) -> Application:
    """The whole service."""
    database = Database(settings.database_url.get_secret_value())
    durations = Durations.scaled(settings.time_scale)
    repository = Repository(database)
    vault = Vault(settings.encryption_key.get_secret_value())
    secret = settings.client_secret.get_secret_value()
    auth = AuthClient(settings.auth_url, settings.client_id, secret, durations.request_timeout)
    handlers = Handlers(repository)

    async def work_in(lane: Lane) -> LaneWork:
        connection = await repository.find_connection(lane.connection_id)
        if connection is None:
            raise LaneStoppedError("the connection is not known")
        tokens = TokenSource(lane, connection.fortnox_tenant, auth, repository, vault, settings.time_scale)
        # A holder before us may have spent the budget a moment ago; nobody has when the lane is new.
        budget = RateBudget(
            limit=BUDGET, window=durations.rate_window, flight=durations.request_timeout, starts_full=not lane.is_new
        )
        remote = Remote("fortnox", settings.api_url, timeout=durations.request_timeout)
        client = FortnoxClient(remote, tokens, budget, durations.rate_window)
        lookup = CustomerLookup(client, repository, database)
        executor = Executor(
            lane, repository, durations, CustomerMaker(client, durations, repository), InvoiceMaker(client), lookup
        )
        interval = settings.poll_interval_seconds / settings.time_scale
        single = SingleRecords(lane, UnreadRepository(database), durations)
        poller = Poller(lane, client, repository, single, durations, interval, connection.activated_at, settings.time_scale)
        return FortnoxLane(executor, poller, client)

    lanes = Lanes(SERVICE, database, durations, repository.active_connections, work_in)
    # A consent has no place of its own: a connection without one has a lane, whose token is refused.
    health = HealthReporter(Side.FORTNOX, database, durations.health_report, lanes.healths, nobody, lanes.health_changed)
    return Application(
        name=SERVICE,
        settings=settings,
        database=database,
        consumers=[
            Consumer(
                SERVICE, topics.COORDINATOR_CONNECTION, {ConnectionChanged: handlers.on_connection_changed}, database, durations
            ),
            Consumer(
                SERVICE,
                topics.FORTNOX_COMMAND,
                {
                    SaveFortnoxCustomer: handlers.on_command,
                    CreateFortnoxInvoice: handlers.on_command,
                    WithdrawFortnoxCustomer: handlers.on_withdraw,
                    ReadFortnoxCustomer: handlers.on_command,
                    WithdrawFortnoxInvoice: handlers.on_withdraw,
                },
                database,
                durations,
            ),
        ],
        lanes=lanes,
        loops=[("health", health.run)],
        closing=[auth.close],
    )
