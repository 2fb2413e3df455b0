"""A running service: its parts in the order in which they start and stop.

Start: database, HTTP, Kafka, then relay, lanes and loops. Stop (SIGTERM): the same backwards, at most 15 s for running
handlers. Liveness asks nobody, because an outage must not restart every service; readiness asks Postgres,
and is first given when the consumers have their partitions.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import asyncpg
import uvicorn
from faststream.kafka import KafkaBroker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from servicekit import dead_letters, outbox, retention, tasks, telemetry, work
from servicekit.consumer import STOP_SECONDS, Consumer, kafka_broker
from servicekit.database import Database, advance_versions
from servicekit.database_errors import DATABASE_ERRORS, Fault, fault_of
from servicekit.durations import Durations
from servicekit.http_server import traced
from servicekit.isolation import Isolation
from servicekit.lanes import Lanes
from servicekit.outbox import Relay
from servicekit.settings import ServiceSettings
from servicekit.waits import Backoff

logger = logging.getLogger(__name__)
Loop = Callable[[], Awaitable[None]]
UNSENT_SECONDS = 60.0
"""A message that has waited longer to leave is told in the answer of readiness."""
RESTART_FIRST, RESTART_LONGEST = 0.5, 10.0
"""Seconds until a loop that failed begins again, doubled: no longer than an operator would wait after an outage."""


@dataclass
class Application:
    """All parts of one service; `wiring.build` makes it, `run` keeps it until SIGTERM or SIGINT."""

    name: str
    settings: ServiceSettings
    database: Database
    consumers: Sequence[Consumer] = ()
    routes: Sequence[BaseRoute] = ()
    lanes: Lanes | None = None
    loops: Sequence[tuple[str, Loop]] = ()
    opening: Sequence[Callable[[], Awaitable[None]]] = ()
    """What must be done with the database open before the first message is handled."""
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    _is_ready: bool = field(default=False, init=False)
    _outbox_age: float = field(default=0.0, init=False)
    _progress: outbox.Progress = field(default_factory=outbox.Progress, init=False)

    async def run(self) -> None:
        """Serves until told to stop."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(telemetry.shut_down)
            stack.push_async_callback(self.database.close)
            if not await self._until(stop, self._open_database()):
                return
            for close in self.closing:
                stack.push_async_callback(close)
            await self._serve_http(stack)
            broker = self._broker()
            if not await self._until(stop, self._start_broker(broker)):
                return
            stack.push_async_callback(_stop, broker)
            await self._start_loops(stack)
            self._is_ready = True
            logger.info("%s is ready", self.name)
            await stop.wait()
            self._is_ready = False
            logger.info("%s stops", self.name)

    async def _open_database(self) -> None:
        await self.database.open()
        await advance_versions(self.database.pool)
        for prepare in self.opening:
            await prepare()

    @staticmethod
    async def _until(stop: asyncio.Event, work: Awaitable[None]) -> bool:
        """Waits for the work or for the signal to stop; True when the work was done."""
        task = asyncio.ensure_future(work)
        waiter = asyncio.ensure_future(stop.wait())
        await asyncio.wait((task, waiter), return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if task.done():
            task.result()
            return True
        task.cancel()
        return False

    def _broker(self) -> KafkaBroker:
        durations = Durations.scaled(self.settings.time_scale)
        broker = kafka_broker(self.settings.kafka_bootstrap_servers, self.name, durations)
        for consumer in self.consumers:
            consumer.subscribe(broker)
        return broker

    async def _start_broker(self, broker: KafkaBroker) -> None:
        while True:
            try:
                await broker.start()
                return
            except Exception as error:
                # aiokafka raises several kinds while the broker or its topics are not there yet.
                logger.warning("waiting for Kafka: %s", type(error).__name__)
                with contextlib.suppress(Exception):
                    await broker.stop()
                await asyncio.sleep(0.5)

    async def _serve_http(self, stack: contextlib.AsyncExitStack) -> None:
        own = [Route("/healthz", self._healthz), Route("/readyz", self._readyz)]
        config = uvicorn.Config(
            Starlette(routes=[*own, *map(traced, self.routes)]),
            host=self.settings.http_host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        # The signals are ours: uvicorn must not take them.
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        task = asyncio.create_task(server.serve())

        async def shut() -> None:
            server.should_exit = True
            await asyncio.wait_for(task, 10)

        stack.push_async_callback(shut)

    async def _start_loops(self, stack: contextlib.AsyncExitStack) -> None:
        relay = Relay(self.name, self.database, self.settings.kafka_bootstrap_servers)
        loops = [
            ("relay", relay.run),
            ("letters", self._retry_letters),
            ("metrics", self._measure),
            ("retention", self._erase),
            *self.loops,
        ]
        if self.lanes is not None:
            loops.append(("lanes", self.lanes.run))
        running = [asyncio.create_task(_supervise(name, loop), name=name) for name, loop in loops]

        async def end() -> None:
            for task in await tasks.end(running, STOP_SECONDS):
                logger.error("%s does not end; the process ends without it", task.get_name())

        stack.push_async_callback(end)

    async def _retry_letters(self) -> None:
        isolation = Isolation(RESTART_FIRST, RESTART_LONGEST)
        while True:
            await asyncio.sleep(2.0 / self.settings.time_scale)
            for consumer in self.consumers:
                await isolation.take(f"letters of {consumer.topic}", consumer.retry_waiting)

    async def _erase(self) -> None:
        while True:
            await retention.erase_old(self.database.pool)
            await asyncio.sleep(3600)

    async def _measure(self) -> None:
        isolation = Isolation(RESTART_FIRST, RESTART_LONGEST)
        while True:
            await asyncio.sleep(5)
            await isolation.take("metrics of Postgres", self._measure_database)
            await isolation.take("metrics of Kafka", self._measure_lag)

    async def _measure_database(self) -> None:
        async with self.database.pool.acquire() as connection:
            self._outbox_age = await outbox.oldest_unsent(connection)
            telemetry.outbox_age.set(self._outbox_age)
            telemetry.sent_age.set(await self._progress.age(connection))
            telemetry.dead_letters.set(await dead_letters.count_dead(connection))
            if self.lanes is not None:
                telemetry.lane_depth.set(await work.depth(connection))

    async def _measure_lag(self) -> None:
        for consumer in self.consumers:
            telemetry.consumer_lag.set(consumer.lag(), {"messaging.destination.name": consumer.topic})

    async def _healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, _request: Request) -> Response:
        if not self._is_ready:
            return PlainTextResponse("starting\n", 503)
        try:
            await self.database.require_writable(2)
        except (asyncpg.ReadOnlySQLTransactionError, asyncpg.TargetServerAttributeNotMatched):
            return PlainTextResponse("Postgres takes no writes\n", 503)
        except DATABASE_ERRORS:
            return PlainTextResponse("Postgres does not answer\n", 503)
        stalled = self.lanes.stalled() if self.lanes is not None else None
        if stalled is not None:
            return PlainTextResponse(f"{stalled}\n", 503)
        if self._outbox_age > UNSENT_SECONDS:
            # Without Kafka a service still takes work in: it is ready, and says what does not move.
            return PlainTextResponse(f"ready\noutbox: the oldest message has waited {self._outbox_age:.0f} s for Kafka\n")
        return PlainTextResponse("ready\n")


async def _stop(broker: KafkaBroker) -> None:
    """Leaves the groups when running handlers are done. With Kafka away it would wait for ever; the group forgets us then."""
    try:
        await asyncio.wait_for(broker.stop(), STOP_SECONDS + 3)
    except TimeoutError:
        logger.warning("Kafka does not answer: it is left without a goodbye")


async def _supervise(name: str, loop: Loop) -> None:
    """Keeps a loop alive: an outage ends no loop for good, and what fails at once begins ever more seldom."""
    backoff = Backoff(RESTART_FIRST, RESTART_LONGEST)
    while True:
        started = time.monotonic()
        try:
            await loop()
            return
        except Exception as error:
            if fault_of(error) in (None, Fault.MESSAGE):
                logger.exception("%s failed and starts again", name)
            else:
                logger.warning("%s waits for Postgres: %s", name, type(error).__name__)
        # A cancellation may have been lost in what failed.
        tasks.end_if_cancelled()
        telemetry.restarts.add(1, {"dubbelsynk.loop": name})
        if time.monotonic() - started > RESTART_LONGEST:
            backoff.succeeded()
        await asyncio.sleep(backoff.failed())
