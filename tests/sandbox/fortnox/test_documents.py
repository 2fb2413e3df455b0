"""Documents: sums, rows, references, and what a state allows."""

import pytest


def a_row(**fields):
    return {"DeliveredQuantity": "1", "Price": 100, "VAT": 25, "Description": "Arbete", **fields}


def test_vat_is_summed_per_rate_and_the_total_is_rounded_to_whole_kronor(box):
    invoice = box.invoice(a_row(DeliveredQuantity=3, Price=33.33), a_row(Price=10.1, VAT=12), a_row(Price=5, VAT=6))
    assert invoice["InvoiceRows"][0]["Total"] == 99.99
    assert (invoice["Net"], invoice["TotalVAT"]) == (115.09, 25 + 1.21 + 0.3)
    assert (invoice["Total"], invoice["RoundOff"], invoice["Balance"]) == (142, 0.4, 142)


def test_prices_and_quantities_have_two_decimals_and_quantities_are_text(box):
    (row,) = box.invoice(a_row(DeliveredQuantity="1.125", Price=0.335))["InvoiceRows"]
    assert (row["DeliveredQuantity"], row["Price"], row["Total"]) == ("1.13", 0.34, 0.38)


def test_a_discount_is_percent_or_amount(box):
    rows = box.invoice(a_row(Discount=10, DiscountType="PERCENT"), a_row(Discount=10, DiscountType="AMOUNT"))["InvoiceRows"]
    assert [row["Total"] for row in rows] == [90, 90]


def test_prices_that_include_vat_give_the_net_backwards(box):
    invoice = box.invoice(a_row(Price=125), VATIncluded=True)
    assert (invoice["Net"], invoice["TotalVAT"], invoice["Total"]) == (100, 25, 125)


@pytest.mark.parametrize(("number", "expected"), [("1", "133"), ("18", "1842"), ("40", "4044")])
def test_the_ocr_number_is_computed_as_recorded(box, number, expected):
    assert box.invoice(DocumentNumber=number)["OCR"] == expected


def test_a_row_takes_what_it_lacks_from_its_article_and_an_inactive_one_is_refused(box):
    box.post("articles", "Article", ArticleNumber="1000", Description="Konsulttjänst", Type="SERVICE", Unit="st")
    box.post("articles", "Article", ArticleNumber="9999", Description="Utgången", Active=False)
    box.put("prices/A/1000", "Price", Price=1200)
    invoice = box.invoice({"ArticleNumber": "1000", "DeliveredQuantity": 2})
    (row,) = invoice["InvoiceRows"]
    assert (row["Description"], row["Unit"], row["VAT"], row["Price"], invoice["Total"]) == (
        "Konsulttjänst",
        "st",
        25,
        1200,
        3000,
    )
    for number in ("9999", "nope"):
        body = {"CustomerNumber": invoice["CustomerNumber"], "InvoiceRows": [{"ArticleNumber": number}]}
        assert box.post("invoices", "Invoice", **body).status_code == 400


def test_rows_without_ids_meet_by_position_and_inherit_what_they_lack(box):
    invoice = box.invoice(a_row(), a_row(Description="Resa"))
    update = box.put(f"invoices/{invoice['DocumentNumber']}", "Invoice", InvoiceRows=[{"Description": "Bara text"}])
    (row,) = update.json()["Invoice"]["InvoiceRows"]
    assert (row["Description"], row["Price"], row["DeliveredQuantity"]) == ("Bara text", 100, "1")
    assert row["RowId"] not in [old["RowId"] for old in invoice["InvoiceRows"]]


def test_too_long_texts_are_cut_where_that_was_measured(box):
    invoice = box.invoice(a_row(Description="x" * 300), YourOrderNumber="y" * 40, DeliveryAddress1="z" * 70)
    assert len(invoice["InvoiceRows"][0]["Description"]) == 255
    assert (len(invoice["YourOrderNumber"]), len(invoice["DeliveryAddress1"])) == (30, 60)


def test_the_reference_can_be_cut_by_a_switch(box):
    box.switch(reference_cut=10)
    assert box.invoice(ExternalInvoiceReference1="limego:db:deal:1;")["ExternalInvoiceReference1"] == "limego:db:"


def test_a_reference_is_searched_by_prefix(box):
    number = box.customer()["CustomerNumber"]
    for deal in ("1", "10", "1999", "2"):
        box.invoice(CustomerNumber=number, ExternalInvoiceReference1=f"go:{deal}")
    found = box.get("invoices", externalinvoicereference1="GO:1").json()["Invoices"]
    assert [row["ExternalInvoiceReference1"] for row in found] == ["go:1", "go:10", "go:1999"]


def test_search_lags_behind_writes_but_a_read_by_number_does_not(box):
    box.switch(search_lag=5)
    invoice = box.invoice(ExternalInvoiceReference1="go:1")
    number = invoice["DocumentNumber"]
    assert box.get(f"invoices/{number}").status_code == 200
    assert box.get("invoices", externalinvoicereference1="go:1").json()["Invoices"] == []
    box.advance(5)
    assert len(box.get("invoices", externalinvoicereference1="go:1").json()["Invoices"]) == 1
    box.put(f"invoices/{number}/cancel")
    assert box.get("invoices", filter="cancelled").json()["Invoices"] == []
    assert box.get("invoices").json()["Invoices"][0]["Cancelled"] is False


def test_a_draft_can_be_changed_and_a_booked_one_only_credited(box):
    path = f"invoices/{box.invoice(ExternalInvoiceReference1='go:1')['DocumentNumber']}"
    assert box.put(path, "Invoice", Remarks="hej").json()["Invoice"]["Remarks"] == "hej"
    booked = box.put(f"{path}/bookkeep").json()["Invoice"]
    assert (booked["Booked"], booked["VoucherSeries"], booked["VoucherNumber"]) == (True, "B", 1)
    assert [box.put(f"{path}/{act}").status_code for act in ("bookkeep", "cancel")] == [400, 400]
    assert box.put(path, "Invoice", Remarks="igen").status_code == 400
    number = box.put(f"{path}/credit").json()["Invoice"]["CreditInvoiceReference"]
    note = box.get(f"invoices/{number}").json()["Invoice"]
    assert (note["Credit"], note["Total"], note["CreditInvoiceReference"]) == ("true", -125, path.rpartition("/")[2])
    assert box.put(f"{path}/credit").status_code == 400


def test_a_cancelled_invoice_is_the_end(box):
    path = f"invoices/{box.invoice()['DocumentNumber']}"
    assert box.put(f"{path}/cancel").json()["Invoice"]["Cancelled"] is True
    assert [box.put(f"{path}/{act}").status_code for act in ("bookkeep", "cancel", "credit")] == [400] * 3


def test_a_booked_payment_lowers_the_balance_without_touching_lastmodified(box):
    invoice = box.invoice()
    path, body = f"invoices/{invoice['DocumentNumber']}", {"InvoiceNumber": int(invoice["DocumentNumber"]), "Amount": 125}
    assert box.post("invoicepayments", "InvoicePayment", **body).status_code == 400
    box.put(f"{path}/bookkeep")
    payment = box.post("invoicepayments", "InvoicePayment", **body).json()["InvoicePayment"]
    assert box.get(path).json()["Invoice"]["Balance"] == 125
    state = box.control.get("/state").json()["fortnox"]["tenants"][box.tenant]["registers"]["invoices"]["modified"]
    box.advance(90)
    assert box.put(f"invoicepayments/{payment['Number']}/bookkeep").json()["InvoicePayment"]["Booked"] is True
    paid = box.get(path).json()["Invoice"]
    assert paid["Balance"] == 0
    assert paid["FinalPayDate"]
    assert box.control.get("/state").json()["fortnox"]["tenants"][box.tenant]["registers"]["invoices"]["modified"] == state
    assert len(box.get("invoices", filter="fullypaid").json()["Invoices"]) == 1
    assert len(box.get("invoicepayments", invoicenumber=invoice["DocumentNumber"]).json()["InvoicePayments"]) == 1


def test_an_order_becomes_one_invoice_with_its_reference(box):
    row = {"OrderedQuantity": "2", "DeliveredQuantity": "2", "Price": 50, "VAT": 25, "Description": "Arbete"}
    body = {"CustomerNumber": box.customer()["CustomerNumber"], "OrderRows": [row], "ExternalInvoiceReference1": "go:1"}
    order = box.post("orders", "Order", **body).json()["Order"]
    invoice = box.put(f"orders/{order['DocumentNumber']}/createinvoice").json()["Invoice"]
    assert (invoice["Total"], invoice["ExternalInvoiceReference1"], invoice["OrderReference"]) == (125, "go:1", "1")
    assert box.put(f"orders/{order['DocumentNumber']}/createinvoice").status_code == 400
    assert box.get("orders/1").json()["Order"]["InvoiceReference"] == invoice["DocumentNumber"]
    assert len(box.get("orders", externalinvoicereference1="go").json()["Orders"]) == 1
    assert box.put(f"invoices/{invoice['DocumentNumber']}", "Invoice", InvoiceRows=[row]).status_code == 400
