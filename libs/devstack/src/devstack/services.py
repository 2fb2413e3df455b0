"""Our own programs as child processes: the sandbox, the four services, and the commands that prepare them."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from devstack.process import Process, ProcessFailedError, free_port

# Name of the service: name of its package, its schema and its role.
SERVICES = {
    "limego-connector": "limego_connector",
    "fortnox-connector": "fortnox_connector",
    "matcher": "matcher",
    "sync-coordinator": "sync_coordinator",
}
HOST = "127.0.0.1"
READY_SECONDS = 60.0
COMMAND_SECONDS = 120.0
CLIENT_ID = "dubbelsynk"
CLIENT_SECRET = "sandbox-secret"


class HttpProcess(Process):
    """A program of ours that answers over HTTP on a port that stays its own through restarts."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        *,
        directory: Path,
        port: int,
        ready_path: str,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(
            name,
            [sys.executable, "-m", *arguments],
            log=directory / "logs" / f"{name}.log",
            environment=environment,
            directory=directory,
        )
        self.url = f"http://{HOST}:{port}"
        self._ready_path = ready_path

    async def ready(self, *, within: float = READY_SECONDS) -> None:
        """Wait until it says that it is ready; raises ProcessFailedError when it ends or is late."""
        deadline = time.monotonic() + within
        last = "no answer"
        # No proxy and no certificates: it is on loopback, and reading the certificates takes 50 ms.
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, verify=False, timeout=5) as client:
            while True:
                self.fail_if_dead()
                try:
                    answer = await client.get(self._ready_path)
                    if answer.is_success:
                        return
                    last = f"{answer.status_code} {answer.text[:200]}"
                except httpx.TransportError as error:
                    last = repr(error)
                if time.monotonic() > deadline:
                    raise ProcessFailedError(self, f"was not ready within {within:g} s ({self._ready_path}: {last})")
                await asyncio.sleep(0.05)

    async def restart(self, *, hard: bool = False) -> None:
        """Stop it (with SIGKILL if `hard`), start it on the same port and wait until it is ready."""
        await super().restart(hard=hard)
        await self.ready()


class Sandbox(HttpProcess):
    """Both emulators; what they hold is lost when the process ends."""

    def __init__(self, directory: Path, *, time_scale: float) -> None:
        port = free_port()
        arguments = ["sandbox", "--host", HOST, "--port", str(port), "--time-scale", f"{time_scale:g}"]
        environment = python_environment(OTEL_SERVICE_NAME="sandbox")
        super().__init__("sandbox", arguments, directory=directory, port=port, ready_path="/health", environment=environment)


class Service(HttpProcess):
    """One replica of a service."""

    def __init__(self, service: str, number: int, *, directory: Path, port: int, environment: Mapping[str, str]) -> None:
        super().__init__(
            replica_name(service, number),
            [SERVICES[service], "serve"],
            directory=directory,
            port=port,
            ready_path="/readyz",
            environment={**environment, "HTTP_HOST": HOST, "HTTP_PORT": str(port)},
        )
        self.service = service


def replica_name(service: str, number: int) -> str:
    """`matcher`, `matcher-2`, ..."""
    return service if number == 1 else f"{service}-{number}"


def python_environment(**variables: str) -> dict[str, str]:
    """Our own environment (OTEL_* with it) and these; output unbuffered, so that a killed process's log is whole."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **variables}


def service_environment(
    service: str,
    *,
    database_url: str,
    bootstrap_servers: str,
    sandbox_url: str,
    public_url: str,
    encryption_key: str,
    internal_token: str,
    time_scale: float,
) -> dict[str, str]:
    """What a service reads from its environment, apart from its port."""
    common = python_environment(
        DATABASE_URL=database_url,
        KAFKA_BOOTSTRAP_SERVERS=bootstrap_servers,
        TIME_SCALE=f"{time_scale:g}",
        OTEL_SERVICE_NAME=service,
    )
    own = {
        "fortnox-connector": {
            "ENCRYPTION_KEY": encryption_key,
            "FORTNOX_CONNECTOR_API_URL": f"{sandbox_url}/fortnox",
            "FORTNOX_CONNECTOR_AUTH_URL": f"{sandbox_url}/fortnox/oauth-v1",
            "FORTNOX_CONNECTOR_CLIENT_ID": CLIENT_ID,
            "FORTNOX_CONNECTOR_CLIENT_SECRET": CLIENT_SECRET,
        },
        "limego-connector": {
            "ENCRYPTION_KEY": encryption_key,
            "INTERNAL_TOKEN": internal_token,
            "LIMEGO_CONNECTOR_API_URL": f"{sandbox_url}/limego",
            "LIMEGO_CONNECTOR_PUBLIC_URL": public_url,
        },
        "matcher": {"ENCRYPTION_KEY": encryption_key},
    }
    return common | own.get(service, {})


async def migrate(service: str, *, directory: Path, database_url: str) -> None:
    """Bring a service's schema up to date."""
    environment = python_environment(DATABASE_URL=database_url)
    await _run(f"{service}-migrate", [SERVICES[service], "migrate"], directory, environment)


async def provision(*, directory: Path, bootstrap_servers: str) -> None:
    """Make the topics."""
    environment = python_environment(KAFKA_BOOTSTRAP_SERVERS=bootstrap_servers)
    await _run("provision", ["servicekit", "provision"], directory, environment)


async def _run(name: str, arguments: list[str], directory: Path, environment: Mapping[str, str]) -> None:
    log = directory / "logs" / f"{name}.log"
    process = Process(name, [sys.executable, "-m", *arguments], log=log, environment=environment, directory=directory)
    process.start()
    try:
        await process.finish(within=COMMAND_SECONDS)
    finally:
        process.kill()
