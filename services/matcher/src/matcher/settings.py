"""What the matcher reads from the environment."""

from __future__ import annotations

from pydantic import SecretStr

from servicekit.settings import ServiceSettings


class Settings(ServiceSettings):
    """The common settings, and the keys that seal the secret of the keyed hash."""

    encryption_key: SecretStr
