"""The command line of the sync-coordinator."""

from servicekit.cli import main
from sync_coordinator.settings import Settings
from sync_coordinator.wiring import MIGRATIONS, NAME, build

if __name__ == "__main__":
    main(NAME, Settings, build, MIGRATIONS)
