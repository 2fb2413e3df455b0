"""Normal forms: what people write, as it is compared. Reading a normal form gives the same form again."""

from __future__ import annotations

VERSION = 4
"""Raised whenever a rule here changes: what is stored under another version is read anew."""
