"""The one place where objects are made."""

from __future__ import annotations

from uuid import UUID

from contracts import topics
from contracts.commands import ReadLimeGoCompany, SaveLimeGoCompany, SaveLimeGoInvoice, SaveLimeGoProduct
from contracts.events import ConnectionChanged
from contracts.health import Side
from contracts.message import Message
from limego_connector import handlers
from limego_connector.activation import Activation
from limego_connector.bell import Bell
from limego_connector.catch_up import CatchUp
from limego_connector.client import LimeGoClient
from limego_connector.company_scan import CompanyScan
from limego_connector.erp import HttpErpSurface
from limego_connector.executor import Executor
from limego_connector.feed import FeedReader
from limego_connector.hints import HintServer
from limego_connector.http import Http
from limego_connector.intake import Intake
from limego_connector.lane_work import LimeGoLaneWork, Parts
from limego_connector.reading import Reader
from limego_connector.removals import Confirmation, Removals
from limego_connector.repository import connections
from limego_connector.settings import Settings
from limego_connector.walk import Walker
from servicekit.application import Application
from servicekit.consumer import Consumer, Handler
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.errors import PermanentError
from servicekit.health import HealthReporter
from servicekit.http_client import Remote
from servicekit.lanes import Lane, Lanes, LaneStoppedError

SERVICE = "limego-connector"


def build(settings: Settings) -> Application:
    """The whole service."""
    durations = Durations.scaled(settings.time_scale)
    database = Database(settings.database_url.get_secret_value())
    vault = Vault(settings.encryption_key.get_secret_value())
    bell = Bell(database)

    async def active() -> list[UUID]:
        return await connections.workable(database.pool)

    async def work_in(lane: Lane) -> LimeGoLaneWork:
        return await build_lane_work(settings, durations, lane, bell, vault)

    async def without_key() -> list[UUID]:
        return await connections.without_key(database.pool)

    lanes = Lanes(SERVICE, database, durations, active, work_in)
    health = HealthReporter(Side.LIMEGO, database, durations.health_report, lanes.healths, without_key, lanes.health_changed)
    command_handlers: dict[type[Message], Handler] = {
        ReadLimeGoCompany: handlers.on_command,
        SaveLimeGoCompany: handlers.on_command,
        SaveLimeGoInvoice: handlers.on_command,
        SaveLimeGoProduct: handlers.on_command,
    }
    return Application(
        SERVICE,
        settings,
        database,
        consumers=[
            Consumer(
                SERVICE,
                topics.COORDINATOR_CONNECTION,
                {ConnectionChanged: handlers.on_connection_changed},
                database,
                durations,
            ),
            Consumer(SERVICE, topics.LIMEGO_COMMAND, command_handlers, database, durations),
        ],
        routes=Http(database, vault, settings.internal_token, Intake(database, settings.time_scale)).routes(),
        lanes=lanes,
        loops=[("bell", bell.run), ("health", health.run)],
    )


async def build_lane_work(settings: Settings, durations: Durations, lane: Lane, bell: Bell, vault: Vault) -> LimeGoLaneWork:
    """One lane's work, with the key that the connection has now."""
    sealed = await connections.find_credential(lane.database.pool, lane.connection_id)
    if sealed is None:
        lane.health.missing()
        raise LaneStoppedError("the connection has no key any longer")
    try:
        api_key = vault.open(sealed)
    except PermanentError as error:
        lane.health.refused()
        raise LaneStoppedError(str(error)) from None
    remote = Remote("limego", settings.api_url, timeout=durations.request_timeout)
    client = LimeGoClient(remote, api_key, lane.health)
    confirmation = Confirmation.of(durations)
    reader = Reader(lane, client, confirmation)
    walker = Walker(lane, client)
    hints = HintServer(
        lane,
        reader,
        bell,
        durations,
        interval=settings.scaled(settings.hint_interval),
        time_scale=settings.time_scale,
    )
    feed, list_lag = FeedReader(lane, client, settings.time_scale), settings.scaled(settings.list_lag)
    activation = Activation(lane, client, walker, public_url=settings.public_url, list_lag=list_lag)
    catch_up = CatchUp(lane, feed, walker, list_lag=list_lag)
    executor = Executor(lane, client, HttpErpSurface(client), reader, durations)
    removals = Removals(lane, confirmation)
    parts = Parts(remote, client, executor, activation, hints, feed, walker, catch_up, CompanyScan(lane, client), removals)
    return LimeGoLaneWork(
        lane,
        parts,
        bell,
        vault,
        durations,
        feed_interval=settings.scaled(settings.feed_interval),
        walk_interval=settings.scaled(settings.walk_interval),
    )
