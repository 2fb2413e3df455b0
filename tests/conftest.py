"""One Postgres and one Kafka for all tests that need no more than these (tests/devstack has its own, to break them)."""

from collections.abc import AsyncIterator

import pytest

from devstack import Infrastructure


@pytest.fixture(scope="session")
async def infrastructure(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Infrastructure]:
    """Ours, whatever the environment names: tests restart it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        environment.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        async with Infrastructure.start(tmp_path_factory.mktemp("shared"), fsync=False) as started:
            yield started
