"""Has a connection's model estimated when there is none that fits its registers, one at a time, in a process of its own."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr, ValidationError

from matcher.estimator import Estimate, Wanted
from matcher.repository import ModelRepository, StoredModel
from matcher.score_models import ScoreModels, method
from servicekit.database import Database
from servicekit.durations import Durations
from servicekit.errors import TransientError
from servicekit.fault_points import fault_point

logger = logging.getLogger(__name__)

LEAST_RECORDS = 100
"""In each of the two registers. From there on an own model is no worse than the shipped one on registers like those that it
was made from, and much better on others (tests/support/model_by_size.py; docs/decisions/0019-a-model-per-connection.md)."""
GROWTH, AGE = 0.2, timedelta(days=7)
"""A model is estimated again when a register has grown by a fifth, and after a week: what changed without growing is looked at
then, and nobody has to count changes. At 8 s of one processor per 50 000 + 50 000 records a week costs nothing."""
TURNS = 10
"""So often all connections are looked through in the time after which a company that waits for a person is read again."""


class EstimationError(TransientError):
    """The process ended without an answer; its reason stands on its standard error."""


class Estimating:
    """Looks for connections whose model does not fit. Replicas take turns: a session's lock says who estimates which."""

    def __init__(self, database: Database, database_url: SecretStr, models: ScoreModels, durations: Durations) -> None:
        self._database, self._database_url, self._models = database, database_url, models
        self._rest = durations.recheck
        self._resting: dict[UUID, float] = {}

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(self._rest / TURNS)

    async def turn(self) -> int:
        """Estimates what is due, connection by connection; how many. One that fails rests for ten of these turns."""
        count, now = 0, asyncio.get_running_loop().time
        for connection_id in await self._due():
            if now() < self._resting.get(connection_id, 0.0):
                continue
            try:
                count += await self._estimate(connection_id)
            except EstimationError as error:
                self._resting[connection_id] = now() + self._rest
                logger.warning("a connection's model could not be estimated: %s", error)
            except Exception:
                # Whatever it is, it is this connection's: the others are estimated all the same.
                self._resting[connection_id] = now() + self._rest
                logger.exception("a connection's model could not be estimated")
        return count

    async def _due(self, only: UUID | None = None) -> list[UUID]:
        return await ModelRepository(self._database.pool).due(method(), LEAST_RECORDS, GROWTH, AGE, only=only)

    async def _estimate(self, connection_id: UUID) -> bool:
        """False when another replica is at it, or was. No transaction is open meanwhile; who dies leaves no lock behind."""
        session = await self._database.listen()
        try:
            if await ModelRepository(session).is_taken(connection_id) or not await self._due(connection_id):
                return False
            made = await self._answer(Wanted(database_url=self._database_url.get_secret_value(), connection_id=connection_id))
            fault_point("model.estimated")
            stored = StoredModel(made.version, self._models.seal(made.model), made.companies, made.customers)
            await ModelRepository(self._database.pool).save(connection_id, stored, method())
        finally:
            await session.close(timeout=2)
        logger.info("estimated model %s from %d companies and %d customers", made.version, made.companies, made.customers)
        return True

    @staticmethod
    async def _answer(wanted: Wanted) -> Estimate:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "matcher.estimator",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(wanted.model_dump_json().encode() + b"\n")
            answer = await process.stdout.read()
            code = await process.wait()
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        try:
            return Estimate.model_validate_json(answer)
        except ValidationError:
            raise EstimationError(f"exit code {code}") from None
