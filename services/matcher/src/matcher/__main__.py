"""`python -m matcher`: serve, migrate, dead-letters, replay, evaluate."""

from matcher import evaluation
from matcher.settings import Settings
from matcher.wiring import MIGRATIONS, NAME, build
from servicekit import cli

if __name__ == "__main__":
    cli.main(NAME, Settings, build, MIGRATIONS, [evaluation.COMMAND])
