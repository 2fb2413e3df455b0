"""The Fortnox emulator: one API, many companies, written from the public reference only."""

from sandbox.fortnox.world import Fortnox

__all__ = ["Fortnox"]
