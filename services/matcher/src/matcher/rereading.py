"""Reads stored records again when the normal forms are others than they were stored under."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from uuid import UUID

from matcher.deciding import Decider
from matcher.keyed_hash import KeyedHash
from matcher.keys import company_identity, customer_identity, keys_of
from matcher.repository import DecisionRepository, FormsRepository, RegisterRepository
from matcher.score_models import ScoreModels
from servicekit.database import Database, UnitOfWork
from servicekit.isolation import Isolation
from servicekit.telemetry import current_trace

logger = logging.getLogger(__name__)

ROWS = 1_000
REQUESTS = 500
RETRY_SECONDS, LONGEST_SECONDS = 1.0, 60.0


class Rereading:
    """Runs once after a start; a connection that is not read through yet has nothing decided."""

    def __init__(self, database: Database, hashing: KeyedHash, models: ScoreModels) -> None:
        self._database, self._hashing, self._models = database, hashing, models

    async def run(self) -> None:
        """Reads every connection that needs it; replicas take turns, and what one has read the other skips."""
        isolation = Isolation(RETRY_SECONDS, LONGEST_SECONDS)
        while outdated := await FormsRepository(self._database.pool).outdated():
            read = [await isolation.take(f"rereading {one}", partial(self._read, one)) for one in outdated]
            # Those that failed hold up no other, and come again.
            await asyncio.sleep(0 if all(read) else RETRY_SECONDS)

    async def _read(self, connection_id: UUID) -> bool:
        while await self._read_some(connection_id):
            pass
        return True

    async def _read_some(self, connection_id: UUID) -> bool:
        """A part of the connection's records, or what is left to do when all are read; False when nothing is."""
        async with self._database.unit_of_work() as unit:
            await RegisterRepository(unit.connection).lock([connection_id])
            forms = FormsRepository(unit.connection)
            companies = await forms.outdated_companies(connection_id, ROWS)
            customers = await forms.outdated_customers(connection_id, ROWS)
            key = self._hashing.key
            await forms.save_companies(
                connection_id, {one.company_id: keys_of(key, connection_id, company_identity(one)) for one in companies}
            )
            await forms.save_customers(
                connection_id, {one.customer_number: keys_of(key, connection_id, customer_identity(one)) for one in customers}
            )
            if companies or customers:
                return True
            if await forms.is_current(connection_id):
                return False
            await self._finish(unit, connection_id)
            return False

    async def _finish(self, unit: UnitOfWork, connection_id: UUID) -> None:
        """Numbers that were kept as they are become hashes, the connection is open again, and its requests are decided anew."""
        forms = FormsRepository(unit.connection)
        plain = await forms.plain_numbers(connection_id)
        await forms.save_number_keys(connection_id, {number: self._hashing.number(connection_id, number) for number in plain})
        await forms.set_current(connection_id)
        requests = sorted(await DecisionRepository(unit.connection).requests_in([connection_id]))
        for start in range(0, len(requests), REQUESTS):
            await Decider(self._hashing, self._models).decide(
                unit, dict.fromkeys(requests[start : start + REQUESTS], current_trace())
            )
        logger.info("read a connection's registers again, %d requests", len(requests))
