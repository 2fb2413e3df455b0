"""What the connectors last reported of each connection."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.health import Side, SideHealthReported
from servicekit.database import Connection as Session


async def save(session: Session, reports: Sequence[SideHealthReported]) -> None:
    """Keeps the newest report of each side of each connection, in one statement."""
    newest: dict[tuple[UUID, str], SideHealthReported] = {}
    for report in sorted(reports, key=lambda report: report.reported_at):
        newest[(report.connection_id, report.side)] = report
    rows = [newest[key] for key in sorted(newest)]
    await session.execute(
        """
        INSERT INTO side_health AS stored (connection_id, side, reported_at, body)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[])
        ON CONFLICT (connection_id, side) DO UPDATE SET reported_at = excluded.reported_at, body = excluded.body
            WHERE stored.reported_at < excluded.reported_at
        """,
        [row.connection_id for row in rows],
        [row.side.value for row in rows],
        [row.reported_at for row in rows],
        [row.model_dump_json() for row in rows],
    )


async def reports(session: Session) -> dict[UUID, dict[Side, SideHealthReported]]:
    """The last reports of all connections."""
    found: dict[UUID, dict[Side, SideHealthReported]] = {}
    for row in await session.fetch("SELECT connection_id, body FROM side_health"):
        report = SideHealthReported.model_validate_json(row["body"])
        found.setdefault(row["connection_id"], {})[report.side] = report
    return found
