"""HTTP out and in: what a failure means for the one who asked, and what the health addresses say."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from starlette.applications import Starlette
from starlette.routing import Route

from contracts.topics import PARTITIONS
from devstack.process import Process, free_port
from devstack.services import provision
from servicekit.errors import OutcomeUnknownError, TransientError
from servicekit.http_client import Remote, server_time
from servicekit.http_server import traced
from servicekit.waits import Backoff, bounded

SERVICE = """
import asyncio, os
from servicekit.application import Application
from servicekit.consumer import Consumer
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.settings import ServiceSettings

settings = ServiceSettings.load()
database = Database(settings.database_url.get_secret_value())
consumer = Consumer(os.environ["NAME"], "limego.company", {}, database, Durations(session=2))
asyncio.run(Application(name=os.environ["NAME"], settings=settings, database=database, consumers=[consumer]).run())
"""


ODD = {
    "encoding": "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
    "length": "Content-Length: many",
    "two_lengths": "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "chunks": "Transfer-Encoding: chunked\r\n\r\nzz",
    "name": "Odd name\x00: 1\r\nContent-Length: 0",
}
"""Heads and bodies that no client can read."""


@pytest.fixture
async def server():
    """A tiny real server: what it does with a request is its path's first word."""
    seen = []

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split(" ", 2)
        seen.append(method)
        if path.startswith("/stall"):
            await asyncio.sleep(3)
        elif path.startswith("/half"):
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf")
        elif path.startswith("/odd/"):
            writer.write(f"HTTP/1.1 201 Created\r\n{ODD[path[5:]]}\r\n\r\n".encode("latin-1"))
        elif path.startswith("/status"):
            writer.write(f"HTTP/1.1 {path[-3:]} Whatever\r\nContent-Length: 2\r\n\r\nok".encode())
        await writer.drain()
        writer.close()

    started = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with started:
        yield f"http://127.0.0.1:{started.sockets[0].getsockname()[1]}", seen


async def ask(url, method, path):
    async with Remote("fortnox", url, timeout=0.5) as remote:
        return await remote.request(remote.build(method, path, json={"a": 1}), route=path)


@pytest.mark.parametrize("path", ["/cut", "/stall", "/half", *(f"/odd/{name}" for name in ODD)])
@pytest.mark.parametrize(
    ("method", "error"),
    [("GET", TransientError), ("POST", OutcomeUnknownError), ("PUT", OutcomeUnknownError), ("DELETE", OutcomeUnknownError)],
)
async def test_a_read_without_answer_may_be_repeated_and_a_write_has_an_unknown_outcome(server, method, path, error):
    url, seen = server
    with pytest.raises(TransientError) as failed:
        await ask(url, method, path)
    assert type(failed.value) is error
    assert seen == [method]


def test_a_servers_clock_is_believed_only_where_it_can_be_read_and_is_not_hours_off():
    now = datetime.now(UTC).replace(microsecond=0)
    theirs = now - timedelta(minutes=20)
    told = format_datetime(theirs, usegmt=True)
    odd = [f"{told}, {told}", "", "gone", "1e400", "Sun, 06 Nov 1994 08:49:37 GMT", told.replace("GMT", "-0000")]
    assert [date_of(now, one) for one in odd] == [now] * len(odd)
    assert date_of(now) == now
    assert date_of(now, told) == date_of(now, told, told) == date_of(now, "gone", told) == theirs


def date_of(now, *values):
    return server_time(httpx.Response(200, headers=[("Date", value) for value in values]), now)


@pytest.mark.parametrize(
    ("asked", "waited"), [(5, 5), (-3, 0), (math.nan, 60), (math.inf, 3600), (-math.inf, 0), (1e300, 3600), (86_400 * 30, 3600)]
)
def test_no_wait_is_negative_endless_or_days_long(asked, waited):
    assert bounded(asked) == waited


def test_pauses_double_up_to_the_longest_and_begin_anew_after_a_success():
    backoff = Backoff(1, 60)
    pauses = [backoff.failed() for _ in range(2000)]
    assert all(0.5 <= pause / longest <= 1 for pause, longest in zip(pauses, [1, 2, 4, 8, 16, 32, 60, 60], strict=False))
    assert 30 <= max(pauses) <= 60
    backoff.succeeded()
    assert backoff.failed() <= 1


async def test_a_write_that_never_left_may_be_repeated():
    with pytest.raises(TransientError) as failed:
        await ask(f"http://127.0.0.1:{free_port()}", "POST", "/3/invoices")
    assert type(failed.value) is TransientError


@pytest.mark.parametrize("status", [201, 302, 404, 429, 500])
async def test_every_answer_is_an_answer(server, status):
    url, seen = server
    answer = await ask(url, "POST", f"/status/{status}")
    assert (answer.status_code, answer.text) == (status, "ok")
    assert seen == ["POST"]


async def test_errors_name_the_route_and_not_the_address(server):
    url, _ = server
    with pytest.raises(OutcomeUnknownError) as failed:
        async with Remote("fortnox", url, timeout=0.5) as remote:
            await remote.request(remote.build("POST", "/cut/5560000001"), route="/3/customers/{number}")
    assert "POST /3/customers/{number}" in str(failed.value)
    assert "5560000001" not in str(failed.value)


async def answer(url, path):
    async with httpx.AsyncClient(timeout=4) as client:
        try:
            got = await client.get(f"{url}{path}")
        except httpx.TransportError:
            return None
        return got.status_code, got.text.strip()


async def test_a_service_says_whether_it_lives_and_whether_it_is_ready_and_stops_when_told(slice_, tmp_path):
    infrastructure = slice_.infrastructure
    port = free_port()
    environment = {
        "DATABASE_URL": slice_.database._url,
        "KAFKA_BOOTSTRAP_SERVERS": infrastructure.bootstrap_servers,
        "HTTP_PORT": str(port),
        "NAME": slice_.name,
    }
    service = Process("a service", [sys.executable, "-c", SERVICE], log=tmp_path / "log", environment=environment)
    url = f"http://127.0.0.1:{port}"

    async def says(path, what):
        return await answer(url, path) == what

    await provision(directory=tmp_path, bootstrap_servers=infrastructure.bootstrap_servers)
    service.start()
    try:
        await slice_.until(lambda: says("/readyz", (200, "ready")))
        assert await answer(url, "/healthz") == (200, "ok")
        await infrastructure.postgres.stop()
        await slice_.until(lambda: says("/readyz", (503, "Postgres does not answer")))
        assert await answer(url, "/healthz") == (200, "ok")
        await infrastructure.postgres.restart()
        await slice_.until(lambda: says("/readyz", (200, "ready")))
        assert await service.terminate(within=20) == 0
    finally:
        await infrastructure.postgres.restart() if not infrastructure.postgres.process.alive else None
        service.kill()


HANGING = """
import asyncio, os
from pathlib import Path
from servicekit.application import Application
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.lanes import Lanes
from servicekit.settings import ServiceSettings

settings = ServiceSettings.load()
database = Database(settings.database_url.get_secret_value())

async def active():
    if Path(os.environ["HANGS"]).exists():
        await asyncio.Event().wait()
    return []

async def work_in(lane):
    raise AssertionError("there is no lane")

lanes = Lanes(os.environ["NAME"], database, Durations(lease=6.0), active, work_in)
asyncio.run(Application(name=os.environ["NAME"], settings=settings, database=database, lanes=lanes).run())
"""


async def test_a_service_whose_leases_are_not_renewed_is_not_ready_and_says_so(slice_, tmp_path):
    port, hangs = free_port(), tmp_path / "hangs"
    environment = {
        "DATABASE_URL": slice_.database._url,
        "KAFKA_BOOTSTRAP_SERVERS": slice_.infrastructure.bootstrap_servers,
        "HTTP_PORT": str(port),
        "NAME": slice_.name,
        "HANGS": str(hangs),
    }
    service = Process("a service", [sys.executable, "-c", HANGING], log=tmp_path / "log", environment=environment)

    async def ready():
        return await answer(f"http://127.0.0.1:{port}", "/readyz") == (200, "ready")

    async def stalled():
        status, text = await answer(f"http://127.0.0.1:{port}", "/readyz")
        return status == 503 and text.startswith("lanes: no lease has been renewed for")

    service.start()
    try:
        await slice_.until(ready)
        hangs.touch()
        await slice_.until(stalled)
        hangs.unlink()
        await slice_.until(ready)
        assert await service.terminate(within=20) == 0
    finally:
        service.kill()


async def test_a_service_whose_messages_do_not_leave_is_ready_and_says_what_waits(slice_, tmp_path):
    port = free_port()
    environment = {
        "DATABASE_URL": slice_.database._url,
        "KAFKA_BOOTSTRAP_SERVERS": slice_.infrastructure.bootstrap_servers,
        "HTTP_PORT": str(port),
        "NAME": slice_.name,
    }
    service = Process("a service", [sys.executable, "-c", SERVICE], log=tmp_path / "log", environment=environment)

    async def says_what_waits():
        found = await answer(f"http://127.0.0.1:{port}", "/readyz")
        return found and found[0] == 200 and "outbox: the oldest message has waited 12" in found[1]

    async def ready():
        return await answer(f"http://127.0.0.1:{port}", "/readyz") == (200, "ready")

    await provision(directory=tmp_path, bootstrap_servers=slice_.infrastructure.bootstrap_servers)
    leader = await asyncpg.connect(slice_.database._url)
    await leader.execute("SELECT pg_advisory_lock(hashtext(current_schema() || '.relay'))")
    await slice_.publish(slice_.happened(1))
    # As if it had come two minutes ago; of a type that the service knows.
    await slice_.database.pool.execute("UPDATE outbox SET created_at = now() - interval '2 minutes', type = 'DealWon'")
    service.start()
    try:
        await slice_.until(says_what_waits)
        await leader.close()
        await slice_.until(ready)
    finally:
        service.kill()


async def test_provisioning_twice_makes_the_topics_once(infrastructure, tmp_path):
    for _ in range(2):
        await provision(directory=tmp_path, bootstrap_servers=infrastructure.bootstrap_servers)
    async with AIOKafkaConsumer(bootstrap_servers=infrastructure.bootstrap_servers) as consumer:
        assert set(PARTITIONS) <= await consumer.topics()


def test_provisioning_without_kafka_names_the_variable():
    ended = subprocess.run([sys.executable, "-m", "servicekit", "provision"], env={}, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "KAFKA_BOOTSTRAP_SERVERS" in ended.stderr


@pytest.mark.parametrize(
    ("accept", "told"), [("application/json", '{"error":"database_unreachable"}'), ("text/html", "Databasen svarar inte")]
)
async def test_while_postgres_is_away_a_request_is_asked_to_come_again(accept, told):
    async def look(_request):
        await asyncpg.connect(host="127.0.0.1", port=free_port(), timeout=2)

    transport = httpx.ASGITransport(app=Starlette(routes=[traced(Route("/records", look))]))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/records", headers={"accept": accept})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert told in answer.text


async def test_what_postgres_cannot_hold_is_refused(slice_):
    async def look(_request):
        await slice_.database.pool.fetchval("SELECT $1::bigint", 2**63)

    transport = httpx.ASGITransport(app=Starlette(routes=[traced(Route("/records", look))]))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/records")
    assert (answer.status_code, answer.json()) == (422, {"error": "invalid"})
