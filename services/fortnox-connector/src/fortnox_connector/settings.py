"""What the Fortnox connector reads from the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from servicekit.settings import ServiceSettings


class FortnoxConnectorSettings(ServiceSettings):
    """`FORTNOX_CONNECTOR_*`, and the key that seals tokens."""

    encryption_key: SecretStr
    api_url: str = Field(default="https://api.fortnox.se", validation_alias="FORTNOX_CONNECTOR_API_URL")
    auth_url: str = Field(default="https://apps.fortnox.se/oauth-v1", validation_alias="FORTNOX_CONNECTOR_AUTH_URL")
    client_id: str = Field(validation_alias="FORTNOX_CONNECTOR_CLIENT_ID")
    client_secret: SecretStr = Field(validation_alias="FORTNOX_CONNECTOR_CLIENT_SECRET")
    poll_interval_seconds: float = Field(
        default=300.0,
        ge=1,
        le=600,
        validation_alias="FORTNOX_CONNECTOR_POLL_INTERVAL_SECONDS",
        description="The brief promises changes within 10 minutes and payments within 15",
    )
