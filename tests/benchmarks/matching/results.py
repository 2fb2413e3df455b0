"""What the linkers reached: one result per dataset, linker and seed, put together for tables, figures and plots."""

from __future__ import annotations

import pickle
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.matching import scores
from benchmarks.matching.datasets import Dataset
from benchmarks.matching.scores import Interval, Pair, Quality
from benchmarks.matching.tools import PEERS, Run
from matcher.measures import Accuracy, Tally, accuracy
from matcher.records import Judgement, Outcome
from matcher.thresholds import ScoreLink, score_links

EVEN = 0.5
F1 = Callable[["Result"], float]


@dataclass(frozen=True)
class Result:
    """One linker over one dataset. `even` is from even odds on, `best_f1` at the threshold that is best for this very result."""

    dataset: Dataset
    run: Run
    finished: list[Pair]
    even: Quality
    best_f1: float


def result(dataset: Dataset, run: Run) -> Result:
    """Measured against the truth, after the same finish for every linker."""
    finished = scores.finished(run.pairs, one_to_one=dataset.one_to_one)
    even = scores.at(finished, dataset.truth, EVEN)
    return Result(dataset, run, finished, even, scores.best_f1(finished, dataset.truth))


def by_best_threshold(result: Result) -> float:
    """F1 of whoever knew the best threshold."""
    return result.best_f1


def from_even_odds(result: Result) -> float:
    """F1 of whoever takes the score at its word."""
    return result.even.f1


@dataclass
class Set:
    """All results for one kind of data: a list per linker, seed by seed; and our own judgements."""

    name: str
    by_tool: dict[str, list[Result]] = field(default_factory=lambda: defaultdict(list))
    judgements: list[tuple[Dataset, Sequence[Judgement]]] = field(default_factory=list)
    by_score: list[ScoreLink] = field(default_factory=list)
    """What the score links from the recommended odds on, which it does when it is let only."""

    def add(self, found: Result) -> None:
        """A result; ours brings its judgements."""
        self.by_tool[found.run.tool].append(found)
        if found.run.tool == "ours":
            self.judgements.append((found.dataset, _judgements(found.dataset, "ours")))
            self.by_score += score_links(_judgements(found.dataset, "score"), found.dataset.truth)

    def better_peer(self, f1: F1) -> str:
        """The peer with the higher mean."""
        return max(PEERS, key=lambda peer: statistics.fmean(map(f1, self.by_tool[peer])))

    def difference(self, peer: str, f1: F1) -> Interval:
        """Our F1 less the peer's, paired by seed."""
        pairs = zip(self.by_tool["ours"], self.by_tool[peer], strict=True)
        return scores.interval([f1(ours) - f1(theirs) for ours, theirs in pairs])

    def accuracy(self) -> Accuracy:
        """Our judgements of all seeds together."""
        found = [accuracy(judgements, dataset.truth) for dataset, judgements in self.judgements]
        return Accuracy(
            pairs=sum(one.pairs for one in found),
            by_rung=_sum([one.by_rung for one in found]),
            reviewed_pairs=sum(one.reviewed_pairs for one in found),
            reviewed_first=sum(one.reviewed_first for one in found),
            reviewed_among=sum(one.reviewed_among for one in found),
            wrong_links=tuple(pair for one in found for pair in one.wrong_links),
        )

    def pooled(self, tool: str) -> tuple[list[Pair], dict[str, str]]:
        """The finished pairs of all seeds and their truth; the seed's place is put before every id."""
        pairs: list[Pair] = []
        truth: dict[str, str] = {}
        for place, found in enumerate(self.by_tool[tool]):
            pairs += [
                (f"{place}:{customer}", f"{place}:{company}", probability) for customer, company, probability in found.finished
            ]
            truth |= {f"{place}:{customer}": f"{place}:{company}" for customer, company in found.dataset.truth.items()}
        return sorted(pairs, key=lambda pair: -pair[2]), truth

    def reviewed(self, *, first_only: bool) -> tuple[list[Pair], dict[str, str]]:
        """What a person is shown, with the probability that the odds mean: every candidate of a review, or the first of each."""
        pairs: list[Pair] = []
        truth: dict[str, str] = {}
        for place, (dataset, judgements) in enumerate(self.judgements):
            truth |= {f"{place}:{customer}": company for customer, company in dataset.truth.items()}
            for judgement in judgements:
                if judgement.outcome is not Outcome.REVIEW:
                    continue
                for candidate in judgement.candidates[: 1 if first_only else None]:
                    if candidate.odds is not None:
                        probability = candidate.odds / (1 + candidate.odds)
                        pairs.append((f"{place}:{judgement.customer_number}", candidate.company_id, probability))
        return pairs, truth


def _judgements(dataset: Dataset, name: str) -> Sequence[Judgement]:
    held: Sequence[Judgement] = pickle.loads((dataset.folder / f"{name}.pickle").read_bytes())
    return held


def _sum(parts: Sequence[Mapping[str, Tally]]) -> dict[str, Tally]:
    rungs = sorted({rung for part in parts for rung in part})
    return {
        rung: Tally(
            sum(part[rung].right for part in parts if rung in part), sum(part[rung].wrong for part in parts if rung in part)
        )
        for rung in rungs
    }
