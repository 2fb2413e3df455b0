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
    assert (invoice["Net"], invoice["TotalVAT"], invoice["RoundOff"], invoice["Total"]) == (100, 25.13, 0.37, 226)
    assert shop.read("customers/1")["InvoiceFreight"] == "80"


def test_net_is_without_freight_and_fees_as_in_fortnox_example_or_with_them_by_a_switch(shop):
    rows = [a_row(Price=1590)]
    invoice = shop.invoice(*rows, Freight=95)
    assert (invoice["Gross"], invoice["Freight"], invoice["Net"]) == (1590, 95, 1590)
    assert invoice["Total"] - invoice["TotalVAT"] - invoice["RoundOff"] == 1685
    included = shop.invoice(a_row(Price=125), Freight=25, VATIncluded=True)
    assert (included["Net"], included["FreightVAT"], included["Total"]) == (100, 5, 150)
    shop.switch(net_holds_fees=True)
    assert shop.invoice(*rows, Freight=95)["Net"] == 1685
    assert shop.invoice(a_row(Price=125), Freight=25, VATIncluded=True)["Net"] == 120


def test_a_row_of_vat_25_keeps_its_vat_for_a_customer_with_reverse_charge_in_sweden(shop):
    invoice = shop.invoice(a_row(), CustomerNumber=shop.customer(VATType="SEREVERSEDVAT"))
    assert (invoice["InvoiceRows"][0]["VAT"], invoice["TotalVAT"], invoice["Total"]) == (25, 25, 125)


@pytest.mark.parametrize("vat_type", ["EUREVERSEDVAT", "EXPORT"])
def test_a_row_of_vat_25_keeps_its_vat_for_a_customer_abroad_unless_a_switch_says_that_the_type_decides(shop, vat_type):
    number = shop.customer(VATType=vat_type)
    assert shop.invoice(a_row(), CustomerNumber=number)["Total"] == 125
    shop.switch(foreign_row_vat_kept=False)
    invoice = shop.invoice(a_row(), CustomerNumber=number, Freight=10)
    assert (invoice["TotalVAT"], invoice["Total"]) == (0, 110)


@pytest.mark.parametrize(
    ("vat_type", "of_article", "of_company", "rate"),
    [
        ("SEVAT", 3041, 3001, 25),
        ("SEREVERSEDVAT", 3242, 3231, 0),
        ("EUVAT", 3046, 3106, 25),
        ("EUREVERSEDVAT", 3048, 3108, 0),
        ("EXPORT", 3045, 3105, 0),
    ],
)
def test_account_and_vat_of_a_row_follow_the_customers_vat_type_from_the_article_or_the_company(
    shop, vat_type, of_article, of_company, rate
):
    accounts = {"SalesAccount": 3041, "ConstructionAccount": 3242, "EUVATAccount": 3046, "EUAccount": 3048, "ExportAccount": 3045}
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst", **accounts)
    shop.made("articles", "Article", ArticleNumber="2", Description="Tjänst", **dict.fromkeys(accounts, 0))
    number = shop.customer(VATType=vat_type)
    rows = [{"ArticleNumber": "1"}, {"ArticleNumber": "2"}, {"Description": "Arbete", "VAT": 25}]
    found = shop.invoice(*rows, CustomerNumber=number)["InvoiceRows"]
    assert [(row["AccountNumber"], row["VAT"]) for row in found] == [(of_article, rate), (of_company, rate), (of_company, 25)]


@pytest.mark.parametrize(("rate", "account"), [(25, 3001), (12, 3002), (6, 3003), (0, 3004)])
def test_a_row_without_article_has_the_companys_account_for_its_rate(shop, rate, account):
    assert shop.invoice(a_row(VAT=rate))["InvoiceRows"][0]["AccountNumber"] == account


def test_an_account_of_null_is_0(shop):
    assert shop.invoice(a_row(AccountNumber=None))["InvoiceRows"][0]["AccountNumber"] == 0


def test_a_cards_discount_goes_to_the_rows_that_say_none_and_a_cards_vat_to_the_document(shop):
    number = shop.customer(InvoiceDiscount=10, ShowPriceVATIncluded=True)
    rows = [
        a_row(Price=125),
        a_row(Price=125, Discount=0, DiscountType="PERCENT"),
        a_row(Price=125, Discount=5, DiscountType="AMOUNT"),
    ]
    invoice = shop.invoice(*rows, CustomerNumber=number)
    assert [(row["Discount"], row["DiscountType"], row["Total"]) for row in invoice["InvoiceRows"]] == [
        (10, "PERCENT", 112.5),
        (0, "PERCENT", 125),
        (5, "AMOUNT", 120),
    ]
    assert invoice["VATIncluded"] is True
    assert shop.invoice(a_row(), CustomerNumber=number, VATIncluded=False)["VATIncluded"] is False


def test_what_a_body_says_is_0_stands_against_the_card_unless_a_switch_lets_the_card_win(shop):
    number = shop.customer(InvoiceFreight="95", InvoiceAdministrationFee="49", InvoiceDiscount=10)
    row, nothing = a_row(Discount=0, DiscountType="PERCENT"), {"Freight": 0, "AdministrationFee": 0}
    assert shop.invoice(row, CustomerNumber=number, **nothing)["Total"] == 125
    shop.switch(zero_keeps_card_terms=True)
    invoice = shop.invoice(row, CustomerNumber=number, **nothing)
    assert (invoice["Freight"], invoice["AdministrationFee"], invoice["InvoiceRows"][0]["Total"]) == (95, 49, 90)


def test_a_row_without_a_price_has_that_of_the_customers_price_list_by_quantity(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst")
    shop.made("pricelists", "PriceList", Code="b", Description="Storkund")
    shop.put("prices/A/1", "Price", Price=100)
    shop.made("prices", "Price", ArticleNumber="1", PriceList="B", FromQuantity=0, Price=90)
    shop.made("prices", "Price", ArticleNumber="1", PriceList="B", FromQuantity=10, Price=80)
    number = shop.customer(PriceList="B")

    def prices(**fields):
        rows = [{"ArticleNumber": "1", "DeliveredQuantity": quantity} for quantity in (1, 9, 10)]
        return [row["Price"] for row in shop.invoice(*rows, **fields)["InvoiceRows"]]

    assert prices(CustomerNumber=number) == [90, 90, 80]
    assert prices(CustomerNumber=number, PriceList="A") == prices() == [100, 100, 100]
    assert shop.http.delete("prices/B/1/10").status_code == 204
    assert prices(CustomerNumber=number) == [90, 90, 90]
    shop.http.delete("prices/B/1/0")
    assert prices(CustomerNumber=number) == [100, 100, 100]


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
