"""The life of documents, payments and numbers: what each state allows, what a call changes, what stays reserved."""

import pytest

from support.fortnox_shop import a_row, code

OURS = 2990000
REFUSED = (400, OURS)


def sent(shop, path):
    return shop.read(path)["Sent"]


@pytest.mark.checklist("fortnox", 10)
def test_many_customers_may_be_the_same_and_two_equal_orders_are_two(shop):
    same = {"Name": "Tvilling AB", "OrganisationNumber": "556000-0001", "Email": "a@kund.example"}
    assert [shop.customer(**same) for _ in range(3)] == ["1", "2", "3"]
    assert len(shop.listed("customers", organisationnumber="556000-0001")) == 3
    assert [shop.order(CustomerNumber="1", ExternalInvoiceReference1="x")["DocumentNumber"] for _ in range(2)] == ["1", "2"]


@pytest.mark.checklist("fortnox", 10)
def test_a_number_once_used_is_never_used_again(shop):
    shop.customer(CustomerNumber="2")
    assert [shop.customer(), shop.customer()] == ["1", "3"]
    assert shop.http.delete("customers/3").status_code == 204
    assert shop.customer() == "4"
    assert code(shop.post("customers", "Customer", Name="x", CustomerNumber="3")) == (400, 2000637)
    shop.made("articles", "Article", Description="x", ArticleNumber="A/1 å")
    assert shop.http.delete("articles/A%2F1%20%C3%A5").status_code == 204
    assert code(shop.post("articles", "Article", Description="x", ArticleNumber="A/1 å")) == (400, 2000013)


@pytest.mark.checklist("fortnox", 10)
def test_a_refused_document_draws_no_number_and_an_own_number_may_pass_int32(shop):
    number = shop.customer()
    assert code(shop.post("invoices", "Invoice", CustomerNumber=number, InvoiceRows=[{"VAT": 7}]))[0] == 400
    assert shop.invoice(CustomerNumber=number)["DocumentNumber"] == "1"
    own = shop.invoice(CustomerNumber=number, DocumentNumber="99999999999")
    assert (own["DocumentNumber"], shop.invoice(CustomerNumber=number)["DocumentNumber"]) == ("99999999999", "2")
    assert code(shop.post("invoices", "Invoice", CustomerNumber=number, DocumentNumber="1")) == REFUSED
    assert code(shop.put("invoices/1", "Invoice", DocumentNumber="7")) == REFUSED


@pytest.mark.checklist("fortnox", 11)
@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("bookkeep", {"bookkeep", "cancel", "PUT"}),
        ("cancel", {"bookkeep", "cancel", "credit", "PUT"}),
        ("draft", {"credit"}),
    ],
)
def test_a_state_refuses_what_it_does_not_allow(shop, state, refused):
    for act in ("bookkeep", "cancel", "credit", "externalprint", "PUT"):
        path = f"invoices/{shop.invoice()['DocumentNumber']}"
        if state != "draft":
            shop.acted(f"{path}/{state}")
        answer = shop.put(path, "Invoice", Remarks="x") if act == "PUT" else shop.put(f"{path}/{act}")
        assert answer.status_code == (400 if act in refused else 200), act


@pytest.mark.checklist("fortnox", 11)
def test_a_credit_note_mirrors_its_original_and_its_bookkeeping_settles_it(shop):
    shop.booked(a_row(DeliveredQuantity=2), Freight=40, ExternalInvoiceReference1="go:1")
    original = shop.acted("invoices/1/credit")
    note = shop.read("invoices/2")
    assert (original["DocumentNumber"], original["CreditInvoiceReference"], note["CreditInvoiceReference"]) == ("1", "2", "1")
    assert (note["Credit"], note["Booked"], note["Total"], note["Balance"]) == ("true", False, -300, -300)
    assert (note["Net"], note["TotalVAT"], note["InvoiceRows"][0]["DeliveredQuantity"]) == (-200, -60, "-2")
    assert (note["OCR"], note["EmailInformation"]["EmailSubject"]) == ("232", "Faktura 2 bifogas")
    assert shop.read("invoices/1")["Balance"] == 300
    shop.acted("invoices/2/bookkeep")
    assert [shop.read(f"invoices/{number}")["Balance"] for number in (1, 2)] == [0, 0]
    assert code(shop.put("invoices/1/credit")) == REFUSED
    assert code(shop.put("invoices/2/credit")) == REFUSED


@pytest.mark.checklist("fortnox", 11)
def test_bookkeeping_sets_the_voucher_and_pays_what_is_nothing(shop):
    assert [shop.booked()["VoucherNumber"] for _ in range(2)] == [1, 2]
    nothing = shop.booked(a_row(Price=0))
    assert (nothing["VoucherSeries"], nothing["VoucherYear"], nothing["Balance"]) == ("B", 1, 0)
    assert nothing["FinalPayDate"] == shop.company.today().isoformat()
    number = shop.invoice(NotCompleted=True)["DocumentNumber"]
    assert code(shop.put(f"invoices/{number}/bookkeep")) == REFUSED


@pytest.mark.checklist("fortnox", 11)
def test_without_an_open_year_no_invoice_is_made_or_booked(shop):
    shop.invoice()
    shop.order(CustomerNumber="1")
    shop.company.settings = shop.company.settings.changed({"financial_year": False})
    for answer in (
        shop.put("invoices/1/bookkeep"),
        shop.post("invoices", "Invoice", CustomerNumber="1"),
        shop.put("orders/1/createinvoice"),
    ):
        assert code(answer) == REFUSED
    assert shop.read("orders/1")["InvoiceReference"] == "0"


def test_without_predefined_accounts_a_row_needs_one_of_its_own_or_its_articles(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="x")
    shop.company.settings = shop.company.settings.changed({"predefined_accounts": False})
    number = shop.customer()
    assert code(shop.post("invoices", "Invoice", CustomerNumber=number, InvoiceRows=[a_row()])) == (400, 2001304)
    rows = [a_row(ArticleNumber="1"), a_row(AccountNumber=3001), {"Description": "text", "AccountNumber": 0, "VAT": 0}]
    assert [row["AccountNumber"] for row in shop.invoice(*rows, CustomerNumber=number)["InvoiceRows"]] == [3001, 3001, 0]


def test_vat_is_rounded_once_for_each_rate_or_by_a_switch_for_each_row(shop):
    rows = [a_row(Price=0.10, VAT=25)] * 4
    assert shop.invoice(*rows)["TotalVAT"] == 0.1
    shop.switch(vat_rounded_by_row=True)
    assert shop.invoice(*rows)["TotalVAT"] == 0.12


def test_a_drafts_balance_is_its_total_or_nothing_by_a_switch(shop):
    assert shop.invoice()["Balance"] == 125
    shop.switch(draft_balance_is_total=False)
    assert shop.invoice()["Balance"] == 0
    assert shop.acted("invoices/2/bookkeep")["Balance"] == 125


@pytest.mark.checklist("fortnox", 11)
@pytest.mark.parametrize(("path", "make"), [("invoices/1", "invoice"), ("orders/1", "order")])
def test_print_and_email_are_gets_that_send_and_preview_is_not(shop, path, make):
    getattr(shop, make)(CustomerNumber=shop.customer(Email="a@kund.example"))
    preview = shop.get(f"{path}/preview")
    assert (preview.headers["Content-Type"], preview.content[:5], sent(shop, path)) == ("application/pdf", b"%PDF-", False)
    assert shop.get(f"{path}/print").content == preview.content
    assert sent(shop, path) is True
    getattr(shop, make)(CustomerNumber="1")
    assert shop.read(f"{path[:-1]}2/email")["Sent"] is True
    getattr(shop, make)(CustomerNumber="1")
    assert shop.acted(f"{path[:-1]}3/externalprint")["Sent"] is True
    refused = shop.http.get(f"{path}/print", headers={"Accept": "application/pdf"})
    assert code(refused) == (400, 1000030)


@pytest.mark.checklist("fortnox", 11)
def test_sending_needs_an_address_bank_details_and_for_some_ways_a_registration(shop):
    shop.invoice()
    assert code(shop.get("invoices/1/email")) == REFUSED
    assert code(shop.get("invoices/1/eprint")) == REFUSED
    shop.company.settings = shop.company.settings.changed({"bank_details": False, "registered": True})
    answer = shop.get("invoices/1/print")
    assert answer.json()["ErrorInformation"]["message"] == "Bankuppgifter saknas"
    assert sent(shop, "invoices/1") is False
    assert shop.read("invoices/1/einvoice")["Sent"] is True
    assert code(shop.put("invoices/1/warehouseready")) == (403, 2001101)
    assert code(shop.get("invoices/9/print")) == (404, 2000434)


@pytest.mark.checklist("fortnox", 11)
def test_printing_a_reminder_counts_unless_a_switch_says_otherwise(shop):
    shop.invoice()
    assert code(shop.get("invoices/1/printreminder")) == REFUSED
    shop.acted("invoices/1/bookkeep")
    assert shop.get("invoices/1/printreminder").content.startswith(b"%PDF-")
    reminded = shop.read("invoices/1")
    assert (reminded["Reminders"], reminded["LastRemindDate"]) == (1, shop.company.today().isoformat())
    stamps = []
    for touches in (False, True):
        shop.advance(60)
        shop.switch(reminder_touches_invoice=touches)
        shop.get("invoices/1/printreminder")
        stamps += [one.modified for one in shop.company["invoices"].visible() if one.key == "1"]
    assert (shop.read("invoices/1")["Reminders"], stamps[0] < stamps[1]) == (3, True)
    shop.switch(reminder_print_counts=False)
    shop.get("invoices/1/printreminder")
    assert shop.read("invoices/1")["Reminders"] == 3


@pytest.mark.checklist("fortnox", 11)
def test_an_order_makes_one_invoice_with_what_is_delivered_and_its_own_fields(shop):
    number = shop.customer(OurReference="Kim")
    rows = [a_row(OrderedQuantity=5, DeliveredQuantity=2)]
    shop.order(*rows, CustomerNumber=number, OurReference=None, Remarks="Tack", CopyRemarks=True, ExternalInvoiceReference1="x")
    invoice = shop.acted("orders/1/createinvoice")
    assert (invoice["Booked"], invoice["Net"], invoice["OrderReference"], invoice["OurReference"]) == (False, 200, "1", "")
    assert (invoice["Remarks"], invoice["ExternalInvoiceReference1"]) == ("Tack", "x")
    assert shop.read("orders/1")["InvoiceReference"] == "1"
    for call in (shop.put("orders/1/createinvoice"), shop.put("orders/1/cancel"), shop.put("orders/1", "Order", Remarks="x")):
        assert code(call) == REFUSED
    assert code(shop.put("invoices/1", "Invoice", InvoiceRows=[{}])) == REFUSED
    assert shop.changed("invoices/1", "Invoice", Remarks="Nytt")["Remarks"] == "Nytt"


@pytest.mark.checklist("fortnox", 11)
def test_createinvoice_may_answer_the_order_and_a_cancelled_order_makes_none(shop):
    shop.switch(createinvoice_answers_order=True)
    shop.order()
    answer = shop.put("orders/1/createinvoice").json()
    assert answer["Order"]["InvoiceReference"] == "1"
    shop.order()
    assert shop.acted("orders/2/cancel")["Cancelled"] is True
    assert code(shop.put("orders/2/createinvoice")) == REFUSED


@pytest.mark.checklist("fortnox", 11)
def test_payments_wait_for_bookkeeping_and_may_pay_too_much(shop):
    invoice = shop.booked(InvoiceDate="2026-01-10")
    for _ in range(3):
        shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=50)
    assert shop.read("invoices/1")["Balance"] == invoice["Total"]
    early = shop.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=1, PaymentDate="2026-01-09")
    assert code(early) == REFUSED
    for number in (1, 2, 3):
        payment = shop.acted(f"invoicepayments/{number}/bookkeep")
    assert (payment["Booked"], payment["VoucherSeries"]) == (True, "C")
    paid = shop.read("invoices/1")
    assert (paid["Balance"], paid["FinalPayDate"]) == (-25, shop.company.today().isoformat())


@pytest.mark.checklist("fortnox", 11)
def test_a_payment_is_changed_until_it_is_booked(shop):
    shop.booked()
    shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=50)
    write_offs = [{"Amount": 5, "AccountNumber": 3740}]
    changed = shop.changed("invoicepayments/1", "InvoicePayment", Amount=120, WriteOffs=write_offs)
    assert (changed["Amount"], changed["AmountCurrency"]) == (120, 120)
    assert shop.listed("invoicepayments")[0]["WriteOffExist"] is True
    assert code(shop.put("invoicepayments/1", "InvoicePayment", InvoiceNumber=2)) == REFUSED
    shop.acted("invoicepayments/1/bookkeep")
    assert shop.read("invoices/1")["Balance"] == 0
    for call in (
        shop.put("invoicepayments/1", "InvoicePayment", Amount=1),
        shop.put("invoicepayments/1/bookkeep"),
        shop.http.delete("invoicepayments/1"),
    ):
        assert code(call) == REFUSED
    shop.switch(delete_booked_payment=True)
    assert shop.http.delete("invoicepayments/1").status_code == 204
    assert (shop.read("invoices/1")["Balance"], shop.read("invoices/1")["FinalPayDate"]) == (125, None)


def test_a_payment_in_kronor_lowers_a_balance_in_another_currency_by_the_rate(shop):
    shop.booked(Currency="EUR", CurrencyRate=11.5)
    payment = shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=1437.5)
    assert (payment["Currency"], payment["CurrencyRate"], payment["AmountCurrency"]) == ("EUR", 11.5, 125)


@pytest.mark.checklist("fortnox", 4)
def test_what_is_in_use_is_not_deleted_unless_a_switch_lets_it_go(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="x", Unit="h")
    shop.invoice(a_row(ArticleNumber="1"))
    for path in ("customers/1", "articles/1", "units/h", "termsofpayments/30", "currencies/SEK"):
        assert code(shop.http.delete(path)) == REFUSED, path
    shop.switch(delete_in_use=True)
    for path, expected in (("customers/1", 2000433), ("articles/1", 2000428), ("units/h", 2000432)):
        assert shop.http.delete(path).status_code == 204
        assert code(shop.get(path)) == (404, expected)
    assert code(shop.get("prices/A/1")) == (404, 2000430)
    shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=shop.booked()["DocumentNumber"], Amount=1)
    assert shop.http.delete("invoicepayments/1").status_code == 204
    assert code(shop.http.delete("invoicepayments/1")) == (404, OURS)
