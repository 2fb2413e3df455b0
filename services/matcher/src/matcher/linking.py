"""Links two registers: the ladder decides, the score ranks what the ladder leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcher.records import CompanyRecord, CustomerRecord, Judgement, Outcome


@dataclass(frozen=True)
class Model:
    """What the score rests on; weights, term frequencies and prior join here."""

    version: str


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
) -> Linkage:
    """Judges every customer against the companies.

    `links` and `approvals` are company ids by customer number. `threshold` are the odds from which the score links by
    itself; None: never.
    """
    judgements = tuple(Judgement(customer.customer_number, Outcome.NEW) for customer in customers)
    return Linkage(judgements, Model(version="0"))
