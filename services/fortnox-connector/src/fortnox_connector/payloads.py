"""Fortnox's JSON as pydantic models: only what we read, tolerant of types that lie (fortnox.md, section 5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]
"""Text that may come as null or as a number."""


class Payload(BaseModel):
    """Unknown fields are ignored: new ones appear without notice."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class MetaInformation(Payload):
    """The paging block; an empty result has 0 pages."""

    total_resources: int = Field(0, alias="@TotalResources")
    total_pages: int = Field(0, alias="@TotalPages")


class SlimCustomer(Payload):
    """A line of the customer list: ten fields, `Phone` for `Phone1`, "" for what is not set."""

    CustomerNumber: str
    Name: Text = ""
    OrganisationNumber: Text = ""
    Phone: Text = ""
    Email: Text = ""
    Address1: Text = ""
    ZipCode: Text = ""
    City: Text = ""


class FullCustomer(Payload):
    """A customer by its number."""

    CustomerNumber: str
    Name: Text = ""
    OrganisationNumber: Text = ""
    ExternalReference: Text = ""
    Currency: Text = ""
    CountryCode: Text = ""
    VATType: Text = ""
    VATNumber: Text = ""
    Active: bool = True


class SlimDocument(Payload):
    """A line of the invoice or order list, as far as looking for our own reference needs it."""

    DocumentNumber: Text
    ExternalInvoiceReference1: Text = ""


class InvoiceRow(Payload):
    """A row; quantities come as strings."""

    Description: Text = ""
    DeliveredQuantity: Decimal = Decimal(0)
    ArticleNumber: Text = ""
    PriceExcludingVAT: Decimal = Decimal(0)
    TotalExcludingVAT: Decimal = Decimal(0)


class FullInvoice(Payload):
    """An invoice by its number. `Credit` is the string "true" on a credit note."""

    DocumentNumber: Text
    CustomerNumber: Text
    CustomerName: Text = ""
    YourReference: Text = ""
    OurReference: Text = ""
    TermsOfPayment: Text = ""
    Currency: Text = "SEK"
    InvoiceDate: date
    DueDate: date
    Net: Decimal
    TotalVAT: Decimal
    RoundOff: Decimal = Decimal(0)
    Total: Decimal
    Balance: Decimal
    Freight: Decimal = Decimal(0)
    AdministrationFee: Decimal = Decimal(0)
    Reminders: int = 0
    Booked: bool
    Cancelled: bool
    Credit: Text = "false"
    CreditInvoiceReference: Text = "0"
    ExternalInvoiceReference1: Text = ""
    InvoiceRows: list[InvoiceRow] = []


class FullOrder(Payload):
    """An order by its number, as far as the look needs it."""

    DocumentNumber: Text
    ExternalInvoiceReference1: Text = ""
    InvoiceReference: Text = "0"


class SlimPayment(Payload):
    """A line of the payment list."""

    Number: Text
    InvoiceNumber: Text
    Amount: Text = ""
    Booked: bool = False


class Line(Payload):
    """A line of a list with everything in it, as a fingerprint: whatever changes there makes the record worth a GET."""

    model_config = ConfigDict(frozen=True, extra="allow")


class InvoiceLine(Line):
    """A line of the invoice list."""

    DocumentNumber: Text


class ArticleLine(Line):
    """A line of the article list."""

    ArticleNumber: str


class FullArticle(Payload):
    """An article by its number. `SalesPrice` is that of the default price list, null when it has none."""

    ArticleNumber: str
    Description: Text = ""
    SalesPrice: Decimal | None = None
    Unit: Text = ""
    VAT: Decimal = Decimal(0)
    SalesAccount: Text = ""
    Active: bool = True
