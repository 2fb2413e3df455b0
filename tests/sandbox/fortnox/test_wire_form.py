"""The wire form of every resource against the reference's tables: order, types, null against "", in each answer."""

import pytest

from sandbox.fortnox.errors import NO_RIGHT, NO_RIGHTS, TABLE, known
from support import fortnox_documents as documents
from support import fortnox_reference as reference
from support.fortnox_shop import Shop, a_row

TYPES = {
    "string": (str,),
    "enum": (str,),
    "date": (str,),
    "number": (int, float),
    "int": (int,),
    "bool": (bool,),
    "object": (dict,),
    "array": (list,),
    "?": (str, int, float),
}
# What the list writes otherwise than the single answer does.
LISTED_AS_TEXT = {
    "articles": {"DisposableQuantity", "PurchasePrice", "QuantityInStock", "ReservedQuantity", "SalesPrice", "StockValue", "VAT"},
    "invoices": {"CurrencyRate"},
}


def fits(kind, value, *, nullable):
    return (value is None and nullable) or (type(value) in TYPES[kind])


def check(record, table):
    """Order, types, and the value of each field that was never set."""
    assert list(record) == [name for name, *_ in table]
    for name, kind, _, _, value in table:
        found = record[name]
        assert fits(kind, found, nullable=value in (None, reference.NOTHING)), (name, found)
        if isinstance(value, dict):
            assert list(found) == list(value), name
            assert {**found, "EmailSubject": 0} == {**value, "EmailSubject": 0}, name
        elif not (isinstance(value, str) and value.startswith(("(", "http", "…"))):
            assert found == value, name


def check_line(line, table, resource):
    """The same for a line of a list."""
    assert list(line) == [name for name, _, _, listed, _ in table if listed]
    for name, kind, _, listed, value in table:
        if listed:
            text = name in LISTED_AS_TEXT.get(resource, ())
            assert fits("string" if text else kind, line[name], nullable=value in (None, reference.NOTHING)), (name, line[name])


@pytest.mark.checklist("fortnox", 3)
def test_a_customer_is_written_as_the_table_says(shop):
    echo = shop.made("customers", "Customer", Name="Kund AB")
    check(echo, reference.CUSTOMER)
    check(shop.read("customers/1"), reference.CUSTOMER)
    check(shop.changed("customers/1", "Customer", Name="Kund AB"), reference.CUSTOMER)
    (line,) = shop.listed("customers")
    listed = [name for name, _, _, listed, _ in reference.CUSTOMER if listed and name != "ZipCode"]
    assert list(line) == [*listed, "Phone", "ZipCode"]
    assert all(value == "" for name, value in line.items() if name not in ("@url", "CustomerNumber", "Name"))


@pytest.mark.checklist("fortnox", 3)
def test_a_customers_sales_account_is_a_number_once_and_text_ever_after(shop):
    assert shop.made("customers", "Customer", Name="Kund AB", SalesAccount=3001)["SalesAccount"] == 3001
    assert shop.read("customers/1")["SalesAccount"] == "3001"


@pytest.mark.checklist("fortnox", 3)
def test_an_article_has_numbers_alone_and_texts_in_the_list(shop):
    echo = shop.made("articles", "Article", Description="Tjänst")
    table = tuple((*row[:4], {"SalesAccount": 3001, "VAT": 25}.get(row[0], row[4])) for row in reference.ARTICLE)
    check(echo, table)
    check(shop.read("articles/1"), table)
    (line,) = shop.listed("articles")
    check_line(line, table, "articles")
    assert (line["PurchasePrice"], line["QuantityInStock"], line["VAT"], line["SalesPrice"]) == ("0", "0", "25", None)


@pytest.mark.checklist("fortnox", 3)
def test_an_invoice_is_written_as_the_table_says(shop):
    shop.switch(contract_reference_text=False)
    echo = shop.made("invoices", "Invoice", CustomerNumber=shop.customer())
    check(echo, documents.INVOICE)
    check(shop.read("invoices/1"), documents.INVOICE)
    check(shop.changed("invoices/1", "Invoice", Remarks=""), documents.INVOICE)
    (line,) = shop.listed("invoices")
    check_line(line, documents.INVOICE, "invoices")
    assert (line["CurrencyRate"], shop.read("invoices/1")["CurrencyRate"]) == ("1", 1)
    assert (echo["Credit"], echo["CreditInvoiceReference"], echo["InvoicePeriodStart"]) == ("false", "0", "")
    assert echo["EmailInformation"]["EmailSubject"] == "Faktura 1 bifogas"
    assert echo["@urlTaxReductionList"].endswith("/3/taxreductions?filter=invoices&referencenumber=1")


@pytest.mark.checklist("fortnox", 3)
def test_a_contract_reference_is_text_as_it_was_seen_last_or_a_number(shop):
    shop.invoice()
    assert shop.read("invoices/1")["ContractReference"] == "0"
    shop.switch(contract_reference_text=False)
    assert shop.read("invoices/1")["ContractReference"] == 0


@pytest.mark.checklist("fortnox", 3)
def test_an_order_is_written_as_the_table_says(shop):
    echo = shop.made("orders", "Order", CustomerNumber=shop.customer(), OrderRows=[])
    check(echo, documents.ORDER)
    check(shop.read("orders/1"), documents.ORDER)
    (line,) = shop.listed("orders")
    check_line(line, documents.ORDER, "orders")
    assert echo["EmailInformation"]["EmailSubject"] == "Order 1 bifogas"


@pytest.mark.checklist("fortnox", 3)
def test_rows_are_written_as_their_tables_say(shop):
    (row,) = shop.invoice({"Description": "Bara text"})["InvoiceRows"]
    check(row, documents.INVOICE_ROW)
    (row,) = shop.order({"Description": "Bara text", "OrderedQuantity": 2})["OrderRows"]
    check(row, documents.ORDER_ROW)
    assert (row["OrderedQuantity"], row["DeliveredQuantity"], row["Total"]) == ("2", "0", 0)


@pytest.mark.checklist("fortnox", 3)
def test_a_payment_is_written_as_the_table_says(shop):
    shop.booked()
    echo = shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=125)
    check(echo, reference.PAYMENT)
    check(shop.read("invoicepayments/1"), reference.PAYMENT)
    (line,) = shop.listed("invoicepayments")
    listed = [name for name, _, _, listed, _ in reference.PAYMENT if listed]
    assert (list(line), line["WriteOffExist"]) == ([*listed, "WriteOffExist"], False)
    assert (echo["InvoiceNumber"], echo["Number"], echo["InvoiceTotal"]) == (1, "1", "125")


@pytest.mark.checklist("fortnox", 3)
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("termsofpayments", reference.TERMS_OF_PAYMENT),
        ("units", reference.UNIT),
        ("currencies", reference.CURRENCY),
    ],
)
def test_a_small_register_writes_the_same_fields_alone_and_in_the_list(shop, path, fields):
    line = shop.listed(path)[0]
    assert tuple(line) == fields
    assert shop.read(f"{path}/{line['Code']}") == line


@pytest.mark.checklist("fortnox", 3)
def test_prices_the_company_and_the_user_are_written_as_the_reference_says():
    shop = Shop(scopes=frozenset({"profile", "companyinformation", "settings", "article", "price"}))
    shop.made("articles", "Article", ArticleNumber="1000", Description="Tjänst")
    assert tuple(shop.listed("prices/sublist/A/1000")[0]) == reference.PRICE_LINE
    assert tuple(shop.read("companyinformation")) == reference.COMPANY_INFORMATION
    assert tuple(shop.read("settings/company")) == reference.COMPANY_SETTINGS
    assert tuple(shop.read("me")) == reference.ME
    assert shop.read("companyinformation")["DatabaseNumber"] == 100001
    shop.switch(database_number_text=True)
    assert shop.read("companyinformation")["DatabaseNumber"] == "100001"


@pytest.mark.checklist("fortnox", 3)
def test_the_errors_are_those_of_the_reference():
    rights = NO_RIGHTS | {refusal.code: refusal for refusal in NO_RIGHT.values()}
    assert {code for code, *_ in reference.ERRORS} <= TABLE.keys() | rights.keys()
    assert TABLE.keys() <= {code for code, *_ in reference.ERRORS}
    for code, text, status in reference.ERRORS:
        refusal = rights.get(code) or known(code, "X", "X")
        assert refusal.status == status, code
        assert text in (None, refusal.message), code


@pytest.mark.checklist("fortnox", 3)
def test_a_refusals_keys_are_capitals_on_404_and_small_on_400(shop):
    missing, bad = shop.get("units/nope"), shop.get("units", lastmodified="2026-01-01")
    assert missing.json() == {"ErrorInformation": {"Error": 1, "Message": "Kan inte hitta enheten.", "Code": 2000432}}
    assert bad.json() == {"ErrorInformation": {"error": 1, "message": "Ogiltig parameter i anropet.", "code": 2000588}}
    assert shop.http.get("units", headers={"Authorization": "Bearer x"}).json() == {"message": "unauthorized"}


@pytest.mark.checklist("fortnox", 4)
def test_a_post_is_201_with_a_location_a_delete_204_and_an_action_200(shop):
    answer = shop.post("units", "Unit", Code="pall", Description="Pall")
    assert (answer.status_code, answer.headers["Location"]) == (201, "units")
    removed = shop.http.delete("units/pall")
    assert (removed.status_code, removed.content) == (204, b"")
    number = shop.invoice(a_row())["DocumentNumber"]
    for act in ("externalprint", "bookkeep", "credit"):
        answer = shop.put(f"invoices/{number}/{act}")
        assert (answer.status_code, answer.json()["Invoice"]["DocumentNumber"]) == (200, number)
