"""What every service reads from the environment, and the one line that a mistake there gets."""

from __future__ import annotations

import sys
from typing import NoReturn, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Common settings. A service adds its own under its own prefix."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: SecretStr
    kafka_bootstrap_servers: str
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    time_scale: float = Field(default=1.0, ge=1.0, le=100.0, description="Chaos runs divide every duration by this")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("postgres://", "postgresql://")):
            raise ValueError("must begin with postgresql://")
        return value

    @classmethod
    def load(cls) -> Self:
        """The settings; a missing or wrong variable ends the process with one line that names it, exit code 2."""
        try:
            return cls()  # type: ignore[call-arg]  # the values come from the environment
        except ValidationError as error:
            problems = "; ".join(f"{'_'.join(map(str, e['loc'])).upper()}: {e['msg'].lower()}" for e in error.errors())
            end_start(problems)


def end_start(problem: str) -> NoReturn:
    """Ends the process with the one line that a wrong environment gets, exit code 2. `problem` names the variable."""
    sys.stderr.write(f"cannot start, check the environment: {problem}\n")
    raise SystemExit(2)
