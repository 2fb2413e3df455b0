import itertools
import re

import asyncpg
import pytest

from devstack.postgres import ROLES, Postgres
from devstack.process import NotOursError, UnreachableError


async def signed_in(infrastructure, role):
    return await asyncpg.connect(infrastructure.database_url(role))


@pytest.fixture
async def tables(infrastructure):
    """A table `mine` of each role in its own schema."""
    for role in ROLES:
        connection = await signed_in(infrastructure, role)
        await connection.execute("CREATE TABLE IF NOT EXISTS mine (value int)")
        await connection.close()


@pytest.mark.parametrize(("role", "other"), list(itertools.permutations(ROLES, 2)))
async def test_a_role_cannot_touch_the_table_of_another(infrastructure, tables, role, other):
    connection = await signed_in(infrastructure, role)
    statements = (f"SELECT * FROM {other}.mine", f"INSERT INTO {other}.mine VALUES (1)", f"CREATE TABLE {other}.theirs ()")
    for statement in statements:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_owns_its_schema_and_nothing_around_it(infrastructure, tables, role):
    connection = await signed_in(infrastructure, role)
    assert await connection.fetchval("SELECT current_schemas(false)") == [role]
    await connection.execute("INSERT INTO mine VALUES (1)")
    for statement in ("CREATE TABLE public.theirs ()", "CREATE SCHEMA theirs", "CREATE ROLE theirs", "SET ROLE postgres"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_nobody_gets_in_with_another_password(infrastructure):
    wrong = infrastructure.database_url("matcher").replace("matcher:", "matcher:0")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)


async def test_the_roles_can_be_made_again(infrastructure):
    await infrastructure.postgres.make_roles()
    await (await signed_in(infrastructure, "matcher")).close()


async def test_text_is_utf8_in_code_point_order(infrastructure):
    connection = await signed_in(infrastructure, "matcher")
    assert await connection.fetchval("SELECT lower('ÅÄÖ')") == "åäö"
    assert await connection.fetchval("SELECT 'Z' < 'a' AND 'ä' < 'å'")
    await connection.close()


async def test_what_is_committed_survives_a_killed_server(infrastructure):
    connection = await signed_in(infrastructure, "matcher")
    await connection.execute("CREATE TABLE survivor AS SELECT 1 AS value")
    infrastructure.postgres.kill()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    await infrastructure.postgres.restart()
    connection = await signed_in(infrastructure, "matcher")
    assert await connection.fetchval("SELECT value FROM survivor") == 1
    await connection.close()


async def test_the_environment_names_another_postgres(infrastructure, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", infrastructure.database_url("administrator"))
    named = await Postgres.start(tmp_path)
    assert named.url("matcher") == infrastructure.database_url("matcher")
    with pytest.raises(NotOursError):
        named.kill()
    await named.stop()
    await (await signed_in(infrastructure, "matcher")).close()


@pytest.mark.parametrize("place", ["postgres:secret@127.0.0.1:1/here", "postgres:secret@127.0.0.1:nonsense/here"])
async def test_a_named_postgres_that_cannot_be_used_is_told_by_its_variable_without_the_password(tmp_path, monkeypatch, place):
    monkeypatch.setenv("DATABASE_URL", f"postgres://{place}")
    with pytest.raises(UnreachableError, match=r"DATABASE_URL names .* or unset it") as told:
        await Postgres.start(tmp_path)
    assert "secret" not in str(told.value)


async def test_a_wrong_password_is_told_by_its_variable(infrastructure, tmp_path, monkeypatch):
    url = infrastructure.database_url("administrator")
    monkeypatch.setenv("DATABASE_URL", re.sub(r":[^:@/]+@", ":wrong@", url))
    with pytest.raises(UnreachableError, match=r"DATABASE_URL names 127.0.0.1:.*password authentication failed"):
        await Postgres.start(tmp_path)
