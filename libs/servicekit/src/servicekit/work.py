"""The work queue of a connector: commands wait here, in order per record, until they have an outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.message import Command
from contracts.outcomes import Difference, Outcome, RecordRefused, RecordSaved, RecordSuperseded
from contracts.registry import TYPES
from servicekit.database import Connection, UnitOfWork
from servicekit.envelope import Received
from servicekit.telemetry import current_trace
from servicekit.text import storable
from servicekit.waits import bounded

OUTCOMES: dict[str, type[Outcome]] = {model.__name__: model for model in (RecordSaved, RecordRefused, RecordSuperseded)}


@dataclass(frozen=True)
class Item:
    """A queued command. `has_intent`: a write for it may be on its way, so it cannot be superseded now."""

    command: Command
    command_id: UUID
    connection_id: UUID
    record_key: str
    type: str
    has_intent: bool
    attempts: int
    created_at: datetime
    trace: str


@dataclass(frozen=True)
class Waiting:
    """How many of a connection's commands have no outcome yet, and since when the oldest waits."""

    count: int
    oldest_at: datetime


@dataclass(frozen=True)
class Finished:
    """The item has its outcome; `store` writes what belongs to the same transaction."""

    outcome: Outcome
    store: Callable[[UnitOfWork], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Postponed:
    """The item is tried again after so many seconds."""

    seconds: float


Result = Finished | Postponed


async def enqueue(unit: UnitOfWork, commands: Sequence[Received[Command]], priority: int = 0) -> None:
    """Stores commands. A repeated one repeats its outcome; of one subject only the newest decision is carried out."""
    for received in commands:
        command = received.message
        inserted = await unit.connection.fetchval(
            """
            INSERT INTO work_item (command_id, connection_id, record_key, subject, type, body, priority, trace)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (command_id) DO NOTHING RETURNING command_id
            """,
            command.command_id,
            command.connection_id,
            command.record_id,
            command.subject,
            type(command).__name__,
            command.model_dump_json(),
            priority,
            received.trace,
        )
        if inserted is None:
            await _repeat_outcome(unit, received)
        else:
            await supersede(unit, command, received.trace)
    for connection_id in sorted({received.message.connection_id for received in commands}):
        await unit.connection.execute("SELECT pg_notify(current_schema() || '_work', $1)", str(connection_id))


async def _repeat_outcome(unit: UnitOfWork, received: Received[Command]) -> None:
    row = await unit.connection.fetchrow(
        "SELECT outcome_type, outcome FROM work_item WHERE command_id = $1 AND finished_at IS NOT NULL",
        received.message.command_id,
    )
    if row is not None and row["outcome"] is not None:
        unit.publish(OUTCOMES[row["outcome_type"]].model_validate_json(row["outcome"]), trace=received.trace)


async def supersede(unit: UnitOfWork, command: Command, trace: str) -> None:
    """Ends older open items of the command's subject; one with intent, as soon as nothing of it is on its way any more."""
    rows = await unit.connection.fetch(
        """
        UPDATE work_item SET replaced_by = $3
        WHERE command_id IN (
            SELECT command_id FROM work_item
            WHERE connection_id = $1 AND subject = $2 AND command_id <> $3 AND finished_at IS NULL
            ORDER BY sequence FOR UPDATE)
        RETURNING body, type, has_intent, sequence
        """,
        command.connection_id,
        command.subject,
        command.command_id,
    )
    for row in sorted(rows, key=lambda row: row["sequence"]):
        if not row["has_intent"]:
            await _supersede(unit, decode_command(row["type"], row["body"]), command.command_id, trace)


async def _supersede(unit: UnitOfWork, old: Command, newest: UUID, trace: str) -> None:
    outcome = RecordSuperseded(
        connection_id=old.connection_id,
        command_id=old.command_id,
        command_record_id=old.record_id,
        kind=old.kind,
        generation=old.generation,
        superseded_by=newest,
    )
    if await _close(unit, old.command_id, outcome):
        unit.publish(outcome, trace=trace)


def decode_command(type_name: str, body: str) -> Command:
    """A stored command."""
    command = TYPES[type_name].model_validate_json(body)
    assert isinstance(command, Command)
    return command


async def find_command(connection: Connection, command_id: UUID) -> Command | None:
    """A command, finished or not; None when it is not known, or so old that its body is erased."""
    row = await connection.fetchrow("SELECT type, body FROM work_item WHERE command_id = $1 AND body IS NOT NULL", command_id)
    return decode_command(row["type"], row["body"]) if row else None


async def next_item(connection: Connection, connection_id: UUID, busy: Sequence[str]) -> Item | None:
    """The next item that is due, whose record is free and has no older open item."""
    row = await connection.fetchrow(
        """
        SELECT * FROM work_item AS item
        WHERE connection_id = $1 AND finished_at IS NULL AND available_at <= now() AND record_key <> ALL($2::text[])
              AND NOT EXISTS (
                  SELECT 1 FROM work_item AS older
                  WHERE older.connection_id = item.connection_id AND older.record_key = item.record_key
                        AND older.finished_at IS NULL AND older.sequence < item.sequence)
        ORDER BY priority, sequence
        LIMIT 1
        """,
        connection_id,
        list(busy),
    )
    if row is None:
        return None
    return Item(
        decode_command(row["type"], row["body"]),
        row["command_id"],
        row["connection_id"],
        row["record_key"],
        row["type"],
        row["has_intent"],
        row["attempts"],
        row["created_at"],
        row["trace"],
    )


async def mark_intent(unit: UnitOfWork, item: Item) -> bool:
    """From now on a write may have been sent. False when the item has its outcome, or has just got it: something newer was
    decided, and nothing of the item is on its way."""
    if not await _is_newest(unit, item):
        return False
    await unit.connection.execute("UPDATE work_item SET has_intent = true WHERE command_id = $1", item.command_id)
    return True


async def keep(unit: UnitOfWork, command: Command) -> None:
    """Items of the command's subject are not superseded before `clear_intent`: an earlier one's write may be on its way."""
    await unit.connection.execute(
        "UPDATE work_item SET has_intent = true WHERE connection_id = $1 AND subject = $2 AND finished_at IS NULL",
        command.connection_id,
        command.subject,
    )


async def clear_intent(unit: UnitOfWork, item: Item) -> None:
    """It is known that no write for the item is on its way: it may be superseded again, and is if something newer waits."""
    if await _is_newest(unit, item):
        await unit.connection.execute("UPDATE work_item SET has_intent = false WHERE command_id = $1", item.command_id)


async def _is_newest(unit: UnitOfWork, item: Item) -> bool:
    """Whether the item is open and its subject's newest decision. One that is not is ended here."""
    row = await unit.connection.fetchrow(
        "SELECT replaced_by FROM work_item WHERE command_id = $1 AND finished_at IS NULL FOR UPDATE", item.command_id
    )
    if row is None:
        return False
    if row["replaced_by"] is not None:
        await _supersede(unit, item.command, row["replaced_by"], current_trace() or item.trace)
        return False
    return True


async def is_open(unit: UnitOfWork, item: Item) -> bool:
    """Whether it has no outcome yet: it may have been superseded since it was taken."""
    found = await unit.connection.fetchval(
        "SELECT 1 FROM work_item WHERE command_id = $1 AND finished_at IS NULL", item.command_id
    )
    return found is not None


async def postpone(unit: UnitOfWork, item: Item, seconds: float) -> None:
    """Tries the item again later."""
    await unit.connection.execute(
        """
        UPDATE work_item SET attempts = attempts + 1, available_at = now() + make_interval(secs => $2)
        WHERE command_id = $1 AND finished_at IS NULL
        """,
        item.command_id,
        bounded(seconds),
    )


async def finish(unit: UnitOfWork, item: Item, outcome: Outcome) -> None:
    """Gives the item its one outcome; nothing happens when it has one already."""
    if await _close(unit, item.command_id, outcome):
        unit.publish(outcome, trace=current_trace() or item.trace)


async def _close(unit: UnitOfWork, command_id: UUID, outcome: Outcome) -> bool:
    status = await unit.connection.execute(
        """
        UPDATE work_item SET finished_at = now(), outcome_type = $2, outcome = $3
        WHERE command_id = $1 AND finished_at IS NULL
        """,
        command_id,
        type(outcome).__name__,
        outcome.model_dump_json(),
    )
    return str(status) == "UPDATE 1"


def refusal(
    item: Item, reason: str, detail: str = "", candidates: tuple[str, ...] = (), *, remote_id: str | None = None
) -> RecordRefused:
    """The outcome of a command that a person must look at; `detail`, which may be the remote's own text, fit to be stored.

    `remote_id` names what was made all the same, and is not what was asked for.
    """
    return RecordRefused(
        connection_id=item.connection_id,
        command_id=item.command_id,
        command_record_id=item.command.record_id,
        kind=item.command.kind,
        generation=item.command.generation,
        reason=reason,
        detail=str(storable(detail)),
        candidates=candidates,
        remote_id=remote_id,
    )


def saved(
    item: Item,
    remote_id: str,
    *,
    adopted: bool = False,
    note: Literal["", "cancelled", "credited"] = "",
    differences: tuple[Difference, ...] = (),
) -> RecordSaved:
    """The outcome of a command that was carried out."""
    return RecordSaved(
        connection_id=item.connection_id,
        command_id=item.command_id,
        command_record_id=item.command.record_id,
        kind=item.command.kind,
        generation=item.command.generation,
        remote_id=remote_id,
        adopted=adopted,
        note=note,
        differences=differences,
    )


async def lease(connection: Connection, wanted: Sequence[UUID], holder: UUID, seconds: float) -> dict[UUID, bool]:
    """Takes or renews leases; the answer names those that are ours, and whether nobody ever held them before."""
    rows = await connection.fetch(
        """
        INSERT INTO lane AS held (connection_id, holder, leased_until)
        SELECT id, $2, now() + make_interval(secs => $3) FROM unnest($1::uuid[]) AS id ORDER BY id
        ON CONFLICT (connection_id) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
            WHERE held.holder = excluded.holder OR held.leased_until < now()
        RETURNING connection_id, (xmax = 0) AS is_new
        """,
        sorted(wanted),
        holder,
        seconds,
    )
    return {row["connection_id"]: row["is_new"] for row in rows}


async def depth(connection: Connection) -> int:
    """How many commands have no outcome yet."""
    return int(await connection.fetchval("SELECT count(*) FROM work_item WHERE finished_at IS NULL"))


async def waiting(connection: Connection, connection_ids: Sequence[UUID]) -> dict[UUID, Waiting]:
    """The open commands of these connections; a connection without any is left out."""
    rows = await connection.fetch(
        """
        SELECT connection_id, count(*) AS count, min(created_at) AS oldest_at FROM work_item
        WHERE finished_at IS NULL AND connection_id = ANY($1::uuid[]) GROUP BY connection_id
        """,
        list(connection_ids),
    )
    return {row["connection_id"]: Waiting(row["count"], row["oldest_at"]) for row in rows}
