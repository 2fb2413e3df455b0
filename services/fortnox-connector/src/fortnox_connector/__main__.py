"""`python -m fortnox_connector serve | migrate | dead-letters | replay`."""

from __future__ import annotations

from pathlib import Path

from fortnox_connector.settings import FortnoxConnectorSettings
from fortnox_connector.wiring import SERVICE, build
from servicekit.cli import main

if __name__ == "__main__":
    main(SERVICE, FortnoxConnectorSettings, build, Path(__file__).parent / "migrations")
