"""The log of events that the stream reads from: one ordered list per topic, shared by all tenants, 14 days long."""

import asyncio
import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.fortnox.store import STOCKHOLM
from sandbox.fortnox.topics import TOPICS

RETENTION = 14 * 86_400.0
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 5
SPACE: int = len(DIGITS) ** LENGTH
FIELDS = frozenset({"topic", "offset", "type", "tenantId", "entityId", "timestamp"})
# Any number without a divisor in common with SPACE spreads the positions so that offsets show no order.
SPREAD = 3**18


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `position` counts from 1 within its topic; `at` is in seconds since 1970, whole milliseconds."""

    position: int
    at: float
    type: str
    tenant: str
    entity: str
    extra: Mapping[str, Any] = field(default_factory=dict)


class EventLog:
    """All topics. The same seed gives the same offsets."""

    def __init__(self, clock: Clock, seed: int = 1) -> None:
        self._clock = clock
        self._seed = seed
        self._events: dict[str, list[Event]] = {topic: [] for topic in TOPICS}
        self._last = dict.fromkeys(TOPICS, 0)
        self._silent = False
        self._news = asyncio.Event()
        self.generation = 0

    def add(self, topic: str, event_type: str, tenant: str, entity: str, extra: Mapping[str, Any] | None = None) -> Event | None:
        """Writes an event after all others of its topic, unless the log is silenced."""
        if self._silent:
            return None
        self._last[topic] += 1
        at = round(self._clock.now().timestamp(), 3)
        event = Event(self._last[topic], at, event_type, tenant, entity, extra or {})
        self._events[topic].append(event)
        self._trim(topic)
        self.wake()
        return event

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """Writes nothing meanwhile: for records that were there before anybody listened."""
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def next(self, topic: str, position: int) -> Event | None:
        """The first kept event after a position, or None. Events that are past their 14 days are passed over."""
        self._trim(topic)
        events = self._events[topic]
        index = bisect_left(events, position + 1, key=lambda event: event.position)
        return events[index] if index < len(events) else None

    def end(self, topic: str) -> int:
        """The position of the topic's newest event; 0 before the first."""
        return self._last[topic]

    def offset(self, topic: str, position: int) -> str:
        """The opaque text of a position."""
        value, text = (position * SPREAD + self._shift(topic)) % SPACE, ""
        for _ in range(LENGTH):
            value, digit = divmod(value, len(DIGITS))
            text += DIGITS[digit]
        return text

    def position(self, topic: str, offset: str) -> int | None:
        """The position of an offset, also of an event that is no longer kept; None if it never was one's."""
        if len(offset) != LENGTH or not set(offset) <= set(DIGITS):
            return None
        value = sum(DIGITS.index(digit) * len(DIGITS) ** place for place, digit in enumerate(offset))
        position = (value - self._shift(topic)) * pow(SPREAD, -1, SPACE) % SPACE
        return position if 1 <= position <= self._last[topic] else None

    def wire(self, topic: str, event: Event) -> dict[str, Any]:
        """The event as it is sent (reference 6.2)."""
        stamp = datetime.fromtimestamp(event.at, STOCKHOLM).isoformat(timespec="milliseconds")
        return {
            "topic": topic,
            "offset": self.offset(topic, event.position),
            "type": event.type,
            "tenantId": int(event.tenant),
            "entityId": event.entity,
            "timestamp": stamp,
            **event.extra,
        }

    def news(self) -> asyncio.Event:
        """What is set at the next event, clear, load or wake. Take it before reading, then wait for it."""
        return self._news

    def wake(self) -> None:
        """Lets every reader look again."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def clear(self) -> None:
        """Removes all events and starts every topic anew. Open connections read the new generation and end."""
        for topic in TOPICS:
            self._events[topic], self._last[topic] = [], 0
        self.generation += 1
        self.wake()

    def state(self) -> dict[str, Any]:
        """The topics that ever had an event, as they are on the wire, and what a restore needs besides."""
        for topic in TOPICS:
            self._trim(topic)
        topics = {
            topic: {"last": last, "events": [self.wire(topic, event) for event in self._events[topic]]}
            for topic, last in self._last.items()
            if last
        }
        return {"seed": self._seed, "topics": topics}

    def load(self, data: Mapping[str, Any]) -> None:
        """Restores a state."""
        self.clear()
        self._seed = data["seed"]
        for topic, kept in data["topics"].items():
            first = kept["last"] - len(kept["events"]) + 1
            self._last[topic] = kept["last"]
            self._events[topic] = [_read(position, one) for position, one in enumerate(kept["events"], first)]

    def _trim(self, topic: str) -> None:
        events = self._events[topic]
        oldest = self._clock.now().timestamp() - self._clock.seconds(RETENTION)
        if events and events[0].at < oldest:
            del events[: bisect_left(events, oldest, key=lambda event: event.at)]

    def _shift(self, topic: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self._seed}:{topic}".encode()).digest()[:8]) % SPACE


def _read(position: int, body: Mapping[str, Any]) -> Event:
    extra = {name: value for name, value in body.items() if name not in FIELDS}
    at = round(datetime.fromisoformat(body["timestamp"]).timestamp(), 3)
    return Event(position, at, body["type"], str(body["tenantId"]), body["entityId"], extra)
