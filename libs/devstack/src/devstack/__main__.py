"""`python -m devstack up | infrastructure`: run it until Ctrl-C, which leaves no process behind."""

import argparse
import asyncio
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from devstack.process import ProcessFailedError
from devstack.stack import ADMINISTRATOR, Infrastructure, Stack

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Read the command line and run."""
    options = _parser().parse_args()
    if options.command == "demo":
        sys.exit(import_module("devstack.demo").main())
    sys.exit(asyncio.run(_until_told(options)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devstack", description="The whole system on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="Postgres, Kafka, the sandbox and the four services, until Ctrl-C")
    up.add_argument("--time-scale", type=float, default=1.0, help="divides every duration (default 1)")
    infrastructure = commands.add_parser("infrastructure", help="Postgres and Kafka only, until Ctrl-C")
    for command in (up, infrastructure):
        command.add_argument("--directory", type=Path, default=Path("build/devstack"), help="data and logs (default %(default)s)")
    if find_spec("devstack.demo"):
        commands.add_parser("demo", help="the whole system, and the main job played in front of you")
    return parser


async def _until_told(options: argparse.Namespace) -> int:
    running = asyncio.ensure_future(_run(options))
    # Once only: a second Ctrl-C must not interrupt the stopping.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, lambda: running.cancel() if not running.cancelling() else None)
    try:
        await running
    except asyncio.CancelledError:
        console.print("stopped")
    except (ProcessFailedError, RuntimeError) as error:
        console.print(str(error), markup=False)
        return 1
    return 0


async def _run(options: argparse.Namespace) -> None:
    if options.command == "infrastructure":
        async with Infrastructure.start(options.directory, report=console.print) as infrastructure:
            _show_infrastructure(infrastructure)
            await asyncio.Event().wait()
    async with Stack.start(options.directory, time_scale=options.time_scale, report=console.print) as stack:
        _show_infrastructure(stack)
        console.print(f"{'sandbox':<20}{stack.sandbox_url}")
        for name, service in stack.services.items():
            console.print(f"{name:<20}{service.url}")
        await asyncio.Event().wait()


def _show_infrastructure(infrastructure: Infrastructure) -> None:
    console.print(f"{'database':<20}{infrastructure.database_url(ADMINISTRATOR)}")
    console.print(f"{'kafka':<20}{infrastructure.bootstrap_servers}")
    console.print(f"{'data and logs':<20}{infrastructure.directory}")
    console.print("Ctrl-C stops it.")


if __name__ == "__main__":
    main()
