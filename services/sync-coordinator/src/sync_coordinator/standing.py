"""What the polls bring of documents that we made."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.kinds import RecordKind
from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain.records import State
from sync_coordinator.domain.references import deal_key
from sync_coordinator.repository import display


async def mark_doubles(context: ConnectionContext, references: Sequence[str]) -> None:
    """A holder that froze between its lease check and its POST cannot be fenced: the double is found here, for a person."""
    for reference, numbers in (await display.doubles(context.session, context.connection_id, references)).items():
        key = deal_key(context.connection.limego_database, reference)
        record = await context.find(RecordKind.INVOICE, key) if key else None
        if record is not None and record.state is State.DONE:
            await context.attention(record, "several_documents", candidates=numbers)
