"""SQL of the slice's one secret, which is stored sealed."""

from __future__ import annotations

from servicekit.database import Connection


class SecretRepository:
    """The sealed secret within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get_or_add(self, sealed: bytes) -> bytes:
        """The stored secret, locked; `sealed` where there is none yet."""
        await self._connection.execute("INSERT INTO hash_secret (sealed) VALUES ($1) ON CONFLICT DO NOTHING", sealed)
        stored = await self._connection.fetchval("SELECT sealed FROM hash_secret FOR UPDATE")
        assert isinstance(stored, bytes)
        return stored

    async def replace(self, sealed: bytes) -> None:
        """The same secret, sealed anew."""
        await self._connection.execute("UPDATE hash_secret SET sealed = $1", sealed)
