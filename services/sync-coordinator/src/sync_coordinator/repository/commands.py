"""Commands that were sent, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from contracts.kinds import RecordKind
from contracts.message import Command
from contracts.registry import TYPES
from servicekit.database import Connection as Session
from sync_coordinator.domain.reasons import MAY_EXIST


@dataclass(frozen=True)
class Sent:
    """A command as it was sent: which record it belongs to, and whether it was taken back."""

    command: Command
    record_key: str
    company_id: str
    trace: str
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Reference:
    """Which record a command was for."""

    kind: RecordKind
    record_key: str
    company_id: str


async def add(session: Session, sent: Sequence[Sent], now: datetime) -> None:
    """Stores commands in one statement."""
    await session.execute(
        """
        INSERT INTO command (command_id, connection_id, type, kind, record_key, company_id, body, trace, sent_at)
        SELECT *, $9::timestamptz
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
        """,
        [item.command.command_id for item in sent],
        [item.command.connection_id for item in sent],
        [type(item.command).__name__ for item in sent],
        [item.command.kind for item in sent],
        [item.record_key for item in sent],
        [item.company_id for item in sent],
        [item.command.model_dump_json() for item in sent],
        [item.trace for item in sent],
        now,
    )


async def mark_withdrawn(session: Session, command_ids: Sequence[UUID], now: datetime) -> None:
    """Notes that commands were taken back."""
    await session.execute(
        "UPDATE command SET withdrawn_at = $2 WHERE command_id = ANY($1::uuid[]) AND withdrawn_at IS NULL", list(command_ids), now
    )


async def finish(session: Session, outcomes: Sequence[tuple[UUID, str, str]], now: datetime) -> dict[UUID, Reference]:
    """Stores outcomes (command, outcome, reason) and says which record each command was for; unknown commands are left out."""
    rows = await session.fetch(
        """
        UPDATE command SET outcome = given.outcome, reason = given.reason, finished_at = $4
        FROM unnest($1::uuid[], $2::text[], $3::text[]) AS given (command_id, outcome, reason)
        WHERE command.command_id = given.command_id
        RETURNING command.command_id, kind, record_key, company_id
        """,
        [command_id for command_id, _, _ in outcomes],
        [outcome for _, outcome, _ in outcomes],
        [reason for _, _, reason in outcomes],
        now,
    )
    return {row["command_id"]: Reference(RecordKind(row["kind"]), row["record_key"], row["company_id"]) for row in rows}


async def find(session: Session, command_id: UUID) -> Command | None:
    """A command that was sent; None when it is not known, or so old that its body is erased."""
    row = await session.fetchrow("SELECT * FROM command WHERE command_id = $1 AND body IS NOT NULL", command_id)
    return _sent(row).command if row else None


async def is_reading(session: Session, connection_id: UUID, company_id: str) -> bool:
    """Whether a reading of this company has been ordered and has no outcome yet."""
    found = await session.fetchval(
        """
        SELECT 1 FROM command
        WHERE connection_id = $1 AND company_id = $2 AND kind = 'reading' AND finished_at IS NULL LIMIT 1
        """,
        connection_id,
        company_id,
    )
    return found is not None


async def documents_since(session: Session, connection_id: UUID, moment: datetime, besides: str) -> int:
    """How many documents, besides that of one deal, were made or may be by creates that were sent since then.

    One that was sent again counts once; a create that was refused or taken back made nothing.
    """
    return int(
        await session.fetchval(
            """
            SELECT count(DISTINCT record_key) FROM command
            WHERE connection_id = $1 AND kind = 'invoice' AND sent_at > $2 AND record_key <> $4
                  AND (outcome IS NULL OR outcome = 'RecordSaved' OR reason = ANY($3::text[]))
            """,
            connection_id,
            moment,
            sorted(MAY_EXIST),
            besides,
        )
    )


async def connections_unanswered(session: Session, now: datetime, patience: timedelta) -> list[UUID]:
    """Active connections with commands whose outcome has not come in time."""
    rows = await session.fetch(
        """
        SELECT DISTINCT connection_id FROM command JOIN connection USING (connection_id)
        WHERE finished_at IS NULL AND connection.state = 'active' AND coalesce(resent_at, sent_at) <= $1
        """,
        now - patience,
    )
    return [row["connection_id"] for row in rows]


async def take_unanswered(session: Session, connection_id: UUID, now: datetime, patience: timedelta, limit: int) -> list[Sent]:
    """A connection's commands whose outcome has not come in time; they count as sent again now.

    Of creates only what was ordered last: an older one that was lost would take the newer one's place.
    """
    rows = await session.fetch(
        """
        UPDATE command SET resent_at = $1
        WHERE command_id IN (
            SELECT command_id FROM command JOIN connection USING (connection_id)
            WHERE connection_id = $4 AND finished_at IS NULL AND connection.state = 'active'
                  AND coalesce(resent_at, sent_at) <= $2
                  AND (kind NOT IN ('customer', 'invoice') OR EXISTS (
                      SELECT 1 FROM record
                      WHERE record.connection_id = command.connection_id AND record.kind = command.kind
                            AND record.record_key = command.record_key AND record.command_id = command.command_id))
            ORDER BY sent_at LIMIT $3 FOR UPDATE OF command SKIP LOCKED)
        RETURNING *
        """,
        now,
        now - patience,
        limit,
        connection_id,
    )
    return [_sent(row) for row in sorted(rows, key=lambda row: row["sent_at"])]


def _sent(row: asyncpg.Record) -> Sent:
    command = TYPES[row["type"]].model_validate_json(row["body"])
    assert isinstance(command, Command)
    return Sent(command, row["record_key"], row["company_id"], row["trace"], row["withdrawn_at"] is not None)


async def erase_bodies(session: Session, before: datetime) -> None:
    """Erases the bodies of commands that finished before then: they hold personal data."""
    await session.execute("UPDATE command SET body = NULL WHERE finished_at < $1 AND body IS NOT NULL", before)
