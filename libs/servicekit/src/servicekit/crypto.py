"""Secrets at rest: Fernet with rotation. The first key encrypts, all keys decrypt."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from servicekit.errors import PermanentError
from servicekit.settings import end_start


class Vault:
    """Encrypts small secrets. `keys` is a comma-separated list of Fernet keys, newest first."""

    def __init__(self, keys: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError:
            end_start("ENCRYPTION_KEY: must be Fernet keys (44 characters)")

    def seal(self, secret: str) -> bytes:
        """The secret as it may be stored."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret again; PermanentError when no key fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise PermanentError("secret_unreadable", "no key in ENCRYPTION_KEY opens it; restore the old key") from None
