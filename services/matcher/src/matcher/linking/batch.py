"""Links two registers: the ladder decides, the score ranks what the ladder leaves open."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from matcher.identity import identity_of_company
from matcher.linking.estimation import count_frequencies, estimate, sample
from matcher.linking.judging import Judge, score
from matcher.linking.model import Commonness, Model
from matcher.linking.preparing import prepare
from matcher.linking.reading import begin_reading
from matcher.records import CompanyRecord, CustomerRecord, Judgement


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Python's collector looks through all objects again and again while millions of them are made; none is in a cycle.

    Nor need it look through them afterwards: they are put with its oldest, which it seldom does.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.unfreeze()
            gc.enable()


@dataclass(frozen=True)
class Linkage:
    """A judgement per customer, in the order of the customers given, and the model that ranked the candidates."""

    judgements: tuple[Judgement, ...]
    model: Model


@_without_collecting()
def link_registers(
    companies: Sequence[CompanyRecord],
    customers: Sequence[CustomerRecord],
    *,
    links: Mapping[str, str] | None = None,
    approvals: Mapping[str, str] | None = None,
    threshold: float | None = None,
    model: Model | None = None,
    is_parallel: bool = False,
) -> Linkage:
    """Judges every customer against the companies; the order of either makes no difference.

    `links` and `approvals` are company ids by customer number. `threshold` are the odds from which the score links by
    itself; None: never. `model` is a stored one; None estimates one from the registers at hand. `is_parallel`
    reads the customers in a child process, as `reading.begin_reading` says; the judgements are the same.
    """
    order = sorted(range(len(customers)), key=lambda place: customers[place].customer_number)
    right = begin_reading([customers[place] for place in order], is_parallel=is_parallel)
    left = [identity_of_company(record) for record in companies]
    prepared = prepare(left, right, links or {}, approvals or {})
    columns = prepared.companies, prepared.customers, prepared.vocabularies
    frequencies = model.frequencies if model else count_frequencies(*columns)
    commonness = Commonness.of(frequencies, prepared.vocabularies)
    pairs = prepared.pairs(commonness)
    used = model or estimate(sample(*columns, commonness), frequencies, commonness, pairs, prepared.sizes)
    judge = Judge(prepared.company_ids, score(used, pairs, commonness, len(customers)), threshold, prepared.are_two)
    judged = {
        order[row]: judge.judge(number, row, step)
        for row, (number, step) in enumerate(zip(prepared.customer_ids, prepared.steps, strict=True))
    }
    return Linkage(tuple(judged[place] for place in range(len(customers))), used)
