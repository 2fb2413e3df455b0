"""What a body may hold: limits, read-only marks, silent cuts, clearing, and references to other registers."""

import pytest

from support.fortnox_documents import INVOICE, INVOICE_ROW, ORDER, ORDER_ROW
from support.fortnox_reference import ARTICLE, CUSTOMER, PAYMENT
from support.fortnox_shop import a_row, code

OURS = 2990000
READ_ONLY = [
    *(("customers/1", "Customer", name) for name, _, access, *_ in CUSTOMER if access == "RO"),
    *(("articles/1", "Article", name) for name, _, access, *_ in ARTICLE if access == "RO"),
    *(("invoices/2", "Invoice", name) for name, _, access, *_ in INVOICE if access == "RO"),
    *(("orders/1", "Order", name) for name, _, access, *_ in ORDER if access == "RO"),
    *(("invoicepayments/1", "InvoicePayment", name) for name, _, access, *_ in PAYMENT if access == "RO"),
]


@pytest.fixture
def full(shop):
    """One record of each kind, all with the number 1, and a draft with the number 2."""
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst")
    shop.order()
    shop.booked(CustomerNumber="1")
    shop.invoice(CustomerNumber="1")
    shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=1)
    return shop


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize(
    ("path", "wrapper", "fields"),
    [
        ("customers", "Customer", {"Name": "x", "VATtype": "SEVAT"}),
        ("articles", "Article", {"Description": "x", "HouseWork": False}),
        ("invoices", "Invoice", {"CustomerNumber": "1", "CountryCode": "SE"}),
        ("orders", "Order", {"CustomerNumber": "1", "VATType": "SEVAT"}),
        ("orders", "Order", {"CustomerNumber": "1", "OrderRows": [{"Quantity": 1}]}),
        ("invoices", "Invoice", {"CustomerNumber": "1", "EmailInformation": {"To": "x"}}),
        ("invoices", "Invoice", {"CustomerNumber": "1", "Labels": [{"Id": 1, "Name": "x"}]}),
        ("invoicepayments", "InvoicePayment", {"InvoiceNumber": 1, "Amount": 1, "WriteOffs": [{"Sum": 1}]}),
        ("units", "Unit", {"Code": "x", "Description": "x", "Name": "x"}),
    ],
)
def test_an_unknown_field_is_refused_by_name(full, path, wrapper, fields):
    answer = full.post(path, wrapper, **fields)
    assert code(answer) == (400, 2001399)
    assert answer.json()["ErrorInformation"]["message"].startswith("Felaktigt fältnamn (")


@pytest.mark.checklist("fortnox", 2)
@pytest.mark.parametrize(("path", "wrapper", "name"), READ_ONLY)
def test_a_read_only_field_is_refused_on_a_write(full, path, wrapper, name):
    answer = full.put(path, wrapper, **{name: "x"})
    assert code(answer) == (400, OURS)
    texts = (f"Fältet {name} är skrivskyddat.", "Ogiltig landskod: X")
    assert answer.json()["ErrorInformation"]["message"] == texts[name.endswith("Country")]


@pytest.mark.checklist("fortnox", 2)
def test_read_only_fields_may_be_passed_over_by_a_switch_but_never_a_country(full):
    full.switch(read_only_refused=False)
    invoice = full.read("invoices/2")
    assert full.changed("invoices/2", "Invoice", **{**invoice, "Remarks": "hej", "InvoiceRows": []})["Remarks"] == "hej"
    answer = full.put("customers/1", "Customer", DeliveryCountry="Sverige")
    assert answer.json()["ErrorInformation"]["message"] == "Ogiltig landskod: SVERIGE"


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize(
    ("path", "wrapper", "fields", "expected"),
    [
        ("customers", "Customer", {"Name": "x", "ZipCode": "x" * 11}, 2000107),
        ("customers", "Customer", {"Name": "x", "GLN": "123456789012"}, 2000107),
        ("customers", "Customer", {"Name": "x", "GLN": "123456789012x"}, 2000108),
        ("customers", "Customer", {"Name": "x", "CountryCode": "SWE"}, 2000107),
        ("customers", "Customer", {"Name": "x", "InvoiceFreight": "gratis"}, 2000108),
        ("customers", "Customer", {"Name": "x", "SalesAccount": "abcd"}, 2000108),
        ("customers", "Customer", {"Name": "x", "VATNumber": "?"}, 2004194),
        ("customers", "Customer", {"Name": ["x"]}, 2000106),
        ("articles", "Article", {"Description": "x" * 201}, 2000107),
        ("articles", "Article", {"Description": "x", "SalesAccount": 999}, OURS),
        ("articles", "Article", {"Description": "x", "VAT": 19}, 2004167),
        ("articles", "Article", {"ArticleNumber": "1", "Description": "x"}, 2000013),
        ("orders", "Order", {"CustomerNumber": "1", "YourReference": "x" * 51}, 2001600),
        ("orders", "Order", {"CustomerNumber": "1", "Comments": "x" * 1025}, 2001896),
        ("orders", "Order", {"CustomerNumber": "1", "OrderRows": [{"Unit": None}]}, 2000699),
        ("invoices", "Invoice", {"CustomerNumber": "1", "ExternalInvoiceReference1": "x" * 81}, 2000107),
        ("invoices", "Invoice", {"CustomerNumber": "1", "EmailInformation": {"EmailSubject": "x" * 101}}, 2000107),
        ("invoices", "Invoice", {"CustomerNumber": "1", "OutboundDate": "2999-01-01"}, 2003126),
        ("invoices", "Invoice", {"CustomerNumber": "1", "InvoiceDate": "2026-02-30"}, OURS),
        ("invoices", "Invoice", {"CustomerNumber": "1", "InvoiceType": "NOPE"}, OURS),
        ("invoices", "Invoice", {"CustomerNumber": "1", "InvoiceRows": [{"Description": "a — b"}]}, 2000359),
        ("invoices", "Invoice", {"CustomerNumber": "1", "InvoiceRows": [{"ArticleNumber": "nope"}]}, 2001302),
        ("invoices", "Invoice", {"CustomerNumber": "1", "InvoiceRows": [{"VAT": 19}]}, 2004167),
        ("invoices", "Invoice", {"CustomerNumber": "1", "Country": "SE"}, OURS),
        ("invoices", "Invoice", {}, OURS),
        ("invoicepayments", "InvoicePayment", {"InvoiceNumber": 99, "Amount": 1}, 2000434),
    ],
)
def test_a_value_that_does_not_fit_is_refused(full, path, wrapper, fields, expected):
    assert code(full.post(path, wrapper, **fields)) == (400, expected)


@pytest.mark.checklist("fortnox", 1)
def test_what_was_measured_is_cut_without_a_word(shop):
    number = shop.customer(DeliveryAddress1="z" * 70)
    order = shop.order(a_row(Description="x" * 300), CustomerNumber=number, YourOrderNumber="y" * 40)
    assert (len(order["YourOrderNumber"]), len(order["DeliveryAddress1"]), len(order["OrderRows"][0]["Description"])) == (
        30,
        60,
        255,
    )


def test_a_row_with_a_rate_of_its_own_needs_an_account(shop):
    assert shop.invoice(a_row(VAT=19, AccountNumber=3001))["TotalVAT"] == 19


def test_newlines_leave_a_rows_text_but_not_comments(shop):
    invoice = shop.invoice(a_row(Description="a\r\nb"), Comments="a\nb")
    assert (invoice["InvoiceRows"][0]["Description"], invoice["Comments"]) == ("ab", "a\nb")


def test_a_stock_may_be_as_low_as_was_accepted(shop):
    assert shop.made("articles", "Article", Description="x", QuantityInStock=-1e14)["QuantityInStock"] == -1e14


@pytest.mark.checklist("fortnox", 6)
@pytest.mark.parametrize(("path", "wrapper"), [("customers/1", "Customer"), ("invoices/1", "Invoice"), ("orders/1", "Order")])
def test_an_empty_text_keeps_null_and_api_blank_clear(shop, path, wrapper):
    shop.customer(OurReference="Kim", Comments="a")
    filled = {"OurReference": "Kim", "Comments": "a"}
    shop.invoice(CustomerNumber="1", **filled)
    shop.order(CustomerNumber="1", **filled)
    assert shop.changed(path, wrapper, OurReference="", Comments="")["OurReference"] == "Kim"
    assert not shop.changed(path, wrapper, OurReference=None)["OurReference"]
    assert not shop.changed(path, wrapper, Comments="API_BLANK")["Comments"]


@pytest.mark.checklist("fortnox", 6)
def test_null_may_keep_customers_and_invoices_by_a_switch_but_not_orders(shop):
    shop.switch(null_clears_headers=False)
    shop.customer(OurReference="Kim")
    shop.invoice(CustomerNumber="1")
    shop.order(CustomerNumber="1")
    for path, wrapper, left in (("customers/1", "Customer", "Kim"), ("invoices/1", "Invoice", "Kim"), ("orders/1", "Order", "")):
        assert shop.changed(path, wrapper, OurReference=None)["OurReference"] == left


@pytest.mark.checklist("fortnox", 6)
def test_a_row_clears_by_null_keeps_by_empty_text_and_never_clears_its_unit(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst", Unit="st")
    shop.invoice(a_row(ArticleNumber="1", Discount=10, DiscountType="PERCENT"))

    def row(**fields):
        return shop.changed("invoices/1", "Invoice", InvoiceRows=[fields])["InvoiceRows"][0]

    kept = row(ArticleNumber="", Unit="", Discount=0)
    assert (kept["ArticleNumber"], kept["Unit"], kept["Discount"]) == ("1", "st", 0)
    cleared = row(ArticleNumber=None, Price=0, Description="API_BLANK")
    assert (cleared["ArticleNumber"], cleared["Price"], cleared["Description"], cleared["Unit"]) == ("", 0, "", "st")
    assert code(shop.put("invoices/1", "Invoice", InvoiceRows=[{"Unit": None}])) == (400, 2000699)


@pytest.mark.checklist("fortnox", 6)
def test_what_is_needed_cannot_be_cleared(shop):
    shop.invoice()
    for path, wrapper, name in (("customers/1", "Customer", "Name"), ("invoices/1", "Invoice", "CustomerNumber")):
        for value in (None, "API_BLANK"):
            assert code(shop.put(path, wrapper, **{name: value})) == (400, OURS)


@pytest.mark.checklist("fortnox", 6)
def test_cleared_dates_and_the_ocr_number_are_worked_out_anew(shop):
    invoice = shop.invoice(InvoiceDate="2026-01-10", DueDate="2026-01-11", OCR="42")
    cleared = shop.changed("invoices/1", "Invoice", DueDate=None, OCR=None)
    assert (invoice["DueDate"], cleared["DueDate"], cleared["OCR"]) == ("2026-01-11", "2026-02-09", "133")
    assert code(shop.put("invoices/1", "Invoice", DueDate="API_BLANK")) == (400, OURS)
    today = shop.company.today().isoformat()
    assert shop.changed("invoices/1", "Invoice", InvoiceDate=None)["InvoiceDate"] == today


def test_an_object_keeps_the_members_that_are_not_sent(shop):
    shop.invoice(CustomerNumber=shop.customer(Email="a@kund.example"))
    sent = shop.changed("invoices/1", "Invoice", EmailInformation={"EmailSubject": "Hej"})["EmailInformation"]
    assert (sent["EmailAddressTo"], sent["EmailSubject"]) == ("a@kund.example", "Hej")
    assert code(shop.put("invoices/1", "Invoice", EDIInformation={"EDIStatus": "x"})) == (400, OURS)


@pytest.mark.parametrize(
    ("fields", "expected"), [({"Currency": "XXX"}, 2000427), ({"TermsOfPayment": "99"}, 2000429), ({"Unit": "tunna"}, 2000432)]
)
def test_a_code_that_no_register_has_is_refused_as_part_of_a_payload(shop, fields, expected):
    number = shop.customer()
    if "Unit" in fields:
        answers = [
            shop.post("articles", "Article", Description="x", **fields),
            shop.post("invoices", "Invoice", CustomerNumber=number, InvoiceRows=[fields]),
        ]
    else:
        answers = [
            shop.post("customers", "Customer", Name="x", **fields),
            shop.post("invoices", "Invoice", CustomerNumber=number, **fields),
            shop.post("orders", "Order", CustomerNumber=number, **fields),
        ]
    assert [code(answer) for answer in answers] == [(400, expected)] * len(answers)
    assert "code" in answers[0].json()["ErrorInformation"]


def test_countries_are_codes_on_customers_and_names_on_documents(shop):
    number = shop.customer(CountryCode="va", DeliveryCountryCode="SE")
    customer = shop.read("customers/1")
    assert (customer["CountryCode"], customer["Country"], customer["DeliveryCountry"]) == (
        "VA",
        "Holy See (Vatican City State)",
        "Sverige",
    )
    invoice = shop.invoice(CustomerNumber=number, DeliveryCountry="Virgin Islands, U.S.")
    assert (invoice["Country"], invoice["DeliveryCountry"]) == ("Holy See (Vatican City State)", "Virgin Islands, U.S.")
    assert code(shop.post("customers", "Customer", Name="x", CountryCode="XX")) == (400, OURS)
    shop.switch(country_names_checked=False)
    assert shop.changed("invoices/1", "Invoice", Country="Utopia")["Country"] == "Utopia"


def test_an_order_fills_its_delivery_from_the_card_unless_told_null(shop):
    number = shop.customer(DeliveryName="Lagret", DeliveryAddress2="Port 4")
    order = shop.order(CustomerNumber=number, DeliveryName="", DeliveryAddress2=None)
    assert (order["DeliveryName"], order["DeliveryAddress2"]) == ("Lagret", "")
    assert shop.order(CustomerNumber=number, OrganisationNumber="556000-0001")["OrganisationNumber"] == "556000-0001"


WORDS = ("", "API_BLANK", "x" * 2000, "å\x00", "1e400", "NaN")
ODD = (*WORDS, None, True, 1e300, [], {}, [{}])


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize(
    ("path", "wrapper", "table", "rows"),
    [
        ("customers", "Customer", CUSTOMER, None),
        ("articles", "Article", ARTICLE, None),
        ("invoices", "Invoice", INVOICE, INVOICE_ROW),
        ("orders", "Order", ORDER, ORDER_ROW),
        ("invoicepayments", "InvoicePayment", PAYMENT, None),
    ],
)
def test_no_value_in_any_field_breaks_it(full, path, wrapper, table, rows):
    needed = {"Name": "x", "Description": "x", "CustomerNumber": "1", "InvoiceNumber": 1, "Amount": 1}
    start = {name: needed[name] for name, _, access, *_ in table if "req" in access}
    start |= {"Amount": 1} if wrapper == "InvoicePayment" else {}
    changed = "2" if wrapper == "Invoice" else "1"
    bodies = [{name: value} for name, *_ in table for value in ODD]
    bodies += [{f"{wrapper}Rows": [{name: value}]} for name, *_ in rows or () for value in ODD]
    for body in bodies:
        for answer in (full.post(path, wrapper, **{**start, **body}), full.put(f"{path}/{changed}", wrapper, **body)):
            assert answer.status_code in (200, 201, 400), body
    assert full.get(path, limit="500", sortorder="descending").status_code == 200
