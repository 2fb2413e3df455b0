"""The system on one machine: Postgres and Kafka (`Infrastructure`), and on them the sandbox and the services (`Stack`)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from devstack.kafka import Kafka
from devstack.postgres import Postgres
from devstack.process import free_port
from devstack.services import HOST, SERVICES, Sandbox, Service, migrate, provision, service_environment


@dataclass(frozen=True)
class Infrastructure:
    """A running Postgres with its roles, and a running Kafka without topics."""

    directory: Path
    postgres: Postgres
    kafka: Kafka

    @classmethod
    @asynccontextmanager
    async def start(cls, directory: Path, *, fsync: bool = True) -> AsyncIterator["Infrastructure"]:
        """Both, until the block is left; data and logs stay in `directory`, and a second start there finds them."""
        starting = _Starting(directory.absolute(), fsync=fsync)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(starting.start_postgres())
                tasks.create_task(starting.start_kafka())
            yield cls(starting.directory, starting.postgres, starting.kafka)
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            await starting.stop()

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's address."""
        return self.kafka.bootstrap_servers

    def database_url(self, role: str) -> str:
        """The address with which one role signs in: `matcher`, or `administrator`."""
        return self.postgres.administrator_url if role == "administrator" else self.postgres.url(role)
