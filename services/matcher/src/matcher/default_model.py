"""The model that the live flow ranks a review's candidates by."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from matcher.linking import Model

FILE = Path(__file__).with_suffix(".json")


@lru_cache(maxsize=1)
def default_model() -> Model:
    """What two Swedish registers look like in general: estimated on generated ones, without their values.

    It ranks and decides nothing. Made anew by tests/support/default_model.py.
    """
    return Model.from_json(FILE.read_text(encoding="utf-8"))
