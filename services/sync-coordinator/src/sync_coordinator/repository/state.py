"""The whole state of the slice as plain values, for the invariant checker."""

from __future__ import annotations

from typing import Any

from servicekit.database import Connection as Session

QUERIES = {
    "connections": """
        SELECT connection_id, limego_database, fortnox_tenant, state, generation, version FROM connection ORDER BY activated_at
    """,
    "links": "SELECT connection_id, company_id, customer_number, rung, linked_at FROM link ORDER BY linked_at",
    "records": """
        SELECT connection_id, kind, record_key AS key, company_id, state, reason, remote_id, note, cause, is_reopened, command_id,
               (deal IS NOT NULL) AS has_deal, updated_at
        FROM record ORDER BY connection_id, kind, record_key
    """,
    "commands": """
        SELECT command_id, connection_id, type, kind, record_key AS key, company_id, sent_at, resent_at, outcome, reason,
               finished_at
        FROM command ORDER BY sent_at, command_id
    """,
    "invoices": """
        SELECT invoice.connection_id, document_number, invoice.customer_number, company_id, shown_status,
               (sent_digest IS NOT NULL AND NOT is_due) AS is_sent
        FROM invoice LEFT JOIN link USING (connection_id, customer_number) ORDER BY document_number
    """,
    "products": """
        SELECT connection_id, article_number, (sent_digest IS NOT NULL AND NOT is_due) AS is_sent FROM product
        ORDER BY article_number
    """,
    "companies": "SELECT connection_id, count(*) AS number FROM company GROUP BY connection_id ORDER BY connection_id",
    "command_counts": """
        SELECT connection_id, type, coalesce(outcome, 'open') AS outcome, count(*) AS number FROM command
        GROUP BY connection_id, type, outcome ORDER BY connection_id, type, outcome
    """,
}


async def everything(session: Session) -> dict[str, list[dict[str, Any]]]:
    """All tables that the invariants speak of; no snapshots, so no personal data."""
    return {name: [_plain(row) for row in await session.fetch(query)] for name, query in QUERIES.items()}


def _plain(row: Any) -> dict[str, Any]:
    return {name: value if isinstance(value, (str, int, bool, type(None))) else str(value) for name, value in row.items()}
