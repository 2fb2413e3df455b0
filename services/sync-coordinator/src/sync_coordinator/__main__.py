"""The command line of the sync-coordinator."""

from pathlib import Path

from servicekit.cli import main
from sync_coordinator.settings import Settings
from sync_coordinator.wiring import NAME, build

if __name__ == "__main__":
    main(NAME, Settings, build, Path(__file__).parent / "migrations")
