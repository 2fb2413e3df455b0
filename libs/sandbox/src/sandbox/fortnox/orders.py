"""Orders: `/3/orders`."""

from typing import Any

from sandbox.fortnox import invoices
from sandbox.fortnox.company import Answer, Call, Company
from sandbox.fortnox.documents import Kind, changed, existing, made
from sandbox.fortnox.errors import LOCKED_CANCELLED, undocumented
from sandbox.fortnox.listing import Contains, Listing, at_least, at_most, labelled, prefix, same
from sandbox.fortnox.schema import Schema
from sandbox.fortnox.store import Value

KIND = Kind(
    plural="orders",
    wrapper="Order",
    schema=Schema("order"),
    row_schema=Schema("order_row"),
    rows="OrderRows",
    dated="OrderDate",
    subject="Order {} bifogas",
    extra=frozenset({"OrganisationNumber"}),
)
TO_INVOICE = (
    "CustomerNumber", "CustomerName", "Address1", "Address2", "City", "ZipCode", "Country", "Currency", "DeliveryAddress1",
    "DeliveryAddress2", "DeliveryCity", "DeliveryCountry", "DeliveryDate", "DeliveryName", "DeliveryZipCode",
    "ExternalInvoiceReference1", "ExternalInvoiceReference2", "Freight", "AdministrationFee", "Language", "OurReference",
    "YourReference", "YourOrderNumber", "PriceList", "Project", "TermsOfDelivery", "TermsOfPayment", "VATIncluded",
    "WayOfDelivery", "CostCenter", "CurrencyRate", "CurrencyUnit", "TaxReductionType",
)  # fmt: skip
ROW_TO_INVOICE = (
    "AccountNumber", "ArticleNumber", "CostCenter", "DeliveredQuantity", "Description", "Discount", "DiscountType",
    "HouseWork", "HouseWorkHoursToReport", "HouseWorkType", "Price", "Project", "Unit", "VAT",
)  # fmt: skip


def slim(record: Value) -> Value:
    """The list's fields: no references of persons, no invoice reference."""
    return {"@url": record["@url"], **{name: record[name] for name in KIND.schema.listed}}


LISTING = Listing(
    kind="orders",
    wrapper="Orders",
    slim=slim,
    numbers={"customernumber": "CustomerNumber", "documentnumber": "DocumentNumber"},
    search={
        **{name.lower(): Contains(name) for name in ("CostCenter", "CustomerName", "OurReference", "Project", "YourReference")},
        **{name.lower(): same(name) for name in ("NotCompleted", "Sent", "OrderType")},
        "externalinvoicereference1": prefix("ExternalInvoiceReference1"),
        "externalinvoicereference2": prefix("ExternalInvoiceReference2"),
        "fromdate": at_least("OrderDate"),
        "todate": at_most("OrderDate"),
        "label": labelled,
    },
    filters={
        "cancelled": lambda _, record: record["Cancelled"],
        # An order has no date that it expires on: none ever does.
        "expired": lambda _, record: False,
        "invoicecreated": lambda _, record: record["InvoiceReference"] != "0",
        "invoicenotcreated": lambda _, record: record["InvoiceReference"] == "0" and not record["Cancelled"],
    },
    sort={
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "orderdate": "OrderDate",
        "documentnumber": "",
        "total": "Total",
    },
)


def listed(company: Company, call: Call) -> Answer:
    """GET /3/orders"""
    return Answer(LISTING.answer(company, call.query))


def get(company: Company, call: Call) -> Answer:
    """GET /3/orders/{number}"""
    return Answer({"Order": existing(company, KIND, call.keys[0])})


def create(company: Company, call: Call) -> Answer:
    """POST /3/orders"""
    record = made(company, KIND, call.wrapped("Order"))
    company["orders"].save(record["DocumentNumber"], record)
    return Answer({"Order": record}, 201, "orders")


def update(company: Company, call: Call) -> Answer:
    """PUT /3/orders/{number}"""
    record = _open(company, call.keys[0])
    return _saved(company, changed(company, KIND, record, call.wrapped("Order")))


def cancel(company: Company, call: Call) -> Answer:
    """PUT /3/orders/{number}/cancel"""
    return _saved(company, {**_open(company, call.keys[0]), "Cancelled": True})


def external_print(company: Company, call: Call) -> Answer:
    """PUT /3/orders/{number}/externalprint"""
    return _saved(company, {**existing(company, KIND, call.keys[0]), "Sent": True})


def create_invoice(company: Company, call: Call) -> Answer:
    """PUT /3/orders/{number}/createinvoice; once, with the delivered quantities. The sources disagree on the answer:
    a switch chooses."""
    record = _open(company, call.keys[0])
    # "" would keep what the customer's card says; the order's own empty fields are told as null.
    body: dict[str, Any] = {name: record[name] if record[name] != "" else None for name in TO_INVOICE}
    body["InvoiceRows"] = [{name: row[name] for name in ROW_TO_INVOICE if row[name] is not None} for row in record["OrderRows"]]
    if record["CopyRemarks"]:
        body["Remarks"] = record["Remarks"]
    invoice = invoices.save_new(company, body, {"OrderReference": record["DocumentNumber"]})
    record = {**record, "InvoiceReference": invoice["DocumentNumber"]}
    answer = _saved(company, record)
    return answer if company.switches.createinvoice_answers_order else Answer({"Invoice": invoice})


def _open(company: Company, number: str) -> Value:
    record = existing(company, KIND, number)
    if record["Cancelled"]:
        raise undocumented(LOCKED_CANCELLED)
    if record["InvoiceReference"] != "0":
        raise undocumented("Ordern har redan en skapad faktura.")
    return record


def _saved(company: Company, record: Value) -> Answer:
    company["orders"].save(record["DocumentNumber"], record)
    return Answer({"Order": record})
