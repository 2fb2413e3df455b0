"""The whole system plays the main job once, with telemetry and debug logs on; the tests read what came out of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstack import Stack
from devstack.main_job import Addresses, MainJob, Report

from .receiver import Receiver

SCALE = 5
# Short intervals, as in the demo: nobody learns anything from waiting.
ENVIRONMENT = {
    "fortnox-connector": {"FORTNOX_CONNECTOR_POLL_INTERVAL_SECONDS": "5"},
    "limego-connector": {"LIMEGO_CONNECTOR_FEED_INTERVAL_SECONDS": "20"},
}


@dataclass(frozen=True)
class Played:
    """What is left after the story: telemetry, both emulators' state, the logs, and every secret that was in use."""

    receiver: Receiver
    state: Any
    logs: dict[str, str]
    secrets: frozenset[str]


def _addresses(stack: Stack) -> Addresses:
    return Addresses(stack.sandbox_url, stack.coordinator_url, stack.limego_connector_url, stack.internal_token)


def _secrets(stack: Stack) -> frozenset[str]:
    """What the services were given in their environment, and what opens the database."""
    given = {stack.internal_token}
    for service in stack.services.values():
        environment = service.environment or {}
        given |= {value for name, value in environment.items() if name == "ENCRYPTION_KEY" or name.endswith("_SECRET")}
    passwords = {stack.postgres.derived_secret(role) for role in ("limego_connector", "fortnox_connector", "matcher")}
    return frozenset(given | passwords | {stack.postgres.derived_secret("sync_coordinator")})


@pytest.fixture(scope="session")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    """The main job, played on a stack of its own that is gone when the tests run: everything has been exported."""
    directory: Path = tmp_path_factory.mktemp("traces")
    with Receiver() as receiver, pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        environment.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        environment.setenv("OTEL_METRIC_EXPORT_INTERVAL", "1000")
        environment.setenv("LOG_LEVEL", "DEBUG")
        async with Stack.start(directory, fsync=False, time_scale=SCALE, extra_env=ENVIRONMENT) as stack:
            said: list[str] = []
            await MainJob(_addresses(stack), Report(said.append, said.append), companies=60).play()
            # The last numbers are shown in Lime Go; the metrics are measured every five seconds.
            await asyncio.sleep(6)
            async with httpx.AsyncClient(base_url=stack.sandbox_url, timeout=30) as client:
                state = json.loads((await client.get("/control/state")).text)
            secrets = _secrets(stack)
        logs = {path.stem: path.read_text(errors="replace") for path in (directory / "logs").glob("*.log")}
        yield Played(receiver, state, logs, secrets)
