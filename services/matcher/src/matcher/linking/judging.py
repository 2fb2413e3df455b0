"""Turns scores into judgements: odds among a customer's candidates, their evidence, and what goes to a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matcher.linking.comparison import (
    ADDRESS,
    DIFFERENT,
    FIELDS,
    MISSING,
    NAME,
    NAME_CONTRARY,
    NAME_EXTENDED,
    NUMBER,
    PLACES,
    SAME,
    SIMILAR,
    Comparison,
    Floats,
    Levels,
    Rows,
)
from matcher.linking.ladder import MOST_POINTED, Step
from matcher.linking.model import CONTACTS, MOST_BITS, Commonness, Model, Pairs, weights
from matcher.records import Candidate, FieldEvidence, Judgement, Outcome, ReviewReason, Rung, Verdict

LEAST_ODDS = 0.005
"""A company is shown to a person from these odds on, other candidates aside: right in one case of two hundred."""
MOST_CANDIDATES = 5
MOST_ODDS = 1e6
"""No two registers hold enough to claim more."""
_NAME_VERDICTS = np.array([MISSING, *[DIFFERENT] * 3, *[SIMILAR] * 3, SAME], dtype=np.uint8)
_VERDICTS = (Verdict.MISSING, Verdict.DIFFERENT, Verdict.SIMILAR, Verdict.SAME)


@dataclass(frozen=True)
class Scored:
    """Pairs with their weights (log2 of the Bayes factor, a row per field) and the odds of each among its customer's.

    `totals` are the weights together with the prior, `likely` the odds that they mean without other candidates. `starts` says
    where each customer's pairs begin.
    """

    pairs: Pairs
    weights: Floats
    totals: Floats
    likely: Floats
    odds: Floats
    starts: Rows


def score(model: Model, pairs: Pairs, commonness: Commonness, customers: int) -> Scored:
    """Scores all pairs. A customer is one company at most, so the odds of each are against all others and against none.

    `customers` is the number of customer rows.
    """
    found = weights(model, pairs.comparison, commonness)
    totals = found.sum(axis=0) + np.where(pairs.is_taken, model.prior_of_taken, model.prior)
    likely = np.exp2(np.minimum(totals, MOST_BITS))
    others = np.bincount(pairs.customers, likely, customers)[pairs.customers] - likely
    odds = np.minimum(likely / (1.0 + np.maximum(others, 0.0)), MOST_ODDS)
    return Scored(pairs, found, totals, likely, odds, np.searchsorted(pairs.customers, np.arange(customers + 1)))


def rivals(scored: Scored, companies: int) -> NDArray[np.int64]:
    """How many open customers have each company as a candidate; `companies` is the number of companies."""
    shown = (scored.likely >= LEAST_ODDS) & ~scored.pairs.is_settled
    return np.bincount(scored.pairs.companies[shown], minlength=companies)


class Judge:
    """Judges customers, one row of the score's pairs after the other."""

    def __init__(
        self,
        companies: list[str],
        scored: Scored,
        threshold: float | None,
        are_two: Callable[[int, int], bool],
        others: NDArray[np.int64] | None = None,
    ) -> None:
        """`are_two` says of a company and a customer's row whether they are two legal persons, whatever the odds.

        `others` is how many customers besides have each company as a candidate.
        """
        self._companies, self._scored, self._threshold, self._are_two = companies, scored, threshold, are_two
        # Plain lists: taking single values out of arrays is what would take the time.
        verdicts = _verdicts(scored.pairs.comparison)
        self._verdicts = _codes(verdicts)
        self._is_sound = _sound(scored.pairs.comparison, verdicts)
        self._starts, self._places = scored.starts.tolist(), scored.pairs.companies.tolist()
        self._likely = scored.likely.tolist()
        self._rivals = rivals(scored, len(companies)) if threshold is not None else None
        if self._rivals is not None and others is not None:
            self._rivals = self._rivals + others

    def judge(self, customer_number: str, row: int, step: Step | None) -> Judgement:
        """The judgement about the customer in the row, where the ladder said `step`."""
        own = range(self._starts[row], self._starts[row + 1])
        if step is not None and step.company is not None:
            place = self._places.index(step.company, own.start, own.stop)
            company_id = self._companies[step.company]
            return Judgement(customer_number, Outcome.LINKED, company_id, step.rung, None, _plain_evidence(self._verdicts[place]))
        wanted = set(step.candidates[:MOST_POINTED]) if step else set()
        likely, companies = self._likely, self._places
        ranked = sorted(
            (place for place in own if likely[place] >= LEAST_ODDS or companies[place] in wanted),
            key=lambda place: (-self._scored.totals[place], self._companies[companies[place]]),
        )
        candidates = tuple(self._candidate(place) for place in ranked[:MOST_CANDIDATES])
        if step is not None:
            return Judgement(customer_number, Outcome.REVIEW, candidates=candidates, reason=step.reason)
        if not candidates:
            return Judgement(customer_number, Outcome.NEW)
        if self._links_by_itself(ranked) and not self._are_two(companies[ranked[0]], row):
            (best,) = candidates
            return Judgement(customer_number, Outcome.LINKED, best.company_id, Rung.SCORE, best.odds, best.evidence, candidates)
        return Judgement(customer_number, Outcome.REVIEW, candidates=candidates, reason=ReviewReason.SCORED)

    def _links_by_itself(self, ranked: Sequence[int]) -> bool:
        """Above the threshold, and alone with its company: wherever a second one could be meant, a person looks."""
        best = ranked[0]
        if (
            self._threshold is None
            or self._rivals is None
            or self._scored.odds[best] < self._threshold
            or self._scored.pairs.is_taken[best]
            or not self._is_sound[best]
        ):
            return False
        return len(ranked) == 1 and int(self._rivals[self._places[best]]) == 1

    def _candidate(self, place: int) -> Candidate:
        company_id = self._companies[self._places[place]]
        return Candidate(company_id, float(f"{self._scored.odds[place]:.4g}"), self._evidence(place))

    def _evidence(self, place: int) -> tuple[FieldEvidence, ...]:
        weighed = zip(_plain_evidence(self._verdicts[place]), self._scored.weights[:, place].tolist(), strict=True)
        return tuple(FieldEvidence(plain.field, plain.verdict, round(weight, 2) + 0.0) for plain, weight in weighed)


def _sound(comparison: Comparison, verdicts: Levels) -> NDArray[np.bool_]:
    """Which pairs the score may link at all, whatever their odds.

    Not where the ladder sees a contradiction, another number or another legal name: a bankrupt company's successor has
    everything but the number, and odds of 700. And not by name and neighbourhood alone, which namesakes share, with odds of
    5 000: a number, however mistyped, an address, a telephone number or an e-mail address has to be the same.
    """
    number, name = comparison.levels[NUMBER], comparison.levels[NAME]
    contradicts = (number == DIFFERENT) | (name == NAME_CONTRARY) | (name == NAME_EXTENDED)
    agrees = (number >= SIMILAR) | (verdicts[list(CONTACTS)] == SAME).any(axis=0)
    return np.asarray(agrees & ~contradicts)


@lru_cache(maxsize=1024)
def _plain_evidence(code: int) -> tuple[FieldEvidence, ...]:
    """What `_codes` wrote as one number, a verdict per field."""
    verdicts = [_VERDICTS[code // len(_VERDICTS) ** field % len(_VERDICTS)] for field in range(len(FIELDS))]
    return tuple(FieldEvidence(field, verdict) for field, verdict in zip(FIELDS, verdicts, strict=True))


def _codes(verdicts: Levels) -> list[int]:
    """The verdicts of every pair in one number: few of them differ, so their evidence is made once."""
    codes: list[int] = (len(_VERDICTS) ** np.arange(len(FIELDS)) @ verdicts).tolist()
    return codes


def _verdicts(comparison: Comparison) -> Levels:
    """The levels in the four words that a person reads."""
    verdicts = comparison.levels.copy()
    name = verdicts[NAME]
    verdicts[NAME] = _NAME_VERDICTS[name]
    street, place = np.divmod(verdicts[ADDRESS], PLACES)
    best, worst = np.maximum(street, place), np.minimum(street, place)
    # The same street in another town, or the same town and another street, is similar.
    verdicts[ADDRESS] = np.where((best == SAME) & (worst == DIFFERENT), SIMILAR, np.where(worst == MISSING, best, worst))
    return verdicts
