"""What the matcher reads from the environment."""

from __future__ import annotations

from servicekit.settings import ServiceSettings


class Settings(ServiceSettings):
    """The common settings; the matcher needs none of its own."""
