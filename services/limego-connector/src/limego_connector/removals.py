"""Decides when a company that Lime Go does not find counts as gone.

A null in an answer may be an error of Lime Go's, or the sign of an API key that reads less than before, and a removal ends
links and records. So a second reading must confirm it, and when many companies are missing, each must stay missing for longer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from limego_connector import mapping
from limego_connector.repository import hints, missing
from limego_connector.repository.hints import NewHint
from limego_connector.repository.missing import MissingCompany
from servicekit.database import Connection
from servicekit.durations import Durations
from servicekit.lanes import Lane
from servicekit.telemetry import current_trace, span

logger = logging.getLogger(__name__)
MOST_MISSING, MOST_MISSING_SHARE = 10, 0.05
"""Above both, so many companies are missing that an API key with fewer rights is as likely as that many deletions."""
AT_ONCE = 500
"""Companies to read again per run."""
RESOURCE = "missing companies"
"""The name under which health reports that many companies are missing."""


@dataclass(frozen=True)
class Confirmation:
    """For how many seconds a company must have been missing before a reading that does not find it removes it.

    `of_many` applies while many companies are missing, except to those that were merged: for these Lime Go answers with
    another company, which an API key with fewer rights does not explain.
    """

    alone: float
    of_many: float

    @classmethod
    def of(cls, durations: Durations) -> Confirmation:
        """As configured."""
        return cls(durations.confirm_removal, durations.confirm_many_removals)

    async def is_gone(self, connection: Connection, lane: Lane, company: MissingCompany) -> bool:
        """Whether a company that yet another reading did not find is gone; logs why it is not."""
        if company.seconds < self.alone:
            logger.warning("company %s was not found; it is read again before it is removed", company.company_id)
            return False
        if company.merged_into is not None or company.seconds >= self.of_many:
            return True
        if await are_many(connection, lane):
            logger.error("company %s is not removed yet: many companies are missing in Lime Go", company.company_id)
            return False
        return True


async def are_many(connection: Connection, lane: Lane) -> bool:
    """Whether more companies are missing, without being merged, than is likely."""
    count = await missing.count(connection, lane.connection_id)
    if count <= MOST_MISSING:
        return False
    return count > MOST_MISSING_SHARE * await missing.count_known(connection, lane.connection_id)


class Removals:
    """Orders a reading of each missing company that may be confirmed, and reports to health when many are missing."""

    def __init__(self, lane: Lane, confirmation: Confirmation) -> None:
        self._lane = lane
        self._confirmation = confirmation

    async def run(self) -> None:
        """Stores one hint per company; the reading that serves it reports the company as gone, or finds it."""
        pool, connection_id = self._lane.database.pool, self._lane.connection_id
        is_suspicious = await are_many(pool, self._lane)
        await self._report(is_suspicious=is_suspicious)
        alone = self._confirmation.alone
        patience = self._confirmation.of_many if is_suspicious else alone
        due = await missing.due(pool, connection_id, merged_for=alone, others_for=patience, limit=AT_ONCE)
        if not due:
            return
        with span("removals", attributes={"dubbelsynk.connection.id": str(connection_id)}):
            async with self._lane.unit_of_work() as unit:
                new = [NewHint(mapping.company_record(company_id)) for company_id in due]
                await hints.store_from_walk(unit, connection_id, new, current_trace())

    async def _report(self, *, is_suspicious: bool) -> None:
        health = self._lane.health
        if not is_suspicious:
            health.ended(RESOURCE)
            return
        of_many = self._confirmation.of_many
        believed_at = await missing.first_due_at(self._lane.database.pool, self._lane.connection_id, of_many)
        health.failed(RESOURCE, self._confirmation.alone, "many_missing", believed_at=believed_at)
