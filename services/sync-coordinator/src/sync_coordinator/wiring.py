"""The one place where the coordinator's objects are made."""

from __future__ import annotations

from pathlib import Path

from servicekit.application import Application
from servicekit.clock import utc_now
from servicekit.consumer import Consumer
from servicekit.database import Database
from servicekit.durations import Durations
from sync_coordinator.actions import Actions
from sync_coordinator.api import Api
from sync_coordinator.context import Clock
from sync_coordinator.handlers import Handlers
from sync_coordinator.loops import Loops
from sync_coordinator.pages import Pages
from sync_coordinator.settings import Settings
from sync_coordinator.web import site

NAME = "sync-coordinator"
MIGRATIONS = Path(__file__).parent / "migrations"


def build(settings: Settings, now: Clock = utc_now) -> Application:
    """The service; tests give another clock."""
    database = Database(settings.database_url.get_secret_value())
    durations = Durations.scaled(settings.time_scale)
    handlers = Handlers(durations, now)
    consumers = [
        Consumer(NAME, topic, by_type, database, durations, prepare=handlers.lock)
        for topic, by_type in handlers.by_topic().items()
    ]
    actions = Actions(database, durations, now)
    return Application(
        name=NAME,
        settings=settings,
        database=database,
        consumers=consumers,
        routes=[site(Api(actions, database), Pages(actions, database), settings.hosts())],
        loops=Loops(database, durations, now).all(),
    )
