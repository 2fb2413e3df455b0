"""Everything of a world that a real system draws at random, drawn from its seed instead."""

import hashlib
import uuid
from typing import Any


class Draws:
    """Names that nobody can guess who does not know the seed, in an order that the seed decides."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self._made = 0

    @property
    def key(self) -> bytes:
        """The key that access tokens are signed with. It follows from the seed, so that tokens outlive a restart."""
        return hashlib.sha256(f"fortnox:{self.seed}:key".encode()).digest()

    def hexadecimal(self, kind: str) -> str:
        """40 hexadecimal characters, never the same twice."""
        self._made += 1
        return hashlib.sha256(f"fortnox:{self.seed}:{kind}:{self._made}".encode()).hexdigest()[:40]

    def uuid(self, kind: str) -> str:
        """A UUID, never the same twice."""
        return str(uuid.UUID(hex=self.hexadecimal(kind)[:32], version=4))

    def reset(self, seed: int = 1) -> None:
        """Starts from the beginning."""
        self.seed, self._made = seed, 0

    def state(self) -> dict[str, Any]:
        """The seed, and how much has been drawn."""
        return {"seed": self.seed, "made": self._made}

    def load(self, data: dict[str, Any]) -> None:
        """Restores a state."""
        self.seed, self._made = data["seed"], data["made"]
