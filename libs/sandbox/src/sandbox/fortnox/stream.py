"""Fortnox's event stream, `/topics-v1`: one WebSocket for all tenants of an app (reference 6)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox import strict_json
from sandbox.calls import CallLog
from sandbox.faults import STATUS_KINDS, Fault, Faults, plain_refusal
from sandbox.fortnox.eventlog import Event
from sandbox.fortnox.subscription import Subscription
from sandbox.fortnox.world import Fortnox

# What faults may do to a handshake ("WS connect"), to a command ("WS add-tenants-v1") and to an event ("WS event").
CONNECT_KINDS = STATUS_KINDS | {"cut", "stall"}
COMMAND_KINDS = frozenset({"cut", "lost_answer", "stall"})
EVENT_KINDS = COMMAND_KINDS | {"double"}


class Stream:
    """The endpoint, and the connections that are open."""

    def __init__(self, fortnox: Fortnox, faults: Faults, calls: CallLog) -> None:
        self.fortnox = fortnox
        self.faults = faults
        self.calls = calls
        self.connections: list[Connection] = []

    async def connect(self, websocket: WebSocket) -> None:
        """Serves one connection until either side ends it. Anybody may connect: access is a matter of commands."""
        fault = self.faults.take("fortnox", "WS connect", kinds=CONNECT_KINDS)
        if fault and fault.kind in STATUS_KINDS:
            await websocket.send_denial_response(plain_refusal(int(fault.kind.removeprefix("status_"))))
            return
        if fault and fault.kind == "cut":
            websocket.scope["sandbox.cut"]()
            return
        if fault:
            await self.fortnox.clock.sleep(fault.delay)
        await websocket.accept()
        connection = Connection(self, websocket)
        self.connections.append(connection)
        try:
            await connection.run()
        finally:
            self.forget(connection)

    def forget(self, connection: "Connection") -> None:
        """Takes a connection that has ended off the list."""
        with suppress(ValueError):
            self.connections.remove(connection)

    def is_full(self, connection: "Connection", client: str) -> bool:
        """Whether the app has its number of connections without this one."""
        limit = self.fortnox.switches.stream_connections
        others = [one for one in self.connections if one is not connection and one.subscription.client == client]
        return limit is not None and len(others) >= limit

    def cut(self, tenant: str | None = None) -> int:
        """Cuts the connections (of one tenant) without a close frame, and says how many."""
        struck = [one for one in self.connections if tenant is None or tenant in one.subscription.tenants]
        for connection in struck:
            connection.cut()
        return len(struck)


class Connection:
    """One open WebSocket: commands are answered in their order, events are sent beside them."""

    def __init__(self, stream: Stream, websocket: WebSocket) -> None:
        self._stream = stream
        self._fortnox = stream.fortnox
        self._websocket = websocket
        self._generation = stream.fortnox.events.generation
        self._recent: dict[str, list[Event]] = {}
        self._counts: dict[str, int] = {}
        self._ended = False
        self.subscription = Subscription(stream.fortnox)

    async def run(self) -> None:
        """Reads commands until the connection ends."""
        async with asyncio.TaskGroup() as group:
            sender = group.create_task(self._guarded(self._send_events))
            await self._guarded(self._read_commands)
            sender.cancel()

    def cut(self) -> None:
        """Ends the TCP connection without a close frame."""
        self._ended = True
        self._stream.forget(self)
        self._websocket.scope["sandbox.cut"]()

    def state(self) -> dict[str, Any]:
        """The connection as control shows it."""
        return {**self.subscription.state(), "sent": dict(self._counts)}

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Ends the work when the client has gone, whether the reader or the sender finds out first."""
        try:
            await work()
        except WebSocketDisconnect:
            self._ended = True

    async def _end(self) -> None:
        """Ends the connection as the switch says, unless the client was first."""
        if self._ended:
            return
        code = self._fortnox.switches.stream_close_code
        if code is None:
            self.cut()
        else:
            self._ended = True
            self._stream.forget(self)
            await self._websocket.close(code)

    async def _read_commands(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            body = _parsed(message.get("text"))
            if body is None or self._generation != self._fortnox.events.generation:
                await self._end()
                return
            if not await self._command(str(body.get("command", "")), body):
                return

    async def _command(self, name: str, body: dict[str, Any]) -> bool:
        """Carries out one command, and says whether the connection goes on."""
        started = self._fortnox.clock.now()
        fault = self._take(f"WS {name}", COMMAND_KINDS)
        if fault and fault.kind == "cut":
            self._note(name, 0, fault, started)
            self.cut()
            return False
        was_known = self.subscription.client is not None
        answer = self.subscription.answer(name, body)
        client = self.subscription.client
        if client is not None and not was_known and self._stream.is_full(self, client):
            self._note(name, 0, fault, started)
            await self._end()
            return False
        if fault and fault.kind == "lost_answer":
            self._note(name, 0, fault, started)
            self.cut()
            return False
        if fault:
            await self._fortnox.clock.sleep(fault.delay)
        self._note(name, 200 if answer["result"] == "ok" else 400, fault, started)
        await self._send(answer)
        if name == "subscribe-v1" and answer["result"] == "ok":
            self.subscription.start()
            self._fortnox.events.wake()
        return True

    def _note(self, command: str, status: int, fault: Fault | None, started: datetime) -> None:
        """Writes a command to the log of calls; one that ended the connection has status 0."""
        fields = {"client": self.subscription.client or ""} | ({"fault": fault.kind} if fault else {})
        tenants, ended = ",".join(self.subscription.tenants), self._fortnox.clock.now()
        self._stream.calls.record("fortnox", tenants, "WS", command, status, fields, started, ended)

    async def _send_events(self) -> None:
        log = self._fortnox.events
        while True:
            news = log.news()
            if self._generation != log.generation:
                # A reset or a restore: positions of one world mean nothing in another.
                self.cut()
                return
            for topic in self.subscription.topics():
                await self._send_topic(topic)
            await news.wait()

    async def _send_topic(self, topic: str) -> None:
        """Sends what the topic has now, in its order; one topic after the other, so that topics overtake each other."""
        log, end = self._fortnox.events, self._fortnox.events.end(topic)
        while (event := log.next(topic, self.subscription.position(topic))) and event.position <= end:
            self.subscription.move(topic, event.position)
            if self.subscription.hears(topic, event) and not await self._deliver(topic, event):
                return

    async def _deliver(self, topic: str, event: Event) -> bool:
        """Sends one event with its repeats, and says whether the connection goes on."""
        fault = self._take("WS event", EVENT_KINDS, event.tenant)
        kind = fault.kind if fault else ""
        if kind == "cut":
            self.cut()
            return False
        if fault and kind == "stall":
            await self._fortnox.clock.sleep(fault.delay)
        for one in [event, *([event] if kind == "double" else []), *self._repeats(topic, event)]:
            await self._send(self._fortnox.events.wire(topic, one))
        if kind == "lost_answer":
            self.cut()
        return kind != "lost_answer"

    def _repeats(self, topic: str, event: Event) -> list[Event]:
        """The last few events again after every so many: a consumer group that starts from an older offset."""
        switches = self._fortnox.switches
        self._counts[topic] = self._counts.get(topic, 0) + 1
        kept = [*self._recent.get(topic, []), event]
        self._recent[topic] = kept[-switches.stream_repeat :] if switches.stream_repeat else []
        every = switches.stream_repeat_every
        due = every and self._counts[topic] % every == 0
        return [one for one in self._recent[topic] if self.subscription.hears(topic, one)] if due else []

    def _take(self, operation: str, kinds: frozenset[str], tenant: str | None = None) -> Fault | None:
        tenants = [tenant] if tenant else list(self.subscription.tenants)
        labels = {f"tenant{index}": one for index, one in enumerate(tenants)}
        return self._stream.faults.take("fortnox", operation, kinds=kinds, client=self.subscription.client or "", **labels)

    async def _send(self, body: dict[str, Any]) -> None:
        if self._ended:
            raise WebSocketDisconnect(1006)
        await self._websocket.send_text(json.dumps(body, separators=(",", ":")))


def _parsed(text: str | None) -> dict[str, Any] | None:
    try:
        body = strict_json.read(text or "")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
