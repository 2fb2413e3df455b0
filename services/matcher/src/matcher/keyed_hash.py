"""The keyed hash under which numbers and names are looked up: who reads the slice alone can neither read nor guess them."""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from matcher.repository.secrets import SecretRepository
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.errors import PermanentError
from servicekit.settings import end_start

_SECRET_BYTES = 32


class KeyedHash:
    """HMAC-SHA256 under a secret of the slice's own, which is stored sealed by ENCRYPTION_KEY.

    A new encryption key seals the secret anew and changes no hash: what is kept for ever (claimed numbers) stays comparable.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._secret: bytes | None = None

    async def open(self, database: Database) -> None:
        """Reads the secret, made at the first start, and seals it under the newest key. Ends the start when no key opens it."""
        fresh = self._vault.seal(secrets.token_hex(_SECRET_BYTES))
        async with database.unit_of_work() as unit:
            repository = SecretRepository(unit.connection)
            sealed = await repository.get_or_add(fresh)
            try:
                secret = self._vault.open(sealed)
            except PermanentError:
                end_start("ENCRYPTION_KEY: no key in it opens the matcher's own secret; put the old key behind the new one")
            await repository.replace(self._vault.seal(secret))
        self._secret = bytes.fromhex(secret)

    def number(self, connection_id: UUID, number: str) -> str:
        """The number as it is compared and kept: 32 hexadecimal digits, others in every connection."""
        return self._digest(connection_id, "number", number)[:16].hex()

    def key(self, connection_id: UUID, kind: str, value: str) -> int:
        """What records are found by: 64 bits, signed as Postgres' bigint. A collision finds one record too many, no more."""
        return int.from_bytes(self._digest(connection_id, kind, value)[:8], signed=True)

    def _digest(self, connection_id: UUID, kind: str, value: str) -> bytes:
        assert self._secret is not None, "open the keyed hash first"
        return hmac.digest(self._secret, b"\0".join((connection_id.bytes, kind.encode(), value.encode())), "sha256")
