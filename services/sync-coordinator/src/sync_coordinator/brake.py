"""The brake: unusually many documents within an hour are held, for a person to look at."""

from __future__ import annotations

from datetime import timedelta

from sync_coordinator.context import ConnectionContext
from sync_coordinator.domain import checks
from sync_coordinator.domain.records import Record, State
from sync_coordinator.repository import commands


async def hold(context: ConnectionContext, record: Record, reason: str) -> None:
    """Keeps a document until a person releases it."""
    await context.save(record.moved(State.HELD, reason=reason), "held", reason=reason)


async def is_braked(context: ConnectionContext, key: str) -> bool:
    """Whether one more document, that of deal `key`, is more than the connection's limit and its usual rate allow."""
    hour = timedelta(seconds=context.durations.brake_window)
    sent = (
        await commands.documents_since(context.session, context.connection_id, context.now - hour, key) + context.documents_sent
    )
    limit = context.connection.settings.documents_per_hour_limit
    if sent < limit:
        return False
    month = hour * checks.USUAL_DAYS * 24
    usual = await commands.documents_since(context.session, context.connection_id, context.now - month, key)
    return checks.is_braked(sent, usual, limit)
