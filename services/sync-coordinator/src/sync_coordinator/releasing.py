"""Held documents: what a person is shown of them, and the release of exactly those that they chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from contracts.kinds import RecordKind
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.checks import amount
from sync_coordinator.domain.records import State

Amounts = Mapping[str, Decimal | None]
"""Documents by deal id, each with the amount that was shown; None when it was not known."""


@dataclass(frozen=True)
class Released:
    """What a release did: the deals let go, those whose amount was another than shown, and those that were not held any more."""

    released: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def total(shown: Amounts) -> Decimal:
    """The sum of the known amounts."""
    return sum((value for value in shown.values() if value is not None), Decimal(0))


async def release(context: ConnectionContext, shown: Amounts) -> Released:
    """Lets documents go, each after a fresh read; they pass the brake once. What is not as it was shown stays held."""
    released, changed, gone = [], [], []
    companies = set()
    for key, value in sorted(shown.items()):
        record = await context.find(RecordKind.INVOICE, key)
        if record is None or record.state is not State.HELD:
            gone.append(key)
        elif amount(record.deal) != value:
            changed.append(key)
        else:
            recheck = context.after(context.durations.resend)
            await context.save(replace(record.moved(State.MATCHING, recheck=recheck), is_released=True), "released")
            released.append(key)
            companies.add(record.company_id)
    for company_id in sorted(companies):
        await context.read_again(company_id)
    return Released(tuple(released), tuple(changed), tuple(gone))
