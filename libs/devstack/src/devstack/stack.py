"""The system on one machine: Postgres and Kafka (`Infrastructure`), and on them the sandbox and the services (`Stack`)."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

from devstack.kafka import Kafka
from devstack.postgres import Postgres
from devstack.process import Report, free_port, silent
from devstack.services import HOST, SERVICES, Sandbox, Service, migrate, provision, replica_name, service_environment

ADMINISTRATOR = "administrator"


class Infrastructure:
    """A running Postgres with its roles, and a running Kafka without topics.

    Data and logs stay in the directory, and a second start there finds them.
    """

    postgres: Postgres
    kafka: Kafka

    def __init__(self, directory: Path, *, fsync: bool, report: Report) -> None:
        self.directory = directory.absolute()
        self._fsync = fsync
        self._report = report
        self._started_at = time.monotonic()

    @classmethod
    @asynccontextmanager
    async def start(cls, directory: Path, *, fsync: bool = True, report: Report = silent) -> AsyncIterator[Self]:
        """Both, until the block is left. `report` is told what has been done so far."""
        async with cls(directory, fsync=fsync, report=report)._running() as infrastructure:
            yield infrastructure

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's address."""
        return self.kafka.bootstrap_servers

    def database_url(self, role: str) -> str:
        """The address with which a role signs in: a service's (`matcher`), or `administrator`."""
        return self.postgres.administrator_url if role == ADMINISTRATOR else self.postgres.url(role)

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Self]:
        async with AsyncExitStack() as undo:
            await self._start(undo)
            yield self

    async def _start(self, undo: AsyncExitStack) -> None:
        await _together(self._start_postgres(undo), self._start_kafka(undo))

    async def _start_postgres(self, undo: AsyncExitStack) -> None:
        self.postgres = await Postgres.start(self.directory, fsync=self._fsync)
        undo.push_async_callback(self.postgres.stop)
        self._tell("Postgres is up")

    async def _start_kafka(self, undo: AsyncExitStack) -> None:
        self.kafka = await Kafka.start(self.directory, report=self._report)
        undo.push_async_callback(self.kafka.stop)
        self._tell("Kafka is up")

    def _tell(self, what: str) -> None:
        self._report(f"{what} ({time.monotonic() - self._started_at:.1f} s)")


class Stack(Infrastructure):
    """The whole system. `services` has each replica by name: `matcher`, `fortnox-connector`, `fortnox-connector-2`."""

    def __init__(
        self,
        directory: Path,
        *,
        fsync: bool,
        report: Report,
        time_scale: float,
        replicas: Mapping[str, int],
        extra_env: Mapping[str, Mapping[str, str]],
    ) -> None:
        super().__init__(directory, fsync=fsync, report=report)
        unknown = set(replicas) - set(SERVICES)
        if unknown:
            raise ValueError(f"no such service: {', '.join(sorted(unknown))}")
        self.time_scale = time_scale
        self.services: dict[str, Service] = {}
        self.sandbox = Sandbox(self.directory, time_scale=time_scale)
        self._extra_env = extra_env
        self._ports = {(name, number): free_port() for name in SERVICES for number in range(1, replicas.get(name, 1) + 1)}

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        directory: Path,
        *,
        fsync: bool = True,
        report: Report = silent,
        time_scale: float = 1,
        replicas: Mapping[str, int] | None = None,
        extra_env: Mapping[str, Mapping[str, str]] | None = None,
    ) -> AsyncIterator[Self]:
        """Everything, ready, until the block is left.

        `time_scale` divides every duration of services and sandbox; `replicas` by service, one each by default;
        `extra_env` by service, or by replica, whose own then counts.
        """
        stack = cls(
            directory, fsync=fsync, report=report, time_scale=time_scale, replicas=replicas or {}, extra_env=extra_env or {}
        )
        async with stack._running():
            yield stack

    @property
    def sandbox_url(self) -> str:
        """Both emulators, their pages and their control."""
        return self.sandbox.url

    @property
    def coordinator_url(self) -> str:
        """The first page, and the public API."""
        return self.url("sync-coordinator")

    @property
    def limego_connector_url(self) -> str:
        """Where Lime Go's webhooks go."""
        return self.url("limego-connector")

    @property
    def internal_token(self) -> str:
        """What opens the connectors' internal addresses."""
        return self.postgres.derived_key("internal token")

    def url(self, replica: str) -> str:
        """The HTTP address of one replica."""
        return self.services[replica].url

    async def _start(self, undo: AsyncExitStack) -> None:
        """Nothing waits for what it does not need: schemas are made while Kafka starts."""
        undo.callback(self.sandbox.kill)
        self.sandbox.start()
        await _together(self._prepare_postgres(undo), self._prepare_kafka(undo), self.sandbox.ready())
        undo.push_async_callback(self._stop_services)
        for name, number in self._ports:
            service = self._service(name, number)
            self.services[service.name] = service
            service.start()
        await _together(*(service.ready() for service in self.services.values()))
        self._tell("the services are up")

    async def _prepare_postgres(self, undo: AsyncExitStack) -> None:
        await self._start_postgres(undo)
        schemas = SERVICES.items()
        await _together(
            *(migrate(name, directory=self.directory, database_url=self.database_url(role)) for name, role in schemas)
        )
        self._tell("the schemas are up to date")

    async def _prepare_kafka(self, undo: AsyncExitStack) -> None:
        await self._start_kafka(undo)
        await provision(directory=self.directory, bootstrap_servers=self.bootstrap_servers)
        self._tell("the topics are there")

    async def _stop_services(self) -> None:
        await asyncio.gather(*(service.terminate() for service in self.services.values()))

    def _service(self, name: str, number: int) -> Service:
        environment = service_environment(
            name,
            database_url=self.database_url(SERVICES[name]),
            bootstrap_servers=self.bootstrap_servers,
            sandbox_url=self.sandbox_url,
            # One address for all replicas: the outside knows a service, not its replicas.
            public_url=f"http://{HOST}:{self._ports[name, 1]}",
            encryption_key=self.postgres.derived_key(f"encryption of {name}"),
            internal_token=self.internal_token,
            time_scale=self.time_scale,
        )
        environment |= {**self._extra_env.get(name, {}), **self._extra_env.get(replica_name(name, number), {})}
        return Service(name, number, directory=self.directory, port=self._ports[name, number], environment=environment)


async def _together(*steps: Coroutine[Any, Any, None]) -> None:
    """Run them side by side; the first error ends the others and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for step in steps:
                tasks.create_task(step)
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
