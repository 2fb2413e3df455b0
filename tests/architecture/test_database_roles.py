"""Each service signs in with a role that sees its own schema and nothing else: every role tries, on the migrated slices."""

from __future__ import annotations

import asyncio
from itertools import permutations

import asyncpg
import pytest

from devstack.services import SERVICES, migrate

ROLES = list(SERVICES.values())


@pytest.fixture(scope="module")
async def tables(infrastructure, tmp_path_factory) -> dict[str, list[str]]:
    """The tables, views and sequences of each slice, as its own migrations make them."""
    directory = tmp_path_factory.mktemp("slices")
    await asyncio.gather(
        *(migrate(name, directory=directory, database_url=infrastructure.database_url(role)) for name, role in SERVICES.items())
    )
    connection = await asyncpg.connect(infrastructure.database_url("administrator"))
    rows = await connection.fetch(
        """
        SELECT nspname AS schema, quote_ident(nspname) || '.' || quote_ident(relname) AS name FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = ANY($1::text[]) AND relkind IN ('r', 'p', 'v', 'm', 'S')
        """,
        ROLES,
    )
    await connection.close()
    found = {role: [row["name"] for row in rows if row["schema"] == role] for role in ROLES}
    assert all(len(names) > 8 for names in found.values())
    return found


@pytest.fixture
async def sign_in(infrastructure):
    opened = []

    async def connect(role):
        opened.append(await asyncpg.connect(infrastructure.database_url(role)))
        return opened[-1]

    yield connect
    for connection in opened:
        await connection.close()


@pytest.mark.parametrize(("role", "other"), list(permutations(ROLES, 2)))
async def test_a_role_is_refused_every_table_of_another(tables, sign_in, role, other):
    connection = await sign_in(role)
    for table in tables[other]:
        for statement in (f"SELECT * FROM {table} LIMIT 1", f"DELETE FROM {table}", f"DROP TABLE {table}"):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.execute(statement)
            assert isinstance(refused.value, asyncpg.InsufficientPrivilegeError), (statement, refused.value)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_reads_its_own_tables_by_their_plain_names(tables, sign_in, role):
    connection = await sign_in(role)
    for table in tables[role]:
        await connection.execute(f"SELECT 1 FROM {table.partition('.')[2]} LIMIT 1")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (a int)",
        "CREATE TABLE {other}.mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SET ROLE {other}",
        "SELECT * FROM pg_authid",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "CREATE TEMPORARY TABLE mine (a int)",
    ],
)
async def test_a_role_makes_nothing_outside_its_schema_and_is_nobody_else(tables, sign_in, role, statement):
    connection = await sign_in(role)
    other = next(one for one in ROLES if one != role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement.format(other=other))
