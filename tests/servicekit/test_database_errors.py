"""A sick Postgres: read-only for a while, slow, out of sessions. Nothing dies of what passes."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from devstack.process import Process, free_port
from devstack.services import provision
from servicekit import database_errors
from servicekit.database import Database
from servicekit.database_errors import Fault, fault_of
from servicekit.http_server import traced

SERVICE = """
import asyncio, os
from servicekit.application import Application
from servicekit.database import Database
from servicekit.settings import ServiceSettings

settings = ServiceSettings.load()
database = Database(settings.database_url.get_secret_value())
asyncio.run(Application(name=os.environ["NAME"], settings=settings, database=database).run())
"""


@asynccontextmanager
async def setting(slice_, name, value):
    """A setting of the whole server, for sessions that are open and those that come; taken back at the end."""
    administrator = await asyncpg.connect(slice_.database._url)
    await administrator.execute("SET default_transaction_read_only = off")
    try:
        await administrator.execute(f"ALTER SYSTEM SET {name} = {value}")
        await administrator.execute("SELECT pg_reload_conf()")
        yield administrator
    finally:
        await administrator.execute(f"ALTER SYSTEM RESET {name}")
        await administrator.execute("SELECT pg_reload_conf()")
        await administrator.close()


async def pids(slice_):
    """The server's processes behind the pool's sessions."""
    async with slice_.database.pool.acquire() as one, slice_.database.pool.acquire() as other:
        return {await session.fetchval("SELECT pg_backend_pid()") for session in (one, other)}


async def takes_writes(slice_):
    try:
        await slice_.database.require_writable(2)
    except database_errors.DATABASE_ERRORS:
        return False
    return True


async def takes_no_writes(slice_):
    return not await takes_writes(slice_)


async def test_sessions_of_a_server_that_stopped_to_take_writes_do_not_stay_in_the_pool(slice_):
    before = await pids(slice_)
    async with setting(slice_, "default_transaction_read_only", "on") as administrator:
        await slice_.until(lambda: takes_no_writes(slice_))
        with pytest.raises((asyncpg.ReadOnlySQLTransactionError, asyncpg.TargetServerAttributeNotMatched)):
            await slice_.publish(slice_.happened(1))

        async def are_gone():
            with_them = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1::int[])"
            await takes_writes(slice_)
            return await administrator.fetchval(with_them, list(before)) == 0

        await slice_.until(are_gone)
    await slice_.until(lambda: takes_writes(slice_))
    await slice_.publish(slice_.happened(2))
    assert not await pids(slice_) & before


async def test_no_session_is_opened_that_cannot_write(slice_):
    """As on a standby, or where a database or a role is set so: such a session would never be able to."""
    administrator = await asyncpg.connect(slice_.database._url)
    name = await administrator.fetchval("SELECT current_database()")
    database = Database(slice_.database._url, size=2)
    await administrator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    opening = asyncio.ensure_future(database.open())
    try:
        done, _ = await asyncio.wait((opening,), timeout=1.5)
        assert not done, "a session that cannot write was taken"
    finally:
        await administrator.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await administrator.close()
    await asyncio.wait_for(opening, 20)
    await database.require_writable(2)
    await database.close()


async def test_while_the_server_takes_no_writes_messages_wait_and_none_dies(slice_):
    consumer, records = slice_.consumer(), [slice_.record(slice_.happened(number)) for number in range(3)]
    async with setting(slice_, "default_transaction_read_only", "on"):
        await slice_.until(lambda: takes_no_writes(slice_))
        handling = asyncio.ensure_future(consumer.handle(records))
        done, _ = await asyncio.wait((handling,), timeout=2)
        assert not done
    with pytest.raises(database_errors.DATABASE_ERRORS):
        await asyncio.wait_for(handling, 30)
    await consumer.handle(records)
    assert await slice_.noted() == [0, 1, 2]
    assert await slice_.letters() == []


async def test_a_service_is_ready_only_while_it_can_write(slice_, tmp_path):
    port = free_port()
    environment = {
        "DATABASE_URL": slice_.database._url,
        "KAFKA_BOOTSTRAP_SERVERS": slice_.infrastructure.bootstrap_servers,
        "HTTP_PORT": str(port),
        "NAME": slice_.name,
    }
    service = Process("a service", [sys.executable, "-c", SERVICE], log=tmp_path / "log", environment=environment)

    async def says(status, text):
        async with httpx.AsyncClient(timeout=5) as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}/readyz")
            except httpx.TransportError:
                return False
        return (answer.status_code, answer.text.strip()) == (status, text)

    await provision(directory=tmp_path, bootstrap_servers=slice_.infrastructure.bootstrap_servers)
    service.start()
    try:
        await slice_.until(lambda: says(200, "ready"))
        async with setting(slice_, "default_transaction_read_only", "on"):
            await slice_.until(lambda: says(503, "Postgres takes no writes"))
        await slice_.until(lambda: says(200, "ready"))
        assert await service.terminate(within=20) == 0
    finally:
        service.kill()


def failing_by(slice_, statement, number=1, *, times=10**6):
    """A handler whose statement for one number fails, at most so often; its tries."""
    tries = []

    async def on_happened(unit, received):
        await slice_.note(unit, received)
        if any(item.message.number == number for item in received) and len(tries) < times:
            tries.append([item.message.number for item in received])
            await statement(unit)

    return on_happened, tries


async def times_out(unit):
    await unit.connection.execute("SELECT pg_sleep(20)", timeout=0.1)


async def is_cancelled(unit):
    await unit.connection.execute("SET LOCAL statement_timeout = 50")
    await unit.connection.execute("SELECT pg_sleep(20)")


async def loses_its_session(unit):
    await unit.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def breaks_the_client(_unit):
    raise asyncpg.InternalClientError("got result for unknown protocol state")


def raises(state):
    async def statement(unit):
        await unit.connection.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    return statement


PASSING = [
    pytest.param(times_out, id="a statement that times out"),
    pytest.param(is_cancelled, id="a statement that is cancelled"),
    pytest.param(loses_its_session, id="a session that is ended each time"),
    pytest.param(breaks_the_client, id="a client in disorder"),
    pytest.param(raises("40001"), id="a serialization failure"),
    pytest.param(raises("40P01"), id="a deadlock"),
    pytest.param(raises("55P03"), id="a lock that is not had"),
    pytest.param(raises("53200"), id="no memory"),
]


@pytest.mark.parametrize("statement", PASSING)
async def test_what_passes_is_waited_for_alone_and_its_record_keeps_its_order(slice_, statement):
    handler, tries = failing_by(slice_, statement)
    consumer = slice_.consumer(handler)
    first, second = slice_.happened(1, "a"), slice_.happened(2, "a")
    await asyncio.wait_for(consumer.handle([slice_.record(first), slice_.record(slice_.happened(3, "b"))]), 30)
    await asyncio.wait_for(consumer.handle([slice_.record(second), slice_.record(slice_.happened(4, "b"))]), 30)
    assert await slice_.noted() == [3, 4], "others were held up, or a later message overtook"
    assert [state for state, _ in await slice_.letters()] == ["waiting", "waiting"]
    await consumer.retry_waiting()
    assert await slice_.noted() == [3, 4]
    assert [state for state, _ in await slice_.letters()] == ["waiting", "waiting"]
    order = []

    async def on_happened(unit, received):
        order.extend(item.message.number for item in received)
        await slice_.note(unit, received)

    await slice_.consumer(on_happened).retry_waiting()
    assert order == [1, 2]
    assert [state for state, _ in await slice_.letters()] == ["retried", "retried"]
    assert all(number in (1, 3) for numbers in tries for number in numbers)


@pytest.mark.parametrize("statement", PASSING)
async def test_what_passes_at_once_leaves_no_letter(slice_, statement):
    handler, _ = failing_by(slice_, statement, times=1)
    await asyncio.wait_for(slice_.consumer(handler).handle([slice_.record(slice_.happened(1))]), 30)
    assert await slice_.noted() == [1]
    assert await slice_.letters() == []


async def test_what_does_not_pass_in_its_time_is_dead_and_those_behind_it_go_on(slice_):
    handler, _ = failing_by(slice_, is_cancelled)
    consumer = slice_.consumer(handler, passing_fault=0.0)
    for number in (1, 2):
        await consumer.handle([slice_.record(slice_.happened(number))])
    await consumer.retry_waiting()
    assert await slice_.noted() == [2]
    (state, reason), (other, _) = await slice_.letters()
    assert (state, reason, other) == ("dead", "QueryCanceledError: gave up when its time was up", "retried")


async def test_a_message_that_comes_again_waits_once(slice_):
    handler, _ = failing_by(slice_, is_cancelled)
    consumer, record = slice_.consumer(handler), slice_.record(slice_.happened(1))
    await consumer.handle([record])
    await consumer.handle([record])
    assert [state for state, _ in await slice_.letters()] == ["waiting"]


async def test_an_error_of_the_message_is_dead_at_once(slice_):
    handler, _ = failing_by(slice_, raises("23514"))
    await slice_.consumer(handler).handle([slice_.record(slice_.happened(1))])
    assert await slice_.letters() == [("dead", "CheckViolationError: gave up after 3 tries")]


@asynccontextmanager
async def of_one_session(slice_):
    """A database whose role may have one session, and a session of an administrator, who is never refused one."""
    role = slice_.name
    await slice_.database.pool.execute(
        f"""
        CREATE ROLE {role} LOGIN PASSWORD 'x' CONNECTION LIMIT 1;
        GRANT CONNECT ON DATABASE {httpx.URL(slice_.database._url).path[1:]} TO {role};
        GRANT ALL ON SCHEMA {role} TO {role};
        GRANT ALL ON ALL TABLES IN SCHEMA {role} TO {role};
        """
    )
    database = Database(str(httpx.URL(slice_.database._url).copy_with(username=role, password="x")), size=1)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
        await slice_.database.pool.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def test_when_no_session_is_to_be_had_messages_wait_for_one(slice_):
    async with of_one_session(slice_) as database:
        record, consumer = slice_.record(slice_.happened(1)), replace(slice_, database=database).consumer()
        # The pool's session is ended, and no other is allowed: a limit of 0 refuses every one.
        pid = await database.pool.fetchval("SELECT pg_backend_pid()")
        await slice_.database.pool.execute(f"ALTER ROLE {slice_.name} CONNECTION LIMIT 0")
        await slice_.database.pool.execute("SELECT pg_terminate_backend($1)", pid)
        handling = asyncio.ensure_future(consumer.handle([record]))
        done, _ = await asyncio.wait((handling,), timeout=2)
        assert not done
        await slice_.database.pool.execute(f"ALTER ROLE {slice_.name} CONNECTION LIMIT 1")
        with pytest.raises(asyncpg.TooManyConnectionsError):
            await asyncio.wait_for(handling, 30)
        await consumer.handle([record])
    assert await slice_.noted() == [1]
    assert await slice_.letters() == []


@pytest.mark.parametrize(
    ("statement", "status"), [(times_out, 503), (is_cancelled, 503), (breaks_the_client, 503), (loses_its_session, 503)]
)
async def test_a_request_that_meets_a_sick_database_is_asked_to_come_again(slice_, statement, status):
    async def look(_request):
        async with slice_.database.unit_of_work() as unit:
            await statement(unit)
        return PlainTextResponse("done")

    transport = httpx.ASGITransport(app=Starlette(routes=[traced(Route("/records", look))]))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/records")
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "2")


def test_the_table_in_the_documents_is_the_table_of_the_code():
    text = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith(("| *outage*", "| *session*", "| *passing*"))]
    written = {state.strip(" `"): kind.strip(" *") for kind, states in rows for state in states.split(",")}
    coded = {state: fault.value for state, fault in database_errors.STATES.items() if fault is not Fault.MESSAGE}
    coded |= {kind.__name__: fault.value for kind, fault in database_errors.CLASSES if fault is not Fault.MESSAGE}
    assert written == coded


@pytest.mark.parametrize("error", [ValueError(), KeyError(), asyncio.CancelledError()])
def test_what_is_none_of_the_database_is_not_in_its_table(error):
    assert fault_of(error) is None


def test_a_name_that_cannot_be_resolved_is_an_outage():
    assert fault_of(OSError(2, "no such host")) is Fault.OUTAGE
