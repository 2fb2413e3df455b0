"""`python -m matcher`: serve, migrate, dead-letters, replay."""

from servicekit import cli

from matcher.settings import Settings
from matcher.wiring import MIGRATIONS, NAME, build

if __name__ == "__main__":
    cli.main(NAME, Settings, build, MIGRATIONS)
