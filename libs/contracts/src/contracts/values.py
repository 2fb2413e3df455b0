"""Values that several messages share: companies, customers, deals, documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from contracts.message import Value


class Address(Value):
    """A postal address; every part may be unknown."""

    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country_code: str | None = None


class Company(Value):
    """An organisation in Lime Go, whole. None means not filled in, or not readable by this key."""

    company_id: str
    name: str
    organisation_number: str | None = None
    phone: str | None = None
    email: str | None = None
    postal_address: Address = Address()
    visiting_address: Address = Address()
    is_customer: bool = False


class CustomField(Value):
    """A custom field of a deal: its title and its text."""

    title: str
    value: str


class Deal(Value):
    """A deal in Lime Go. `value` is excluding VAT; None means that it could not be read.

    `company_id` is None when nobody has put a company on the deal: it needs attention, and nothing can be made of it.
    """

    deal_id: int
    name: str
    company_id: str | None
    value: Decimal | None
    contact_person: str | None = None
    responsible_coworker: str | None = None
    custom_fields: tuple[CustomField, ...] = ()


class Customer(Value):
    """A customer in Fortnox. What the slim list does not hold is None."""

    customer_number: str
    name: str
    organisation_number: str | None = None
    phone: str | None = None
    email: str | None = None
    address: Address = Address()
    currency: str | None = None
    active: bool | None = None


class DocumentRow(Value):
    """A row of an invoice, amounts in the document's currency."""

    description: str
    quantity: Decimal
    article_number: str | None
    price: Decimal
    total: Decimal


class PaymentStatus(StrEnum):
    """What the ERP tab shows of an invoice; `moved` says that it went to a customer without a company here."""

    DRAFT = "draft"
    DUE = "due"
    OVERDUE = "overdue"
    PAID = "paid"
    CREDITED = "credited"
    CANCELLED = "cancelled"
    PARTLY_PAID = "partly_paid"
    PARTLY_CREDITED = "partly_credited"
    WRITTEN_OFF = "written_off"
    MOVED = "moved"


class Invoice(Value):
    """An invoice as Fortnox holds it; `amount` is the total including VAT, rows add up to `net` with fees as rows.

    `credit_reference` is the invoice that a credit note credits, and the other way round. `written_off` is what its booked
    payments wrote off.
    """

    document_number: str
    customer_number: str
    customer_name: str
    your_reference: str = ""
    our_reference: str = ""
    terms_of_payment: str = ""
    currency: str
    invoice_date: date
    due_date: date
    net: Decimal
    vat: Decimal
    round_off: Decimal
    amount: Decimal
    balance: Decimal
    reminders: int
    is_booked: bool
    is_cancelled: bool
    is_credit_note: bool
    credit_reference: str | None = None
    external_reference: str = ""
    written_off: Decimal = Decimal(0)
    rows: tuple[DocumentRow, ...] = ()


class Product(Value):
    """An article in Fortnox; `price` is that of the default price list, None when it has none."""

    article_number: str
    description: str
    price: Decimal | None
    unit: str | None
    is_active: bool


class Trigger(StrEnum):
    """What made a company a client."""

    DEAL_WON = "deal_won"
    RELATION_STATUS = "relation_status"


class ConnectionState(StrEnum):
    """`active` syncs; `paused` keeps everything and sends nothing."""

    ACTIVE = "active"
    PAUSED = "paused"
