"""Hints: stored before anybody is answered, folded by record, forgotten once a reading agrees with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from limego_connector.domain import Expectation
from servicekit.database import Connection, UnitOfWork

CATCHES_UP = """
    EXISTS (SELECT 1 FROM connection WHERE connection_id = $1 AND resumed_at IS NOT NULL AND caught_up_at IS NULL)
"""
"""SQL: whether what a pause hid is still sought."""


@dataclass(frozen=True)
class NewHint:
    """What a source has to tell; `position` only in the feed. Without a record it is only noted as seen."""

    record_key: str | None
    expects: Expectation = Expectation.ANYTHING
    position: str = ""


@dataclass(frozen=True)
class Hint:
    """A stored hint."""

    hint_id: int
    record_key: str
    expects: Expectation
    contradicted: int
    failed: int
    trace: str


async def store_from_webhook(connection: Connection, token_hash: bytes, hint: NewHint, trace: str) -> bool:
    """Stores a hint and wakes its lane, in one statement; False when no web hook has this token.

    A baseline deal never triggers, so what happens to it is not even stored.
    """
    found = await connection.fetchval(
        """
        WITH target AS (SELECT connection_id FROM webhook WHERE token_hash = $1),
        stored AS (
            INSERT INTO hint (connection_id, record_key, expects, source, trace)
            SELECT connection_id, $2::text, $3, 'webhook', $4 FROM target
            WHERE $2::text IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM deal
                WHERE deal.connection_id = target.connection_id AND deal_id = $5 AND state = 'baseline')
            RETURNING connection_id
        ),
        rung AS (SELECT pg_notify(current_schema() || '_hint', connection_id::text) FROM stored)
        SELECT (SELECT count(*) FROM rung) FROM target
        """,
        token_hash,
        hint.record_key,
        hint.expects.value,
        trace,
        _deal_id(hint.record_key),
    )
    return found is not None


async def store_from_feed(unit: UnitOfWork, connection_id: UUID, hints: Sequence[NewHint], trace: str, *, is_peeked: bool) -> int:
    """Stores items that were not stored before; how many were new.

    A peek shows the oldest items: one that was stored and is shown no longer has been consumed, and is forgotten.
    """
    positions = [hint.position for hint in hints]
    new = await unit.connection.fetch(
        """
        INSERT INTO feed_item (connection_id, position) SELECT $1, unnest($2::text[])
        ON CONFLICT DO NOTHING RETURNING position
        """,
        connection_id,
        sorted(set(positions)),
    )
    if is_peeked:
        await unit.connection.execute(
            "DELETE FROM feed_item WHERE connection_id = $1 AND position <> ALL($2::text[])", connection_id, positions
        )
    fresh = {row["position"] for row in new}
    return await _store(unit, connection_id, [hint for hint in hints if hint.position in fresh], "feed", trace)


async def store_from_walk(unit: UnitOfWork, connection_id: UUID, hints: Sequence[NewHint], trace: str) -> int:
    """Stores what a walk found, unless the same hint waits already; how many were stored."""
    return await _store(unit, connection_id, hints, "walk", trace)


async def _store(unit: UnitOfWork, connection_id: UUID, hints: Sequence[NewHint], source: str, trace: str) -> int:
    useful = [hint for hint in hints if hint.record_key is not None]
    rows = await unit.connection.fetch(
        """
        INSERT INTO hint (connection_id, record_key, expects, source, trace)
        SELECT $1, given.record_key, given.expects, $5, $6
        FROM unnest($2::text[], $3::text[], $4::bigint[]) AS given (record_key, expects, deal_id)
        WHERE NOT EXISTS (
                  SELECT 1 FROM deal
                  WHERE deal.connection_id = $1 AND deal.deal_id = given.deal_id AND state = 'baseline')
              AND NOT EXISTS (
                  SELECT 1 FROM hint AS waiting
                  WHERE $5 = 'walk' AND waiting.connection_id = $1 AND waiting.record_key = given.record_key
                        AND waiting.expects = given.expects)
        RETURNING hint_id
        """,
        connection_id,
        [hint.record_key for hint in useful],
        [hint.expects.value for hint in useful],
        [_deal_id(hint.record_key) for hint in useful],
        source,
        trace,
    )
    if rows:
        await unit.connection.execute("SELECT pg_notify(current_schema() || '_hint', $1)", str(connection_id))
    return len(rows)


def _deal_id(record_key: str | None) -> int | None:
    kind, _, record_id = (record_key or "").partition("/")
    return int(record_id) if kind == "deal" else None


async def due(connection: Connection, connection_id: UUID, busy: Sequence[str], limit: int = 200) -> list[Hint]:
    """Hints whose time has come, oldest first, of records that nobody is reading; none while a pause is caught up with."""
    rows = await connection.fetch(
        f"""
        SELECT hint_id, record_key, expects, contradicted, failed, trace FROM hint
        WHERE connection_id = $1 AND available_at <= now() AND record_key <> ALL($2::text[]) AND NOT {CATCHES_UP}
        ORDER BY hint_id LIMIT $3
        """,
        connection_id,
        list(busy),
        limit,
    )
    return [
        Hint(
            row["hint_id"],
            row["record_key"],
            Expectation(row["expects"]),
            row["contradicted"],
            row["failed"],
            row["trace"],
        )
        for row in rows
    ]


async def seconds_until_due(connection: Connection, connection_id: UUID, busy: Sequence[str]) -> float | None:
    """How long until the next hint; None when none waits."""
    seconds = await connection.fetchval(
        f"""
        SELECT extract(epoch FROM min(available_at) - now()) FROM hint
        WHERE connection_id = $1 AND record_key <> ALL($2::text[]) AND NOT {CATCHES_UP}
        """,
        connection_id,
        list(busy),
    )
    return None if seconds is None else float(seconds)


async def hidden_by_a_pause(unit: UnitOfWork, connection_id: UUID, deal_ids: Sequence[int]) -> set[int]:
    """Those of the deals that, if they are won, were won in the last pause as far as anybody can tell.

    That is what their hints tell: one stored before the resume, or found by feed or walk while the pause was caught up
    with. A web hook that came after the resume and says "won" speaks for a new win.
    """
    rows = await unit.connection.fetch(
        f"""
        SELECT deal_id
        FROM unnest($2::bigint[]) AS asked (deal_id)
             CROSS JOIN (SELECT resumed_at, caught_up_at FROM connection WHERE connection_id = $1) AS pause
        WHERE ({CATCHES_UP} OR EXISTS (
                  SELECT 1 FROM hint
                  WHERE hint.connection_id = $1 AND record_key = 'deal/' || deal_id
                        AND (received_at < resumed_at OR (source <> 'webhook' AND received_at <= caught_up_at))))
              AND NOT EXISTS (
                  SELECT 1 FROM hint
                  WHERE hint.connection_id = $1 AND record_key = 'deal/' || deal_id AND source = 'webhook'
                        AND expects = 'won' AND received_at >= resumed_at)
        """,
        connection_id,
        list(deal_ids),
    )
    return {row["deal_id"] for row in rows}


async def remove(unit: UnitOfWork, hint_ids: Sequence[int]) -> None:
    """Forgets hints."""
    await unit.connection.execute("DELETE FROM hint WHERE hint_id = ANY($1::bigint[])", list(hint_ids))


async def contradict(unit: UnitOfWork, hint_ids: Sequence[int], seconds: float) -> None:
    """A reading did not show what they say: it is repeated after so long."""
    await unit.connection.execute(
        """
        UPDATE hint SET contradicted = contradicted + 1, failed = 0, available_at = now() + make_interval(secs => $2)
        WHERE hint_id = ANY($1::bigint[])
        """,
        list(hint_ids),
        seconds,
    )


async def postpone(connection: Connection, hint_ids: Sequence[int], seconds: float) -> None:
    """The reading failed: it is tried again after so long."""
    await connection.execute(
        """
        UPDATE hint SET failed = failed + 1, available_at = now() + make_interval(secs => $2)
        WHERE hint_id = ANY($1::bigint[])
        """,
        list(hint_ids),
        seconds,
    )
