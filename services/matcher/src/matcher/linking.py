"""Links two registers: the ladder decides, the score ranks what the ladder leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.blocking import KeyIndex, candidate_pairs
from matcher.columns import Columns, Vocabularies, encode
from matcher.comparison import compare
from matcher.estimation import Sizes, count_frequencies, estimate
from matcher.identity import Identity, identity_of_company, identity_of_customer
from matcher.judging import Judge, score
from matcher.ladder import Ladder, Step
from matcher.model import Commonness, Model, Pairs
from matcher.records import CompanyRecord, CustomerRecord, Judgement


@dataclass(frozen=True)
class Linkage:
    """A judgement per customer, in the order of the customers given, and the model that ranked the candidates."""

    judgements: tuple[Judgement, ...]
    model: Model


def link_registers(
    companies: Sequence[CompanyRecord],
    customers: Sequence[CustomerRecord],
    *,
    links: Mapping[str, str] | None = None,
    approvals: Mapping[str, str] | None = None,
    threshold: float | None = None,
    model: Model | None = None,
) -> Linkage:
    """Judges every customer against the companies; the order of either makes no difference.

    `links` and `approvals` are company ids by customer number. `threshold` are the odds from which the score links by
    itself; None: never. `model` is a stored one; None estimates one from the registers at hand.
    """
    order = sorted(range(len(customers)), key=lambda place: customers[place].customer_number)
    left = [identity_of_company(record) for record in sorted(companies, key=lambda record: record.company_id)]
    right = [identity_of_customer(customers[place]) for place in order]
    steps = Ladder.over(left, right).climb(links or {}, approvals or {})
    judged, used = _judge(left, right, steps, threshold, model)
    judgements: list[Judgement | None] = [None] * len(customers)
    for place, judgement in zip(order, judged, strict=True):
        judgements[place] = judgement
    return Linkage(tuple(judgement for judgement in judgements if judgement is not None), used)


def _judge(
    left: Sequence[Identity],
    right: Sequence[Identity],
    steps: Sequence[Step | None],
    threshold: float | None,
    model: Model | None,
) -> tuple[list[Judgement], Model]:
    vocabularies = Vocabularies()
    companies, customers = encode(left, vocabularies), encode(right, vocabularies)
    sizes = _sizes(len(left), steps)
    frequencies = model.frequencies if model else count_frequencies(companies, customers, vocabularies)
    commonness = Commonness.of(frequencies, vocabularies)
    pairs = _pairs(companies, customers, vocabularies, commonness, steps)
    used = model or estimate(companies, customers, vocabularies, frequencies, commonness, pairs, sizes)
    judge = Judge([company.record_id for company in left], score(used, pairs, commonness, len(right)), threshold)
    return [judge.judge(customer.record_id, row, steps[row]) for row, customer in enumerate(right)], used


def _sizes(companies: int, steps: Sequence[Step | None]) -> Sizes:
    linked = sum(1 for step in steps if step is not None and step.company is not None)
    return Sizes(companies, len(steps), companies - linked, len(steps) - linked)


def _pairs(
    companies: Columns, customers: Columns, vocabularies: Vocabularies, commonness: Commonness, steps: Sequence[Step | None]
) -> Pairs:
    """What the ladder linked or pointed at, and for customers that it left open whatever shares a key."""
    count = len(companies)
    linked = {row: step.company for row, step in enumerate(steps) if step is not None and step.company is not None}
    is_open = np.ones(len(customers), dtype=bool)
    is_open[list(linked)] = False
    rows, others = candidate_pairs(KeyIndex.over(companies), KeyIndex.over(customers), count, is_open)
    pointed = [row * count + company for row, step in enumerate(steps) if step is not None for company in step.candidates]
    settled = np.array([row * count + company for row, company in linked.items()], dtype=np.int64)
    codes = np.unique(np.concatenate([others * count + rows, np.array(pointed, dtype=np.int64), settled]))
    rows, others = codes % max(count, 1), codes // max(count, 1)
    is_taken = np.zeros(count, dtype=bool)
    is_taken[list(linked.values())] = True
    is_settled = np.isin(codes, settled)
    comparison = compare(companies, customers, (rows, others), vocabularies, commonness.rarity())
    return Pairs(rows, others, comparison, is_settled, is_taken[rows] & ~is_settled)
