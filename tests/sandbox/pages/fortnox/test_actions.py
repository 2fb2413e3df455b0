"""Each button of Fortnox's pages: what it does is seen through the API, and a refusal is told in the API's words."""

import pytest


def alert(page):
    assert len(page.alerts) == 1, page.alerts
    return page.alerts[0]


async def booked(person):
    await person.see("faktura", nummer="1")
    await person.press("Bokför 1")


async def test_an_invoice_is_booked_and_paid_from_the_list(person, invoice):
    assert (await person.see()).pills == ["utkast"]
    page = await person.press("Bokför 1")
    assert page.statuses == ["Fakturan är bokförd."]
    assert (await person.get("invoices/1"))["Booked"] is True
    assert (await person.press("Betala 1")).pills == ["betald"]
    assert (await person.get("invoices/1"))["Balance"] == 0
    assert [one["Booked"] for one in await person.get("invoicepayments")] == [True]
    assert [kind for kind, _ in (await person.events())[-2:]] == ["invoice-bookkeep-v1", "invoicepayment-bookkeep-v1"]


async def test_an_invoice_is_paid_in_parts(person, invoice):
    await booked(person)
    assert person.page.pills == ["bokförd"]
    page = await person.press("Betala 1", {"belopp": "1 000,50"})
    assert page.pills == ["delvis betald", "bokförd"]
    assert (await person.get("invoices/1"))["Balance"] == 249.5
    await person.press("Betala 1")
    assert "Betala 1" not in str([form.buttons for form in person.page.forms])
    assert sorted(one["Amount"] for one in await person.get("invoicepayments")) == [249.5, 1000.5]


async def test_a_payment_in_euro_is_booked_in_kronor(person):
    row = {"Description": "Arbete", "DeliveredQuantity": "1", "Price": 100, "VAT": 0}
    await person.make("invoices", "Invoice", CustomerNumber="1", Currency="EUR", InvoiceRows=[row])
    await booked(person)
    await person.press("Betala 1", {"belopp": "40"})
    assert (await person.get("invoices/1"))["Balance"] == 60
    paid = await person.get("invoicepayments/1")
    assert (paid["Amount"], paid["AmountCurrency"]) == (460, 40)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"belopp": "mycket"}, "Fortnox sa nej: Värdet måste vara numeriskt. (Amount)"),
        ({"datum": "1999-01-01"}, "Fortnox sa nej: Betalningsdatum kan inte vara före fakturadatum."),
        ({"datum": "igår"}, "Fortnox sa nej: Ogiltigt datum. (PaymentDate)"),
    ],
)
async def test_a_refused_payment_is_told_in_the_apis_words(person, invoice, values, text):
    await booked(person)
    assert alert(await person.press("Betala 1", values)) == text
    assert await person.get("invoicepayments") == []
    assert person.page.headings[0] == "Faktura 1"


async def test_a_payment_that_was_not_booked_is_booked_or_removed(person, invoice):
    await booked(person)
    for _ in range(2):
        await person.make("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=100)
    assert (await person.see("faktura", nummer="1")).pills == ["bokförd", "ej bokförd", "ej bokförd"]
    await person.press("Bokför betalning 1")
    await person.press("Ta bort betalning 2")
    assert [(one["Number"], one["Booked"]) for one in await person.get("invoicepayments")] == [("1", True)]
    assert (await person.get("invoices/1"))["Balance"] == 1150


async def test_an_invoice_is_reminded_of(person, invoice):
    await booked(person)
    page = await person.press("Skriv ut påminnelse 1")
    assert page.statuses == ["Påminnelsen är utskriven."]
    assert (await person.get("invoices/1"))["Reminders"] == 1
    assert (await person.events())[-1] == ("reminder-sent-v1", "1")


async def test_an_invoice_is_credited_and_the_note_booked(person, invoice):
    await booked(person)
    assert (await person.press("Kreditera 1")).pills == ["bokförd"]
    assert (await person.get("invoices/2"))["CreditInvoiceReference"] == "1"
    assert (await person.see("faktura", nummer="2")).headings[0] == "Kreditfaktura 2"
    await person.press("Bokför 2")
    assert (await person.see("faktura", nummer="1")).pills == ["krediterad"]
    assert (await person.get("invoices/1"))["Balance"] == 0


@pytest.mark.parametrize("kind", ["faktura", "order"])
async def test_a_document_is_cancelled_sent_and_printed(person, invoice, order, kind):
    plural, wrapper = {"faktura": ("invoices", "Invoice"), "order": ("orders", "Order")}[kind]
    for button in ("Skicka med e-post 1", "Skriv ut 1", "Märk som skickad 1"):
        number = (await person.make(plural, wrapper, CustomerNumber="1"))["DocumentNumber"]
        await person.see(kind, nummer=number)
        page = await person.press(button.replace("1", number))
        assert (len(page.statuses), page.alerts) == (1, [])
        assert (await person.get(f"{plural}/{number}"))["Sent"] is True
    await person.see(kind, nummer="1")
    assert (await person.press("Makulera 1")).pills == ["makulerad"]
    assert (await person.get(f"{plural}/1"))["Cancelled"] is True


async def test_an_order_becomes_an_invoice(person, order):
    await person.see("order", nummer="1")
    assert (await person.press("Skapa faktura 1")).pills == ["fakturerad"]
    made = await person.get("invoices/1")
    assert (made["OrderReference"], made["Net"]) == ("1", 2000)
    assert "Från order" in (await person.see("faktura", nummer="1")).text


@pytest.mark.parametrize(
    ("before", "button", "call"),
    [
        (["invoices/1/bookkeep"], "Bokför 1", "invoices/1/bookkeep"),
        (["invoices/1/cancel"], "Bokför 1", "invoices/1/bookkeep"),
        (["invoices/1/bookkeep"], "Makulera 1", "invoices/1/cancel"),
    ],
)
async def test_a_button_of_an_old_page_is_refused_as_the_call_is(person, invoice, before, button, call):
    await person.see("faktura", nummer="1")
    for path in before:
        await person.call("PUT", path)
    events = await person.events()
    assert alert(await person.press(button)) == f"Fortnox sa nej: {await person.call('PUT', call)}"
    assert await person.events() == events


async def test_what_cannot_be_sent_is_refused_as_the_call_is(person, invoice):
    await person.control("PUT", "fortnox/tenants/100/settings", {"bank_details": False})
    await person.see("faktura", nummer="1")
    for button in ("Skicka med e-post 1", "Skriv ut 1"):
        assert alert(await person.press(button)) == "Fortnox sa nej: Bankuppgifter saknas"
    assert (await person.get("invoices/1"))["Sent"] is False


async def test_a_price_is_changed_in_the_list(person):
    await person.see("artiklar", redigera="A/1")
    assert "1\N{NO-BREAK SPACE}250,50" in (await person.press("Spara", {"pris": "1 250,50"})).text
    assert (await person.get("articles/A%2F1"))["SalesPrice"] == 1250.5
    await person.see("artiklar", redigera="A/1")
    assert alert(await person.press("Spara", {"pris": "gratis"})) == "Fortnox sa nej: Värdet måste vara numeriskt. (Price)"


async def test_a_customer_and_an_article_are_removed_unless_a_document_names_them(person):
    await person.make("customers", "Customer", Name="Skrivfel AB")
    await person.see("kund", nummer="2")
    page = await person.press("Ta bort 2")
    assert (page.headings[0], page.statuses) == ("Kunder", ["Kunden är borttagen."])
    assert [one["CustomerNumber"] for one in await person.get("customers")] == ["1"]
    await person.make("orders", "Order", CustomerNumber="1", OrderRows=[{"ArticleNumber": "A/1"}])
    await person.see("artikel", nummer="A/1")
    assert alert(await person.press("Ta bort A/1")) == "Fortnox sa nej: Artikeln används på dokument och kan inte tas bort."


async def test_clicks_are_no_calls_of_a_client(person, invoice):
    before = (await person.control("GET", "calls"))["calls"]
    await booked(person)
    assert (await person.control("GET", "calls"))["calls"] == before


async def test_a_click_without_a_company_or_in_another_does_nothing(person, invoice):
    for data in ({"nummer": "1"}, {"nummer": "1", "bolag": "999"}):
        assert (await person.http.post("/fortnox/faktura/bokfor", data=data)).status_code == 404
    assert (await person.get("invoices/1"))["Booked"] is False
