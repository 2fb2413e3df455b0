"""How a connection does on one of its two sides, as that side's connector reports it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from contracts import topics
from contracts.message import Message, Value


class Side(StrEnum):
    """A remote system."""

    LIMEGO = "limego"
    FORTNOX = "fortnox"


class Access(StrEnum):
    """Whether the remote lets us in. `unknown`: it has not been asked since the connector started."""

    UNKNOWN = "unknown"
    GRANTED = "granted"
    MISSING = "missing"
    REFUSED = "refused"


class ReadHealth(Value):
    """How the regular reading of one resource goes. `interval` is in seconds, from one reading to the next.

    `completed_at` is when it last came to its end; `failing_since` and `problem`, a stable code, tell of one that fails now.
    `records` are the first of those that it fails for, as kind and number, where the others are read.
    `believed_at` is when what was not found is taken for deleted, where so much is missing that the answer is doubted until then.
    """

    resource: str
    interval: float
    completed_at: datetime | None = None
    failing_since: datetime | None = None
    problem: str = ""
    records: tuple[str, ...] = ()
    believed_at: datetime | None = None


class SideHealthReported(Message):
    """Sent every `interval` seconds for an active connection, and at once when `access` changes.

    An older report than the one stored is dropped. What is None has not happened since the connector started.
    """

    topic: ClassVar[str] = topics.FORTNOX_OUTCOME
    side: Side
    reported_at: datetime
    interval: float
    access: Access
    access_since: datetime | None = None
    detail: str = ""
    reads: tuple[ReadHealth, ...] = ()
    written_at: datetime | None = None
    waiting: int = 0
    oldest_waiting_at: datetime | None = None

    @property
    def destination(self) -> str:
        """Each connector reports on its own outcome topic."""
        return topics.FORTNOX_OUTCOME if self.side is Side.FORTNOX else topics.LIMEGO_OUTCOME

    @property
    def record_id(self) -> str:
        return "health"
