"""The wire: types, wrappers, errors and lists as they were recorded."""

import pytest


def error(answer):
    return answer.status_code, answer.json()["ErrorInformation"]


def test_a_new_customer_answers_201_with_a_location_and_the_recorded_defaults(box):
    answer = box.post("customers", "Customer", Name="Ö & Å AB", CountryCode="SE")
    customer = answer.json()["Customer"]
    assert (answer.status_code, answer.headers["Location"]) == (201, "customers")
    assert rb"\u00d6" in answer.content
    assert list(customer)[:3] == ["@url", "Address1", "Address2"]
    assert (customer["Address1"], customer["Email"], customer["Country"], customer["CustomerNumber"]) == (
        None,
        "",
        "Sverige",
        "1",
    )


def test_the_customer_list_has_ten_fields_and_no_null(box):
    box.customer(OrganisationNumber="556012-5790", Phone1="010-1")
    answer = box.get("customers").json()
    assert answer["MetaInformation"] == {"@TotalResources": 1, "@TotalPages": 1, "@CurrentPage": 1}
    (row,) = answer["Customers"]
    assert len(row) == 10
    assert (row["Phone"], row["Address1"]) == ("010-1", "")


def test_an_empty_list_has_no_pages(box):
    assert box.get("invoices").json() == {
        "MetaInformation": {"@TotalResources": 0, "@TotalPages": 0, "@CurrentPage": 1},
        "Invoices": [],
    }


@pytest.mark.parametrize(
    ("path", "code"), [("customers/7", 2000433), ("invoices/7", 2000434), ("orders/7", 2000439), ("articles/7", 2000428)]
)
def test_a_missing_record_is_404_with_capitalised_keys(box, path, code):
    status, body = error(box.get(path))
    assert (status, body["Code"], body["Error"]) == (404, code, 1)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Nme": "x"}, 2001399),
        ({"Name": "x" * 1025}, 2000107),
        ({"Name": "x", "YourReference": "x" * 51}, 2001600),
        ({"Name": "x", "Currency": "XXX"}, 2000427),
        ({"Name": "x", "Active": "maybe"}, 2000134),
    ],
)
def test_a_bad_customer_is_400_with_lower_case_keys_and_draws_no_number(box, fields, code):
    status, body = error(box.post("customers", "Customer", **fields))
    assert (status, body["code"], body["error"]) == (400, code, 1)
    assert box.customer()["CustomerNumber"] == "1"


def test_a_country_name_and_other_read_only_fields_are_refused(box):
    number = box.customer()["CustomerNumber"]
    status, body = error(box.put(f"customers/{number}", "Customer", Country="Sverige"))
    assert (status, body["message"]) == (400, "Ogiltig landskod: SVERIGE")
    assert box.post("invoices", "Invoice", CustomerNumber=number, Total=5).status_code == 400


def test_unknown_filters_and_parameters_and_limits_are_refused(box):
    assert error(box.get("invoices", filter="nope"))[1]["code"] == 2000587
    assert error(box.get("invoices", organisationnumber="1"))[1]["code"] == 2000588
    assert error(box.get("currencies", lastmodified="2026-01-01"))[1]["code"] == 2000588
    assert error(box.get("customers", limit="501"))[1]["code"] == 2000588


def test_an_unknown_customer_inside_an_invoice_is_400(box):
    assert error(box.post("invoices", "Invoice", CustomerNumber="99"))[1]["code"] == 2000204


def test_bad_bodies_and_headers_have_their_own_codes(box):
    url = "/3/customers"
    assert error(box.http.post(url, content=b"{", headers={"Content-Type": "application/json"}))[1]["code"] == 2002115
    assert error(box.http.post(url, content=b"", headers={"Content-Type": "application/json"}))[1]["code"] == 2001392
    assert error(box.http.post(url, content=b"{}", headers={"Content-Type": "text/plain"}))[1]["code"] == 1000031
    assert error(box.http.get(url, headers={"Accept": "application/pdf"}))[1]["code"] == 1000030


def test_an_empty_text_keeps_and_null_and_api_blank_clear(box):
    number = box.customer(City="Lund", Comments="a", ExternalReference="b")["CustomerNumber"]
    customer = box.put(f"customers/{number}", "Customer", City="", Comments=None, ExternalReference="API_BLANK").json()[
        "Customer"
    ]
    assert (customer["City"], customer["Comments"], customer["ExternalReference"]) == ("Lund", None, None)


def test_a_deleted_customers_number_stays_reserved(box):
    number = box.customer(CustomerNumber="K7")["CustomerNumber"]
    assert box.http.delete(f"/3/customers/{number}").status_code == 204
    assert error(box.get("customers/K7"))[0] == 404
    assert error(box.post("customers", "Customer", Name="x", CustomerNumber="K7"))[1]["code"] == 2000637


def test_lists_and_single_answers_spell_numbers_differently(box):
    box.post("articles", "Article", ArticleNumber="1000", Description="Tjänst", Type="SERVICE", Unit="st")
    assert box.put("prices/A/1000", "Price", Price=1200.5).json()["Price"]["Price"] == 1200.5
    assert box.get("articles/1000").json()["Article"]["SalesPrice"] == 1200.5
    assert box.get("articles").json()["Articles"][0]["SalesPrice"] == "1200.5"
    number = box.invoice()["DocumentNumber"]
    assert box.get(f"invoices/{number}").json()["Invoice"]["CurrencyRate"] == 1
    assert box.get("invoices").json()["Invoices"][0]["CurrencyRate"] == "1"


def test_pages_are_in_the_order_of_the_numbers(box):
    for _ in range(11):
        box.customer()
    page = box.get("customers", limit="4", page="3").json()
    assert [row["CustomerNumber"] for row in page["Customers"]] == ["9", "10", "11"]
    assert page["MetaInformation"] == {"@TotalResources": 11, "@TotalPages": 3, "@CurrentPage": 3}


@pytest.mark.checklist("fortnox", 9)
def test_lastmodified_is_a_wall_clock_in_stockholm(box):
    from datetime import datetime
    from email.utils import parsedate_to_datetime
    from zoneinfo import ZoneInfo

    box.customer()
    now: datetime = parsedate_to_datetime(box.get("customers").headers["Date"]).astimezone(ZoneInfo("Europe/Stockholm"))
    before, after = now.replace(second=0).strftime("%Y-%m-%d %H:%M"), f"{now.year + 1}-01-01"
    assert box.get("customers", lastmodified=before).json()["MetaInformation"]["@TotalResources"] in (0, 1)
    assert len(box.get("customers", lastmodified=now.date().isoformat()).json()["Customers"]) == 1
    assert box.get("customers", lastmodified=after).json()["Customers"] == []
