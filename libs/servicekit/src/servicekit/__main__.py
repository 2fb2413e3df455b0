"""`python -m servicekit provision`: makes the topics. No running service makes one."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from contracts.topics import PARTITIONS, RETENTION_DAYS

PATIENCE_SECONDS = 60


class ProvisionSettings(BaseSettings):
    """What provisioning reads from the environment."""

    kafka_bootstrap_servers: str
    kafka_replication_factor: int = 1


async def provision(bootstrap_servers: str, replication_factor: int) -> None:
    """Makes the topics that are missing; waits up to a minute for Kafka. Existing topics are left as they are."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            await admin.start()
            break
        except KafkaError:
            if time.monotonic() > deadline:
                raise SystemExit(f"Kafka does not answer at {bootstrap_servers}; start it, then try again") from None
            await asyncio.sleep(0.3)
    try:
        retention = {"retention.ms": str(RETENTION_DAYS * 24 * 3600 * 1000)}
        wanted = [NewTopic(name, count, replication_factor, topic_configs=retention) for name, count in PARTITIONS.items()]
        answer = await admin.create_topics(wanted)
        for topic, code, *_ in answer.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise SystemExit(f"topic {topic} could not be made: {for_code(code).__name__}")
    finally:
        await admin.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m servicekit")
    parser.add_argument("command", choices=["provision"], help="make the Kafka topics")
    parser.parse_args()
    try:
        settings = ProvisionSettings()  # type: ignore[call-arg]  # the values come from the environment
    except ValidationError as error:
        names = ", ".join(str(problem["loc"][0]).upper() for problem in error.errors())
        sys.stderr.write(f"cannot start, check the environment: {names} is missing or wrong\n")
        raise SystemExit(2) from None
    asyncio.run(provision(settings.kafka_bootstrap_servers, settings.kafka_replication_factor))


if __name__ == "__main__":
    main()
