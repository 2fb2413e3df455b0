"""One Postgres and one Kafka for all tests that need no more than these (tests/devstack has its own, to break them)."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from devstack import Infrastructure


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of tests with one id pytest-xdist runs one and says nothing."""
    ids = Counter(item.nodeid for item in items)
    if doubled := sorted(name for name, count in ids.items() if count > 1):
        raise pytest.UsageError(f"several tests have one id, so that only one of them would run: {', '.join(doubled)}")


@pytest.fixture(scope="session")
async def infrastructure(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Infrastructure]:
    """Ours, whatever the environment names: tests restart it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        environment.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        async with Infrastructure.start(tmp_path_factory.mktemp("shared"), fsync=False) as started:
            yield started
