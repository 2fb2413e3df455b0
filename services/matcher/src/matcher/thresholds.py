"""From which odds the score may link by itself: chosen on one half of the truth, proven on the other; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from matcher.measures import Tally, upper_bound
from matcher.records import Judgement, Outcome, Rung

MOST_WRONG = 0.001
"""The share of the score's own links that may be wrong at most, at 95 %."""
RECOMMENDED = 100.0
"""Odds from which the score may link, for whoever lets it. Chosen on registers made for it, proven on others (decision 0020)."""


class ScoreLink(NamedTuple):
    """A link by the score, with its odds."""

    odds: float
    is_right: bool


@dataclass(frozen=True)
class Choice:
    """Odds chosen on one half of the customers, and the score's links from these odds on in the other half.

    `links` are all links that the score would make in the first half. `odds` and `proof` are None where no odds keep the share
    of wrong links low enough there: for want of links, or because too many are wrong.
    """

    links: Tally
    odds: float | None = None
    proof: Tally | None = None


def score_links(judgements: Iterable[Judgement], truth: Mapping[str, str]) -> list[ScoreLink]:
    """The links by the score; `truth` is the company id by customer number."""
    return [
        ScoreLink(judgement.odds or 0.0, truth.get(judgement.customer_number) == judgement.company_id)
        for judgement in judgements
        if judgement.outcome is Outcome.LINKED and judgement.rung is Rung.SCORE
    ]


def tally(links: Iterable[ScoreLink], odds: float = 0.0) -> Tally:
    """The links from the odds on."""
    right = [link.is_right for link in links if link.odds >= odds]
    return Tally(sum(right), len(right) - sum(right))


def least_odds(links: Sequence[ScoreLink], most_wrong: float = MOST_WRONG) -> float | None:
    """The least odds from which at most that share of the links is wrong, at 95 %; None where no odds do.

    Many odds are tried, and the best is taken: the bound holds for links that were not looked at (`choose`).
    """
    ranked = sorted(links)
    left = len(ranked)
    wrong = sum(not link.is_right for link in ranked)
    for place, link in enumerate(ranked):
        is_first_with_its_odds = place == 0 or ranked[place - 1].odds < link.odds
        if is_first_with_its_odds and wrong <= most_wrong * left and upper_bound(wrong, left) <= most_wrong:
            return link.odds
        left -= 1
        wrong -= not link.is_right
    return None


def choose(judgements: Sequence[Judgement], truth: Mapping[str, str], most_wrong: float = MOST_WRONG) -> Choice:
    """Chooses on one half of the customers and proves on the other: no customer is in both, and a customer's half is fixed.

    `judgements` are those of linking with a threshold of 0.
    """
    halves: tuple[list[Judgement], list[Judgement]] = ([], [])
    for judgement in judgements:
        halves[sha256(judgement.customer_number.encode()).digest()[0] % 2].append(judgement)
    chosen_on, proven_on = (score_links(half, truth) for half in halves)
    odds = least_odds(chosen_on, most_wrong)
    return Choice(tally(chosen_on), odds, None if odds is None else tally(proven_on, odds))


def links_needed(most_wrong: float = MOST_WRONG) -> int:
    """So many links without a wrong one show that at most that share is wrong, at 95 %."""
    return math.ceil(3 / most_wrong)
