"""Messages that could not be understood, and those that wait: for their connection, for what may pass, or behind another.

In a table per service; the dead ones are for operators.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from servicekit.database import Connection


@dataclass(frozen=True)
class Letter:
    """A stored message."""

    dead_letter_id: int
    topic: str
    type: str
    body: bytes
    headers: dict[str, str]
    state: str
    reason: str
    key: str
    is_over: bool
    """It waited for as long as it may."""


async def store(
    connection: Connection, topic: str, key: str, head: Mapping[str, str], body: bytes, reason: str, wait: timedelta | None
) -> None:
    """Keeps a message: dead, or waiting for at most `wait`; one that waits already is not kept twice."""
    await connection.execute(
        """
        INSERT INTO dead_letter (topic, key, type, body, headers, state, reason, wait_until)
        SELECT $1::text, $2::text, $3::text, $4::bytea, $5::jsonb, $6::text, $7::text, now() + $8::interval
        WHERE NOT EXISTS (
            SELECT 1 FROM dead_letter
            WHERE state = 'waiting' AND $6 = 'waiting' AND topic = $1 AND key = $2 AND headers->>'ce_id' = $5::jsonb->>'ce_id')
        """,
        topic,
        key,
        head.get("ce_type", ""),
        body,
        json.dumps(dict(head)),
        "dead" if wait is None else "waiting",
        reason,
        wait,
    )


async def letters(connection: Connection, state: str, topic: str | None = None, after: int = 0, limit: int = 100) -> list[Letter]:
    """The oldest letters in a state, of one topic or of all; `after` is the last id of the page before."""
    rows = await connection.fetch(
        """
        SELECT *, coalesce(wait_until < now(), false) AS is_over FROM dead_letter
        WHERE state = $1 AND ($2::text IS NULL OR topic = $2) AND dead_letter_id > $3
        ORDER BY dead_letter_id LIMIT $4
        """,
        state,
        topic,
        after,
        limit,
    )
    return [_letter(row) for row in rows]


def _letter(row: Any) -> Letter:
    return Letter(
        dead_letter_id=row["dead_letter_id"],
        topic=row["topic"],
        type=row["type"],
        body=row["body"] or b"",
        headers=json.loads(row["headers"]),
        state=row["state"],
        reason=row["reason"],
        key=row["key"],
        is_over=row["is_over"],
    )


async def waiting_keys(connection: Connection, topic: str, keys: list[str]) -> set[str]:
    """Those of the keys of which a letter waits."""
    rows = await connection.fetch(
        "SELECT DISTINCT key FROM dead_letter WHERE state = 'waiting' AND topic = $1 AND key = ANY($2::text[])", topic, keys
    )
    return {row["key"] for row in rows}


async def settle(connection: Connection, dead_letter_id: int) -> None:
    """Marks a letter as handled."""
    await connection.execute("UPDATE dead_letter SET state = 'retried' WHERE dead_letter_id = $1", dead_letter_id)


async def bury(connection: Connection, dead_letter_id: int, reason: str) -> None:
    """A letter that waited is dead, for a reason of its own."""
    await connection.execute(
        "UPDATE dead_letter SET state = 'dead', reason = $2 WHERE dead_letter_id = $1", dead_letter_id, reason
    )


async def mark_for_retry(connection: Connection, dead_letter_id: int) -> bool:
    """An operator's retry: the letter is handled once more within seconds. False when there is no such dead letter."""
    status = await connection.execute(
        """
        UPDATE dead_letter SET state = 'waiting', wait_until = now() + interval '1 minute'
        WHERE dead_letter_id = $1 AND state = 'dead'
        """,
        dead_letter_id,
    )
    return str(status) == "UPDATE 1"


async def count_dead(connection: Connection) -> int:
    """How many dead letters nobody has retried."""
    return int(await connection.fetchval("SELECT count(*) FROM dead_letter WHERE state = 'dead'"))
