"""`python tests/support/model_by_size.py`: from which size on a register's own model beats the shipped one.

Two generated registers of each size and seed are linked twice: under the model estimated on them, and under the one that
ships with the matcher. That one was estimated on registers of the kind `dirty`, where it is at its best; the other kinds are
what a customer's registers may be instead. What is compared is what the live flow uses a model for: whether the true partner
comes first, and the surprise, in bits, at who each customer is that the ladder leaves open (0 bits: what happened was certain).
No seed is used elsewhere.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from benchmarks.matching.scores import interval  # noqa: E402
from matcher.default_model import default_model  # noqa: E402
from matcher.linking import Linkage, link_registers  # noqa: E402
from matcher.records import Judgement, Outcome  # noqa: E402
from support.registers import CLEAN, DIRTY, Rates, registers  # noqa: E402

KINDS = {
    "dirty": DIRTY,
    "neglected": replace(
        DIRTY, number_missing=0.6, name_mistyped=0.1, name_trading=0.1, address_moved=0.3, phone_changed=0.5, email_changed=0.4
    ),
    "crowded": replace(DIRTY, grouped=0.5, units=0.03),
    "kept well": replace(CLEAN, number_missing=0.3, grouped=0.05),
}
SIZES = (25, 50, 100, 200, 400, 1000, 3000)
_FIRST_SEED, _RECORDS, _LEAST_SEEDS = 7001, 6_000, 6
_LEAST = 2.0**-20
"""What was thought impossible is no more than a million to one: one mistake shall not be all that is counted."""


def main() -> None:
    """Writes a row per kind and size: means over the seeds, and the difference in surprise with its paired 95 % interval."""
    sys.stdout.write("kind | records per register | partner first: own, shipped | bits: own, shipped | difference in bits\n")
    for name, size in product(KINDS, SIZES):
        seeds = range(_FIRST_SEED, _FIRST_SEED + max(_LEAST_SEEDS, _RECORDS // size))
        rows = [_both(seed, size, KINDS[name]) for seed in seeds]
        first = [statistics.fmean(row[at] for row in rows) for at in (0, 1)]
        bits = [statistics.fmean(row[at] for row in rows) for at in (2, 3)]
        apart = interval([row[2] - row[3] for row in rows])
        figures = f"{first[0]:.4f} {first[1]:.4f} | {bits[0]:.3f} {bits[1]:.3f}"
        sys.stdout.write(f"{name} | {size} | {figures} | {apart.mean:+.3f} ({apart.low:+.3f} to {apart.high:+.3f})\n")
        sys.stdout.flush()


def _both(seed: int, size: int, rates: Rates) -> tuple[float, float, float, float]:
    made = registers(seed, size, rates)
    own = link_registers(made.companies, made.customers)
    shipped = link_registers(made.companies, made.customers, model=default_model())
    return _first(own, made.truth), _first(shipped, made.truth), _bits(own, made.truth), _bits(shipped, made.truth)


def _open(linkage: Linkage) -> Iterator[Judgement]:
    return (one for one in linkage.judgements if one.outcome is not Outcome.LINKED)


def _first(linkage: Linkage, truth: Mapping[str, str]) -> float:
    """Of all open customers that have a partner; a candidate that is not shown is not first."""
    partnered = [one for one in _open(linkage) if one.customer_number in truth]
    hits = [one.candidates[:1] and one.candidates[0].company_id == truth[one.customer_number] for one in partnered]
    return statistics.fmean(map(bool, hits)) if hits else 1.0


def _bits(linkage: Linkage, truth: Mapping[str, str]) -> float:
    return statistics.fmean([-math.log2(max(_chance(one, truth.get(one.customer_number)), _LEAST)) for one in _open(linkage)])


def _chance(judgement: Judgement, partner: str | None) -> float:
    """How likely the judgement says that the customer is its partner, or nobody."""
    chances = {one.company_id: (one.odds or 0.0) / (1.0 + (one.odds or 0.0)) for one in judgement.candidates}
    return chances.get(partner, 0.0) if partner is not None else 1.0 - sum(chances.values())


if __name__ == "__main__":
    main()
