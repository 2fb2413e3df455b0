"""What the sync-coordinator reads from the environment beside what every service reads."""

from __future__ import annotations

from pydantic import Field

from servicekit.settings import ServiceSettings


class Settings(ServiceSettings):
    """The coordinator's settings."""

    allowed_hosts: str = Field(
        default="127.0.0.1,localhost,[::1],sync-coordinator",
        validation_alias="SYNC_COORDINATOR_ALLOWED_HOSTS",
        description="Host names it answers to, with commas: another site's name for our address (rebinding) is refused",
    )

    def hosts(self) -> frozenset[str]:
        """The allowed host names, in lower case."""
        return frozenset(host.strip().lower() for host in self.allowed_hosts.split(",") if host.strip())
