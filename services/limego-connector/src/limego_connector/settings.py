"""What this service reads from the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from servicekit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Intervals are in seconds of real time; like every duration they are divided by `TIME_SCALE`."""

    encryption_key: SecretStr
    internal_token: SecretStr = Field(min_length=16)
    api_url: str = Field(validation_alias="LIMEGO_CONNECTOR_API_URL", pattern="^https?://")
    public_url: str = Field(validation_alias="LIMEGO_CONNECTOR_PUBLIC_URL", pattern="^https?://")
    feed_interval: float = Field(60.0, validation_alias="LIMEGO_CONNECTOR_FEED_INTERVAL_SECONDS", gt=0)
    walk_interval: float = Field(600.0, validation_alias="LIMEGO_CONNECTOR_WALK_INTERVAL_SECONDS", gt=0)
    hint_interval: float = Field(2.0, validation_alias="LIMEGO_CONNECTOR_HINT_INTERVAL_SECONDS", gt=0)
    list_lag: float = Field(6.0, validation_alias="LIMEGO_CONNECTOR_LIST_LAG_SECONDS", ge=0)

    def scaled(self, seconds: float) -> float:
        """A duration as it is waited for."""
        return seconds / self.time_scale
