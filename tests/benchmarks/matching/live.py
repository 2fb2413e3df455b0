"""New records one at a time, against the index of two registers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linkers.outcome import Stopwatch, tell
from matcher.linking import LiveCompanyIndex, LiveIndex, link_registers
from matcher.register_files import read_companies, read_customers

NEW = 1_000
"""Records of either register that come later, and are judged one by one."""
R = TypeVar("R")


def main() -> None:
    """Judges the last records of <folder>/companies.csv and customers.csv against the others, under the others' own model."""
    folder = Path(sys.argv[1])
    companies, customers = read_companies(folder / "companies.csv").rows, read_customers(folder / "customers.csv").rows
    known, late = (companies[:-NEW], customers[:-NEW]), (companies[-NEW:], customers[-NEW:])
    model = link_registers(*known).model
    watch = Stopwatch()
    with watch.running():
        by_customer = LiveIndex(known[0], known[1], model=model)
        by_company = LiveCompanyIndex(known[1], known[0], model=model)
    milliseconds = _timed(by_customer.judge, late[1]) + _timed(by_company.judge, late[0])
    tell(folder, "live", (), watch, milliseconds=milliseconds)


def _timed(judge: Callable[[R], object], records: Sequence[R]) -> list[float]:
    found = []
    for record in records:
        began = time.perf_counter()
        judge(record)
        found.append(1000 * (time.perf_counter() - began))
    return found


if __name__ == "__main__":
    main()
