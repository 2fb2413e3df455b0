"""Our own judgement over a dataset: what a rung links is sure, what the score ranks is as likely as its odds say.

What the score would link if it were let is judged apart, when everything is measured.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linkers.outcome import Stopwatch, tell
from matcher.linking import link_registers
from matcher.records import Judgement
from matcher.register_files import read_companies, read_customers
from matcher.thresholds import RECOMMENDED


def main() -> None:
    """Links <folder>/companies.csv and customers.csv; the judgements stay in ours.pickle, with the score's in score.pickle."""
    folder = Path(sys.argv[1])
    companies, customers = read_companies(folder / "companies.csv").rows, read_customers(folder / "customers.csv").rows
    watch = Stopwatch()
    with watch.running():
        linkage = link_registers(companies, customers, is_parallel=True)
    judgements = linkage.judgements
    tell(folder, "ours", _pairs(judgements), watch, ("numpy", "rapidfuzz"))
    (folder / "ours.pickle").write_bytes(pickle.dumps(judgements))
    by_score = link_registers(companies, customers, model=linkage.model, threshold=RECOMMENDED).judgements
    (folder / "score.pickle").write_bytes(pickle.dumps(by_score))


def _pairs(judgements: Sequence[Judgement]) -> Iterator[tuple[str, str, float]]:
    for judgement in judgements:
        if judgement.company_id is not None:
            yield judgement.customer_number, judgement.company_id, 1.0
            continue
        for candidate in judgement.candidates:
            if candidate.odds is not None:
                yield judgement.customer_number, candidate.company_id, candidate.odds / (1 + candidate.odds)


if __name__ == "__main__":
    main()
