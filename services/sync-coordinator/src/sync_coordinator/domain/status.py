"""The one line of text that Lime Go shows on a company, in Swedish."""

from __future__ import annotations

from contracts.kinds import RecordKind
from sync_coordinator.domain.reasons import reason_of
from sync_coordinator.domain.records import Record, State

SHOWN_INVOICES = 3
LIMIT = 255


def status_text(records: list[Record]) -> str:
    """What Fortnox holds of a company and what it waits for: "faktura 1042; väntar: affären saknar värde"."""
    parts = []
    documents = [record for record in records if record.kind is RecordKind.INVOICE]
    numbers = sorted((record.remote_id for record in documents if record.state is State.DONE and record.remote_id), key=_order)
    if numbers:
        parts.append("faktura " + ", ".join(numbers[-SHOWN_INVOICES:]))
    blocked = [record for record in records if record.state in (State.NEEDS_ATTENTION, State.HELD) and _is_shown(record)]
    waits = sorted({reason_of(record.reason).short for record in blocked})
    if waits:
        parts.append("väntar: " + ", ".join(waits))
    if not parts:
        parts.append("kund i Fortnox" if any(_is_customer(record) for record in records) else "väntar")
    return "; ".join(parts)[:LIMIT]


def _is_shown(record: Record) -> bool:
    return record.kind in (RecordKind.CUSTOMER, RecordKind.INVOICE)


def _is_customer(record: Record) -> bool:
    return record.kind is RecordKind.CUSTOMER and record.state is State.DONE


def _order(number: str) -> tuple[int, str]:
    return (len(number), number)
