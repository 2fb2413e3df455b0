"""What needs attention for one cause, taken together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from servicekit.database import Connection as Session
from sync_coordinator.domain.reasons import UNNAMED

MOST = 500
"""How many records of one cause are tried again by one click."""


@dataclass(frozen=True)
class RefusedGroup:
    """Records that a remote system refused for one cause. `keys`: kind and record key; `next_at`: the first automatic try."""

    connection_id: UUID
    reason: str
    detail: str
    count: int
    sum: Decimal | None
    keys: tuple[tuple[str, str], ...]
    next_at: datetime | None


async def groups(session: Session) -> list[RefusedGroup]:
    """Causes for which two records or more were refused, per connection, the largest group first.

    A cause without a name of its own is known by the remote system's words only, so those tell them apart.
    """
    rows = await session.fetch(
        """
        SELECT connection_id, reason, min(detail) AS detail, count(*) AS number, min(recheck_at) AS next_at,
               sum((deal::jsonb ->> 'value')::numeric) AS sum,
               array_agg(kind || '/' || record_key ORDER BY updated_at, record_key) AS keys
        FROM record WHERE state = 'needs_attention' AND refused_for = reason
        GROUP BY connection_id, reason, CASE WHEN reason = ANY($1::text[]) THEN detail ELSE '' END
        HAVING count(*) > 1 ORDER BY connection_id, count(*) DESC, reason
        """,
        sorted(UNNAMED),
    )
    return [
        RefusedGroup(
            connection_id=row["connection_id"],
            reason=row["reason"],
            detail=row["detail"],
            count=row["number"],
            sum=row["sum"],
            keys=tuple((kind, key) for kind, _, key in (one.partition("/") for one in row["keys"][:MOST])),
            next_at=row["next_at"],
        )
        for row in rows
    ]
