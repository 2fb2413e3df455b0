"""A record as the first page shows it: what it waits for, who said so, what a click can do, and what happens by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from contracts.kinds import RecordKind
from contracts.values import ConnectionState
from sync_coordinator import texts
from sync_coordinator.domain.checks import amount
from sync_coordinator.domain.reasons import ABOUT_LIKENESS, reason_of, said_by
from sync_coordinator.domain.records import Connection, Record, State, company_of
from sync_coordinator.rendering import stockholm
from sync_coordinator.repository.records import Entry

SETTLED = (State.DONE, State.WITHDRAWN, State.HELD)


@dataclass(frozen=True)
class Row:
    """A record in words. `next` says what happens without a click, `said` whose words `record.detail` holds."""

    record: Record
    name: str
    company: str
    amount: str
    title: str
    remedy: str
    said: str
    note: str
    next: str
    path: str
    entries: list[tuple[Entry, str]]
    may_try: bool
    held_path: str
    may_confirm_new: bool


def row_of(
    record: Record, connection: Connection, timeline: list[Entry], names: Mapping[tuple[UUID, str], str], language: str
) -> Row:
    """The row of a record."""
    title, remedy = reason_of(record.reason).words(language) if record.reason else ("", "")
    company = names.get((record.connection_id, record.company_id), "")
    is_paused = connection.state is ConnectionState.PAUSED
    value = amount(record.deal)
    return Row(
        record=record,
        name=record.deal.name if record.deal else company if record.kind is RecordKind.CUSTOMER else record.key,
        company=company or company_of(record.company_id) or texts.word(texts.PAGE, "no_company", language),
        amount=texts.money(value, connection.settings.currency, language) if value is not None else "",
        title=title,
        remedy=remedy,
        said=said(record.reason, record.kind, language),
        note=texts.word(texts.NOTES, record.note, language) if record.note else "",
        next=_next(record, language, is_paused=is_paused),
        path=_path(record, record.kind, record.key),
        entries=[(one, texts.entry(one.code, one.params, language)) for one in timeline],
        may_try=record.state is State.NEEDS_ATTENTION and reason_of(record.reason).may_try and not is_paused,
        held_path=f"/connections/{record.connection_id}/held" if record.state is State.HELD else "",
        may_confirm_new=record.kind is RecordKind.CUSTOMER
        and record.state is State.NEEDS_ATTENTION
        and record.reason in ABOUT_LIKENESS
        and not is_paused,
    )


def said(reason: str, kind: str, language: str) -> str:
    """Who answered what stands in a detail: the system that the reason names, else the one that the record is written to."""
    system = said_by(reason) or ("Fortnox" if kind in (RecordKind.CUSTOMER, RecordKind.INVOICE) else "Lime Go")
    return texts.word(texts.PAGE, "said", language).format(system=system)


def next_try(moment: datetime | None, language: str) -> str:
    """When something is tried again without a click; that it is not, when there is no such moment."""
    if moment is None:
        return texts.word(texts.PAGE, "not_by_itself", language)
    return f"{texts.word(texts.PAGE, 'by_itself', language)} {stockholm(moment, '%Y-%m-%d %H:%M')}."


def _next(record: Record, language: str, *, is_paused: bool) -> str:
    if is_paused and record.state not in SETTLED:
        return texts.word(texts.PAGE, "paused_row", language)
    return next_try(record.recheck_at, language) if record.state is State.NEEDS_ATTENTION else ""


def _path(record: Record, kind: RecordKind, key: str) -> str:
    return f"/records/{kind}/{record.connection_id}/{quote(key, safe='')}"
