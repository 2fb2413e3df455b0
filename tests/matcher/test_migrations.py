"""The slice's migrations go down and up again, with rows in the tables, and keep what the older form can hold."""

from __future__ import annotations

from uuid import uuid4

import pytest

from matcher.wiring import MIGRATIONS

FILES = sorted(MIGRATIONS.glob("*.sql"))
KEPT = ("connection", "company_identity", "customer_identity", "request", "decision", "number_claim")


def _both_ways(path):
    up, _, down = path.read_text().partition("-- migrate:down")
    return up, down


@pytest.fixture
async def session(database):
    """A transaction whose changes, of the tables too, nobody else sees."""
    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


async def _is_filled(session):
    one = uuid4()
    for statement in (
        "INSERT INTO connection (connection_id, version) VALUES ($1, 1)",
        "INSERT INTO company_identity (connection_id, company_id, version, company) VALUES ($1, 'a', 1, '{}')",
        "INSERT INTO customer_identity (connection_id, customer_number, version, customer) VALUES ($1, '7', 1, '{}')",
        "INSERT INTO request (connection_id, company_id) VALUES ($1, 'a'), ($1, 'b')",
        "INSERT INTO number_claim (connection_id, number_key, company_id) VALUES ($1, 'key', 'a')",
        "INSERT INTO score_model VALUES ($1, 'version', 'sealed', 100, 100, 'method')",
        "INSERT INTO approval VALUES ($1, 'a', NULL, 1), ($1, 'b', '7', 2)",
        """
        INSERT INTO decision (connection_id, company_id, version, kind, reason, model_version, compared)
        VALUES ($1, 'a', 1, 'review', 'scored', 'version', 1)
        """,
        """
        INSERT INTO decision (connection_id, company_id, version, kind, customer_number, rung,
                              settled_number_key, settled_customer_number, settled_rung)
        VALUES ($1, 'b', 2, 'matched', '7', 'approved', 'key', '7', 'approved')
        """,
    ):
        await session.execute(statement, one)


@pytest.mark.parametrize("steps", range(1, len(FILES)))
async def test_migrations_go_down_and_up_again_with_rows(session, steps):
    await _is_filled(session)
    before = {table: await session.fetchval(f"SELECT count(*) FROM {table}") for table in KEPT}
    newest = FILES[-steps:]
    for path in reversed(newest):
        await session.execute(_both_ways(path)[1])
    for path in newest:
        await session.execute(_both_ways(path)[0])
    assert {table: await session.fetchval(f"SELECT count(*) FROM {table}") for table in KEPT} == before
    await _is_filled(session)


async def test_the_first_migrations_way_down_leaves_no_table(session):
    for path in reversed(FILES):
        await session.execute(_both_ways(path)[1])
    left = await session.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY($1)", KEPT
    )
    assert left == []
