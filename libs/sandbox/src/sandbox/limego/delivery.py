"""Webhooks: unsigned JSON to each subscriber, in the background, once, with faults on demand."""

import asyncio
import json
from typing import Any, Protocol

import httpx

from sandbox.clock import Clock
from sandbox.faults import LIMEGO_SURPRISE_KINDS, WEBHOOK_KINDS, Faults
from sandbox.limego.database import Database
from sandbox.limego.eventlog import shown
from sandbox.limego.records import Event, Key, Subscription
from sandbox.limego.surprises import reduced, surprised
from sandbox.limego.switches import Switches

AT_ONCE = 64


class World(Protocol):
    """What a delivery needs of the emulator."""

    clock: Clock
    faults: Faults
    switches: Switches


class Postman:
    """Delivers events. A `reorder` fault holds one event back until the subscriber's next one has been sent, or for
    the fault's delay if there is none."""

    def __init__(self, limego: World) -> None:
        self._limego = limego
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, asyncio.Event] = {}
        self._lines: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._client: httpx.AsyncClient | None = None

    def forget(self) -> None:
        """Drops everything that is on its way."""
        for task in self._tasks:
            task.cancel()
        self._tasks, self._held, self._lines = set(), {}, {}

    async def close(self) -> None:
        """Drops everything and closes the connections."""
        self.forget()
        if self._client:
            await self._client.aclose()
            self._client = None

    def send(self, database: Database, event: Event) -> None:
        """Starts one delivery per subscription that wants the event. Must be called within the event loop."""
        for subscription in list(database.subscriptions.values()):
            if subscription.events and event.type not in subscription.events:
                continue
            key = next(key for key in database.keys.values() if key.guid == subscription.guid)
            task = asyncio.create_task(self._deliver(database, subscription, event, key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, database: Database, subscription: Subscription, event: Event, key: Key) -> None:
        labels = {"event": event.type, "database": database.name, "subscription": subscription.id}
        fault = self._limego.faults.take("limego", "webhook", kinds=WEBHOOK_KINDS, **labels)
        surprise = self._limego.faults.take("limego", "webhook", kinds=LIMEGO_SURPRISE_KINDS, **labels)
        body = surprised(shown(event, reduced(key, surprise), self._limego.switches), surprise)
        kind = fault.kind if fault else ""
        if kind == "drop":
            return
        if fault and kind == "delay":
            await self._limego.clock.sleep(fault.delay)
        if fault and kind == "reorder":
            await self._wait_for_the_next(subscription, fault.delay)
        for _ in range(2 if kind == "double" else 1):
            await self._attempts(database, subscription, body)
        if kind != "reorder" and (held := self._held.pop(subscription.id, None)):
            held.set()

    async def _wait_for_the_next(self, subscription: Subscription, delay: float) -> None:
        overtaken = self._held.setdefault(subscription.id, asyncio.Event())
        sleep = asyncio.ensure_future(self._limego.clock.sleep(delay))
        wait = asyncio.ensure_future(overtaken.wait())
        await asyncio.wait({sleep, wait}, return_when=asyncio.FIRST_COMPLETED)
        sleep.cancel()
        wait.cancel()

    async def _attempts(self, database: Database, subscription: Subscription, body: dict[str, Any]) -> None:
        switches = self._limego.switches
        for attempt in range(max(1, switches.webhook_attempts)):
            if attempt:
                await self._limego.clock.sleep(switches.webhook_retry_after)
            if subscription.id not in database.subscriptions:
                return
            if await self._in_turn(subscription, body):
                subscription.failures_in_a_row = 0
                return
            subscription.failed += 1
            subscription.failures_in_a_row += 1
            if 0 < switches.dead_hook_after <= subscription.failures_in_a_row:
                database.subscriptions.pop(subscription.id, None)

    async def _in_turn(self, subscription: Subscription, body: dict[str, Any]) -> bool:
        if not self._limego.switches.webhooks_in_order:
            return await self._post(subscription, body)
        async with self._lines.setdefault(subscription.id, asyncio.Lock()):
            return await self._post(subscription, body)

    async def _post(self, subscription: Subscription, body: dict[str, Any]) -> bool:
        timeout = self._limego.clock.seconds(self._limego.switches.webhook_timeout)
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        async with self._slots:
            subscription.sent += 1
            try:
                async with asyncio.timeout(timeout):
                    content = json.dumps(body, ensure_ascii=False).encode()
                    headers = {"Content-Type": "application/json; charset=utf-8"}
                    answer = await self._client.post(subscription.targeturl, content=content, headers=headers, timeout=timeout)
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, UnicodeError):
                return False
        return answer.is_success
