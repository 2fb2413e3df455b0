"""Lime Go's ERP tab and product list: the port, and its one implementation. The whole contract is UNCONFIRMED.

The product brief shows invoices on a company's ERP tab, and products; no public API offers either (limego.md, section 0).
Everything below this line is therefore our own guess at such an API, and the only place that knows it: paths, field
names, amounts as decimal strings, PUT by document number being idempotent, GET giving back what was put.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote

from contracts.commands import SaveLimeGoInvoice
from contracts.values import Product
from limego_connector.client import LimeGoClient
from limego_connector.responses import Answer, unproven
from servicekit.errors import PermanentError

INVOICES = "/v1/erp/invoices"
PRODUCTS = "/v1/erp/products"


class ErpSurface(Protocol):
    """Where Lime Go shows what Fortnox holds. Saving twice is the same as saving once."""

    async def save_invoice(self, command: SaveLimeGoInvoice) -> None:
        """Shows an invoice on a company's ERP tab."""
        ...

    async def shows_invoice(self, command: SaveLimeGoInvoice) -> bool:
        """Whether exactly this is shown already."""
        ...

    async def save_product(self, product: Product) -> None:
        """Shows a product."""
        ...

    async def shows_product(self, product: Product) -> bool:
        """Whether exactly this is shown already."""
        ...


class HttpErpSurface:
    """The guess over HTTP."""

    def __init__(self, client: LimeGoClient) -> None:
        self._client = client

    async def save_invoice(self, command: SaveLimeGoInvoice) -> None:
        """PUT; OutcomeUnknownError when it goes unanswered."""
        body = invoice_body(command)
        await self._put(INVOICES, "{documentNumber}", command.invoice.document_number, body)

    async def shows_invoice(self, command: SaveLimeGoInvoice) -> bool:
        """GET and compare."""
        body = invoice_body(command)
        return await self._shows(INVOICES, "{documentNumber}", command.invoice.document_number, body)

    async def save_product(self, product: Product) -> None:
        """PUT; OutcomeUnknownError when it goes unanswered."""
        await self._put(PRODUCTS, "{articleNumber}", product.article_number, product_body(product))

    async def shows_product(self, product: Product) -> bool:
        """GET and compare."""
        return await self._shows(PRODUCTS, "{articleNumber}", product.article_number, product_body(product))

    async def _put(self, collection: str, name: str, number: str, body: dict[str, Any]) -> None:
        answer = await self._client.call("PUT", _path(collection, number), f"{collection}/{name}", body=body)
        if answer.status >= 400:
            raise PermanentError("company_missing" if answer.status == 404 else "validation", _message(answer))

    async def _shows(self, collection: str, name: str, number: str, body: dict[str, Any]) -> bool:
        answer = await self._client.call("GET", _path(collection, number), f"{collection}/{name}", is_write=False)
        if answer.status < 400 and not isinstance(answer.body, dict):
            raise unproven("Lime Go's answer holds no record", is_write=False)
        shown = answer.body if answer.status < 400 else {}
        return all(shown.get(field) == value for field, value in body.items())


def _path(collection: str, number: str) -> str:
    # Article numbers may hold a slash and a plus.
    return f"{collection}/{quote(number, safe='')}"


def _message(answer: Answer) -> str:
    body = answer.body if isinstance(answer.body, dict) else {}
    return str(body.get("message") or f"HTTP {answer.status}")[:500]


def invoice_body(command: SaveLimeGoInvoice) -> dict[str, Any]:
    """An invoice as the ERP tab takes it; texts are cut at the guessed limits.

    A document has one place: put with another company it is shown there and no longer where it was.
    """
    invoice = command.invoice
    return {
        "organizationId": command.company_id,
        "customerName": invoice.customer_name[:1024],
        "yourReference": invoice.your_reference[:255] or None,
        "ourReference": invoice.our_reference[:255] or None,
        "customerNumber": invoice.customer_number or None,
        "termsOfPayment": invoice.terms_of_payment[:100] or None,
        "amount": _number(invoice.amount),
        "currency": invoice.currency,
        "vat": _number(invoice.vat),
        "invoiceDate": invoice.invoice_date.isoformat(),
        "dueDate": invoice.due_date.isoformat(),
        "reminders": invoice.reminders,
        "balance": _number(invoice.balance),
        "paymentStatus": command.payment_status.value,
        "paid": _number(command.paid),
        "credited": _number(command.credited),
        "writtenOff": _number(command.written_off),
        "isCreditNote": invoice.is_credit_note,
        "rows": [
            {
                "description": row.description[:500],
                "quantity": _number(row.quantity),
                "articleNumber": row.article_number,
                "price": _number(row.price),
                "total": _number(row.total),
            }
            for row in invoice.rows
        ],
    }


def product_body(product: Product) -> dict[str, Any]:
    """A product as the product list takes it."""
    return {
        "description": product.description[:500],
        "price": None if product.price is None else _number(product.price),
        "unit": product.unit[:50] if product.unit else None,
        "active": product.is_active,
    }


def _number(value: Decimal) -> str:
    """A decimal in plain digits: 1E+3 is 1000."""
    return f"{value:f}"
