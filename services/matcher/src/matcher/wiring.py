"""The one place where the matcher's objects are made."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from contracts import topics
from contracts.events import (
    CompanyChanged,
    CompanyConfirmedNew,
    CompanyLinked,
    CompanyListingCompleted,
    CompanyRemoved,
    ConnectionChanged,
    CustomerBecameClient,
    CustomerChanged,
    CustomerCreateWithdrawn,
    CustomerListingCompleted,
)
from matcher.estimating import Estimating
from matcher.handlers import Handlers, lock_connections, lock_linked
from matcher.keyed_hash import KeyedHash
from matcher.rereading import Rereading
from matcher.score_models import ScoreModels
from matcher.settings import Settings
from servicekit.application import Application
from servicekit.consumer import Consumer
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.durations import Durations

NAME = "matcher"
MIGRATIONS = Path(__file__).parent / "migrations"


def build(settings: Settings) -> Application:
    """The whole service."""
    database = Database(settings.database_url.get_secret_value())
    vault = Vault(settings.encryption_key.get_secret_value())
    hashing, models = KeyedHash(vault), ScoreModels(vault)
    durations = Durations.scaled(settings.time_scale)
    return Application(
        name=NAME,
        settings=settings,
        database=database,
        consumers=consumers(database, durations, hashing, models),
        opening=[partial(hashing.open, database)],
        loops=[
            ("rereading", Rereading(database, hashing, models).run),
            ("estimating", Estimating(database, settings.database_url, models, durations).run),
        ],
    )


def consumers(database: Database, durations: Durations, hashing: KeyedHash, models: ScoreModels) -> tuple[Consumer, ...]:
    """What the matcher listens to."""
    handlers = Handlers(hashing, models)
    return (
        Consumer(
            NAME,
            topics.COORDINATOR_CONNECTION,
            {
                ConnectionChanged: handlers.on_connection_changed,
                CompanyLinked: handlers.on_company_linked,
                CompanyConfirmedNew: handlers.on_company_confirmed_new,
                CustomerCreateWithdrawn: handlers.on_create_withdrawn,
            },
            database,
            durations,
            prepare=lock_linked,
        ),
        Consumer(
            NAME,
            topics.LIMEGO_COMPANY,
            {
                CompanyChanged: handlers.on_company_changed,
                CompanyRemoved: handlers.on_company_removed,
                CustomerBecameClient: handlers.on_customer_became_client,
                CompanyListingCompleted: handlers.on_listing_completed,
            },
            database,
            durations,
            prepare=lock_connections,
        ),
        Consumer(
            NAME,
            topics.FORTNOX_CUSTOMER,
            {
                CustomerChanged: handlers.on_customer_changed,
                CustomerListingCompleted: handlers.on_listing_completed,
            },
            database,
            durations,
            prepare=lock_connections,
        ),
    )
