"""Judges one new customer against an index of both registers, as linking both registers with it would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.blocking import KeyIndex, candidate_pairs
from matcher.columns import encode
from matcher.comparison import compare
from matcher.identity import identity_of_customer
from matcher.judging import Judge, rivals, score
from matcher.model import Commonness, Model, Pairs
from matcher.preparing import Prepared, prepare, with_steps
from matcher.records import CompanyRecord, CustomerRecord, Judgement

_EVERYBODY = np.ones(1, dtype=bool)


class LiveIndex:
    """Both registers under a stored model. Not for use by several threads at once."""

    def __init__(self, prepared: Prepared, model: Model, threshold: float | None) -> None:
        self._prepared, self._model, self._threshold = prepared, model, threshold
        commonness = Commonness.of(model.frequencies, prepared.vocabularies)
        self._commonness, self._rarity = commonness, commonness.rarity()
        self._rivals = self._count_rivals() if threshold is not None else np.zeros(len(prepared.company_ids), dtype=np.int64)

    @classmethod
    def over(
        cls,
        companies: Sequence[CompanyRecord],
        customers: Sequence[CustomerRecord] = (),
        *,
        model: Model,
        links: Mapping[str, str] | None = None,
        approvals: Mapping[str, str] | None = None,
        threshold: float | None = None,
    ) -> LiveIndex:
        """Indexes both registers; the parameters are those of `linking.link_registers`.

        Without the customers nothing can be told of what is unique among them.
        """
        return cls(prepare(companies, customers, links or {}, approvals or {}), model, threshold)

    def judge(self, record: CustomerRecord) -> Judgement:
        """The judgement about a customer that the index does not hold, in less than 5 ms for 50 000 companies.

        It is the batch's, save that the score links nobody whose coming takes another customer's link away.
        """
        prepared = self._prepared
        identity = identity_of_customer(record)
        step, freed = prepared.ladder.step(identity)
        sizes = prepared.vocabularies.sizes()
        columns = encode([identity], prepared.vocabularies)
        count = len(prepared.companies)
        keys = KeyIndex.over(columns)
        is_open = _EVERYBODY if step is None or step.company is None else ~_EVERYBODY
        found = candidate_pairs(prepared.company_keys, keys, is_open, count, prepared.customer_keys)
        rows, others, is_settled = with_steps(found, [step], count)
        unknown = len(prepared.vocabularies.of["word"].texts) - sizes["word"]
        rarity = np.append(self._rarity, np.full(unknown, self._commonness.rarity_of_unseen()))
        comparison = compare(prepared.companies, columns, (rows, others), prepared.vocabularies, rarity)
        prepared.vocabularies.truncate(sizes)
        taken = prepared.ladder.taken
        is_taken = np.array([row in taken and row not in freed for row in rows.tolist()], dtype=bool) & ~is_settled
        scored = score(self._model, Pairs(rows, others, comparison, is_settled, is_taken), self._commonness, 1)
        # Who loses its company for this one's sake looks for another, and may be its rival: a person looks at both.
        threshold = None if freed else self._threshold
        return Judge(prepared.company_ids, scored, threshold, self._rivals).judge(record.customer_number, 0, step)

    def _count_rivals(self) -> NDArray[np.int64]:
        """How many of the customers that are open have each company as a candidate."""
        pairs = self._prepared.pairs(self._commonness)
        scored = score(self._model, pairs, self._commonness, len(self._prepared.customers))
        return rivals(scored, len(self._prepared.company_ids))
