"""Rows under an update, housework, and the sums of a document."""

import pytest

from support.fortnox_shop import a_row, code


def ids(document, rows="InvoiceRows"):
    return [row["RowId"] for row in document[rows]]


@pytest.mark.checklist("fortnox", 5)
@pytest.mark.parametrize(
    ("path", "wrapper", "rows"), [("invoices/1", "Invoice", "InvoiceRows"), ("orders/1", "Order", "OrderRows")]
)
def test_rows_without_ids_meet_by_position_inherit_grow_and_shrink(shop, path, wrapper, rows):
    make = shop.invoice if wrapper == "Invoice" else shop.order
    make(a_row(Price=3000), a_row(Description="Två"))
    inherited = shop.changed(path, wrapper, **{rows: [{"Description": "Bara text"}, {}, {"Description": "Tre"}]})[rows]
    assert [(row["Description"], row["Price"], row["DeliveredQuantity"]) for row in inherited] == [
        ("Bara text", 3000, "1"),
        ("Två", 100, "1"),
        ("Tre", 0, "0"),
    ]
    assert [row["Description"] for row in shop.changed(path, wrapper, **{rows: [{}]})[rows]] == ["Bara text"]
    assert shop.changed(path, wrapper, **{rows: []})[rows] == []


@pytest.mark.checklist("fortnox", 5)
def test_row_ids_are_new_after_every_put(shop):
    seen = ids(shop.invoice(a_row(), a_row()))
    for body in ({"Remarks": "hej"}, {"InvoiceRows": [{}, {}]}, {"Remarks": ""}):
        found = ids(shop.changed("invoices/1", "Invoice", **body))
        assert not set(found) & set(seen)
        seen += found
    assert len(set(seen)) == 8


@pytest.mark.checklist("fortnox", 5)
def test_rows_with_ids_are_kept_changed_added_and_removed(shop):
    first, second, third = ids(shop.invoice(a_row(Price=1), a_row(Price=2), a_row(Price=3)))
    rows = [{"RowId": third}, a_row(Price=4), {"RowId": first, "Price": 5}]
    invoice = shop.changed("invoices/1", "Invoice", InvoiceRows=rows)
    assert [row["Price"] for row in invoice["InvoiceRows"]] == [3, 4, 5]
    for stale in ([{"RowId": second}], [{"RowId": ids(invoice)[0]}] * 2):
        assert code(shop.put("invoices/1", "Invoice", InvoiceRows=stale))[0] == 400


@pytest.mark.checklist("fortnox", 5)
def test_a_second_text_row_after_an_article_takes_its_price(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst", Unit="st")
    rows = [a_row(ArticleNumber="1", Price=500), {"Description": "Kommentar"}, {"Description": "En till"}]
    assert [(row["Price"], row["Unit"]) for row in shop.invoice(*rows)["InvoiceRows"]] == [(500, "st"), (0, ""), (500, "st")]
    shop.switch(second_text_row_priced=False)
    assert [row["Price"] for row in shop.invoice(*rows)["InvoiceRows"]] == [500, 0, 0]


@pytest.mark.checklist("fortnox", 5)
@pytest.mark.parametrize("kept", [False, True], ids=["by position", "by id"])
def test_a_text_row_that_an_update_adds_behind_another_takes_the_articles_price(shop, kept):
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst", Unit="st")
    made = shop.invoice(a_row(ArticleNumber="1", Price=500), {"Description": "Kommentar"})
    old = [{"RowId": row["RowId"]} if kept else {"Description": row["Description"]} for row in made["InvoiceRows"]]
    changed = shop.changed("invoices/1", "Invoice", InvoiceRows=[*old, {"Description": "En till"}])
    assert [(row["Price"], row["Unit"]) for row in changed["InvoiceRows"]] == [(500, "st"), (0, ""), (500, "st")]


@pytest.mark.parametrize("nothing", [{"ArticleNumber": None}, {"ArticleNumber": ""}, {"Price": None, "Unit": ""}])
def test_a_text_row_is_one_also_when_it_says_nothing_besides(shop, nothing):
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst", Unit="st")
    rows = [a_row(ArticleNumber="1", Price=500), {"Description": "Kommentar"}, {"Description": "En till", **nothing}]
    assert [row["Price"] for row in shop.invoice(*rows)["InvoiceRows"]] == [500, 0, 500]


def test_a_text_row_that_says_account_and_vat_is_left_alone(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst", Unit="st")
    text = {"Description": "Kommentar", "AccountNumber": 0, "VAT": 0}
    assert [row["Price"] for row in shop.invoice(a_row(ArticleNumber="1", Price=500), text, text)["InvoiceRows"]] == [500, 0, 0]


def test_hours_are_housework_too_and_refused_where_there_is_none(shop):
    body = {"CustomerNumber": shop.customer(), "InvoiceRows": [a_row(HouseWorkHoursToReport=2)]}
    assert code(shop.post("invoices", "Invoice", **body)) == (400, 2004021)
    row = a_row(HouseWork=True, HouseWorkType="CLEANING", HouseWorkHoursToReport=2)
    assert shop.invoice(row, TaxReductionType="rut")["InvoiceRows"][0]["HouseWorkHoursToReport"] == 2


def test_a_discount_without_a_type_is_an_amount_unless_a_switch_says_percent(shop):
    assert shop.invoice(a_row(Discount=7))["InvoiceRows"][0]["Total"] == 93
    shop.switch(discount_alone_is_amount=False)
    assert shop.invoice(a_row(Price=200, Discount=7))["InvoiceRows"][0]["Total"] == 186


def test_freight_and_fee_come_from_the_card_and_carry_vat(shop):
    number = shop.customer(InvoiceFreight="80", InvoiceAdministrationFee=20.5)
    invoice = shop.invoice(a_row(VAT=0), CustomerNumber=number)
    assert (invoice["Freight"], invoice["FreightVAT"], invoice["AdministrationFee"], invoice["AdministrationFeeVAT"]) == (
        80,
        20,
        20.5,
        5.13,
    )
    assert (invoice["Net"], invoice["TotalVAT"], invoice["RoundOff"], invoice["Total"]) == (200.5, 25.13, 0.37, 226)
    assert shop.read("customers/1")["InvoiceFreight"] == "80"


@pytest.mark.parametrize("vat_type", ["SEREVERSEDVAT", "EUREVERSEDVAT", "EXPORT"])
def test_a_customer_outside_swedish_vat_pays_none(shop, vat_type):
    number = shop.customer(VATType=vat_type)
    invoice = shop.invoice(a_row(), CustomerNumber=number, Freight=10)
    assert (invoice["TotalVAT"], invoice["Total"]) == (0, 110)


def test_whole_kronor_are_the_companys_choice_and_only_in_kronor(shop):
    row = a_row(Price=99.99)
    assert (shop.invoice(row)["Total"], shop.invoice(row)["RoundOff"]) == (125, 0.01)
    assert shop.invoice(row, Currency="EUR")["Total"] == 124.99
    shop.company.settings = shop.company.settings.changed({"rounds_to_kronor": False})
    invoice = shop.invoice(row)
    assert (invoice["Total"], invoice["RoundOff"], invoice["TotalToPay"]) == (124.99, 0, 124.99)


def test_sums_of_the_largest_numbers_are_made_too(shop):
    assert shop.invoice(a_row(DeliveredQuantity=1e14, Price=1e14))["Total"] == 125 * 10**26


def test_an_order_is_worth_what_is_delivered(shop):
    row = {"OrderedQuantity": 5, "Price": 100, "VAT": 25}
    assert shop.order(row)["Total"] == 0
    order = shop.changed("orders/1", "Order", OrderRows=[{"DeliveredQuantity": 2}])
    assert (order["Net"], order["Total"], order["OrderRows"][0]["OrderedQuantity"]) == (200, 250, "5")


@pytest.mark.parametrize(
    ("fields", "row", "expected"),
    [
        ({}, {"HouseWork": True}, 2004021),
        ({}, {"HouseWorkType": "CONSTRUCTION"}, 2004021),
        ({"TaxReductionType": "rut"}, {"HouseWork": True, "HouseWorkType": "CONSTRUCTION"}, 2004021),
        ({"TaxReductionType": "rut"}, {"HouseWork": True, "HouseWorkType": "COOKING"}, 2003157),
        ({"TaxReductionType": "rot"}, {"HouseWork": True, "HouseWorkType": "OTHERCOSTS"}, 2002980),
        ({"TaxReductionType": "rot"}, {"HouseWorkType": "NOPE"}, 2990000),
    ],
)
def test_housework_that_the_document_does_not_allow_is_refused(shop, fields, row, expected):
    body = {"CustomerNumber": shop.customer(), "InvoiceRows": [a_row(**row)], **fields}
    assert code(shop.post("invoices", "Invoice", **body)) == (400, expected)


def test_housework_follows_the_article_on_a_document_with_a_reduction(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="Bygge", Housework=True, HouseworkType="CONSTRUCTION")
    assert shop.invoice({"ArticleNumber": "1"})["HouseWork"] is False
    invoice = shop.invoice({"ArticleNumber": "1"}, TaxReductionType="rot")
    assert (invoice["HouseWork"], invoice["InvoiceRows"][0]["HouseWorkType"]) == (True, "CONSTRUCTION")
    assert code(shop.put("invoices/2", "Invoice", TaxReductionType="none")) == (400, 2004001)
    assert shop.changed("articles/1", "Article", HouseworkType=None)["HouseworkType"] is None


def test_a_row_with_a_type_but_no_flag_becomes_housework_at_the_next_update(shop):
    rows = [a_row(HouseWorkType="MASONRY"), a_row(HouseWorkType="OTHERCOSTS")]
    assert shop.invoice(*rows, TaxReductionType="rot")["HouseWork"] is False
    rows = shop.changed("invoices/1", "Invoice", InvoiceRows=[{}, {}])["InvoiceRows"]
    assert [row["HouseWork"] for row in rows] == [True, False]
