"""Our own references on documents in Fortnox: which deal a document was made for."""

from __future__ import annotations

from contracts.values import Invoice


def deal_reference(limego_database: str, deal_key: str) -> str:
    """What the Fortnox connector writes into ExternalInvoiceReference1 (flows.md, *Creating exactly one thing*)."""
    return f"limego:{limego_database}:deal:{deal_key};"


def deal_key(limego_database: str, reference: str) -> str | None:
    """The deal of a reference, or None when it is not one of ours."""
    key = reference.removeprefix(f"limego:{limego_database}:deal:").removesuffix(";")
    return key if key.isdigit() and reference == deal_reference(limego_database, key) else None


def standing_reference(invoice: Invoice) -> str:
    """The reference of a document that stands; a cancelled one and a credit note are no second document."""
    return "" if invoice.is_cancelled or invoice.is_credit_note else invoice.external_reference
