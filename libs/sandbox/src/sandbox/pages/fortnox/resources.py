"""The four kinds of record: what the API calls them, what the pages call them, and how they are listed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.fortnox import articles, customers, invoices, orders
from sandbox.fortnox.company import Company
from sandbox.fortnox.listing import Listing
from sandbox.fortnox.store import Value
from sandbox.pages.fortnox import inputs
from sandbox.pages.fortnox.forms import Input
from sandbox.pages.fortnox.wording import State, active_state, invoice_state, order_state


@dataclass(frozen=True)
class Resource:
    """One kind. `page` lists them and `one` is the page of one; `views` are filters of the API's own; `searched` fields are
    looked through; `rows` is the field that holds a document's rows."""

    plural: str
    wrapper: str
    key: str
    page: str
    one: str
    title: str
    listing: Listing
    state: Callable[[Company, Value], State]
    views: tuple[tuple[str, str], ...]
    searched: tuple[str, ...]
    groups: inputs.Groups
    rows: str = ""
    row_inputs: tuple[Input, ...] = ()
    newest_first: bool = True

    @property
    def inputs(self) -> Sequence[Input]:
        """All fields of the form but the rows'."""
        return [one for _, group in self.groups for one in group]


ACTIVE = (("active", "aktiva"), ("inactive", "inaktiva"))
DOCUMENT_SEARCHED = ("DocumentNumber", "CustomerName", "CustomerNumber", "YourReference", "OurReference")

CUSTOMER = Resource(
    plural="customers",
    wrapper="Customer",
    key="CustomerNumber",
    page="kunder",
    one="kund",
    title="Kunder",
    listing=customers.LISTING,
    state=active_state,
    views=ACTIVE,
    searched=("CustomerNumber", "Name", "OrganisationNumber", "City", "Email", "ExternalReference"),
    groups=inputs.CUSTOMER,
)
INVOICE = Resource(
    plural="invoices",
    wrapper="Invoice",
    key="DocumentNumber",
    page="",
    one="faktura",
    title="Fakturor",
    listing=invoices.LISTING,
    state=invoice_state,
    views=(
        ("unbooked", "utkast"),
        ("unpaid", "obetalda"),
        ("unpaidoverdue", "förfallna"),
        ("fullypaid", "betalda"),
        ("cancelled", "makulerade"),
    ),
    searched=(*DOCUMENT_SEARCHED, "OCR", "ExternalInvoiceReference1"),
    groups=inputs.INVOICE,
    rows="InvoiceRows",
    row_inputs=inputs.INVOICE_ROW,
)
ORDER = Resource(
    plural="orders",
    wrapper="Order",
    key="DocumentNumber",
    page="ordrar",
    one="order",
    title="Ordrar",
    listing=orders.LISTING,
    state=order_state,
    views=(("invoicenotcreated", "öppna"), ("invoicecreated", "fakturerade"), ("cancelled", "makulerade")),
    searched=(*DOCUMENT_SEARCHED, "ExternalInvoiceReference1"),
    groups=inputs.ORDER,
    rows="OrderRows",
    row_inputs=inputs.ORDER_ROW,
)
ARTICLE = Resource(
    plural="articles",
    wrapper="Article",
    key="ArticleNumber",
    page="artiklar",
    one="artikel",
    title="Artiklar",
    listing=articles.LISTING,
    state=active_state,
    views=ACTIVE,
    searched=("ArticleNumber", "Description", "EAN"),
    groups=inputs.ARTICLE,
    newest_first=False,
)
RESOURCES = (INVOICE, CUSTOMER, ORDER, ARTICLE)
