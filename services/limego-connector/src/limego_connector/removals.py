"""When a company that was not found is gone: by a later reading, and never when many are missing at once.

A null in an answer may be a slip of Lime Go's, or a key that suddenly reads less; a removal ends links and records.
"""

from __future__ import annotations

from limego_connector import mapping
from limego_connector.repository import hints, records
from limego_connector.repository.hints import NewHint
from servicekit.database import Connection
from servicekit.errors import TransientError
from servicekit.lanes import Lane
from servicekit.telemetry import current_trace, span

MOST_MISSING, MOST_MISSING_SHARE = 10, 0.05
"""More companies than both, missing at once, are no removals: nobody deletes a register one by one."""


class SuspiciousAnswerError(TransientError):
    """More companies are missing at once than is likely; none is taken for gone, and they are looked for again."""


async def require_likely(connection: Connection, lane: Lane) -> None:
    """SuspiciousAnswerError when more companies are missing than is likely."""
    missing, known = await records.count_missing(connection, lane.connection_id)
    if missing > MOST_MISSING and missing > MOST_MISSING_SHARE * known:
        raise SuspiciousAnswerError(
            f"Lime Go does not find {missing} of {known} companies; none is taken for gone: check what its key may read"
        )


class Removals:
    """Has missing companies read again, one by one, when they have been missing for `confirm_after` seconds."""

    def __init__(self, lane: Lane, confirm_after: float) -> None:
        self._lane = lane
        self._confirm_after = confirm_after

    async def run(self) -> None:
        """One hint for each; the reading that serves it reports the company as gone, or that it is there."""
        pool, connection_id = self._lane.database.pool, self._lane.connection_id
        missing = await records.missing_for(pool, connection_id, self._confirm_after)
        if not missing:
            return
        await require_likely(pool, self._lane)
        with span("removals", attributes={"dubbelsynk.connection.id": str(connection_id)}):
            async with self._lane.unit_of_work() as unit:
                new = [NewHint(mapping.company_record(company_id)) for company_id in missing]
                await hints.store_from_walk(unit, connection_id, new, current_trace())
