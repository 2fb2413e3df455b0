"""Lists: filters, searches, order and pages, and what is refused."""

from datetime import datetime, timedelta

import pytest

from sandbox.fortnox.store import STOCKHOLM
from support.fortnox_shop import a_row, code

NUMBERS = {
    "customers": "CustomerNumber", "articles": "ArticleNumber", "invoices": "DocumentNumber", "orders": "DocumentNumber",
    "invoicepayments": "Number",
}  # fmt: skip


def numbers(shop, path, key="DocumentNumber", **query):
    return [line[key] for line in shop.listed(path, **query)]


def before_second(modified):
    return (datetime.fromisoformat(modified) - timedelta(seconds=1)).isoformat(" ")


@pytest.fixture
def stocked(shop):
    """Customers, articles, invoices and orders that differ in every field that can be searched."""
    shop.made(
        "articles", "Article", ArticleNumber="A1", Description="Skruv", EAN="731", Manufacturer="Bult AB", SupplierNumber="7"
    )
    shop.made(
        "articles", "Article", ArticleNumber="A2", Description="Mutter", Active=False, WebshopArticle=True, QuantityInStock=4
    )
    shop.customer(Name="Zeta AB", City="Lund", ZipCode="222 22", Email="z@zeta.example", OrganisationNumber="556000-0001")
    shop.customer(Name="Alfa AB", City="Lund", ZipCode="223 33", Phone1="046-1", GLN="7310000000000", Active=False)
    first = {"CustomerNumber": "1", "OurReference": "Kim", "YourReference": "Ada", "Project": "P1", "CostCenter": "C1"}
    second = {"CustomerNumber": "2", "OurReference": "Kim", "YourReference": "Bo", "NotCompleted": True, "Labels": [{"Id": 5}]}
    own = {"ExternalInvoiceReference1": "go:1", "ExternalInvoiceReference2": "b", "YourOrderNumber": "PO 7"}
    shop.invoice(a_row(ArticleNumber="A1", AccountNumber=3041), **first, **own, InvoiceDate="2026-01-10")
    shop.invoice(a_row(Description="Resa"), **second, ExternalInvoiceReference1="go:10", InvoiceDate="2026-02-10", Currency="EUR")
    shop.order(a_row(), **first, ExternalInvoiceReference1="go:1", OrderDate="2026-01-10")
    shop.order(a_row(Price=1), **second, ExternalInvoiceReference1="ego:1", OrderDate="2026-02-10")
    return shop


@pytest.mark.parametrize(
    ("path", "key", "query", "found"),
    [
        ("customers", "CustomerNumber", {"filter": "active"}, ["1"]),
        ("customers", "CustomerNumber", {"filter": "INACTIVE"}, ["2"]),
        ("customers", "CustomerNumber", {"name": "ZETA"}, ["1"]),
        ("customers", "CustomerNumber", {"name": "a ab"}, []),
        ("customers", "CustomerNumber", {"city": "LUN", "zipcode": "223"}, ["2"]),
        ("customers", "CustomerNumber", {"email": "z@"}, ["1"]),
        ("customers", "CustomerNumber", {"phone": "046"}, ["2"]),
        ("customers", "CustomerNumber", {"gln": "731"}, ["2"]),
        ("customers", "CustomerNumber", {"glndelivery": "731"}, []),
        ("customers", "CustomerNumber", {"organisationnumber": "556000-0001"}, ["1"]),
        ("customers", "CustomerNumber", {"organisationnumber": "5560000001"}, []),
        ("customers", "CustomerNumber", {"customernumber": "2"}, ["2"]),
        ("customers", "CustomerNumber", {"sortby": "name"}, ["2", "1"]),
        ("customers", "CustomerNumber", {"sortby": "customernumber", "sortorder": "descending"}, ["2", "1"]),
        ("articles", "ArticleNumber", {"articlenumber": "a", "description": "skr"}, ["A1"]),
        ("articles", "ArticleNumber", {"filter": "inactive"}, ["A2"]),
        ("articles", "ArticleNumber", {"ean": "731"}, ["A1"]),
        ("articles", "ArticleNumber", {"manufacturer": "bult"}, ["A1"]),
        ("articles", "ArticleNumber", {"manufacturerarticlenumber": "x"}, []),
        ("articles", "ArticleNumber", {"suppliernumber": "7"}, ["A1"]),
        ("articles", "ArticleNumber", {"webshop": "true"}, ["A2"]),
        ("articles", "ArticleNumber", {"sortby": "quantityinstock", "sortorder": "descending"}, ["A2", "A1"]),
        ("articles", "ArticleNumber", {"sortby": "reservedquantity"}, ["A1", "A2"]),
        ("articles", "ArticleNumber", {"sortby": "stockvalue"}, ["A1", "A2"]),
        ("invoices", "DocumentNumber", {"ourreference": "kim", "yourreference": "ada"}, ["1"]),
        ("invoices", "DocumentNumber", {"externalinvoicereference1": "GO:1"}, ["1", "2"]),
        ("invoices", "DocumentNumber", {"externalinvoicereference1": "o:1"}, []),
        ("invoices", "DocumentNumber", {"externalinvoicereference2": "b"}, ["1"]),
        ("invoices", "DocumentNumber", {"customername": "zet"}, ["1"]),
        ("invoices", "DocumentNumber", {"customernumber": "2"}, ["2"]),
        ("invoices", "DocumentNumber", {"documentnumber": "2"}, ["2"]),
        ("invoices", "DocumentNumber", {"ocr": "133"}, ["1"]),
        ("invoices", "DocumentNumber", {"project": "p1", "costcenter": "c1"}, ["1"]),
        ("invoices", "DocumentNumber", {"notcompleted": "true"}, ["2"]),
        ("invoices", "DocumentNumber", {"sent": "false", "credit": "false", "invoicetype": "invoice"}, ["1", "2"]),
        ("invoices", "DocumentNumber", {"currency": "eur"}, ["2"]),
        ("invoices", "DocumentNumber", {"label": "5"}, ["2"]),
        ("invoices", "DocumentNumber", {"articlenumber": "a1"}, ["1"]),
        ("invoices", "DocumentNumber", {"articledescription": "resa"}, ["2"]),
        ("invoices", "DocumentNumber", {"accountnumberfrom": "3040"}, ["1"]),
        ("invoices", "DocumentNumber", {"accountnumberto": "3040"}, ["2"]),
        ("invoices", "DocumentNumber", {"yourordernumber": "po"}, ["1"]),
        ("invoices", "DocumentNumber", {"fromdate": "2026-01-10", "todate": "2026-01-10"}, ["1"]),
        ("invoices", "DocumentNumber", {"fromfinalpaydate": "2026-01-01"}, []),
        ("invoices", "DocumentNumber", {"tofinalpaydate": "2026-01-01"}, []),
        ("invoices", "DocumentNumber", {"filter": "unbooked"}, ["1", "2"]),
        ("invoices", "DocumentNumber", {"filter": "unpaid"}, []),
        ("invoices", "DocumentNumber", {"sortby": "customername"}, ["2", "1"]),
        ("invoices", "DocumentNumber", {"sortby": "invoicedate", "sortorder": "descending"}, ["2", "1"]),
        ("invoices", "DocumentNumber", {"sortby": "total"}, ["1", "2"]),
        ("invoices", "DocumentNumber", {"sortby": "ocr"}, ["1", "2"]),
        ("invoices", "DocumentNumber", {"sortby": "customernumber"}, ["1", "2"]),
        ("invoices", "DocumentNumber", {"sortby": "documentnumber"}, ["1", "2"]),
        ("orders", "DocumentNumber", {"externalinvoicereference1": "go:1"}, ["1"]),
        ("orders", "DocumentNumber", {"ourreference": "kim", "yourreference": "bo"}, ["2"]),
        ("orders", "DocumentNumber", {"customername": "zeta", "ordertype": "order"}, ["1"]),
        ("orders", "DocumentNumber", {"label": "5", "notcompleted": "true"}, ["2"]),
        ("orders", "DocumentNumber", {"fromdate": "2026-01-11"}, ["2"]),
        ("orders", "DocumentNumber", {"filter": "invoicenotcreated"}, ["1", "2"]),
        ("orders", "DocumentNumber", {"filter": "expired"}, []),
        ("orders", "DocumentNumber", {"sortby": "total"}, ["2", "1"]),
        ("orders", "DocumentNumber", {"sortby": "orderdate", "sortorder": "descending"}, ["2", "1"]),
        ("orders", "DocumentNumber", {"project": "p1", "costcenter": "c1", "sent": "false"}, ["1"]),
    ],
)
def test_a_list_finds_what_the_query_asks_for(stocked, path, key, query, found):
    assert numbers(stocked, path, key, **query) == found


@pytest.mark.checklist("fortnox", 11)
def test_filters_of_invoices_look_at_booked_ones_only(shop):
    number = shop.customer()
    shop.invoice(CustomerNumber=number)
    shop.booked(CustomerNumber=number, InvoiceDate="2026-01-01")
    shop.booked(CustomerNumber=number)
    shop.booked(a_row(Price=0), CustomerNumber=number)
    shop.acted(f"invoices/{shop.invoice(CustomerNumber=number)['DocumentNumber']}/cancel")
    found = {
        name: numbers(shop, "invoices", filter=name) for name in ("cancelled", "fullypaid", "unpaid", "unpaidoverdue", "unbooked")
    }
    assert found == {"cancelled": ["5"], "fullypaid": ["4"], "unpaid": ["2", "3"], "unpaidoverdue": ["2"], "unbooked": ["1"]}


@pytest.mark.checklist("fortnox", 11)
def test_filters_of_orders_tell_what_became_of_them(shop):
    for _ in range(3):
        shop.order()
    shop.acted("orders/1/cancel")
    shop.acted("orders/2/createinvoice")
    found = {name: numbers(shop, "orders", filter=name) for name in ("cancelled", "invoicecreated", "invoicenotcreated")}
    assert found == {"cancelled": ["1"], "invoicecreated": ["2"], "invoicenotcreated": ["3"]}


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("path", ["customers", "articles", "invoices", "orders", "invoicepayments", "units", "currencies"])
def test_an_unknown_filter_parameter_or_order_is_refused(shop, path):
    assert code(shop.get(path, filter="nope")) == (400, 2000587)
    for query in ({"nope": "1"}, {"Page": "1"}, {"sortby": "nope"}, {"sortorder": "up"}, {"page": "x"}):
        assert code(shop.get(path, **query)) == (400, 2000588), query


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("path", ["currencies", "units", "termsofpayments"])
def test_a_small_register_knows_no_lastmodified(shop, path):
    assert code(shop.get(path, lastmodified="2026-01-01")) == (400, 2000588)


@pytest.mark.checklist("fortnox", 1)
def test_signs_that_compare_and_values_that_are_no_dates_or_numbers_are_refused(stocked):
    for value in ("<1", "1>", "a<b"):
        assert code(stocked.get("customers", name=value)) == (400, 2000359)
    assert code(stocked.http.get("customers?name=%3C")) == (400, 2000359)
    for query in ({"fromdate": "10/1"}, {"todate": "2026-02-30"}, {"accountnumberfrom": "x"}):
        assert code(stocked.get("invoices", **query)) == (400, 2000588), query


def test_pages_limits_and_offsets_cut_the_same_list(shop):
    for _ in range(12):
        shop.customer()
    assert numbers(shop, "customers", "CustomerNumber", limit="5", page="3") == ["11", "12"]
    assert numbers(shop, "customers", "CustomerNumber", offset="10") == ["11", "12"]
    meta = shop.get("customers", limit="5").json()["MetaInformation"]
    assert meta == {"@TotalResources": 12, "@TotalPages": 3, "@CurrentPage": 1}
    for query in ({"page": "4", "limit": "5"}, {"offset": "10000"}, {"name": "nope"}):
        assert shop.get("customers", **query).json() == {
            "MetaInformation": {"@TotalResources": 0, "@TotalPages": 0, "@CurrentPage": 1},
            "Customers": [],
        }


def test_a_limit_or_page_beyond_the_end_is_refused_or_not_by_switches(shop):
    shop.customer()
    for limit in ("0", "501", "-1"):
        assert code(shop.get("customers", limit=limit)) == (400, 2000588)
    shop.switch(limit_clamped=True, page_beyond_refused=True)
    for limit in ("0", "501", "-1"):
        assert len(shop.listed("customers", limit=limit)) == 1
    assert code(shop.get("customers", page="2")) == (400, 2000588)


def test_numbers_match_in_part_unless_a_switch_says_whole(shop):
    for number in ("1", "11", "21"):
        shop.customer(CustomerNumber=number)
    assert numbers(shop, "customers", "CustomerNumber", customernumber="1") == ["1", "11"]
    shop.switch(text_matches_start=False)
    assert numbers(shop, "customers", "CustomerNumber", customernumber="1") == ["1", "11", "21"]
    shop.switch(numbers_match_exactly=True)
    assert numbers(shop, "customers", "CustomerNumber", customernumber="1") == ["1"]


def test_texts_match_at_their_start_unless_a_switch_says_anywhere(stocked):
    for name, value in (("name", "a ab"), ("city", "und"), ("organisationnumber", "0001")):
        assert numbers(stocked, "customers", "CustomerNumber", **{name: value}) == []
    stocked.switch(text_matches_start=False)
    assert numbers(stocked, "customers", "CustomerNumber", name="a ab") == ["1", "2"]
    assert numbers(stocked, "customers", "CustomerNumber", organisationnumber="0001") == ["1"]


def test_numbers_with_letters_are_ordered_as_text_and_by_a_switch_behind_those_without(shop):
    for number in ("9", "10", "K1"):
        shop.customer(CustomerNumber=number)
    assert numbers(shop, "customers", "CustomerNumber") == ["10", "9", "K1"]
    shop.switch(mixed_numbers_sort_as_text=False)
    assert numbers(shop, "customers", "CustomerNumber") == ["9", "10", "K1"]


def test_an_offset_replaces_the_page_or_is_added_to_it_by_a_switch(shop):
    for _ in range(5):
        shop.customer()
    asked = {"offset": "1", "page": "2", "limit": "2"}
    assert numbers(shop, "customers", "CustomerNumber", **asked) == ["2", "3"]
    shop.switch(offset_replaces_page=False)
    assert numbers(shop, "customers", "CustomerNumber", **asked) == ["4", "5"]


def test_an_empty_list_may_have_a_page(shop):
    shop.switch(empty_list_has_a_page=True)
    assert shop.get("customers").json()["MetaInformation"]["@TotalPages"] == 1


def test_payments_are_found_by_invoice_and_their_order_is_ignored(shop):
    shop.booked(InvoiceDate="2026-01-01")
    shop.booked(InvoiceDate="2026-01-01")
    for invoice, day in ((1, "2026-01-03"), (2, "2026-01-02"), (1, "2026-01-01")):
        shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=invoice, Amount=1, PaymentDate=day)
    assert numbers(shop, "invoicepayments", "Number", invoicenumber="1") == ["1", "3"]
    assert numbers(shop, "invoicepayments", "Number", sortby="paymentdate") == ["1", "2", "3"]
    shop.switch(payment_sort_ignored=False)
    assert numbers(shop, "invoicepayments", "Number", sortby="paymentdate") == ["3", "2", "1"]


@pytest.mark.checklist("fortnox", 9)
@pytest.mark.parametrize("path", ["customers", "articles", "invoices", "orders", "invoicepayments"])
def test_lastmodified_is_after_or_by_a_switch_at_on_the_clock_of_stockholm(shop, path):
    shop.made("articles", "Article", Description="x")
    shop.order()
    shop.booked()
    shop.made("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=1)
    (modified,) = {one.modified for one in shop.company[path].visible() if one.key == "1"}
    assert len(shop.listed(path, lastmodified=before_second(modified))) >= 1
    assert "1" not in numbers(shop, path, NUMBERS[path], lastmodified=modified)
    shop.switch(lastmodified_exclusive=False)
    assert "1" in numbers(shop, path, NUMBERS[path], lastmodified=modified)
    assert "1" in numbers(shop, path, NUMBERS[path], lastmodified=modified[:16])
    assert len(shop.listed(path, lastmodified=modified[:10])) >= 1
    assert shop.listed(path, lastmodified=f"{int(modified[:4]) + 1}-01-01 00:00") == []
    for wrong in ("igår", "2026-13-01", "2026-01-01 25:00", "20260101"):
        assert code(shop.get(path, lastmodified=wrong)) == (400, 2000588)


@pytest.mark.checklist("fortnox", 9)
def test_no_answer_tells_when_a_record_changed_and_a_deleted_one_is_just_gone(shop):
    number = shop.customer()
    before = shop.read(f"customers/{number}")
    assert not [name for name in before if "odified" in name or "Changed" in name]
    shop.advance(60)
    shop.changed(f"customers/{number}", "Customer", City="Lund")
    assert list(shop.read(f"customers/{number}")) == list(before)
    shop.http.delete(f"customers/{number}")
    assert shop.listed("customers", lastmodified="2000-01-01") == []


@pytest.mark.checklist("fortnox", 9)
def test_a_record_changed_later_is_found_by_the_later_time(shop):
    shop.customer()
    shop.customer()
    shop.advance(60)
    shop.changed("customers/2", "Customer", City="Lund")
    (modified,) = [one.modified for one in shop.company["customers"].visible() if one.key == "2"]
    assert numbers(shop, "customers", "CustomerNumber", lastmodified=before_second(modified)) == ["2"]


@pytest.mark.checklist("fortnox", 9)
def test_the_clock_of_changes_is_behind_the_one_that_clients_see(shop):
    for behind in (5, 0):
        shop.switch(modified_behind=behind)
        number = shop.customer()
        (modified,) = [one.modified for one in shop.company["customers"].visible() if one.key == number]
        seen = shop.company.clock.now().astimezone(STOCKHOLM).replace(tzinfo=None)
        assert behind <= (seen - datetime.fromisoformat(modified)).total_seconds() < behind + 2


@pytest.mark.checklist("fortnox", 9)
def test_a_change_may_count_as_of_its_minute(shop):
    shop.switch(modified_behind=0, lastmodified_by_minute=True)
    shop.advance(60 - shop.company.clock.now().second + 20)
    shop.customer()
    minute = shop.company.clock.now().astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")
    assert numbers(shop, "customers", "CustomerNumber", lastmodified=f"{minute}:10") == []
    shop.switch(lastmodified_by_minute=False)
    assert numbers(shop, "customers", "CustomerNumber", lastmodified=f"{minute}:10") == ["1"]


def test_a_company_can_be_filled_with_records_that_lists_show_at_once(box):
    made = box.control.post(f"/fortnox/tenants/{box.tenant}/fill", json={"customers": 3, "invoices": 5})
    assert (made.status_code, made.json()) == (201, {"customers": 3, "invoices": 5})
    assert box.get("invoices").json()["MetaInformation"]["@TotalResources"] == 5
    assert box.get("invoices/5").json()["Invoice"]["CustomerNumber"] in {"1", "2", "3"}
