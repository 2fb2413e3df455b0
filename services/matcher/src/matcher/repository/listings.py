"""SQL of listings: how many distinct records each has, and which registers are whole."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.events import CompanyChanged, CompanyListingCompleted, CustomerChanged, CustomerListingCompleted
from matcher.registers import RegisterKind
from servicekit.database import Connection


class ListingRepository:
    """Listings within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note_listed(self, kind: RegisterKind, messages: Sequence[CompanyChanged | CustomerChanged]) -> None:
        """Counts the distinct records of listings."""
        members = sorted({(str(message.listing_id), message.connection_id, message.record_id) for message in messages})
        await self._connection.execute(
            """
            WITH incoming AS (
                SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS item(listing_id, connection_id, member_id)
            ), added AS (
                INSERT INTO listing_member (listing_id, member_id) SELECT listing_id, member_id FROM incoming
                ON CONFLICT DO NOTHING RETURNING listing_id
            )
            INSERT INTO listing (listing_id, connection_id, kind, seen)
            SELECT listing_id, connection_id, $1, (SELECT count(*) FROM added WHERE added.listing_id = incoming.listing_id)
              FROM incoming GROUP BY listing_id, connection_id ORDER BY listing_id
            ON CONFLICT (listing_id) DO UPDATE SET seen = listing.seen + excluded.seen
            """,
            kind,
            [listing_id for listing_id, _, _ in members],
            [connection_id for _, connection_id, _ in members],
            [member_id for _, _, member_id in members],
        )

    async def expect(
        self, completions: Sequence[tuple[RegisterKind, CompanyListingCompleted | CustomerListingCompleted]]
    ) -> None:
        """Stores how many distinct records each listing has."""
        newest = {message.listing_id: (kind, message) for kind, message in completions}
        ordered = [newest[listing_id] for listing_id in sorted(newest)]
        await self._connection.execute(
            """
            INSERT INTO listing (listing_id, connection_id, kind, expected)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[])
            ON CONFLICT (listing_id) DO UPDATE SET expected = excluded.expected
            """,
            [message.listing_id for _, message in ordered],
            [message.connection_id for _, message in ordered],
            [kind for kind, _ in ordered],
            [message.count for _, message in ordered],
        )

    async def complete_listings(self, connection_ids: Sequence[UUID]) -> list[UUID]:
        """Marks registers whose listing is whole; tells the connections that have both since this call."""
        rows = await self._connection.fetch(
            """
            WITH done AS (
                SELECT connection_id, bool_or(kind = 'company') AS companies, bool_or(kind = 'customer') AS customers
                  FROM listing WHERE connection_id = ANY($1) AND seen >= expected GROUP BY connection_id
            )
            UPDATE connection
               SET companies_listed = companies_listed OR done.companies, customers_listed = customers_listed OR done.customers
              FROM done
             WHERE connection.connection_id = done.connection_id
               AND (done.companies AND NOT companies_listed OR done.customers AND NOT customers_listed)
            RETURNING connection.connection_id, companies_listed AND customers_listed AS is_complete
            """,
            connection_ids,
        )
        await self._forget_members(connection_ids)
        return [row["connection_id"] for row in rows if row["is_complete"]]

    async def _forget_members(self, connection_ids: Sequence[UUID]) -> None:
        """A whole listing needs its ids no longer; its counts stay."""
        await self._connection.execute(
            """
            DELETE FROM listing_member USING listing
             WHERE listing_member.listing_id = listing.listing_id AND connection_id = ANY($1) AND seen >= expected
            """,
            connection_ids,
        )
