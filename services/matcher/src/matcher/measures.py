"""How good two registers are, and how good their linkage is where the truth is known; pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matcher.identity import Identity, identity_of_company, identity_of_customer
from matcher.records import CompanyRecord, CustomerRecord, Judgement, Outcome
from normal_forms.numbers import NumberState

_CONFIDENCE, _PRECISION = 0.95, 1e-6


@dataclass(frozen=True)
class Quality:
    """What a register holds: records by the state of their organisation number, and by filled field."""

    records: int
    numbers: Mapping[NumberState, int]
    sharing: int
    """Records whose valid number another record of the same register has too."""
    filled: Mapping[str, int]


@dataclass(frozen=True)
class Tally:
    """Automatic links, by one rung or by all, against the truth."""

    right: int = 0
    wrong: int = 0

    @property
    def links(self) -> int:
        """All of them."""
        return self.right + self.wrong

    @property
    def precision(self) -> float | None:
        """Share of the links that are right; None without any."""
        return self.right / self.links if self.links else None

    @property
    def error_bound(self) -> float | None:
        """The share of wrong links at most, at 95 % (`upper_bound`); None without any link."""
        return upper_bound(self.wrong, self.links) if self.links else None


@dataclass(frozen=True)
class Accuracy:
    """A linkage against the truth. A pair is covered when it is linked, or when a review has its company among the candidates."""

    pairs: int
    by_rung: Mapping[str, Tally]
    reviewed_pairs: int
    """True pairs whose customer is in review."""
    reviewed_first: int
    """Of these, with the true company as the first candidate."""
    reviewed_among: int
    """Of these, with the true company among the candidates."""
    wrong_links: tuple[tuple[str, str], ...] = field(default=())
    """Customer number and company id."""

    @property
    def automatic(self) -> Tally:
        """All rungs together."""
        tallies = self.by_rung.values()
        return Tally(sum(tally.right for tally in tallies), sum(tally.wrong for tally in tallies))

    @property
    def recall(self) -> float:
        """Share of the true pairs that were linked automatically; 1 without pairs."""
        return self.automatic.right / self.pairs if self.pairs else 1.0

    @property
    def cover(self) -> float:
        """Share of the true pairs that were linked automatically, or lie before a person; 1 without pairs."""
        return (self.automatic.right + self.reviewed_among) / self.pairs if self.pairs else 1.0

    @property
    def first_share(self) -> float | None:
        """Share of the reviewed true pairs whose company is the first candidate; None without any."""
        return self.reviewed_first / self.reviewed_pairs if self.reviewed_pairs else None


def upper_bound(wrong: int, links: int) -> float:
    """The share of wrong links at most, at 95 %, where so many of so many were wrong: one-sided, of independent links.

    The rule of three without a wrong one, else the exact bound (Clopper and Pearson, 1934): the share at which so few wrong
    ones, or fewer, would be seen once in twenty times.
    """
    if not wrong:
        return min(1.0, 3 / links)
    low, high = wrong / links, 1.0
    while high - low > _PRECISION * low:
        middle = (low + high) / 2
        low, high = (middle, high) if _chance_of_at_most(wrong, links, middle) > 1 - _CONFIDENCE else (low, middle)
    return high


def _chance_of_at_most(wrong: int, links: int, share: float) -> float:
    """Binomial; by logarithms, for the coefficients of thousands of links are no floats."""
    return sum(
        math.exp(
            math.lgamma(links + 1)
            - math.lgamma(count + 1)
            - math.lgamma(links - count + 1)
            + count * math.log(share)
            + (links - count) * math.log1p(-share)
        )
        for count in range(wrong + 1)
    )


FILLED = {
    "name": ("name", "name"),
    "phone": ("phone", "phone"),
    "e-mail": ("email", "email"),
    "street": ("street", "address1"),
    "post code": ("postcode", "zip_code"),
}
"""What is counted as filled: the field of a company and that of a customer."""


def quality(records: Sequence[CompanyRecord | CustomerRecord]) -> Quality:
    """Of one register. A foreign company's number is valid where its country's rules say so."""
    numbers = [_identity(record).number for record in records]
    states = (
        NumberState.VALID if number else NumberState.INVALID if record.organisation_number.strip() else NumberState.MISSING
        for number, record in zip(numbers, records, strict=True)
    )
    holders = Counter(filter(None, numbers))
    filled = {
        name: sum(bool(getattr(record, fields[isinstance(record, CustomerRecord)]).strip()) for record in records)
        for name, fields in FILLED.items()
    }
    return Quality(
        len(records),
        Counter(states),
        sum(count for count in holders.values() if count > 1),
        filled,
    )


def _identity(record: CompanyRecord | CustomerRecord) -> Identity:
    return identity_of_company(record) if isinstance(record, CompanyRecord) else identity_of_customer(record)


def accuracy(judgements: Iterable[Judgement], truth: Mapping[str, str]) -> Accuracy:
    """`truth` is the company id by customer number; a customer that is not in it has no company."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    wrong_links = []
    reviewed = first = among = pairs = 0
    for judgement in judgements:
        true = truth.get(judgement.customer_number)
        pairs += true is not None
        if judgement.outcome is Outcome.LINKED:
            rung = str(judgement.rung)
            if judgement.company_id == true:
                right[rung] += 1
            else:
                wrong[rung] += 1
                wrong_links.append((judgement.customer_number, str(judgement.company_id)))
        elif judgement.outcome is Outcome.REVIEW and true is not None:
            candidates = [candidate.company_id for candidate in judgement.candidates]
            reviewed += 1
            first += candidates[:1] == [true]
            among += true in candidates
    by_rung = {rung: Tally(right[rung], wrong[rung]) for rung in sorted({*right, *wrong})}
    return Accuracy(pairs, by_rung, reviewed, first, among, tuple(wrong_links))
