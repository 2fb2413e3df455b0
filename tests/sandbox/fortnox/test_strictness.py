"""What a lenient server would let pass: other forms of a token, of JSON, of numbers and times, and parameters nobody reads."""

import json

import pytest

from support.fortnox_shop import Shop, a_row, code


@pytest.mark.checklist("fortnox", 3)
@pytest.mark.parametrize("form", ["{}", "bearer {}", "Basic {}", "Bearer  {}"])
def test_a_token_without_its_scheme_is_unauthorised(shop, form):
    token = shop.http.headers["Authorization"].removeprefix("Bearer ")
    answer = shop.http.get("customers", headers={"Authorization": form.format(token)})
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorized"})


NOT_JSON = {
    "deep": "[" * 100_000,
    "NaN": '{"Customer":{"Name":NaN}}',
    "Infinity": '{"Customer":{"Name":"Kund AB","InvoiceDiscount":Infinity}}',
    "half a pair": '{"Customer":{"Name":"\\ud800"}}',
    "half a pair as a name": '{"Customer":{"\\ud800":"Kund AB"}}',
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_only_pythons_reader_takes_for_json_is_refused(shop, body):
    answer = shop.http.post("customers", content=body.encode(), headers={"Content-Type": "application/json"})
    assert code(answer) == (400, 2002115)
    assert shop.listed("customers") == []


def test_a_pair_of_surrogates_is_one_character(shop):
    body = json.dumps({"Customer": {"Name": "Glad \U0001f600 AB"}}).encode()
    answer = shop.http.post("customers", content=body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.json()["Customer"]["Name"] == "Glad \U0001f600 AB"


def test_a_content_type_that_only_begins_right_is_refused(shop):
    answer = shop.http.post("customers", content=b'{"Customer":{"Name":"x"}}', headers={"Content-Type": "application/jsonl"})
    assert code(answer) == (400, 1000031)


@pytest.mark.checklist("fortnox", 3)
def test_answers_are_ascii_refusals_too(shop):
    for answer in (
        shop.post("customers", "Customer", Name="Åkeri AB"),
        shop.post("customers", "Customer", Åker="x"),
        shop.get("invoices/77"),
    ):
        assert answer.content.isascii()


@pytest.mark.checklist("fortnox", 3)
def test_answers_have_the_headers_that_were_recorded(shop):
    number = shop.customer()
    for answer in (shop.get(f"customers/{number}"), shop.get("customers/77"), shop.post("customers", "Customer", Name="Kund AB")):
        assert answer.headers["X-Frame-Options"] == "sameorigin"
        assert answer.headers.get("Vary") == ("Accept-Encoding" if answer.request.method == "GET" else None)
        assert len(answer.headers["X-Uid"]) == 8
    unauthorised = shop.http.get("customers", headers={"Authorization": ""})
    assert not unauthorised.headers.keys() & {"x-uid", "x-build"}


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("value", ["1_000", "١٢", " 12 ", "12,5", "0x1", "NaN", "1e9999", "1e99999999999999999999", "", True])
def test_a_number_is_written_in_ascii_and_with_a_point(shop, value):
    number = shop.customer()
    answer = shop.put(f"customers/{number}", "Customer", InvoiceDiscount=value)
    # "" keeps what is there.
    assert answer.status_code == 200 if value == "" else code(answer) == (400, 2000108)


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("fields", [{"GLN": "١" * 13}, {"SalesAccount": "٣٠٠١"}])
def test_digits_of_other_scripts_are_no_digits(shop, fields):
    assert code(shop.post("customers", "Customer", Name="Kund AB", **fields)) == (400, 2000108)


@pytest.mark.parametrize("number", ["١٢", "9" * 5000])
def test_a_documents_own_number_is_digits_and_not_without_end(shop, number):
    assert shop.post("invoices", "Invoice", CustomerNumber=shop.customer(), DocumentNumber=number).status_code == 400


TIMES = ["", "2026-11-27T10:00", "2026-W48-5", "2026-11-27 10", "2026-11-27 10:00+01:00", " 2026-11-27", "20261127", "2026-02-30"]


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("value", TIMES)
def test_lastmodified_has_three_forms_and_no_other(shop, value):
    assert code(shop.get("customers", lastmodified=value)) == (400, 2000588)


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize("name", ["limit", "page", "offset"])
@pytest.mark.parametrize("value", ["1_0", " 5", "+2", "٥", "", "9" * 5000])
def test_a_place_in_a_list_is_digits(shop, name, value):
    assert code(shop.get("customers", **{name: value})) == (400, 2000588)


@pytest.mark.checklist("fortnox", 1)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "customers/1"),
        ("DELETE", "customers/1"),
        ("GET", "invoices/1/print"),
        ("PUT", "invoices/1/bookkeep"),
        ("GET", "companyinformation"),
        ("GET", "settings/company"),
        ("GET", "prices/A/1"),
        ("GET", "units/st"),
    ],
)
def test_a_call_that_lists_nothing_takes_no_parameter(shop, method, path):
    assert code(shop.http.request(method, path, params={"lastmodified": "2026-11-27"})) == (400, 2000588)


def test_a_call_that_lists_nothing_passes_over_a_page_size(shop):
    answer = shop.http.post("customers", params={"limit": "100", "page": "1"}, json={"Customer": {"Name": "Kund AB"}})
    assert answer.status_code == 201
    assert shop.http.get("customers/1", params={"limit": "100", "offset": "0"}).json()["Customer"]["Name"] == "Kund AB"


@pytest.mark.checklist("fortnox", 1)
def test_a_sublist_of_prices_knows_no_filter(shop):
    shop.made("articles", "Article", Description="Tjänst")
    assert code(shop.get("prices/sublist/A/1", filter="active")) == (400, 2000587)
    assert len(shop.listed("prices/sublist/A/1")) == 1


@pytest.mark.checklist("fortnox", 2)
def test_a_price_takes_numbers_and_not_its_date(shop):
    shop.made("articles", "Article", Description="Tjänst")
    assert code(shop.put("prices/A/1", "Price", Percent={"a": 1})) == (400, 2000108)
    assert shop.changed("prices/A/1", "Price", Percent="2.5")["Percent"] == 2.5
    assert shop.put("prices/A/1", "Price", Date="2020-01-01").status_code == 400
    shop.switch(read_only_refused=False)
    assert shop.changed("prices/A/1", "Price", Date="2020-01-01")["Date"] != "2020-01-01"


def test_of_several_unknown_fields_of_a_price_the_first_by_name_is_refused_in_every_run(shop):
    shop.made("articles", "Article", Description="Tjänst")
    unknown = {f"Okänt{number}": 1 for number in range(9, 0, -1)}
    assert "Okänt1" in shop.put("prices/A/1", "Price", **unknown).json()["ErrorInformation"]["message"]


def test_which_scope_reads_units_is_a_switch():
    for scope, other in (("settings", "article"), ("article", "settings")):
        shop = Shop(frozenset({scope}))
        shop.switch(units_scope=other)
        assert code(shop.get("units")) == (403, 2000663)
        shop.switch(units_scope=scope)
        assert shop.get("units/st").status_code == 200


def test_an_articles_number_has_few_signs_unless_a_switch_says_otherwise(shop):
    for number in ("Å_1-2/3\\4+5$ 6", "ABC"):
        assert shop.made("articles", "Article", Description="Tjänst", ArticleNumber=number)["ArticleNumber"] == number
    for number in ("A.1", "A#1", "A<1", "A,1", "A%1"):
        assert code(shop.post("articles", "Article", Description="Tjänst", ArticleNumber=number)) == (400, 2000359)
    shop.switch(article_numbers_checked=False)
    assert shop.made("articles", "Article", Description="Tjänst", ArticleNumber="A.1")["ArticleNumber"] == "A.1"


def test_a_document_has_at_most_five_hundred_rows_unless_a_switch_says_otherwise(shop):
    number = shop.customer()
    for path, wrapper in (("invoices", "Invoice"), ("orders", "Order")):
        body = {"CustomerNumber": number, f"{wrapper}Rows": [a_row()] * 501}
        assert shop.post(path, wrapper, **body).status_code == 400
        body[f"{wrapper}Rows"].pop()
        made = shop.made(path, wrapper, **body)
        assert shop.put(f"{path}/{made['DocumentNumber']}", wrapper, **{f"{wrapper}Rows": [a_row()] * 501}).status_code == 400
    shop.switch(document_rows=None)
    shop.invoice(*[a_row()] * 501, CustomerNumber=number)
