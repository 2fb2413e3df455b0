"""Hints: stored before anybody is answered, folded by record and expectation, forgotten once a reading agrees with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from limego_connector.domain import Expectation
from servicekit.database import Connection, UnitOfWork
from servicekit.waits import bounded

MOST_FROM_WEBHOOKS = 2_000
"""Open hints of a connection that only web hooks tell. Of more the oldest are dropped: feed and walk tell what is real."""
MOST_CONTRADICTED = 200
"""So many of them are read again when a reading contradicts them; one more is believed to be untrue at once."""

CATCHES_UP = """
    EXISTS (SELECT 1 FROM connection WHERE connection_id = $1 AND resumed_at IS NOT NULL AND caught_up_at IS NULL)
"""
"""SQL: whether what a pause hid is still sought."""
# The version before left both of these out.
WEBHOOK_AT = "coalesce(webhook_at, CASE WHEN source = 'webhook' THEN received_at END)"
CONFIRMED_AT = "coalesce(confirmed_at, CASE WHEN source <> 'webhook' THEN received_at END)"
MAY_BE_SERVED = f"""
    (NOT {CATCHES_UP} OR (expects = 'won' AND {WEBHOOK_AT} >= (SELECT resumed_at FROM connection WHERE connection_id = $1)))
"""
"""SQL: hints wait while a pause is caught up with, but for a web hook that speaks for a new win (decision 0014)."""


@dataclass(frozen=True)
class NewHint:
    """What a source has to tell; `position` only in the feed. Without a record it is only noted as seen."""

    record_key: str | None
    expects: Expectation = Expectation.ANYTHING
    position: str = ""


@dataclass(frozen=True)
class ToldHint:
    """What a web hook tells, with the hash of the token in its address."""

    token_hash: bytes
    record_key: str | None
    expects: Expectation
    trace: str


@dataclass(frozen=True)
class Stored:
    """What became of web hooks: the tokens that are known, and the connection of each hint that is stored."""

    known_tokens: frozenset[bytes]
    connection_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Hint:
    """A stored hint; `told` tells when it has been told again since it was taken."""

    hint_id: int
    record_key: str
    expects: Expectation
    contradicted: int
    failed: int
    trace: str
    told: int
    is_confirmed: bool


async def store_from_webhooks(connection: Connection, hints: Sequence[ToldHint], pause: float) -> Stored:
    """Stores hints and wakes their lanes, in one statement. A record whose reading contradicts is read again after `pause`.

    A baseline deal never triggers, so what happens to it is not even stored.
    """
    times = Counter((hint.token_hash, hint.record_key, hint.expects) for hint in hints if hint.record_key is not None)
    traces = {(hint.token_hash, hint.record_key, hint.expects): hint.trace for hint in reversed(hints)}
    rows = await connection.fetch(
        """
        WITH told AS (
            SELECT connection_id, record_key, expects, max(trace) AS trace, sum(times)::integer AS times
            FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::integer[])
                     AS given (token_hash, record_key, expects, deal_id, trace, times)
                 JOIN webhook USING (token_hash)
            WHERE NOT EXISTS (
                SELECT 1 FROM deal
                WHERE deal.connection_id = webhook.connection_id AND deal.deal_id = given.deal_id AND state = 'baseline')
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ),
        stored AS (
            INSERT INTO hint AS known (connection_id, record_key, expects, source, trace, told, webhook_at)
            SELECT connection_id, record_key, expects, 'webhook', trace, times, now() FROM told
            ON CONFLICT (connection_id, record_key, expects) WHERE told IS NOT NULL DO UPDATE
                SET told = known.told + excluded.told, told_at = now(), webhook_at = now(),
                    available_at = CASE WHEN known.contradicted = 0 THEN known.available_at
                        ELSE least(known.available_at, now() + make_interval(secs => $8)) END,
                    contradicted = least(known.contradicted, 1)
            RETURNING connection_id
        ),
        rung AS (
            SELECT pg_notify(current_schema() || '_hint', connection_id::text)
            FROM (SELECT DISTINCT connection_id FROM stored) AS woken
        )
        SELECT token_hash, NULL::uuid AS connection_id FROM webhook WHERE token_hash = ANY($7::bytea[])
        UNION ALL SELECT NULL, connection_id FROM stored
        UNION ALL SELECT NULL, NULL FROM rung
        """,
        [token_hash for token_hash, _, _ in times],
        [record_key for _, record_key, _ in times],
        [expects.value for _, _, expects in times],
        [_deal_id(record_key) for _, record_key, _ in times],
        [traces[one] for one in times],
        list(times.values()),
        sorted({hint.token_hash for hint in hints}),
        bounded(pause),
    )
    return Stored(
        frozenset(row["token_hash"] for row in rows if row["token_hash"] is not None),
        tuple(row["connection_id"] for row in rows if row["connection_id"] is not None),
    )


async def trim(connection: Connection, connection_id: UUID) -> None:
    """Drops what only web hooks tell above the cap: what a reading has contradicted first, then the oldest."""
    await connection.execute(
        f"""
        DELETE FROM hint WHERE hint_id IN (
            SELECT hint_id FROM hint
            WHERE connection_id = $1 AND hint_id IN (
                SELECT hint_id FROM hint WHERE connection_id = $1 AND {CONFIRMED_AT} IS NULL
                ORDER BY contradicted > 0, told_at DESC, hint_id DESC OFFSET $2)
            FOR UPDATE SKIP LOCKED)
        """,
        connection_id,
        MOST_FROM_WEBHOOKS,
    )


async def store_from_feed(
    unit: UnitOfWork, connection_id: UUID, hints: Sequence[NewHint], trace: str, *, is_peeked: bool, pause: float
) -> int:
    """Stores items that were not stored before; how many were new. `pause` as in `store_from_webhooks`.

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
    found = [hint for hint in hints if hint.position in fresh]
    await _store(unit, connection_id, found, "feed", trace, pause)
    return len(found)


async def store_from_walk(unit: UnitOfWork, connection_id: UUID, hints: Sequence[NewHint], trace: str) -> int:
    """Stores what a walk found; how many were new. One that waits already is confirmed, and read no sooner for it."""
    return await _store(unit, connection_id, hints, "walk", trace, None)


async def _store(
    unit: UnitOfWork, connection_id: UUID, hints: Sequence[NewHint], source: str, trace: str, pause: float | None
) -> int:
    """How many rows are new. `pause` is None for a source that tells the same again and again."""
    useful = [hint for hint in hints if hint.record_key is not None]
    rows = await unit.connection.fetch(
        """
        INSERT INTO hint AS known (connection_id, record_key, expects, source, trace, told, confirmed_at)
        SELECT $1, given.record_key, given.expects, $5, $6, count(*), now()
        FROM unnest($2::text[], $3::text[], $4::bigint[]) AS given (record_key, expects, deal_id)
        WHERE NOT EXISTS (
            SELECT 1 FROM deal WHERE deal.connection_id = $1 AND deal.deal_id = given.deal_id AND state = 'baseline')
        GROUP BY 2, 3 ORDER BY 2, 3
        ON CONFLICT (connection_id, record_key, expects) WHERE told IS NOT NULL DO UPDATE
            SET confirmed_at = coalesce(known.confirmed_at, now()),
                told = known.told + CASE WHEN $7::float IS NULL THEN 0 ELSE excluded.told END,
                told_at = CASE WHEN $7 IS NULL THEN known.told_at ELSE now() END,
                available_at = CASE WHEN $7 IS NULL OR known.contradicted = 0 THEN known.available_at
                    ELSE least(known.available_at, now() + make_interval(secs => $7)) END,
                contradicted = CASE WHEN $7 IS NULL THEN known.contradicted ELSE least(known.contradicted, 1) END
        RETURNING xmax = 0 AS is_new
        """,
        connection_id,
        [hint.record_key for hint in useful],
        [hint.expects.value for hint in useful],
        [_deal_id(hint.record_key) for hint in useful],
        source,
        trace,
        None if pause is None else bounded(pause),
    )
    if rows:
        await unit.connection.execute("SELECT pg_notify(current_schema() || '_hint', $1)", str(connection_id))
    return sum(row["is_new"] for row in rows)


def _deal_id(record_key: str | None) -> int | None:
    kind, _, record_id = (record_key or "").partition("/")
    return int(record_id) if kind == "deal" else None


async def due(connection: Connection, connection_id: UUID, busy: Sequence[str], limit: int) -> list[Hint]:
    """Hints whose time has come, of at most twice `limit` records that nobody is reading.

    The newest first, in turns with what feed or walk confirm, the longest-waiting first: neither a flood of web hooks nor a
    walk that finds much delays the other's. What a reading has contradicted comes after what nobody has read.
    """
    rows = await connection.fetch(
        f"""
        WITH open AS MATERIALIZED (
            SELECT record_key, max(told_at) AS told_at, min({CONFIRMED_AT}) AS confirmed_at, bool_and(contradicted > 0) AS is_read
            FROM hint
            WHERE connection_id = $1 AND available_at <= now() AND record_key <> ALL($2::text[]) AND {MAY_BE_SERVED}
            GROUP BY record_key
        ),
        newest AS (SELECT record_key, row_number() OVER (ORDER BY is_read, told_at DESC) AS place FROM open LIMIT $3),
        confirmed AS (
            SELECT record_key, row_number() OVER (ORDER BY is_read, confirmed_at) AS place
            FROM open WHERE confirmed_at IS NOT NULL LIMIT $3
        ),
        chosen AS (
            SELECT record_key, min(place) AS place
            FROM (SELECT * FROM newest UNION ALL SELECT * FROM confirmed) AS both_ways GROUP BY record_key
        )
        SELECT hint_id, record_key, expects, contradicted, failed, trace, coalesce(told, 1) AS told,
               {CONFIRMED_AT} IS NOT NULL AS is_confirmed
        FROM hint JOIN chosen USING (record_key)
        WHERE connection_id = $1 AND available_at <= now() AND {MAY_BE_SERVED}
        ORDER BY place, record_key, hint_id
        """,
        connection_id,
        list(busy),
        limit,
    )
    return [Hint(**{**row, "expects": Expectation(row["expects"])}) for row in rows]


async def seconds_until_due(connection: Connection, connection_id: UUID, busy: Sequence[str]) -> float | None:
    """How long until the next hint; None when none waits."""
    seconds = await connection.fetchval(
        f"""
        SELECT extract(epoch FROM min(available_at) - now()) FROM hint
        WHERE connection_id = $1 AND record_key <> ALL($2::text[]) AND {MAY_BE_SERVED}
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
                        AND (received_at < resumed_at OR {CONFIRMED_AT} <= caught_up_at)))
              AND NOT EXISTS (
                  SELECT 1 FROM hint
                  WHERE hint.connection_id = $1 AND record_key = 'deal/' || deal_id
                        AND expects = 'won' AND {WEBHOOK_AT} >= resumed_at)
        """,
        connection_id,
        list(deal_ids),
    )
    return {row["deal_id"] for row in rows}


async def lock(unit: UnitOfWork, hints: Sequence[Hint]) -> list[Hint]:
    """Locks hints in the order in which the intake does; those that were told again since they were taken."""
    rows = await unit.connection.fetch(
        """
        SELECT hint_id, coalesce(told, 1) AS told FROM hint WHERE hint_id = ANY($1::bigint[])
        ORDER BY record_key, expects, hint_id FOR UPDATE
        """,
        [hint.hint_id for hint in hints],
    )
    told: Mapping[int, int] = {row["hint_id"]: row["told"] for row in rows}
    return [hint for hint in hints if told.get(hint.hint_id, hint.told) != hint.told]


async def is_crowded(unit: UnitOfWork, connection_id: UUID) -> bool:
    """Whether as many hints that only web hooks tell wait for another reading as may."""
    count = await unit.connection.fetchval(
        f"SELECT count(*) FROM hint WHERE connection_id = $1 AND contradicted > 0 AND {CONFIRMED_AT} IS NULL", connection_id
    )
    return int(count) >= MOST_CONTRADICTED


async def remove(unit: UnitOfWork, hint_ids: Sequence[int]) -> None:
    """Forgets hints."""
    await unit.connection.execute("DELETE FROM hint WHERE hint_id = ANY($1::bigint[])", list(hint_ids))


async def renew(unit: UnitOfWork, hint_ids: Sequence[int], seconds: float) -> None:
    """They were told again while their record was read: it is read once more after so long."""
    await unit.connection.execute(
        "UPDATE hint SET failed = 0, available_at = now() + make_interval(secs => $2) WHERE hint_id = ANY($1::bigint[])",
        list(hint_ids),
        bounded(seconds),
    )


async def contradict(unit: UnitOfWork, hint_ids: Sequence[int], seconds: float) -> None:
    """A reading did not show what they say: it is repeated after so long."""
    await unit.connection.execute(
        """
        UPDATE hint SET contradicted = contradicted + 1, failed = 0, available_at = now() + make_interval(secs => $2)
        WHERE hint_id = ANY($1::bigint[])
        """,
        list(hint_ids),
        bounded(seconds),
    )


async def postpone(connection: Connection, hint_ids: Sequence[int], seconds: float) -> None:
    """The reading failed: it is tried again after so long."""
    await connection.execute(
        """
        UPDATE hint SET failed = failed + 1, available_at = now() + make_interval(secs => $2)
        WHERE hint_id = ANY($1::bigint[])
        """,
        list(hint_ids),
        bounded(seconds),
    )
