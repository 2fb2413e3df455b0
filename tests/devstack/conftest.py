"""One Postgres and one Kafka for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from devstack import Infrastructure


@pytest.fixture(scope="session", autouse=True)
def nothing_named_by_the_environment():
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        environment.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        yield


@pytest_asyncio.fixture(scope="session")
async def infrastructure(
    tmp_path_factory: pytest.TempPathFactory, nothing_named_by_the_environment: None
) -> AsyncIterator[Infrastructure]:
    async with Infrastructure.start(tmp_path_factory.mktemp("infrastructure"), fsync=False) as started:
        yield started
