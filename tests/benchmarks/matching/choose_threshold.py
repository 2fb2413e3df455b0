"""How the recommended odds were chosen: what the score links on the registers that the matching was designed on.

.venv/bin/python tests/benchmarks/matching/choose_threshold.py --seeds 40
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from chaos.report import console
from matcher.linking import link_registers
from matcher.measures import upper_bound
from matcher.thresholds import RECOMMENDED, least_odds, score_links, tally
from support.registers import DIRTY, registers

FIRST_SEED, SIZE = 1001, 5_000
"""Below those of the bench, which prove what is chosen here."""
SHARES = (0.001, 0.0005, 0.0002)


def main() -> None:
    """Prints links and wrong ones from some odds on, and the least odds that keep some shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=40)
    links, pairs = [], 0
    for seed in range(FIRST_SEED, FIRST_SEED + parser.parse_args().seeds):
        made = registers(seed, SIZE, DIRTY)
        links += score_links(link_registers(made.companies, made.customers, threshold=0.0).judgements, made.truth)
        pairs += len(made.truth)
    for odds in (0.0, 1.0, 10.0, RECOMMENDED, 10 * RECOMMENDED):
        found = tally(links, odds)
        bound = upper_bound(found.wrong, found.links)
        console.print(
            f"from {odds:g}: {found.links} links, {found.right / pairs:.2%} of the pairs, {found.wrong} wrong, {bound:.4%}"
        )
    for share in SHARES:
        console.print(f"at most {share:.2%} wrong: from {least_odds(links, share)} on")
    console.print(f"the most likely wrong links: {sorted((link.odds for link in links if not link.is_right), reverse=True)[:5]}")


if __name__ == "__main__":
    main()
