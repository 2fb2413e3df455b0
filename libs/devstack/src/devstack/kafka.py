"""A real Apache Kafka, one KRaft node, as a child process."""

import asyncio
import logging
import os
import shutil
import sys
import time
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from devstack.java import KAFKA_VERSION, KafkaInstallation, cache_folder, installed_kafka
from devstack.process import NotOursError, Process, ProcessFailedError, Report, UnreachableError, accepting, free_port, silent

START_SECONDS = 60.0
NAMED_SECONDS = 15.0
INSTALL_SECONDS = 600.0

# Small and quick, and otherwise Kafka's defaults. Topics are made by `servicekit provision`, never by accident.
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=BROKER://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# Chaos runs divide the services' session time-outs; the default lower bound is 6 s.
group.min.session.timeout.ms=1000
# After a kill the broker is refused as a duplicate of itself until its old session has passed: 9 s by default.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
num.network.threads=1
num.io.threads=2
background.threads=2
log.cleaner.dedupe.buffer.size=4194304
log.index.size.max.bytes=1048576
"""


class Kafka:
    """A broker of ours, or the one that KAFKA_BOOTSTRAP_SERVERS names (then `process` is None)."""

    def __init__(self, bootstrap_servers: str, process: Process | None = None) -> None:
        self.bootstrap_servers = bootstrap_servers
        self.process = process

    @classmethod
    async def start(cls, directory: Path, *, report: Report = silent) -> "Kafka":
        """Start a broker with its data under `directory` (kept if it is there), or find the one the environment names.

        The first call on a machine fetches Kafka into the cache folder; later ones touch no network.
        """
        named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        if named:
            kafka = cls(named)
            await kafka.take_over()
            return kafka
        installation = await _installation(directory / "logs", report)
        port = free_port()
        settings = _settings(directory, installation, port)
        process = Process("kafka", installation.command("kafka.Kafka", str(settings)), log=directory / "logs" / "kafka.log")
        kafka = cls(f"127.0.0.1:{port}", process)
        process.start()
        try:
            await kafka.ready()
        except BaseException:
            process.kill()
            raise
        return kafka

    async def take_over(self) -> None:
        """Wait until the one that KAFKA_BOOTSTRAP_SERVERS names answers; UnreachableError after 15 s."""
        deadline = time.monotonic() + NAMED_SECONDS
        while not await self._answers():
            if time.monotonic() > deadline:
                raise UnreachableError(
                    f"KAFKA_BOOTSTRAP_SERVERS names {self.bootstrap_servers}, and no Kafka answers there. Name a running one as "
                    "host:port, or unset it to have one started here."
                )
            await asyncio.sleep(0.5)

    async def ready(self) -> None:
        """Wait until it answers; raises ProcessFailedError after 60 s."""
        process = self._ours()
        deadline = time.monotonic() + START_SECONDS
        # The port first: it opens only once the broker serves, and aiokafka writes an error per refused connection.
        await accepting(int(self.bootstrap_servers.rpartition(":")[2]), process, within=START_SECONDS)
        while not await self._answers():
            process.fail_if_dead()
            if time.monotonic() > deadline:
                raise ProcessFailedError(process, f"did not answer within {START_SECONDS:g} s")
            await asyncio.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL, as a power cut would; `restart` brings it back."""
        self._ours().kill()

    async def restart(self, *, hard: bool = False) -> None:
        """Start it again on the same port and data, and wait until it answers; with SIGKILL if `hard` and still alive."""
        await self._ours().restart(hard=hard)
        await self.ready()

    async def stop(self) -> None:
        """Stop it if it is ours; its data stays."""
        if self.process is not None:
            await self.process.terminate()

    def _ours(self) -> Process:
        if self.process is None:
            raise NotOursError(f"KAFKA_BOOTSTRAP_SERVERS names {self.bootstrap_servers}: it is not ours to stop")
        return self.process

    async def _answers(self) -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers, request_timeout_ms=2000)
        try:
            await admin.start()
            return len((await admin.describe_cluster())["brokers"]) > 0
        except (KafkaError, OSError) as error:
            logging.getLogger(__name__).debug("Kafka is not ready yet: %r", error)
            return False
        finally:
            await admin.close()


def _settings(directory: Path, installation: KafkaInstallation, port: int) -> Path:
    """The broker's settings file, and its data folder if that is not there."""
    data, settings = directory / "kafka", directory / "kafka.properties"
    if not data.exists():
        shutil.copytree(installation.formatted, data)
    settings.write_text(SETTINGS.format(port=port, controller_port=free_port(), data=data))
    return settings


async def _installation(logs: Path, report: Report) -> KafkaInstallation:
    installation = await asyncio.to_thread(installed_kafka)
    if installation is None:
        report(f"fetching Apache Kafka {KAFKA_VERSION} into {cache_folder()}, once (45 MB)")
        # In a process, which Ctrl-C can end; a thread it cannot.
        fetching = Process("fetching Kafka", [sys.executable, "-m", "devstack.java"], log=logs / "kafka-install.log")
        fetching.start()
        try:
            await fetching.finish(within=INSTALL_SECONDS)
        finally:
            fetching.kill()
        installation = await asyncio.to_thread(installed_kafka)
    if installation is None:
        raise RuntimeError(f"Kafka is still not in {cache_folder()} after it was fetched")
    return installation
