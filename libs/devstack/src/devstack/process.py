"""One child process that can be killed, frozen and started again, and that never outlives its parent."""

import asyncio
import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

POLL_SECONDS = 0.01
# Below Linux's ephemeral ports (32768-60999): an outgoing connection can take one of those while
# its owner is down, and a killed Kafka must find its own port free again.
PORTS = range(20_000, 32_000)
_PR_SET_PDEATHSIG = 1
_handed_out: set[int] = set()


# Is told, in one line, what has been done so far.
Report = Callable[[str], None]


def silent(_: str) -> None:
    """The report that nobody reads."""


class NotOursError(RuntimeError):
    """The environment names this server, so devstack neither stops nor restarts it."""


class UnreachableError(RuntimeError):
    """The environment names a server that cannot be used; the text has the variable and what to do, and no password."""


class ProcessFailedError(RuntimeError):
    """A process ended, or did not become ready in time; the message ends with the last lines of its log."""

    def __init__(self, process: "Process", reason: str) -> None:
        super().__init__(f"{process.name} {reason}; the end of {process.log}:\n{process.log_tail()}")
        self.name = process.name
        self.exit_code = process.exit_code


class Process:
    """A command with its log file and its own process group; `start` may be called again after it has ended.

    Start it in the main thread: Linux ends the child together with the *thread* that started it (PR_SET_PDEATHSIG).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environment = None if environment is None else dict(environment)
        self.directory = directory
        self._stop_signal = stop_signal
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it and return at once; raises RuntimeError while it is running."""
        if self.alive:
            raise RuntimeError(f"{self.name} is running already (pid {self.pid})")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.directory,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),
            )
        return self

    @property
    def alive(self) -> bool:
        """Whether it is running; a frozen process is."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id of the latest start."""
        return None if self._popen is None else self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None before it has ended; negative is the signal that ended it, as in `subprocess`."""
        return None if self._popen is None else self._popen.poll()

    def kill(self) -> None:
        """SIGKILL to it and all its descendants, as a power cut would; returns when they are gone, in milliseconds."""
        if self._popen is None:
            return
        self.freeze()  # so that it has no further child while its family is counted
        family = self._family()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self._popen.wait()
        deadline = time.monotonic() + 5
        while any(map(_still_there, family)) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 10)

    async def terminate(self, *, within: float = 10.0) -> int | None:
        """Ask it to stop (SIGTERM), wait, kill what is left after `within` seconds; the exit code."""
        if self._popen is not None and self.alive:
            family = self._family()
            self._popen.send_signal(self._stop_signal)
            self.thaw()
            with contextlib.suppress(TimeoutError):
                await self.wait(within=within)
            for member in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.kill()
            self._popen.wait()
        return self.exit_code

    def freeze(self) -> None:
        """SIGSTOP to its process group: it keeps its sockets and locks and does nothing; returns when it has stopped."""
        self._signal_group(signal.SIGSTOP)
        deadline = time.monotonic() + 1
        while self.alive and time.monotonic() < deadline and psutil.Process(self.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(POLL_SECONDS / 10)

    def thaw(self) -> None:
        """SIGCONT: undo `freeze`."""
        self._signal_group(signal.SIGCONT)

    async def restart(self, *, hard: bool = False) -> None:
        """Stop it (with SIGKILL if `hard`) and start it again."""
        if hard:
            self.kill()
        else:
            await self.terminate()
        self.start()

    async def wait(self, *, within: float) -> int:
        """Its exit code once it has ended; TimeoutError after `within` seconds."""
        deadline = time.monotonic() + within
        while (code := self.exit_code) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} is still running after {within:g} s")
            await asyncio.sleep(POLL_SECONDS)
        return code

    async def finish(self, *, within: float) -> None:
        """Wait until it has ended well; raises ProcessFailedError otherwise (and kills it when it is late)."""
        try:
            code = await self.wait(within=within)
        except TimeoutError:
            self.kill()
            raise ProcessFailedError(self, f"did not finish within {within:g} s") from None
        if code != 0:
            raise ProcessFailedError(self, f"ended with exit code {code}")

    def fail_if_dead(self) -> None:
        """Raise ProcessFailedError if it has ended: to be called by who waits for it to become ready."""
        if not self.alive:
            raise ProcessFailedError(self, f"ended with exit code {self.exit_code}")

    def log_tail(self, lines: int = 25) -> str:
        """The last lines of its log, of all starts."""
        try:
            with self.log.open(encoding="utf-8", errors="replace") as log:
                return "".join(deque(log, maxlen=lines)).rstrip()
        except FileNotFoundError:
            return "(no log)"

    def _family(self) -> list[psutil.Process]:
        """It and its descendants, the parent first. Postgres' backends leave the process group, so a group is not enough."""
        try:
            parent = psutil.Process(self.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _signal_group(self, number: signal.Signals) -> None:
        if self._popen is not None and self.alive:
            os.killpg(self._popen.pid, number)


def free_port() -> int:
    """A loopback port that nobody listens on and that this process has not been given before."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as candidate:
            # As servers do: else a port that a client connection left in TIME_WAIT would look taken.
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port not in _handed_out and candidate.connect_ex(("127.0.0.1", port)) != 0 and _can_bind(port):
                _handed_out.add(port)
                return port


async def accepting(port: int, process: Process, *, within: float) -> None:
    """Wait until 127.0.0.1:`port` accepts connections; raises ProcessFailedError when the process ends or is late."""
    deadline = time.monotonic() + within
    while True:
        process.fail_if_dead()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > deadline:
            raise ProcessFailedError(process, f"did not listen on port {port} within {within:g} s")
        await asyncio.sleep(2 * POLL_SECONDS)


def _can_bind(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _still_there(member: psutil.Process) -> bool:
    """Not a zombie either: orphans are for the machine's init to reap, and some take seconds."""
    try:
        return member.is_running() and member.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _die_with(parent: int) -> Callable[[], None] | None:
    """What a child does before exec so that it dies with us, even by SIGKILL (Linux only; elsewhere None)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec
