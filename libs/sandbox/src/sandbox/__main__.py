"""`python -m sandbox`: serves both emulators on one port until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import math
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from sandbox.app import CuttingProtocol, CuttingWebSocketProtocol, create_app


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Fortnox and Lime Go in a box.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8700, help="the port (%(default)s); 0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="where to write the port once it is listening")
    parser.add_argument("--time-scale", type=float, default=1.0, help="divides every duration of the emulators")
    options = parser.parse_args()
    if not 0 < options.time_scale < math.inf:
        parser.error("--time-scale must be greater than 0")
    asyncio.run(_serve(options.host, options.port, options.port_file, options.time_scale))


async def _serve(host: str, port: int, port_file: Path | None, scale: float) -> None:
    listener = _listen(host, port)
    config = uvicorn.Config(
        create_app(scale),
        http=CuttingProtocol,
        ws=CuttingWebSocketProtocol,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
        lifespan="off",
    )
    await _Server(config, host, listener.getsockname()[1], port_file).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Uvicorn, which says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, host: str, port: int, port_file: Path | None) -> None:
        super().__init__(config)
        self._told = (host, port, port_file)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then announces."""
        await super().startup(sockets)
        _announce(*self._told)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and Ctrl-C with exit code 0; uvicorn's own way raises the signal again at the end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left out, asyncio does not turn Nagle off and each answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        sys.exit(f"sandbox: cannot listen on {host}:{port}: {error.strerror}")
    return listener


def _announce(host: str, port: int, port_file: Path | None) -> None:
    """Tells the port, to the file (whole or not at all) and in one line."""
    if port_file:
        draft = port_file.with_name(f"{port_file.name}.{os.getpid()}")
        draft.write_text(f"{port}\n", "utf-8")
        draft.replace(port_file)
    base = f"http://{host}:{port}"
    sys.stdout.write(f"sandbox: Fortnox {base}/fortnox  Lime Go {base}/limego  control {base}/control  pages {base}/\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
