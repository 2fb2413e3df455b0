"""`python -m limego_connector serve | migrate | dead-letters | replay`."""

from __future__ import annotations

from pathlib import Path

from limego_connector.settings import Settings
from limego_connector.wiring import SERVICE, build
from servicekit.cli import main

if __name__ == "__main__":
    main(SERVICE, Settings, build, Path(__file__).parent / "migrations")
