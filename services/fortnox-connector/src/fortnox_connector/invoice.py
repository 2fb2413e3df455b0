"""Makes the invoice of a won deal, once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contracts.commands import CreateFortnoxInvoice
from fortnox_connector import card, mapping
from fortnox_connector.answers import NotFoundError
from fortnox_connector.card import Rule
from fortnox_connector.client import LIVE, FortnoxClient
from fortnox_connector.maker import CandidatesError, Found, Made, Maker
from fortnox_connector.payloads import FullArticle, FullCustomer, FullInvoice, MadeInvoice
from fortnox_connector.tokens import Reserved
from servicekit.errors import OutcomeUnknownError, PermanentError
from servicekit.fault_points import is_guard_on

SEVERAL_DOCUMENTS = "several_documents"
REFERENCE_LOST = "document_reference_lost"
DIFFERS = "document_differs"


@dataclass(frozen=True)
class InvoiceMaker:
    """Makes invoices in one lane."""

    client: FortnoxClient

    def for_command(self, command: CreateFortnoxInvoice) -> Maker:
        """The maker of one command's invoice."""
        return _OneInvoice(self.client, command)


@dataclass
class _OneInvoice:
    client: FortnoxClient
    command: CreateFortnoxInvoice
    _article: FullArticle | None = field(default=None)
    _rule: Rule | None = field(default=None)

    @property
    def business_key(self) -> str:
        return f"deal:{self.command.deal.deal_id}"

    @property
    def _reference(self) -> str:
        terminator = mapping.TERMINATOR if is_guard_on("terminator") else ""
        return mapping.deal_reference(self.command.limego_database, self.command.deal.deal_id, terminator=terminator)

    async def look(self, intent_at: datetime, *, is_first: bool) -> Found | None:
        """The search is a prefix match: all pages are read and compared exactly, orders as well as invoices."""
        invoices, orders = await asyncio.gather(
            self.client.find_invoices(self._reference), self.client.find_orders(self._reference)
        )
        numbers = {line.DocumentNumber for line in invoices if line.ExternalInvoiceReference1 == self._reference}
        stray_orders: set[str] = set()
        for line in orders:
            if line.ExternalInvoiceReference1 == self._reference:
                order = await self.client.order(line.DocumentNumber)
                # An order and the invoice made from it are one.
                if order.InvoiceReference not in ("", "0"):
                    numbers.add(order.InvoiceReference)
                else:
                    stray_orders.add(f"order {line.DocumentNumber}")
        if stray_orders:
            raise CandidatesError(SEVERAL_DOCUMENTS, (*sorted(numbers), *sorted(stray_orders)))
        # A credit note may carry its invoice's reference: it is no second document.
        found = [await self.client.invoice(number, LIVE) for number in sorted(numbers)]
        documents = [invoice for invoice in found if invoice.Credit.lower() != "true"]
        if not documents:
            return None
        # Of several, one that stands is it: a person has cancelled or credited the others.
        standing = [invoice for invoice in documents if not _note(invoice)]
        chosen = standing if len(standing) == 1 else documents
        return await self._found(chosen)

    async def known(self, remote_id: str) -> Found:
        """The invoice that was made, as it is now: compared with the deal anew, so that a difference that was mended ends."""
        try:
            return await self._found([await self.client.invoice(remote_id, LIVE)])
        except NotFoundError:
            return Found((remote_id,), SEVERAL_DOCUMENTS, problem=REFERENCE_LOST)

    async def _found(self, invoices: Sequence[FullInvoice]) -> Found:
        """One that a person has cancelled or credited is no longer asked to be paid: its sum is not compared."""
        numbers = tuple(invoice.DocumentNumber for invoice in invoices)
        if len(invoices) > 1:
            return Found(numbers, SEVERAL_DOCUMENTS)
        note = _note(invoices[0])
        differences = [] if note else [mapping.document_difference(invoices[0], self.command), await self._vat_of(invoices[0])]
        detail = "; ".join(filter(None, differences))
        return Found(numbers, SEVERAL_DOCUMENTS, note, DIFFERS if detail else "", detail)

    async def _vat_of(self, invoice: FullInvoice) -> str:
        """How the VAT of a document that was found differs from its customer's card; "" where that cannot be read."""
        try:
            customer, article = await asyncio.gather(
                self.client.customer(invoice.CustomerNumber), self.client.article(self.command.standard_article)
            )
        except PermanentError:
            return ""
        return mapping.vat_difference(invoice.InvoiceRows, customer, article, with_account=False)

    async def _vat_of_made(self, made: MadeInvoice, article: FullArticle) -> str:
        """The same of the answer to the POST, for the card may have changed between its reading and the POST.

        OutcomeUnknownError when the card cannot be read: the document is there, and is looked for and compared later.
        """
        try:
            customer = await self.client.customer(self.command.customer_number)
        except Exception as error:
            raise OutcomeUnknownError(f"an invoice cannot be compared with its customer's card: {type(error).__name__}") from None
        return mapping.vat_difference(made.InvoiceRows, customer, article, with_account=True)

    async def prepare(self) -> None:
        """The standard article and the customer's card must allow the document; never a guess (flows.md, section 6)."""
        if len(self._reference) > mapping.OWN_REFERENCE_LIMIT:
            raise PermanentError("database_name_too_long")
        customer, self._article = await asyncio.gather(self._customer(), self._standard_article())
        if customer.Currency and customer.Currency != self.command.currency:
            raise PermanentError("customer_currency", customer.Currency)
        self._rule = card.rule_of(customer, self.command.home_country)

    async def _customer(self) -> FullCustomer:
        try:
            return await self.client.customer(self.command.customer_number)
        except NotFoundError as error:
            raise PermanentError("customer_missing", error.detail) from None

    async def _standard_article(self) -> FullArticle:
        try:
            article = await self.client.article(self.command.standard_article)
        except NotFoundError as error:
            raise PermanentError("article_missing", error.detail) from None
        if not article.Active:
            raise PermanentError("article_inactive")
        return article

    async def reserve(self) -> Reserved:
        """A place in the lane's budget."""
        return await self.client.reserve()

    async def send(self, reserved: Reserved) -> Made:
        """The one POST, and what its answer says of the reference and of the sum.

        Without our whole reference no look would find the document again.
        """
        assert self._article is not None
        assert self._rule is not None
        body = mapping.invoice_body(self.command, self._article, self._rule, self._reference)
        made = await self.client.create_invoice(body, reserved)
        if made.ExternalInvoiceReference1 != self._reference:
            return Made(made.DocumentNumber, REFERENCE_LOST)
        differences = (mapping.difference(made, self.command), await self._vat_of_made(made, self._article))
        detail = "; ".join(filter(None, differences))
        return Made(made.DocumentNumber, DIFFERS if detail else "", detail)


def _note(invoice: FullInvoice) -> Literal["", "cancelled", "credited"]:
    if invoice.Cancelled:
        return "cancelled"
    return "credited" if invoice.CreditInvoiceReference not in ("", "0") else ""
