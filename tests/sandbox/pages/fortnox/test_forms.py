"""Fortnox's forms: what is filled in becomes a call of the API, and what is refused stays filled in."""

import re

import pytest


def row(number, **values):
    return {f"rad{number}.{name}": value for name, value in values.items()}


async def test_a_customer_is_made_changed_and_a_field_emptied(person):
    page = await person.save("kund/ny", {"Name": "Åsens Plåt AB", "CountryCode": "se", "Phone1": "070-1", "TermsOfPayment": "20"})
    assert page.statuses == ["Sparat: posten är skapad."]
    made = await person.get("customers/2")
    wanted = ("Åsens Plåt AB", "Sverige", "070-1", "20")
    assert (made["Name"], made["Country"], made["Phone1"], made["TermsOfPayment"]) == wanted
    page = await person.save("kund/andra", {"Name": "Åsens Plåt & Tak AB", "Phone1": ""}, nummer="2")
    assert page.headings[0] == "Åsens Plåt & Tak AB"
    now = await person.get("customers/2")
    assert now == {**made, "Name": "Åsens Plåt & Tak AB", "Phone1": None, "SalesAccount": now["SalesAccount"]}


async def test_a_form_that_was_not_touched_changes_nothing(person, invoice, order):
    await person.make("customers", "Customer", Name="Två AB", Comments="rad\r\nrad", Phone1="1", CountryCode="SE", Active=False)
    before = (await person.control("GET", "state"))["fortnox"]
    for page, number in (("kund", "2"), ("artikel", "A/1"), ("faktura", "1"), ("order", "1")):
        assert (await person.save(f"{page}/andra", {}, nummer=number)).statuses == ["Ändringen är sparad."]
    assert (await person.control("GET", "state"))["fortnox"] == before


@pytest.mark.parametrize(
    ("page", "values", "text"),
    [
        ("kund", {"Address1": "Gatan"}, "Name måste anges."),
        ("kund", {"Name": "X", "CountryCode": "ZZ"}, "Ogiltig landskod: ZZ"),
        ("kund", {"Name": "X", "CustomerNumber": "1"}, "Kundnumret 1 är redan använt."),
        ("artikel", {"Description": "Mutter", "SalesPrice": "tio"}, "Värdet måste vara numeriskt. (Price)"),
        ("artikel", {"Description": "Mutter", "SalesPrice": "1e999999"}, "Värdet måste vara numeriskt. (Price)"),
        ("artikel", {"Description": "Mutter", "VAT": "19"}, "Konto måste anges när en egen momssats används."),
        ("faktura", {"CustomerNumber": "99"}, "Kunde inte hitta kund"),
        ("faktura", {"CustomerNumber": "1", **row(0, ArticleNumber="B")}, "Kan inte hitta artikeln. (B)"),
        ("faktura", {"CustomerNumber": "1", **row(0, Price="x", Description="Arbete")}, "Värdet måste vara numeriskt. (Price)"),
        ("order", {"CustomerNumber": "1", "OurReference": "x" * 51}, "Värdet är för långt, högst 50 tecken. (OurReference)"),
    ],
)
async def test_a_refused_form_says_why_and_keeps_what_was_written(person, page, values, text):
    shown = await person.save(f"{page}/ny", values, status=400)
    assert shown.alerts == [f"Fortnox sa nej: {text}"]
    assert values.items() <= shown.form("Spara").fields.items()
    assert [len(await person.get(kind)) for kind in ("customers", "articles", "invoices", "orders")] == [1, 1, 0, 0]


async def test_an_article_is_made_with_its_price_and_changed(person):
    await person.save(
        "artikel/ny", {"ArticleNumber": "B", "Description": "Mutter", "SalesPrice": "12,5", "Unit": "st", "VAT": "12"}
    )
    made = await person.get("articles/B")
    assert (made["SalesPrice"], made["Unit"], made["VAT"]) == (12.5, "st", 12)
    await person.save("artikel/andra", {"Active": "false", "SalesPrice": "1 000"}, nummer="B")
    now = await person.get("articles/B")
    assert now == {**made, "Active": False, "SalesPrice": 1000}
    assert (await person.get("prices/A/B"))["Price"] == 1000
    page = await person.save("artikel/andra", {"Unit": ""}, status=400, nummer="B")
    assert page.alerts == ["Fortnox sa nej: Värdet kan inte vara null. (unit)"]


async def test_an_invoice_is_made_with_rows(person):
    rows = {
        **row(0, ArticleNumber="A/1", DeliveredQuantity="2"),
        **row(1, Description="Resa", DeliveredQuantity="1,5", Price="100,50", Unit="km", Discount="10"),
        **row(2, Description="Tack för köpet"),
    }
    await person.save("faktura/ny", {"YourReference": "Kim", "Freight": "50", **rows}, kund="1")
    made = await person.get("invoices/1")
    assert (made["CustomerName"], made["YourReference"], made["Freight"]) == ("Nordvikens Bygg AB", "Kim", 50)
    found = [
        (one["Description"], one["DeliveredQuantity"], one["Price"], one["VAT"], one["Total"]) for one in made["InvoiceRows"]
    ]
    assert found == [("Skruv", "2", 1000, 25, 2000), ("Resa", "1.5", 100.5, 25, 135.68), ("Tack för köpet", "0", 0, 0, 0)]
    assert made["InvoiceRows"][1]["DiscountType"] == "PERCENT"


async def test_rows_of_text_are_sent_as_the_api_wants_them(person):
    texts = [{"Description": "Ett"}, {"Description": "Två"}]
    await person.make("invoices", "Invoice", CustomerNumber="1", InvoiceRows=[{"ArticleNumber": "A/1"}, *texts])
    values = {**row(0, ArticleNumber="A/1"), **row(1, Description="Ett"), **row(2, Description="Två")}
    await person.save("faktura/ny", values, kund="1")
    called, filled_in = [
        [{**one, "RowId": 0} for one in (await person.get(f"invoices/{number}"))["InvoiceRows"]] for number in ("1", "2")
    ]
    assert filled_in == called
    assert filled_in[2]["Price"] == 1000, "measured: the second one takes the article's price"


async def test_a_drafts_rows_are_changed_added_and_removed(person):
    rows = [{"Description": text, "DeliveredQuantity": "1", "Price": 10, "AccountNumber": 3041} for text in ("Ett", "Två", "Tre")]
    await person.make("invoices", "Invoice", CustomerNumber="1", InvoiceRows=rows)
    values = {**row(0, Price="11"), **row(1, bort="1"), **row(3, Description="Fyra", DeliveredQuantity="1", Price="40")}
    await person.save("faktura/andra", {"Remarks": "Ändrad\r\nigen", **values}, nummer="1")
    now = await person.get("invoices/1")
    found = [(one["Description"], one["Price"], one["AccountNumber"]) for one in now["InvoiceRows"]]
    assert found == [("Ett", 11, 3041), ("Tre", 10, 3041), ("Fyra", 40, 3001)]
    assert (now["Remarks"], now["Total"]) == ("Ändrad\nigen", 71)


async def test_all_rows_are_removed_but_not_replaced(person, invoice):
    values = {**row(0, bort="1"), **row(1, Description="Ny", Price="1")}
    page = await person.save("faktura/andra", values, status=400, nummer="1")
    assert "Ändra en gammal rad i stället" in page.alerts[0]
    await person.save("faktura/andra", row(0, bort="1"), nummer="1")
    assert (await person.get("invoices/1"))["InvoiceRows"] == []


async def test_a_field_that_a_form_does_not_hold_is_left_alone(person, invoice):
    data = {"bolag": "100", "YourReference": "Kim"}
    await person.http.post("/fortnox/faktura/andra", params={"nummer": "1"}, data=data)
    now = await person.get("invoices/1")
    assert (now["YourReference"], now["Total"], now["CustomerName"]) == ("Kim", 1250, "Nordvikens Bygg AB")
    data = {"bolag": "100", "rad0.RowId": "9" * 5000, "rad0.Price": "1"}
    answer = await person.http.post("/fortnox/faktura/andra", params={"nummer": "1"}, data=data)
    assert (answer.status_code, "Kan inte hitta raden." in answer.text) == (400, True)


async def test_rows_that_another_changed_meanwhile_are_refused(person, invoice):
    await person.see("faktura/andra", nummer="1")
    known = person.page.form("Spara").fields["rad0.RowId"]
    await person.http.put("/fortnox/3/invoices/1", json={"Invoice": {"Remarks": "mitt"}}, headers=person.key)
    page = await person.press("Spara", row(0, Price="5"), status=400)
    assert page.alerts == [f"Fortnox sa nej: Kan inte hitta raden. ({known})"]
    assert (await person.get("invoices/1"))["Total"] == 1250


async def test_a_booked_invoice_is_not_changed(person, invoice):
    await person.call("PUT", "invoices/1/bookkeep")
    assert not any("andra" in link for link in (await person.see("faktura", nummer="1")).links)
    page = await person.save("faktura/andra", {"Remarks": "sent"}, status=400, nummer="1")
    assert page.alerts == ["Fortnox sa nej: Fakturan är bokförd och kan inte ändras."]


async def test_an_orders_invoice_keeps_its_rows(person, order):
    await person.call("PUT", "orders/1/createinvoice")
    await person.save("faktura/andra", {"YourReference": "Kim"}, nummer="1")
    assert (await person.get("invoices/1"))["YourReference"] == "Kim"
    page = await person.save("faktura/andra", row(0, Price="5"), status=400, nummer="1")
    assert "En eller flera rader har koppling till en order" in page.alerts[0]


async def test_an_order_is_made_and_changed(person):
    await person.save(
        "order/ny", {"CustomerNumber": "1", **row(0, ArticleNumber="A/1", OrderedQuantity="3", DeliveredQuantity="1")}
    )
    await person.save(
        "order/andra", {**row(0, DeliveredQuantity="3"), "EmailInformation.EmailAddressTo": "a@b.example"}, nummer="1"
    )
    now = await person.get("orders/1")
    assert (now["Net"], now["OrderRows"][0]["OrderedQuantity"]) == (3000, "3")
    assert now["EmailInformation"]["EmailAddressTo"] == "a@b.example"
    assert now["EmailInformation"]["EmailSubject"] == "Order 1 bifogas"


async def test_more_rows_are_given_and_nothing_is_sent(person):
    await person.see("faktura/ny", kund="1")
    first = person.page.form("Spara")
    page = await person.press("Fler rader", row(0, Description="Ett"))
    fields = page.form("Spara").fields
    counts = [len({name for name in one if re.fullmatch(r"rad\d+\.Price", name)}) for one in (first.fields, fields)]
    assert counts == [3, 6]
    assert fields["rad0.Description"] == "Ett"
    assert next(iter(page.form("Spara").buttons)) == "Spara", "Enter presses the first button"
    assert await person.get("invoices") == []
