"""The limit of every field that has one: the longest text is taken whole, a longer one refused or cut as was measured."""

import pytest

from support.fortnox_limits import NUMBERS, TEXTS
from support.fortnox_shop import code

START = {
    "CUSTOMER": ("customers", "Customer", {"Name": "x"}),
    "ARTICLE": ("articles", "Article", {"Description": "x"}),
    "INVOICE": ("invoices", "Invoice", {"CustomerNumber": "1"}),
    "ORDER": ("orders", "Order", {"CustomerNumber": "1"}),
    "INVOICE_ROW": ("invoices", "Invoice", {"CustomerNumber": "1", "TaxReductionType": "rut"}),
    "ORDER_ROW": ("orders", "Order", {"CustomerNumber": "1", "TaxReductionType": "rut"}),
    "PAYMENT": ("invoicepayments", "InvoicePayment", {"InvoiceNumber": 1, "Amount": 1}),
}
# Measured on orders: what is longer is shortened without a word.
CUT = {"YourOrderNumber": 30, "DeliveryAddress1": 60, "Description": 255}
TOO_LONG = {2000107, 2001600, 2001896}
WORDS = {"CountryCode": "SE", "DeliveryCountryCode": "SE", "VisitingCountryCode": "SE", "Currency": "SEK"}


def sent(shop, table, name, value):
    path, wrapper, body = START[table]
    if table.endswith("_ROW"):
        return shop.post(path, wrapper, **body, **{f"{wrapper}Rows": [{name: value}]})
    return shop.post(path, wrapper, **{**body, name: value})


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("table", TEXTS)
def test_a_text_is_as_long_as_the_table_says(shop, table):
    shop.customer()
    for name, (least, most) in TEXTS[table].items():
        is_cut = name in CUT and table in ("INVOICE", "ORDER", "INVOICE_ROW", "ORDER_ROW")
        longest = sent(shop, table, name, WORDS.get(name, "1" * most))
        assert longest.status_code == 201, (name, longest.text)
        longer = sent(shop, table, name, "1" * (most + 1))
        if is_cut:
            (record,) = longer.json().values()
            assert len(record.get(name) or record[f"{START[table][1]}Rows"][0][name]) == CUT[name]
        else:
            assert code(longer)[1] in TOO_LONG, name
        if least > 1:
            assert sent(shop, table, name, "1" * (least - 1)).status_code == 400, name


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("table", NUMBERS)
def test_a_number_lies_where_the_table_says(shop, table):
    shop.customer()
    shop.booked(CustomerNumber="1")
    for name, (least, most) in NUMBERS[table].items():
        for value in (least, most):
            assert sent(shop, table, name, value).status_code == 201, (name, value)
        for value in ({least - 1} if least else {-1}) | {most + 1}:
            assert sent(shop, table, name, value).status_code == 400, (name, value)


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize(("name", "most"), [("Comments", 1024), ("YourReference", 50)])
def test_an_order_refuses_what_was_measured_to_be_too_long(shop, name, most):
    shop.customer()
    assert sent(shop, "ORDER", name, "x" * most).status_code == 201
    assert code(sent(shop, "ORDER", name, "x" * (most + 1)))[1] in TOO_LONG
