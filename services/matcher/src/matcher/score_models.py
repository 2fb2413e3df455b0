"""Which model ranks a connection's reviews: its own one, once it has one, else the one that ships with the matcher."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from matcher.default_model import default_model
from matcher.keys import FORMS_VERSION
from matcher.linking import Model
from matcher.repository import ModelRepository
from servicekit.crypto import Vault
from servicekit.database import Connection
from servicekit.errors import PermanentError

logger = logging.getLogger(__name__)

MOST_KEPT = 16
"""Models in memory. One of 50 000 + 50 000 generated records takes 3 MB there, and is read again in 8 ms."""


@dataclass(frozen=True)
class ScoreModel:
    """A model with its version, which is costly to work out: it is a hash of the whole model."""

    version: str
    model: Model


@lru_cache(maxsize=1)
def shipped() -> ScoreModel:
    """The model of connections without one of their own."""
    model = default_model()
    return ScoreModel(model.version, model)


def method() -> str:
    """What a stored model was estimated by: other normal forms or another way to estimate (and so another shipped model) make
    it useless."""
    return f"{FORMS_VERSION}/{shipped().version}"


class ScoreModels:
    """Reads models for decisions, and keeps those that were used last. A version names one content, so none grows old."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kept: OrderedDict[tuple[UUID, str], ScoreModel] = OrderedDict()

    def seal(self, text: str) -> bytes:
        """A model's text as it may be stored."""
        return self._vault.seal(text)

    async def of(self, connection: Connection, connection_ids: Sequence[UUID]) -> dict[UUID, ScoreModel]:
        """The model of each connection, as the transaction sees it."""
        repository = ModelRepository(connection)
        versions = await repository.versions(connection_ids, method())
        found = dict.fromkeys(connection_ids, shipped())
        for connection_id, version in versions.items():
            kept = self._kept.get((connection_id, version)) or await self._read(repository, connection_id, version)
            if kept is not None:
                self._keep(connection_id, kept)
                found[connection_id] = kept
        return found

    async def _read(self, repository: ModelRepository, connection_id: UUID, version: str) -> ScoreModel | None:
        sealed = await repository.sealed(connection_id, version)
        if sealed is None:
            return None
        try:
            return ScoreModel(version, Model.from_json(self._vault.open(sealed)))
        except PermanentError:
            logger.warning("no key opens a connection's model: the shipped one ranks until it is estimated again")
            await repository.remove(connection_id, version)
            return None

    def _keep(self, connection_id: UUID, model: ScoreModel) -> None:
        self._kept[connection_id, model.version] = model
        self._kept.move_to_end((connection_id, model.version))
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
