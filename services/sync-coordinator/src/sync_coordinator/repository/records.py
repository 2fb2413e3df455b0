"""Records and their timelines."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from contracts.kinds import RecordKind
from contracts.values import Deal, Trigger
from servicekit.database import Connection as Session
from sync_coordinator.domain.records import Record, State

TIMELINE_LENGTH = 50
SAME_AS_ONE_OF_LAST = 3

Key = tuple[UUID, str, str]


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: a code and its parameters; `times` counts what happened again."""

    at: datetime
    code: str
    params: Mapping[str, str]
    times: int


async def find(session: Session, connection_id: UUID, kind: RecordKind, key: str) -> Record | None:
    """One record."""
    row = await session.fetchrow(
        "SELECT * FROM record WHERE connection_id = $1 AND kind = $2 AND record_key = $3", connection_id, kind, key
    )
    return _record(row) if row else None


async def of_company(session: Session, connection_id: UUID, company_id: str) -> list[Record]:
    """All records of a company: its customer, its documents, and what could not be shown."""
    rows = await session.fetch(
        "SELECT * FROM record WHERE connection_id = $1 AND company_id = $2 ORDER BY kind, record_key", connection_id, company_id
    )
    return [_record(row) for row in rows]


async def with_state(session: Session, connection_id: UUID, state: State) -> list[Record]:
    """All records of a connection in one state."""
    rows = await session.fetch(
        "SELECT * FROM record WHERE connection_id = $1 AND state = $2 ORDER BY record_key", connection_id, state
    )
    return [_record(row) for row in rows]


async def customers_under_way(session: Session, connection_id: UUID, company_ids: Sequence[str]) -> list[Record]:
    """The customers of these companies whose create is under way."""
    rows = await session.fetch(
        """
        SELECT * FROM record
        WHERE connection_id = $1 AND kind = 'customer' AND record_key = ANY($2::text[]) AND state = 'sending'
        ORDER BY record_key
        """,
        connection_id,
        list(company_ids),
    )
    return [_record(row) for row in rows]


async def with_reason(
    session: Session, connection_id: UUID, reasons: Collection[str], company_ids: Sequence[str]
) -> list[Record]:
    """The records of these companies that need attention for one of these reasons."""
    rows = await session.fetch(
        """
        SELECT * FROM record
        WHERE connection_id = $1 AND state = 'needs_attention' AND reason = ANY($2::text[]) AND company_id = ANY($3::text[])
        ORDER BY kind, record_key
        """,
        connection_id,
        sorted(reasons),
        list(company_ids),
    )
    return [_record(row) for row in rows]


async def connections_due(session: Session, now: datetime) -> list[UUID]:
    """Active connections with records that are to be read again now."""
    rows = await session.fetch(
        """
        SELECT DISTINCT connection_id FROM record JOIN connection USING (connection_id)
        WHERE recheck_at <= $1 AND connection.state = 'active'
        """,
        now,
    )
    return [row["connection_id"] for row in rows]


async def due(session: Session, connection_id: UUID, now: datetime, limit: int) -> list[Record]:
    """A connection's records that are to be read again now, the most overdue first."""
    rows = await session.fetch(
        "SELECT * FROM record WHERE connection_id = $1 AND recheck_at <= $2 ORDER BY recheck_at LIMIT $3",
        connection_id,
        now,
        limit,
    )
    return [_record(row) for row in rows]


async def save(session: Session, record: Record) -> None:
    """Stores a record whole. Its row stays for ever: it is the reason why a deal makes one document."""
    await session.execute(
        """
        INSERT INTO record (
            connection_id, kind, record_key, company_id, state, reason, detail, candidates, remote_id, note, cause, deal,
            deal_version, deal_at, decision_version, command_id, rounds, is_asked, is_released, is_reopened, content_digest,
            updated_at, recheck_at, refused_for, refusals)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
                $25)
        ON CONFLICT (connection_id, kind, record_key) DO UPDATE SET
            company_id = excluded.company_id, state = excluded.state, reason = excluded.reason, detail = excluded.detail,
            candidates = excluded.candidates, remote_id = excluded.remote_id, note = excluded.note, cause = excluded.cause,
            deal = excluded.deal, deal_version = excluded.deal_version, deal_at = excluded.deal_at,
            decision_version = excluded.decision_version, command_id = excluded.command_id, rounds = excluded.rounds,
            is_asked = excluded.is_asked, is_released = excluded.is_released, is_reopened = excluded.is_reopened,
            content_digest = excluded.content_digest, updated_at = excluded.updated_at, recheck_at = excluded.recheck_at,
            refused_for = excluded.refused_for, refusals = excluded.refusals
        """,
        *_columns(record),
    )


def _columns(record: Record) -> tuple[object, ...]:
    return (
        record.connection_id,
        record.kind,
        record.key,
        record.company_id,
        record.state,
        record.reason,
        record.detail,
        list(record.candidates),
        record.remote_id,
        record.note,
        record.cause,
        record.deal.model_dump_json() if record.deal else None,
        record.deal_version,
        record.deal_at,
        record.decision_version,
        record.command_id,
        record.rounds,
        record.is_asked,
        record.is_released,
        record.is_reopened,
        record.content_digest,
        record.updated_at,
        record.recheck_at,
        record.refused_for,
        record.refusals,
    )


async def recheck_at(session: Session, records: Sequence[Record], moments: Sequence[datetime]) -> None:
    """Sets when records are read again."""
    await session.execute(
        """
        UPDATE record SET recheck_at = wanted.moment
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS wanted (connection_id, kind, record_key, moment)
        WHERE record.connection_id = wanted.connection_id AND record.kind = wanted.kind
              AND record.record_key = wanted.record_key
        """,
        [record.connection_id for record in records],
        [record.kind for record in records],
        [record.key for record in records],
        list(moments),
    )


async def recheck_now(session: Session, connection_id: UUID, now: datetime) -> None:
    """After a pause: everything that waits for a reading is read at once."""
    await session.execute(
        "UPDATE record SET recheck_at = $2 WHERE connection_id = $1 AND recheck_at IS NOT NULL", connection_id, now
    )


async def recheck_refused(session: Session, connection_id: UUID, reason: str, now: datetime) -> None:
    """What was refused for this reason is read again at once: somebody has mended it, so it is no longer known to hold."""
    await session.execute(
        """
        UPDATE record SET recheck_at = $3, refused_for = '', refusals = 0
        WHERE connection_id = $1 AND refused_for = $2 AND reason = $2 AND state = 'needs_attention'
        """,
        connection_id,
        reason,
        now,
    )


async def note(session: Session, record: Record, at: datetime, code: str, params: Mapping[str, str]) -> None:
    """Adds to the timeline; what one of the last entries says already is counted there. The oldest entries go."""
    key = (record.connection_id, record.kind, record.key)
    text = json.dumps(dict(params))
    status = await session.execute(
        """
        UPDATE timeline SET at = $4, times = times + 1
        WHERE code = $5 AND params = $6::jsonb AND timeline_id IN (
            SELECT timeline_id FROM timeline WHERE connection_id = $1 AND kind = $2 AND record_key = $3
            ORDER BY timeline_id DESC LIMIT $7)
        """,
        *key,
        at,
        code,
        text,
        SAME_AS_ONE_OF_LAST,
    )
    if status != "UPDATE 0":
        return
    await session.execute(
        """
        WITH added AS (
            INSERT INTO timeline (connection_id, kind, record_key, at, code, params) VALUES ($1, $2, $3, $4, $5, $6::jsonb))
        DELETE FROM timeline WHERE timeline_id IN (
            SELECT timeline_id FROM timeline WHERE connection_id = $1 AND kind = $2 AND record_key = $3
            ORDER BY timeline_id DESC OFFSET $7)
        """,
        *key,
        at,
        code,
        text,
        TIMELINE_LENGTH - 1,
    )


async def timelines(session: Session, keys: Sequence[Key]) -> dict[Key, list[Entry]]:
    """The timelines of records, each with the newest entry first."""
    rows = await session.fetch(
        """
        SELECT connection_id, kind, record_key, at, code, params, times
        FROM timeline JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS wanted (connection_id, kind, record_key)
            USING (connection_id, kind, record_key)
        ORDER BY at DESC, timeline_id DESC
        """,
        [key[0] for key in keys],
        [key[1] for key in keys],
        [key[2] for key in keys],
    )
    found: dict[Key, list[Entry]] = {key: [] for key in keys}
    for row in rows:
        entry = Entry(row["at"], row["code"], json.loads(row["params"]), row["times"])
        found[(row["connection_id"], row["kind"], row["record_key"])].append(entry)
    return found


@dataclass(frozen=True)
class Filter:
    """Which records are wanted; None wants all."""

    connection_id: UUID | None = None
    state: State | None = None
    kind: RecordKind | None = None
    key: str | None = None


async def page(session: Session, wanted: Filter, *, offset: int, limit: int) -> tuple[list[Record], int]:
    """Records, those touched last first, and how many there are in all."""
    # Only conditions that are asked for: with "$1 IS NULL OR" a prepared statement's plan could not use an index.
    given = {"connection_id": wanted.connection_id, "state": wanted.state, "kind": wanted.kind, "record_key": wanted.key}
    values = {column: value for column, value in given.items() if value is not None}
    where = " AND ".join(f"{column} = ${number}" for number, column in enumerate(values, 1)) or "true"
    rows = await session.fetch(
        f"""
        SELECT * FROM record WHERE {where} ORDER BY updated_at DESC, connection_id, kind, record_key
        LIMIT {limit:d} OFFSET {offset:d}
        """,
        *values.values(),
    )
    total = await session.fetchval(f"SELECT count(*) FROM record WHERE {where}", *values.values())
    return [_record(row) for row in rows], int(total)


async def counts(session: Session) -> dict[UUID, dict[str, int]]:
    """How many records each connection has in each state."""
    rows = await session.fetch("SELECT connection_id, state, count(*) AS number FROM record GROUP BY connection_id, state")
    found: dict[UUID, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["connection_id"], {})[row["state"]] = row["number"]
    return found


def _record(row: asyncpg.Record) -> Record:
    return Record(
        connection_id=row["connection_id"],
        kind=RecordKind(row["kind"]),
        key=row["record_key"],
        company_id=row["company_id"],
        state=State(row["state"]),
        updated_at=row["updated_at"],
        reason=row["reason"],
        detail=row["detail"],
        candidates=tuple(row["candidates"]),
        remote_id=row["remote_id"],
        note=row["note"],
        cause=Trigger(row["cause"]) if row["cause"] else None,
        deal=Deal.model_validate_json(row["deal"]) if row["deal"] else None,
        deal_version=row["deal_version"],
        deal_at=row["deal_at"],
        decision_version=row["decision_version"],
        command_id=row["command_id"],
        rounds=row["rounds"],
        is_asked=row["is_asked"],
        is_released=row["is_released"],
        is_reopened=row["is_reopened"],
        content_digest=row["content_digest"],
        recheck_at=row["recheck_at"],
        refused_for=row["refused_for"],
        refusals=row["refusals"],
    )
