"""Records: what is synced, the state that it is in, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from contracts.events import ConnectionSettings
from contracts.kinds import RecordKind
from contracts.values import ConnectionState, Deal, Trigger
from sync_coordinator.domain.reasons import PASSING


class State(StrEnum):
    """Where a record stands. `matching` and `sending` are in motion; all others are settled until something happens."""

    MATCHING = "matching"
    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    DONE = "done"
    NEEDS_ATTENTION = "needs_attention"
    WITHDRAWN = "withdrawn"


IN_MOTION = frozenset({State.MATCHING, State.SENDING})
OPEN = frozenset({State.MATCHING, State.WAITING, State.NEEDS_ATTENTION})
"""States in which a new decision may be made; `held` needs a person first."""

REMOVED = "company_removed"
"""The note on a record whose company Lime Go no longer has."""

AUTOMATIC_ROUNDS = 3
"""How often a refusal that asks for a fresh read is followed by one before a person is asked."""


@dataclass(frozen=True)
class Connection:
    """A connection as the coordinator holds it."""

    connection_id: UUID
    limego_database: str
    fortnox_tenant: int
    state: ConnectionState
    generation: int
    version: int
    plan: Literal["standard", "premium"]
    settings: ConnectionSettings
    activated_at: datetime
    resumed_at: datetime | None = None


@dataclass(frozen=True)
class Record:
    """A customer (key: company id), a document (key: deal id) or something shown in Lime Go that needs attention.

    `deal` is None for a document that was announced by its trigger and whose deal has not come yet. `content_digest` is
    that of the last command, so that a refused one is not sent again unchanged for ever. `refused_for` is why a remote
    system said no to it the last time, `refusals` how often in a row. The `company_id` of a deal without
    company is `deal/<id>`, as in the keys of its messages.
    """

    connection_id: UUID
    kind: RecordKind
    key: str
    company_id: str
    state: State
    updated_at: datetime
    reason: str = ""
    detail: str = ""
    candidates: tuple[str, ...] = ()
    remote_id: str | None = None
    note: str = ""
    cause: Trigger | None = None
    deal: Deal | None = None
    deal_version: int = 0
    deal_at: datetime | None = None
    decision_version: int = 0
    command_id: UUID | None = None
    rounds: int = 0
    is_asked: bool = False
    is_released: bool = False
    is_reopened: bool = False
    content_digest: str = ""
    recheck_at: datetime | None = None
    refused_for: str = ""
    refusals: int = 0

    def moved(
        self,
        state: State,
        *,
        reason: str = "",
        detail: str = "",
        candidates: tuple[str, ...] = (),
        recheck: datetime | None = None,
    ) -> Record:
        """The record in another state, with what explains it. Done or withdrawn, what was refused before is forgotten."""
        moved = replace(self, state=state, reason=reason, detail=detail, candidates=candidates, recheck_at=recheck)
        return moved.unrefused() if state in (State.DONE, State.WITHDRAWN) else moved

    def unrefused(self) -> Record:
        """The record as if nobody had said no to it."""
        return replace(self, refused_for="", refusals=0)


@dataclass(frozen=True)
class Link:
    """This company is that customer."""

    company_id: str
    customer_number: str
    rung: str


def company_of(company_key: str) -> str | None:
    """The company of a record's `company_id`; None for a deal that has none."""
    return None if company_key.startswith("deal/") else company_key


def is_settled(records: list[Record]) -> bool:
    """Nothing of a company is in motion, so that its one line in Lime Go may be written once (I7).

    A customer whose trigger has not come yet (the decision overtook it on another topic), and an announced document, are
    in motion: writing now would mean writing twice. So is what only waits for a queue to move: it goes on by itself.
    """
    for record in records:
        if record.state in IN_MOTION or (record.state is State.NEEDS_ATTENTION and record.reason in PASSING):
            return False
        if record.kind is RecordKind.CUSTOMER and record.cause is None:
            return False
    return True
