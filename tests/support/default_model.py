"""`python tests/support/default_model.py`: estimates the model that the live flow ranks by, and writes it into the matcher.

The registers are generated (seed and size below), so no value of anybody is in it; what is common there says nothing about a
customer's register and is left out.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from matcher.default_model import FILE  # noqa: E402
from matcher.linking import Model, link_registers  # noqa: E402
from support.registers import DIRTY, registers  # noqa: E402

SEED, SIZE = 2026, 10_000


def made() -> Model:
    """The model of two dirty registers, without their values."""
    found = registers(SEED, SIZE, DIRTY)
    model = link_registers(found.companies, found.customers).model
    frequencies = replace(model.frequencies, counts={name: {} for name in model.frequencies.counts})
    return replace(model, frequencies=frequencies)


if __name__ == "__main__":
    FILE.write_text(made().to_json() + "\n", encoding="utf-8")
