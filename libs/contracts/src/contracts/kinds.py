"""The kinds of record that are synced, as commands and outcomes name them."""

from __future__ import annotations

from enum import StrEnum


class RecordKind(StrEnum):
    """A kind of synced record, as outcomes name it."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    COMPANY = "company"
    ERP_INVOICE = "erp_invoice"
    PRODUCT = "product"
    READING = "reading"
    LOOKUP = "lookup"
