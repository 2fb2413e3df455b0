"""Takes in what web hooks tell: all that came while a transaction was under way goes into the next one.

One transaction each would be as many waits for the disk, one after the other, because each of them notifies.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from limego_connector.domain import CONTRADICTION_DELAYS
from limego_connector.repository import hints
from limego_connector.repository.hints import ToldHint
from servicekit.database import Database

LARGEST_BATCH = 200
TRIMMED_EVERY = 100
"""So many new hints of a connection may stand above its cap before those that are too many are sought."""


@dataclass(frozen=True)
class _Waiting:
    hint: ToldHint
    is_known: asyncio.Future[bool]


class Intake:
    """Stores hints of web hooks in groups; `time_scale` divides the pause of a record that is told again and again."""

    def __init__(self, database: Database, time_scale: float = 1.0) -> None:
        self._database = database
        self._pause = CONTRADICTION_DELAYS[0] / time_scale
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None
        self._since_trim: Counter[UUID] = Counter()

    async def store(self, hint: ToldHint) -> bool:
        """Returns when the hint is stored for good; False when no web hook has its token."""
        one = _Waiting(hint, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._store_all())
        return await one.is_known

    async def _store_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            await self._store(batch)

    async def _store(self, batch: Sequence[_Waiting]) -> None:
        try:
            stored = await hints.store_from_webhooks(self._database.pool, [one.hint for one in batch], self._pause)
            self._since_trim.update(stored.connection_ids)
        except Exception as error:
            if len(batch) > 1:
                # What one of them has about it is no matter of the others.
                for one in batch:
                    await self._store([one])
            elif not batch[0].is_known.done():
                batch[0].is_known.set_exception(error)
            return
        for one in batch:
            if not one.is_known.done():
                one.is_known.set_result(one.hint.token_hash in stored.known_tokens)
        await self._trim()

    async def _trim(self) -> None:
        for connection_id in [one for one, count in self._since_trim.items() if count >= TRIMMED_EVERY]:
            del self._since_trim[connection_id]
            try:
                await hints.trim(self._database.pool, connection_id)
            except Exception:
                # They were answered. The next hints bring it up again.
                self._since_trim[connection_id] = TRIMMED_EVERY
                return
