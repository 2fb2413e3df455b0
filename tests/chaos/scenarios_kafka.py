"""R15: what the outboxes and the business keys heal when a store loses what it had."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime

import asyncpg

from chaos.stage import COORDINATOR, MATCHER, Stage
from devstack import SERVICES
from devstack.java import installed_kafka
from devstack.process import Process
from devstack.services import provision
from support.activation import Site
from support.quiescence import quiescent, until


async def kafka_loses_everything(stage: Stage) -> list[str]:
    """All topics are gone with what nobody had read yet; the services run on, and every outbox is replayed."""
    since = datetime.now(UTC)
    await stage.activate()
    deals = await stage.new_deals(8)
    await stage.sales.win(*deals[:4])
    for deal in deals[:4]:
        await stage.reached(deal, "done")
    for name in (MATCHER, COORDINATOR):
        stage.site.stack.services[name].kill()
    await stage.sales.win(*deals[4:])
    await _told(stage, deals[4:])
    await _lose_kafka(stage.site)
    for name in (MATCHER, COORDINATOR):
        stage.site.stack.services[name].start()
        await stage.site.stack.services[name].ready()
    for name in SERVICES:
        await replay(stage.site, name, since)
    for deal in deals:
        await stage.reached(deal, "done", within=60)
    return []


async def _told(stage: Stage, deals: list[int]) -> None:
    """Waits until the connector has told Kafka of these wins."""

    query = (
        "SELECT count(*) FROM outbox WHERE type = 'DealWon' AND sent_at IS NOT NULL AND body::jsonb->'deal'->>'deal_id' = ANY($1)"
    )

    async def look() -> bool:
        rows = await stage.site.world.rows("limego_connector", query, [str(deal) for deal in deals])
        return int(rows[0][0]) >= len(deals)

    await until(look, "the wins are told", within=60)


async def _lose_kafka(site: Site) -> None:
    """An empty Kafka in the old one's place, with the topics made anew."""
    kafka, installation = site.stack.kafka, installed_kafka()
    assert installation is not None
    kafka.kill()
    data = site.stack.directory / "kafka"
    shutil.rmtree(data)
    shutil.copytree(installation.formatted, data)
    await kafka.restart(hard=True)
    await provision(directory=site.stack.directory, bootstrap_servers=site.stack.bootstrap_servers)


async def replay(site: Site, name: str, since: datetime) -> None:
    """What an operator does: `python -m <service> replay --since …`."""
    arguments = [sys.executable, "-m", SERVICES[name], "replay", "--since", since.isoformat()]
    environment = site.stack.services[name].environment
    log = site.stack.directory / "logs" / f"{name}-replay.log"
    process = Process(f"{name}-replay", arguments, log=log, environment=environment, directory=site.stack.directory)
    process.start()
    await process.finish(within=60)


async def slice_restored(stage: Stage, name: str) -> list[str]:
    """A service's slice goes back to what it held before four deals were won and invoiced; the others replay."""
    await stage.activate()
    deals = await stage.new_deals(6)
    await stage.sales.win(*deals[:2])
    for deal in deals[:2]:
        await stage.reached(deal, "done")
    await quiescent(stage.site.world, within=60)
    since, service, role = datetime.now(UTC), stage.site.stack.services[name], SERVICES[name]
    saved = await _save(stage.site, role)
    await stage.sales.win(*deals[2:])
    for deal in deals[2:]:
        await stage.reached(deal, "done")
    service.kill()
    await stage.site.world.close()
    await _restore(stage.site, role, saved)
    service.start()
    await service.ready()
    for other in SERVICES:
        if other != name:
            await replay(stage.site, other, since)
    for deal in deals:
        await stage.reached(deal, "done", within=60)
    return []


TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE '%migrations'
"""
SEQUENCES = "SELECT sequencename AS name, last_value FROM pg_sequences WHERE schemaname = current_schema()"


async def _save(site: Site, role: str) -> tuple[dict[str, list[asyncpg.Record]], dict[str, int | None]]:
    """All rows and sequences of a slice; what pg_dump would hold."""
    connection = await asyncpg.connect(site.stack.database_url(role))
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await _read_all(connection)
    finally:
        await connection.close()


async def _read_all(connection: asyncpg.Connection) -> tuple[dict[str, list[asyncpg.Record]], dict[str, int | None]]:
    names = [row["relname"] for row in await connection.fetch(TABLES)]
    tables = {name: await connection.fetch(f"SELECT * FROM {name}") for name in names}
    return tables, {row["name"]: row["last_value"] for row in await connection.fetch(SEQUENCES)}


async def _restore(site: Site, role: str, saved: tuple[dict[str, list[asyncpg.Record]], dict[str, int | None]]) -> None:
    tables, sequences = saved
    connection = await asyncpg.connect(site.stack.database_url(role))
    try:
        async with connection.transaction():
            await connection.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            await connection.execute("SET CONSTRAINTS ALL DEFERRED")
            for name in sorted(tables, key=lambda one: one != "connection"):
                rows = tables[name]
                if rows:
                    columns = list(rows[0].keys())
                    await connection.copy_records_to_table(name, records=[tuple(row) for row in rows], columns=columns)
            for name, value in sequences.items():
                await connection.execute("SELECT setval($1::text::regclass, $2, $3)", name, value or 1, value is not None)
    finally:
        await connection.close()
