"""Applies a slice's numbered SQL files, and servicekit's own, with dbmate."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import servicekit

OWN = Path(servicekit.__file__).parent / "migrations"


def migrate(database_url: str, service: str, migrations: Path) -> None:
    """Brings the schema named `service` up to date; the first failing file ends the process with dbmate's message."""
    for folder, table in ((OWN, "migration_servicekit"), (migrations, "migration")):
        command = [_dbmate(), "--no-dump-schema", "--wait", "--migrations-dir", str(folder), "--migrations-table"]
        result = subprocess.run(
            [*command, f"{service}.{table}", "migrate"],
            env={**os.environ, "DATABASE_URL": _with_search_path(database_url, service)},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            sys.stderr.write(f"migration of {service} failed: {result.stdout}{result.stderr}\n")
            raise SystemExit(1)


def _dbmate() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "dbmate"
    return str(beside) if beside.exists() else "dbmate"


def _with_search_path(url: str, schema: str) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, "sslmode=disable", f"search_path={quote(schema)}")))
    return urlunsplit(parts._replace(query=query))
