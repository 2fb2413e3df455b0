"""Makes two registers ready for comparison: normal forms, the ladder's steps, arrays and keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.identity import Identity
from matcher.linking import agreement
from matcher.linking.blocking import KeyIndex, candidate_pairs
from matcher.linking.columns import Columns, Vocabularies, encode
from matcher.linking.comparison import Rows, compare
from matcher.linking.estimation import Sizes
from matcher.linking.ladder import MOST_POINTED, Ladder, Step
from matcher.linking.model import Commonness, Pairs


@dataclass(frozen=True)
class Prepared:
    """Both registers in every form that linking needs; rows are places in the order of the records."""

    company_ids: list[str]
    customer_ids: list[str]
    ladder: Ladder
    steps: list[Step | None]
    vocabularies: Vocabularies
    companies: Columns
    customers: Columns
    company_keys: KeyIndex
    customer_keys: KeyIndex

    @property
    def sizes(self) -> Sizes:
        """How many records there are, and how many are open."""
        linked = sum(1 for step in self.steps if step is not None and step.company is not None)
        companies, customers = len(self.company_ids), len(self.customer_ids)
        return Sizes(companies, customers, companies - linked, customers - linked)

    def are_two(self, company: int, row: int) -> bool:
        """Whether a company and a customer are two legal persons by what they are called and numbered."""
        return agreement.are_two(self.ladder.companies[company], self.ladder.customers[row])

    def pairs(self, commonness: Commonness) -> Pairs:
        """What the ladder linked or pointed at, and for customers that it left open whatever shares a key."""
        count = len(self.companies)
        is_open = np.array([step is None or step.company is None for step in self.steps], dtype=bool)
        found = candidate_pairs(self.company_keys, self.customer_keys, is_open, count)
        rows, others, is_settled = with_steps(found, self.steps, count)
        is_taken = np.zeros(count, dtype=bool)
        is_taken[list(self.ladder.taken)] = True
        comparison = compare(self.companies, self.customers, (rows, others), self.vocabularies, commonness.rarity())
        return Pairs(rows, others, comparison, is_settled, is_taken[rows] & ~is_settled)


def prepare(
    companies: Sequence[Identity],
    customers: Callable[[], Sequence[Identity]],
    links: Mapping[str, str],
    approvals: Mapping[str, str],
    decided: Collection[str] = (),
) -> Prepared:
    """Climbs the ladder and makes arrays and keys. The companies are put in the order of their ids.

    `decided` are companies that a person gave to somebody, whoever that is. The customers are asked for when the companies are
    ready: somebody may still be reading them.
    """
    left = sorted(companies, key=lambda identity: identity.record_id)
    vocabularies = Vocabularies()
    company_columns = encode(left, vocabularies)
    company_keys = KeyIndex.over(company_columns)
    right = customers()
    customer_columns = encode(right, vocabularies)
    ladder = Ladder.over(left, right)
    ladder.reserve(decided)
    return Prepared(
        [company.record_id for company in left],
        [customer.record_id for customer in right],
        ladder,
        ladder.climb(links, approvals),
        vocabularies,
        company_columns,
        customer_columns,
        company_keys,
        KeyIndex.over(customer_columns),
    )


def with_steps(
    pairs: tuple[Rows, Rows], steps: Sequence[Step | None], count: int
) -> tuple[Rows, Rows, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The pairs (company rows, customer rows) and those of the ladder's steps, and which of them the ladder settled."""
    candidates = ((row, company) for row, step in enumerate(steps) if step for company in step.candidates[:MOST_POINTED])
    pointed = _codes(candidates, count)
    linked = ((row, step.company) for row, step in enumerate(steps) if step and step.company is not None)
    settled = _codes(linked, count)
    codes = np.unique(np.concatenate([pairs[1] * count + pairs[0], pointed, settled]))
    return codes % max(count, 1), codes // max(count, 1), np.isin(codes, settled)


def _codes(pairs: Iterable[tuple[int, int]], count: int) -> Rows:
    return np.array([row * count + company for row, company in pairs], dtype=np.int64)
