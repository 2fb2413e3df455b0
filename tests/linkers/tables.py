"""How the peers read a register: everything is text, and what is empty is missing."""

from __future__ import annotations

from pathlib import Path

import pandas


def read(path: Path) -> pandas.DataFrame:
    """One register."""
    return pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
