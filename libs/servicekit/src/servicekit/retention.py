"""What a slice keeps no longer than it must: personal data travels in messages, so their copies are erased in time.

The outbox keeps seven days (its partitions are dropped by the relay), the inbox 14, dead letters and finished commands 30
(flows.md, section 4). Rows that guard against a second effect stay for ever; only their bodies go, and of an outcome the
remote's own words: a command that is repeated still repeats its outcome.
"""

from __future__ import annotations

from servicekit.database import Connection

STATEMENTS = (
    "DELETE FROM inbox WHERE received_at < now() - interval '14 days'",
    "UPDATE dead_letter SET body = NULL WHERE body IS NOT NULL AND created_at < now() - interval '30 days'",
    "UPDATE work_item SET body = NULL WHERE body IS NOT NULL AND finished_at < now() - interval '30 days'",
    # As text: Postgres' JSON functions refuse a NUL, which a remote's words may hold.
    r"""
    UPDATE work_item SET outcome = regexp_replace(outcome, '"detail":"([^"\\]|\\.)*"', '"detail":""')
    WHERE outcome ~ '"detail":"[^"]' AND finished_at < now() - interval '30 days'
    """,
    "DELETE FROM outbox_default WHERE created_at < now() - interval '7 days' AND sent_at IS NOT NULL",
)


async def erase_old(connection: Connection) -> None:
    """Erases what is over its time; safe to repeat, and to run in several replicas at once."""
    for statement in STATEMENTS:
        await connection.execute(statement)
