"""The same registers give the same judgements, to the byte, in whatever process they are linked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LINKING = """
from matcher.linking import link_registers
from support.registers import DIRTY, registers

made = registers(15, 400, DIRTY)
linkage = link_registers(made.companies, made.customers, threshold=100.0)
print(linkage.model.version, *linkage.judgements, sep="\\n")
"""


def _linked(hash_seed: str) -> bytes:
    """Sets and hashes of texts are in another order under another seed of Python's hash."""
    path = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    return subprocess.run([sys.executable, "-c", LINKING], capture_output=True, check=True, env=environment, timeout=100).stdout


def test_linking_does_not_depend_on_the_order_of_sets() -> None:
    one, other = _linked("1"), _linked("2")
    assert len(one.splitlines()) > 400
    assert one == other
