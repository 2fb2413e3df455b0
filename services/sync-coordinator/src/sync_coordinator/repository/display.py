"""What Lime Go shows of Fortnox: invoices and products, and one line per company; with what was sent last of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import asyncpg

from contracts.values import Invoice, PaymentStatus, Product
from servicekit.database import Connection as Session
from sync_coordinator.domain.payment import credit_of, overdue_after
from sync_coordinator.domain.references import standing_reference

# What is still open and becomes overdue by itself.
_OPEN = "shown_status IN ('due', 'partly_paid', 'partly_credited')"
_STORED = """
    SELECT invoice.*, link.company_id, (
        SELECT sum(note.credits_amount) FROM invoice AS note
        WHERE note.connection_id = invoice.connection_id AND note.credits_number = invoice.document_number
          AND note.credits_number <> '') AS credited
    FROM invoice LEFT JOIN link USING (connection_id, customer_number)
    WHERE (link.company_id IS NOT NULL OR shown_company_id IS NOT NULL)
"""


@dataclass(frozen=True)
class StoredInvoice:
    """An invoice that has a place in Lime Go, or had one, and the digest of what was sent last.

    `company_id` is the company of its customer's link; without one it still stands where it was shown last,
    `shown_company_id`. `credited` is the total of its credit notes, None when none is known.
    """

    connection_id: UUID
    company_id: str | None
    shown_company_id: str | None
    invoice: Invoice
    credited: Decimal | None
    sent_digest: str | None


@dataclass(frozen=True)
class ShownInvoice:
    """What was sent of an invoice, and where to."""

    connection_id: UUID
    document_number: str
    company_id: str
    status: PaymentStatus
    digest: str


@dataclass(frozen=True)
class StoredProduct:
    """A product, and the digest of what was sent last."""

    connection_id: UUID
    product: Product
    sent_digest: str | None


async def save_invoices(session: Session, rows: Sequence[tuple[UUID, int, Invoice]]) -> list[StoredInvoice]:
    """Stores snapshots in one statement; returns those that were newer than the stored ones and have, or had, a place.

    With a credit note comes the invoice that it credits.
    """
    credits = [credit_of(invoice) for _, _, invoice in rows]
    saved = await session.fetch(
        """
        INSERT INTO invoice AS stored (connection_id, document_number, customer_number, version, body, overdue_after, reference,
                                       credits_number, credits_amount)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::date[], $7::text[], $8::text[],
                             $9::numeric[])
        ON CONFLICT (connection_id, document_number) DO UPDATE SET
            customer_number = excluded.customer_number, version = excluded.version, body = excluded.body,
            overdue_after = excluded.overdue_after, reference = excluded.reference,
            credits_number = excluded.credits_number, credits_amount = excluded.credits_amount
            WHERE stored.version < excluded.version
        RETURNING connection_id, document_number, credits_number
        """,
        [connection_id for connection_id, _, _ in rows],
        [invoice.document_number for _, _, invoice in rows],
        [invoice.customer_number for _, _, invoice in rows],
        [version for _, version, _ in rows],
        [invoice.model_dump_json() for _, _, invoice in rows],
        [overdue_after(invoice) for _, _, invoice in rows],
        [standing_reference(invoice) for _, _, invoice in rows],
        [number for number, _ in credits],
        [amount for _, amount in credits],
    )
    wanted = sorted({(row["connection_id"], row[name]) for row in saved for name in ("document_number", "credits_number")})
    found = await session.fetch(
        f"{_STORED} AND (connection_id, document_number) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))"
        " ORDER BY connection_id, document_number",
        [connection_id for connection_id, _ in wanted],
        [number for _, number in wanted],
    )
    return [_invoice(row) for row in found]


async def find_invoice(session: Session, connection_id: UUID, document_number: str) -> Invoice | None:
    """An invoice as Fortnox' polls last brought it."""
    body = await session.fetchval(
        "SELECT body FROM invoice WHERE connection_id = $1 AND document_number = $2", connection_id, document_number
    )
    return Invoice.model_validate_json(body) if body else None


async def standing(session: Session, connection_id: UUID, reference: str) -> tuple[str, ...]:
    """The documents that carry this reference and stand: neither cancelled nor a credit note."""
    rows = await session.fetch(
        "SELECT document_number FROM invoice WHERE connection_id = $1 AND reference = $2 ORDER BY document_number",
        connection_id,
        reference,
    )
    return tuple(row["document_number"] for row in rows)


async def doubles(session: Session, connection_id: UUID, references: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Which of these references stand on several documents, and on which."""
    rows = await session.fetch(
        """
        SELECT reference, array_agg(document_number ORDER BY document_number) AS numbers FROM invoice
        WHERE connection_id = $1 AND reference = ANY($2::text[]) AND reference <> ''
        GROUP BY reference HAVING count(*) > 1 ORDER BY reference
        """,
        connection_id,
        list(references),
    )
    return {row["reference"]: tuple(row["numbers"]) for row in rows}


async def invoices_of_customer(session: Session, connection_id: UUID, customer_number: str) -> list[StoredInvoice]:
    """The customer's invoices that have, or had, a place."""
    rows = await session.fetch(
        f"{_STORED} AND connection_id = $1 AND customer_number = $2 ORDER BY document_number", connection_id, customer_number
    )
    return [_invoice(row) for row in rows]


async def invoices_to_send(session: Session, connection_id: UUID, today: date, limit: int) -> list[StoredInvoice]:
    """Invoices that turned overdue since they were shown, or whose last command was not carried out."""
    rows = await session.fetch(
        f"""
        {_STORED} AND connection_id = $1
            AND (is_due OR ({_OPEN} AND overdue_after < $2 AND link.company_id IS NOT NULL))
        ORDER BY document_number LIMIT $3
        """,
        connection_id,
        today,
        limit,
    )
    return [_invoice(row) for row in rows]


async def connections_with_work(session: Session, today: date) -> list[UUID]:
    """Active connections with something to show again."""
    rows = await session.fetch(
        f"""
        SELECT connection_id FROM connection
        WHERE state = 'active' AND connection_id IN (
            SELECT connection_id FROM invoice WHERE is_due
            UNION ALL SELECT connection_id FROM invoice WHERE {_OPEN} AND overdue_after < $1
            UNION ALL SELECT connection_id FROM product WHERE is_due
            UNION ALL SELECT connection_id FROM company_shown WHERE is_due)
        """,
        today,
    )
    return [row["connection_id"] for row in rows]


async def mark_invoices_sent(session: Session, shown: Sequence[ShownInvoice]) -> None:
    """Stores what was sent."""
    await session.execute(
        """
        UPDATE invoice SET
            shown_company_id = sent.company_id, shown_status = sent.status, sent_digest = sent.digest, is_due = false
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS sent (connection_id, document_number, company_id, status, digest)
        WHERE invoice.connection_id = sent.connection_id AND invoice.document_number = sent.document_number
        """,
        [one.connection_id for one in shown],
        [one.document_number for one in shown],
        [one.company_id for one in shown],
        [one.status for one in shown],
        [one.digest for one in shown],
    )


async def forget_places(session: Session, connection_id: UUID, company_id: str) -> None:
    """The company on whose tab invoices stood is gone, and the tab with it: of those none is shown, or due."""
    await session.execute(
        """
        UPDATE invoice SET shown_company_id = NULL, sent_digest = NULL, shown_status = NULL, is_due = false
        WHERE connection_id = $1 AND shown_company_id = $2
        """,
        connection_id,
        company_id,
    )


def _invoice(row: asyncpg.Record) -> StoredInvoice:
    invoice = Invoice.model_validate_json(row["body"])
    # What is due is sent even when it is the same as before: the command before it was not carried out.
    digest = None if row["is_due"] else row["sent_digest"]
    return StoredInvoice(row["connection_id"], row["company_id"], row["shown_company_id"], invoice, row["credited"], digest)


async def save_products(session: Session, rows: Sequence[tuple[UUID, int, Product]]) -> list[StoredProduct]:
    """Stores snapshots in one statement; returns those that were newer than the stored ones."""
    stored = await session.fetch(
        """
        INSERT INTO product AS stored (connection_id, article_number, version, body)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[])
        ON CONFLICT (connection_id, article_number) DO UPDATE SET version = excluded.version, body = excluded.body
            WHERE stored.version < excluded.version
        RETURNING *
        """,
        [connection_id for connection_id, _, _ in rows],
        [product.article_number for _, _, product in rows],
        [version for _, version, _ in rows],
        [product.model_dump_json() for _, _, product in rows],
    )
    return [_product(row) for row in stored]


async def products_to_send(session: Session, connection_id: UUID, limit: int) -> list[StoredProduct]:
    """Products whose last command was not carried out."""
    rows = await session.fetch(
        "SELECT * FROM product WHERE connection_id = $1 AND is_due ORDER BY article_number LIMIT $2", connection_id, limit
    )
    return [_product(row) for row in rows]


async def mark_products_sent(session: Session, rows: Sequence[tuple[UUID, str, str]]) -> None:
    """Stores what was sent: connection, article number and digest."""
    await session.execute(
        """
        UPDATE product SET sent_digest = sent.digest, is_due = false
        FROM unnest($1::uuid[], $2::text[], $3::text[]) AS sent (connection_id, article_number, digest)
        WHERE product.connection_id = sent.connection_id AND product.article_number = sent.article_number
        """,
        [connection_id for connection_id, _, _ in rows],
        [number for _, number, _ in rows],
        [digest for _, _, digest in rows],
    )


def _product(row: asyncpg.Record) -> StoredProduct:
    product = Product.model_validate_json(row["body"])
    return StoredProduct(row["connection_id"], product, None if row["is_due"] else row["sent_digest"])


async def show_company(session: Session, connection_id: UUID, company_id: str, digest: str) -> bool:
    """Stores what is about to be sent of a company; False when just that was sent last."""
    changed = await session.fetchval(
        """
        INSERT INTO company_shown AS shown (connection_id, company_id, sent_digest) VALUES ($1, $2, $3)
        ON CONFLICT (connection_id, company_id) DO UPDATE SET sent_digest = excluded.sent_digest, is_due = false
            WHERE shown.is_due OR shown.sent_digest IS DISTINCT FROM excluded.sent_digest
        RETURNING 1
        """,
        connection_id,
        company_id,
        digest,
    )
    return changed is not None


async def forget_company(session: Session, connection_id: UUID, company_id: str) -> None:
    """Lime Go no longer has the company: nothing is shown on it, and nothing of it is due."""
    await session.execute("DELETE FROM company_shown WHERE connection_id = $1 AND company_id = $2", connection_id, company_id)


async def companies_to_send(session: Session, connection_id: UUID, limit: int) -> list[str]:
    """Companies whose last command was not carried out."""
    rows = await session.fetch(
        "SELECT company_id FROM company_shown WHERE connection_id = $1 AND is_due ORDER BY company_id LIMIT $2",
        connection_id,
        limit,
    )
    return [row["company_id"] for row in rows]


async def mark_due(session: Session, connection_id: UUID, kind: str, key: str) -> None:
    """A command that shows something was not carried out: it is sent again from what is stored."""
    statements = {
        "company": "UPDATE company_shown SET is_due = true WHERE connection_id = $1 AND company_id = $2",
        # Only where it has, or had, a place: without one nothing would ever be sent of it.
        "erp_invoice": """
            UPDATE invoice SET is_due = true
            WHERE connection_id = $1 AND document_number = $2 AND (shown_company_id IS NOT NULL OR EXISTS (
                SELECT FROM link WHERE link.connection_id = invoice.connection_id
                    AND link.customer_number = invoice.customer_number))
            """,
        "product": "UPDATE product SET is_due = true WHERE connection_id = $1 AND article_number = $2",
    }
    await session.execute(statements[kind], connection_id, key)
