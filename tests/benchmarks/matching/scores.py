"""How good scored pairs are: precision, recall, F1, calibration, and how sure a mean of differences is; pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Pair = tuple[str, str, float]
"""Customer number, company id, probability."""
T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
"""Student's t at 97.5 % by degrees of freedom."""
BINS = 10


@dataclass(frozen=True)
class Quality:
    """Of one set of links against the truth."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Interval:
    """A mean, and what it is from and to at 95 %; both the mean itself where there is one value only."""

    mean: float
    low: float
    high: float


def finished(pairs: Iterable[Pair], *, one_to_one: bool) -> list[Pair]:
    """Every customer's best company, the surest pairs first; where a company has one customer at most, the next ones lose it."""
    kept, customers, companies = [], set(), set()
    for pair in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        customer, company, _ = pair
        if customer in customers or (one_to_one and company in companies):
            continue
        customers.add(customer)
        companies.add(company)
        kept.append(pair)
    return kept


def at(pairs: Iterable[Pair], truth: Mapping[str, str], least: float) -> Quality:
    """The quality of the pairs from the probability on."""
    chosen = [pair for pair in pairs if pair[2] >= least]
    right = sum(truth.get(customer) == company for customer, company, _ in chosen)
    return Quality(right / len(chosen) if chosen else 1.0, right / len(truth))


def curve(pairs: Sequence[Pair], truth: Mapping[str, str]) -> list[tuple[float, Quality]]:
    """The quality from every probability on, the highest first. `pairs` are finished."""
    points: list[tuple[float, Quality]] = []
    right = 0
    for count, (customer, company, probability) in enumerate(pairs, start=1):
        right += truth.get(customer) == company
        if count == len(pairs) or pairs[count][2] != probability:
            points.append((probability, Quality(right / count, right / len(truth))))
    return points


def best_f1(pairs: Sequence[Pair], truth: Mapping[str, str]) -> float:
    """F1 at the threshold that is best for these pairs: what the score could give whoever knew it."""
    return max((quality.f1 for _, quality in curve(pairs, truth)), default=0.0)


@dataclass(frozen=True)
class Bin:
    """Pairs of about one probability: how many, how sure they were said to be on average, and how many are right."""

    pairs: int
    said: float
    right: float


def reliability(pairs: Iterable[Pair], truth: Mapping[str, str]) -> list[Bin]:
    """The pairs in ten bins of probability; empty bins are left out."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for customer, company, probability in pairs:
        bins[min(int(probability * BINS), BINS - 1)].append((probability, truth.get(customer) == company))
    return [Bin(len(held), *map(statistics.fmean, zip(*held, strict=True))) for held in bins if held]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: how far said and right are apart, on the average pair."""
    total = sum(bin_.pairs for bin_ in bins)
    return sum(bin_.pairs * abs(bin_.said - bin_.right) for bin_ in bins) / total if total else 0.0


def interval(values: Sequence[float]) -> Interval:
    """The mean of paired differences with its interval, by Student's t."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Interval(mean, mean, mean)
    half = T_975.get(len(values) - 1, 1.96) * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)
