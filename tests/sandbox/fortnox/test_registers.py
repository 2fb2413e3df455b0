"""Small registers, what Fortnox changes without notice, and the state of it all."""

import pytest

from sandbox.faults import Fault
from support.fortnox_shop import Shop, a_row, code, whole

KINDS = [
    ("units", "Unit", "pall", {"Description": "Pall", "CodeEnglish": "pallet"}, 2000432),
    ("termsofpayments", "TermsOfPayment", "45", {"Description": "45 dagar"}, 2000429),
    ("currencies", "Currency", "GBP", {"Description": "Pund", "BuyRate": 13.123456, "SellRate": 13.2, "Unit": 1}, 2000427),
]


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("termsofpayments", ["0", "10", "15", "20", "30", "AG", "K", "PF"]),
        ("units", ["förp", "h", "km", "st", "utl"]),
        ("currencies", ["DKK", "EUR", "NOK", "SEK", "USD"]),
    ],
)
def test_a_new_company_has_the_standard_rows(shop, path, codes):
    assert [line["Code"] for line in shop.listed(path)] == codes
    answer = shop.get(path).json()
    assert answer["MetaInformation"] == {"@TotalResources": len(codes), "@TotalPages": 1, "@CurrentPage": 1}


@pytest.mark.checklist("fortnox", 4)
@pytest.mark.parametrize(("path", "wrapper", "name", "fields", "missing"), KINDS)
def test_a_register_makes_changes_and_removes_its_codes(shop, path, wrapper, name, fields, missing):
    made = shop.made(path, wrapper, Code=name, **fields)
    assert {key: made[key] for key in fields} == fields
    assert shop.changed(f"{path}/{name}", wrapper, Description="Annat")["Description"] == "Annat"
    assert shop.read(f"{path}/{name}")["Description"] == "Annat"
    assert code(shop.post(path, wrapper, Code=name, Description="x")) == (400, 2990000)
    assert code(shop.put(f"{path}/{name}", wrapper, Code="ZZZ")) == (400, 2990000)
    assert shop.http.delete(f"{path}/{name}").status_code == 204
    for call in (
        shop.get(f"{path}/{name}"),
        shop.put(f"{path}/{name}", wrapper, Description="x"),
        shop.http.delete(f"{path}/{name}"),
    ):
        assert code(call) == (404, missing)
    assert shop.made(path, wrapper, Code=name, **fields)["Code"] == name


def test_a_code_is_percent_encoded_in_its_address(shop):
    assert shop.read("units/f%C3%B6rp")["@url"] == "https://api.fortnox.se/3/units/f%C3%B6rp"


@pytest.mark.checklist("fortnox", 2)
def test_a_currencys_date_is_read_only_and_its_rate_goes_to_the_document(shop):
    assert code(shop.put("currencies/EUR", "Currency", IsAutomatic=True)) == (400, 2990000)
    shop.changed("currencies/EUR", "Currency", SellRate=12.25)
    assert shop.invoice(Currency="EUR")["CurrencyRate"] == 12.25


def test_new_terms_and_units_can_be_used_at_once(shop):
    shop.made("termsofpayments", "TermsOfPayment", Code="45", Description="45 dagar")
    shop.made("units", "Unit", Code="pall", Description="Pall")
    invoice = shop.invoice(a_row(Unit="pall"), TermsOfPayment="45", InvoiceDate="2026-01-01")
    assert (invoice["DueDate"], invoice["InvoiceRows"][0]["Unit"]) == ("2026-02-15", "pall")


def test_the_registers_need_their_scopes():
    shop = Shop(scopes=frozenset({"customer"}))
    for path in ("units", "termsofpayments", "currencies", "me", "companyinformation", "settings/company"):
        assert code(shop.get(path)) == (403, 2000663)


@pytest.mark.checklist("fortnox", 13)
def test_numbers_may_be_hidden_and_enums_and_fields_appear_without_notice(shop):
    shop.invoice()
    shop.switch(hidden_numbers=True, unknown_enum=True, unknown_field=True)
    invoice = shop.read("invoices/1")
    row = invoice["InvoiceRows"][0]
    assert (invoice["ContributionValue"], row["Cost"]) == ("API_NORIGHT", "API_NORIGHT")
    assert (invoice["InvoiceType"], shop.read("customers/1")["VATType"]) == ("SUBSCRIPTIONINVOICE", "OSSVAT")
    assert "AddedWithoutNotice" in row
    assert shop.get("invoices").json()["MetaInformation"]["@TotalResources"] == 1
    shop.switch(hidden_numbers=False, unknown_enum=False, unknown_field=False)
    assert shop.read("invoices/1")["InvoiceType"] == "INVOICE"


@pytest.mark.checklist("fortnox", 13)
@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("hidden_numbers", lambda invoice: invoice["ContributionValue"] == "API_NORIGHT"),
        ("unknown_enum", lambda invoice: invoice["InvoiceType"] == "SUBSCRIPTIONINVOICE"),
        ("unknown_field", lambda invoice: "AddedWithoutNotice" in invoice),
    ],
)
def test_a_fault_surprises_one_answer_only(shop, kind, found):
    shop.invoice()
    shop.faults.add(Fault("fortnox", "GET /3/invoices/{number}", kind, skip=1))
    assert [found(shop.read("invoices/1")) for _ in range(3)] == [False, True, False]


@pytest.mark.checklist("fortnox", 13)
def test_a_token_may_fail_in_the_midst_of_a_batch_and_refusals_come_in_bursts(shop):
    shop.faults.add(Fault("fortnox", "POST /3/customers", "status_401", skip=2))
    shop.faults.add(Fault("fortnox", "POST /3/customers", "status_429", times=3, skip=2))
    answers = [shop.post("customers", "Customer", Name=f"Kund {number}").status_code for number in range(8)]
    assert answers == [201, 201, 401, 429, 429, 429, 201, 201]
    assert [line["Name"] for line in shop.listed("customers")] == ["Kund 0", "Kund 1", "Kund 6", "Kund 7"]


@pytest.mark.checklist("fortnox", 13)
@pytest.mark.parametrize(
    ("status", "kind", "content"),
    [
        (401, "application/json", '{"message":"unauthorized"}'),
        (429, None, ""),
        (500, "application/json", '{"ErrorInformation":{"error":1,"message":"System exception","code":1000003}}'),
        (503, "text/html; charset=utf-8", "<html><body>Fortnox genomgår underhåll.</body></html>"),
    ],
)
def test_an_ordered_fault_answers_in_fortnox_own_words(shop, status, kind, content):
    shop.faults.add(Fault("fortnox", "GET /3/units", f"status_{status}"))
    answer = shop.get("units")
    assert (answer.status_code, answer.headers.get("Content-Type"), answer.text) == (status, kind, content)
    assert shop.get("units").status_code == 200


def test_a_state_holds_registers_and_settings_and_an_older_one_leaves_the_standard_rows():
    client = whole(seed={"seed": 1, "companies": 5})
    client.put("/control/fortnox/tenants/100001/settings", json={"rounds_to_kronor": False}).raise_for_status()
    taken = client.get("/control/state").json()["fortnox"]
    client.post("/control/reset").raise_for_status()
    assert client.put("/control/state", json={"fortnox": taken}).status_code == 200
    assert client.get("/control/state").json()["fortnox"] == taken
    assert client.get("/control/fortnox/tenants/100001/settings").json()["rounds_to_kronor"] is False
    tenant = taken["tenants"]["100001"]
    del tenant["settings"], tenant["registers"]["units"]
    assert client.put("/control/state", json={"fortnox": taken}).status_code == 200
    again = client.get("/control/state").json()["fortnox"]["tenants"]["100001"]
    assert [unit["Code"] for unit in again["units"]] == ["förp", "h", "km", "st", "utl"]
    assert again["settings"]["rounds_to_kronor"] is True


def test_a_setting_that_no_company_has_is_refused():
    client = whole(seed={"seed": 1, "companies": 1})
    path = "/control/fortnox/tenants/100001/settings"
    assert [client.put(path, json=body).status_code for body in ({"nope": True}, {"registered": 1})] == [400, 400]
    assert client.get("/control/fortnox/tenants/9/settings").status_code == 404


def test_the_same_calls_give_the_same_answers():
    def transcript():
        shop = Shop()
        number = shop.customer(Email="a@kund.example")
        shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst")
        shop.order(a_row(ArticleNumber="1"), CustomerNumber=number)
        shop.acted("orders/1/createinvoice")
        shop.acted("invoices/1/bookkeep")
        pdf = shop.get("invoices/1/print").content
        shop.acted("invoices/1/credit")
        answers = [shop.get(path) for path in ("customers", "orders/1", "invoices/1", "invoices/2", "units")]
        return [pdf, *((answer.content, answer.headers["X-Uid"]) for answer in answers)]

    assert transcript() == transcript()


def test_a_price_is_made_once_per_list_article_and_quantity_and_the_base_price_stays(shop):
    shop.made("articles", "Article", ArticleNumber="1", Description="Tjänst")
    body = {"ArticleNumber": "1", "PriceList": "A", "FromQuantity": 5, "Price": 80, "Percent": 1}
    assert shop.made("prices", "Price", **body) == {**shop.read("prices/A/1/5"), **body}
    assert code(shop.post("prices", "Price", **body)) == (400, 2990000)
    assert code(shop.post("prices", "Price", **{**body, "FromQuantity": 0}))[0] == 400
    assert code(shop.post("prices", "Price", **{**body, "PriceList": "Z"})) == (400, 2000431)
    assert code(shop.post("prices", "Price", **{**body, "ArticleNumber": "9"})) == (400, 2001302)
    assert code(shop.post("prices", "Price", **{**body, "Nonsense": 1})) == (400, 2001399)
    assert code(shop.http.delete("prices/A/1/0"))[0] == 400
    assert shop.http.delete("prices/A/1/5").status_code == 204
    assert code(shop.get("prices/A/1/5")) == (404, 2000430)
    assert shop.read("articles/1")["SalesPrice"] is None


def test_price_lists_are_made_and_changed_and_never_deleted(shop):
    assert shop.made("pricelists", "PriceList", Code="stor", Description="Storkund")["Code"] == "STOR"
    assert shop.changed("pricelists/STOR", "PriceList", Description="Stora kunder")["PreSelected"] is False
    assert [one["Code"] for one in shop.listed("pricelists")] == ["A", "STOR"]
    assert shop.http.delete("pricelists/STOR").status_code == 405
    assert code(shop.get("pricelists/B")) == (404, 2000431)
    assert code(shop.post("customers", "Customer", Name="Kund AB", PriceList="B")) == (400, 2000431)
