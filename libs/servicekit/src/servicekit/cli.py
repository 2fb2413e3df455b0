"""The commands that every service has: serve, migrate, dead-letters, replay; and those that one of them adds."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from servicekit import dead_letters, logs, outbox, telemetry
from servicekit.application import Application
from servicekit.database import Database
from servicekit.migrate import migrate
from servicekit.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


@dataclass(frozen=True)
class Command:
    """A command that one service has beside the common ones; it reads no settings. `run` answers with the exit code."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main(name: str, settings: type[S], build: Callable[[S], Application], migrations: Path, own: Sequence[Command] = ()) -> None:
    """Runs the command line of the service called `name` (kebab-case; its schema is the same in snake_case)."""
    arguments = _parser(name, own).parse_args()
    for command in own:
        if command.name == arguments.command:
            sys.exit(command.run(arguments))
    logs.configure()
    if arguments.command == "serve":
        telemetry.configure(os.environ.get("OTEL_SERVICE_NAME", name))
        asyncio.run(build(settings.load()).run())
        return
    common = _Slice.load()
    if arguments.command == "migrate":
        migrate(common.database_url.get_secret_value(), name.replace("-", "_"), migrations)
    elif arguments.command == "dead-letters":
        asyncio.run(_dead_letters(common, arguments.retry))
    else:
        asyncio.run(_replay(common, name, arguments.since))


class _Slice(ServiceSettings):
    kafka_bootstrap_servers: str = ""


def _parser(name: str, own: Sequence[Command]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {name.replace('-', '_')}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the service until SIGTERM")
    commands.add_parser("migrate", help="bring the service's schema up to date")
    letters = commands.add_parser("dead-letters", help="list messages that could not be understood, or retry one")
    letters.add_argument("--retry", type=int, metavar="ID", help="handle this one again")
    replay = commands.add_parser("replay", help="send kept messages again, under their old ids")
    replay.add_argument("--since", type=_instant, required=True, help="ISO time, UTC unless it says otherwise")
    for command in own:
        command.add_arguments(commands.add_parser(command.name, help=command.help))
    return parser


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _dead_letters(settings: ServiceSettings, retry: int | None) -> None:
    database = Database(settings.database_url.get_secret_value())
    await database.open()
    async with database.pool.acquire() as connection:
        if retry is not None:
            done = await dead_letters.mark_for_retry(connection, retry)
            sys.stdout.write("it will be handled within seconds\n" if done else f"there is no dead letter {retry}\n")
        else:
            for letter in await dead_letters.letters(connection, "dead"):
                sys.stdout.write(f"{letter.dead_letter_id}\t{letter.topic}\t{letter.type}\t{letter.reason}\n")
    await database.close()


async def _replay(settings: ServiceSettings, name: str, since: datetime) -> None:
    database = Database(settings.database_url.get_secret_value())
    await database.open()
    count = await outbox.replay(database, name, settings.kafka_bootstrap_servers, since)
    sys.stdout.write(f"{count} messages sent again\n")
    await database.close()
