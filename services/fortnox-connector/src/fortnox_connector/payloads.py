"""Fortnox's JSON as pydantic models: only what we read, tolerant of types that lie (fortnox.md, section 5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from normal_forms.figures import read_date
from servicekit.payload import Payload

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]
"""Text that may come as null or as a number."""
Key = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value), Field(min_length=1)]
"""A record's number; without one the record cannot be told from others."""


def _or_zero(value: Any) -> Any:
    return 0 if value is None or value == "" else value


Amount = Annotated[Decimal, BeforeValidator(_or_zero)]
"""A quantity or an amount that a row or a header need not have: null and "" are none."""
Sum = Amount
"""The same where a field is itself named `Amount`."""
Flag = Annotated[bool, BeforeValidator(lambda value: value or False)]
Count = Annotated[int, BeforeValidator(_or_zero)]
Maybe = Annotated[Decimal | None, BeforeValidator(lambda value: None if value == "" else value)]
"""A number that an article need not have."""


def _day(value: Any) -> Any:
    """A text that is no date stays as it is, and is an error; pydantic alone would take a number for seconds since 1970."""
    if value is None or value == "":
        return None
    return read_date(value) if isinstance(value, str) and read_date(value) else f"no date: {type(value).__name__}"


Day = Annotated[date, BeforeValidator(_day)]
MaybeDay = Annotated[date | None, BeforeValidator(_day)]
"""A date that an invoice need not have; "" is none."""


class MetaInformation(Payload):
    """The paging block; an empty result has 0 pages."""

    total_resources: int = Field(0, alias="@TotalResources")
    total_pages: int = Field(0, alias="@TotalPages")


class SlimCustomer(Payload):
    """A line of the customer list: ten fields, `Phone` for `Phone1`, "" for what is not set."""

    CustomerNumber: Key
    Name: Text = ""
    OrganisationNumber: Text = ""
    Phone: Text = ""
    Email: Text = ""
    Address1: Text = ""
    ZipCode: Text = ""
    City: Text = ""


class FullCustomer(Payload):
    """A customer by its number."""

    CustomerNumber: Key
    Name: Text = ""
    OrganisationNumber: Text = ""
    ExternalReference: Text = ""
    Address1: Text = ""
    ZipCode: Text = ""
    City: Text = ""
    Currency: Text = ""
    CountryCode: Text = ""
    VATType: Text = ""
    VATNumber: Text = ""
    Phone1: Text = ""
    Email: Text = ""
    Active: bool = True


class SlimDocument(Payload):
    """A line of the invoice or order list, as far as looking for our own reference needs it."""

    DocumentNumber: Key
    ExternalInvoiceReference1: Text = ""


class Costing(Payload):
    """What a document costs."""

    Currency: Text = "SEK"
    TotalVAT: Decimal
    RoundOff: Amount = Decimal(0)
    Total: Decimal

    @property
    def excluding_vat(self) -> Decimal:
        """The total without VAT, freight and fees included (whether `Net` holds those, the sources disagree)."""
        return self.Total - self.TotalVAT - self.RoundOff


class InvoiceRow(Payload):
    """A row; quantities come as strings. `VAT` is in per cent."""

    Description: Text = ""
    DeliveredQuantity: Amount = Decimal(0)
    ArticleNumber: Text = ""
    PriceExcludingVAT: Amount = Decimal(0)
    TotalExcludingVAT: Amount = Decimal(0)
    AccountNumber: Text = ""
    VAT: Text = ""


class MadeInvoice(Costing):
    """The answer to a POST, as far as it must be understood: an invoice whose sum is not known counts as in doubt."""

    DocumentNumber: Key
    ExternalInvoiceReference1: Text = ""
    InvoiceRows: list[InvoiceRow] = Field(default_factory=list)


class FullInvoice(Costing):
    """An invoice by its number. `Credit` is the string "true" on a credit note.

    An amount to be paid, a date or a state that cannot be read is an error: guessed, an open invoice would look paid.
    """

    DocumentNumber: Key
    CustomerNumber: Text
    CustomerName: Text = ""
    YourReference: Text = ""
    OurReference: Text = ""
    TermsOfPayment: Text = ""
    InvoiceDate: Day
    DueDate: MaybeDay = None
    VATIncluded: Flag = False
    Balance: Decimal
    Freight: Amount = Decimal(0)
    FreightVAT: Amount = Decimal(0)
    AdministrationFee: Amount = Decimal(0)
    AdministrationFeeVAT: Amount = Decimal(0)
    Reminders: Count = 0
    Booked: bool
    Cancelled: bool
    Credit: Text = "false"
    CreditInvoiceReference: Text = "0"
    ExternalInvoiceReference1: Text = ""
    InvoiceRows: list[InvoiceRow] = Field(default_factory=list)


class FullOrder(Payload):
    """An order by its number, as far as the look needs it."""

    DocumentNumber: Key
    ExternalInvoiceReference1: Text = ""
    InvoiceReference: Text = "0"


class SlimPayment(Payload):
    """A line of the payment list."""

    Number: Key
    InvoiceNumber: Key
    Amount: Text = ""
    Booked: bool = False
    WriteOffExist: Flag = True


class WriteOff(Payload):
    """What a payment wrote off, in the invoice's currency."""

    Amount: Sum = Decimal(0)


class FullPayment(Payload):
    """A payment by its number."""

    Number: Key
    WriteOffs: Annotated[list[WriteOff], BeforeValidator(lambda value: value or [])] = Field(default_factory=list)


class Line(Payload):
    """A line of a list with everything in it, as a fingerprint: whatever changes there makes the record worth a GET."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)


class InvoiceLine(Line):
    """A line of the invoice list."""

    DocumentNumber: Key


class ArticleLine(Line):
    """A line of the article list."""

    ArticleNumber: Key


class FullArticle(Payload):
    """An article by its number. `SalesPrice` is that of the default price list, null when it has none."""

    ArticleNumber: Key
    Description: Text = ""
    SalesPrice: Maybe = None
    Unit: Text = ""
    VAT: Maybe = None
    SalesAccount: Text = ""
    ConstructionAccount: Text = ""
    EUVATAccount: Text = ""
    EUAccount: Text = ""
    ExportAccount: Text = ""
    Active: bool = True
