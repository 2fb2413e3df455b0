"""Orders to one service, each with the whole desired state."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from contracts import topics
from contracts.events import company_key, deal_key
from contracts.kinds import RecordKind
from contracts.message import Command
from contracts.values import Company, Deal, Invoice, PaymentStatus, Product


class SaveFortnoxCustomer(Command):
    """Create the customer of a company. Business key: (connection, company).

    With `is_withdrawn` nothing is created: only what an earlier order may have made is looked for.
    """

    topic: ClassVar[str] = topics.FORTNOX_COMMAND
    fortnox_tenant: int
    limego_database: str
    company: Company
    currency: str
    decided_at: datetime
    is_withdrawn: bool = False

    @property
    def record_id(self) -> str:
        return self.company.company_id

    @property
    def kind(self) -> RecordKind:
        return RecordKind.CUSTOMER


class CreateFortnoxInvoice(Command):
    """Create the invoice of a won deal. Business key: (connection, deal).

    Its key is the deal: all orders and withdrawals of one keep their order, also when it is moved to another company.
    With `is_withdrawn` nothing is created: only what an earlier order may have made is looked for.
    """

    topic: ClassVar[str] = topics.FORTNOX_COMMAND
    fortnox_tenant: int
    limego_database: str
    deal: Deal
    customer_number: str
    standard_article: str
    currency: str
    home_country: str = "SE"
    decided_at: datetime
    is_withdrawn: bool = False

    @property
    def record_id(self) -> str:
        return deal_key(self.deal.deal_id)

    @property
    def kind(self) -> RecordKind:
        return RecordKind.INVOICE

    @property
    def subject(self) -> str:
        return f"{self.kind}/{self.deal.deal_id}"


class WithdrawFortnoxCustomer(Command):
    """The company is not to be created as it was ordered: the create is withdrawn. It has no outcome of its own.

    A create whose effect is in doubt is withdrawn as soon as the doubt ends without a customer.
    """

    topic: ClassVar[str] = topics.FORTNOX_COMMAND
    company_id: str

    @property
    def record_id(self) -> str:
        return self.company_id

    @property
    def kind(self) -> RecordKind:
        return RecordKind.CUSTOMER


class WithdrawFortnoxInvoice(Command):
    """The deal is not to be invoiced as it was ordered: the create is withdrawn. It has no outcome of its own.

    A create whose effect is in doubt is withdrawn as soon as the doubt ends without a document.
    """

    topic: ClassVar[str] = topics.FORTNOX_COMMAND
    deal_id: int
    company_id: str

    @property
    def record_id(self) -> str:
        return deal_key(self.deal_id)

    @property
    def kind(self) -> RecordKind:
        return RecordKind.INVOICE

    @property
    def subject(self) -> str:
        return f"{self.kind}/{self.deal_id}"


class ReadFortnoxCustomer(Command):
    """Read one customer and report it: a person typed a number that is not known here. Refused with `customer_missing`."""

    topic: ClassVar[str] = topics.FORTNOX_COMMAND
    fortnox_tenant: int
    customer_number: str

    @property
    def record_id(self) -> str:
        return f"customer/{self.customer_number}"

    @property
    def kind(self) -> RecordKind:
        return RecordKind.LOOKUP


class ReadLimeGoCompany(Command):
    """Read a company and its won deals again and report them, as if a hint had come (*try again*, healing).

    `company_id` is None for a deal that had no company; then `deal_ids` names it, and its company is read if it has one now.
    """

    topic: ClassVar[str] = topics.LIMEGO_COMMAND
    limego_database: str
    company_id: str | None
    deal_ids: tuple[int, ...] = ()

    @property
    def record_id(self) -> str:
        return company_key(self.company_id, self.deal_ids[0] if self.deal_ids else 0)

    @property
    def kind(self) -> RecordKind:
        return RecordKind.READING


class SaveLimeGoCompany(Command):
    """Show on the company what Fortnox holds of it: customer number, and one line of status text.

    A `customer_number` of None leaves the shown one, unless `clear_customer_number` says that the link was taken away.
    """

    topic: ClassVar[str] = topics.LIMEGO_COMMAND
    limego_database: str
    company_id: str
    customer_number: str | None
    status_text: str
    set_is_customer: bool
    clear_customer_number: bool = False

    @property
    def record_id(self) -> str:
        return self.company_id

    @property
    def kind(self) -> RecordKind:
        return RecordKind.COMPANY


class SaveLimeGoInvoice(Command):
    """Show an invoice on the ERP tab of its company; the amounts say how it was settled so far.

    Its key is the document: two commands that place it on different companies keep their order.
    """

    topic: ClassVar[str] = topics.LIMEGO_COMMAND
    limego_database: str
    company_id: str
    invoice: Invoice
    payment_status: PaymentStatus
    paid: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    written_off: Decimal = Decimal(0)

    @property
    def record_id(self) -> str:
        return f"invoice/{self.invoice.document_number}"

    @property
    def kind(self) -> RecordKind:
        return RecordKind.ERP_INVOICE

    @property
    def subject(self) -> str:
        return f"{self.kind}/{self.invoice.document_number}"


class SaveLimeGoProduct(Command):
    """Show a product in Lime Go."""

    topic: ClassVar[str] = topics.LIMEGO_COMMAND
    limego_database: str
    product: Product

    @property
    def record_id(self) -> str:
        return f"article/{self.product.article_number}"

    @property
    def kind(self) -> RecordKind:
        return RecordKind.PRODUCT
