"""Fortnox's pages: what they show, how they list, and that anybody can use them."""

import pytest

LISTS = ("", "kunder", "ordrar", "artiklar")


async def numbers(person, page="", **query):
    """What a list shows, by the addresses of its rows."""
    shown = await person.see(page, **query)
    one = {"": "faktura", "kunder": "kund", "ordrar": "order", "artiklar": "artikel"}[page]
    return [link.rpartition("nummer=")[2] for link in shown.links if link.startswith(f"/fortnox/{one}?")]


async def test_an_invoice_shows_what_a_person_looks_for(person):
    row = {"ArticleNumber": "A/1", "DeliveredQuantity": "1.5", "Price": 333.3, "Discount": 10, "DiscountType": "PERCENT"}
    fields = {"InvoiceDate": "2026-01-02", "YourReference": "Kim", "Freight": 50, "ExternalInvoiceReference1": "limego:x:deal:1;"}
    await person.make("invoices", "Invoice", CustomerNumber="1", InvoiceRows=[row], **fields)
    made = await person.get("invoices/1")
    assert (made["Net"], made["TotalVAT"], made["RoundOff"], made["Total"]) == (449.96, 124.99, 0.05, 625)
    text = (await person.see("faktura", nummer="1")).text
    wanted = ("Nordvikens Bygg AB", "Piteå", "faktura@nordviken.example", "2026-01-02", "2026-02-01", made["OCR"], "Kim")
    sums = ("449,96", "124,99", "0,05", "625,00", "50,00", "333,30", "1,5", "10,00 %", "Skruv")
    for one in (*wanted, *sums, "limego:x:deal:1;", "Kvar att betala", "Öresavrundning"):
        assert one in text, one


async def test_a_list_searches_filters_and_turns_its_pages(person):
    for index in range(120):
        await person.make(
            "customers", "Customer", Name=f"Bolag {index}", City="Luleå" if index % 2 else "Boden", Active=index != 7
        )
    assert await numbers(person, "kunder") == [str(number) for number in range(121, 71, -1)]
    assert any("sida=2" in link for link in person.page.links)
    assert await numbers(person, "kunder", sida="3") == [str(number) for number in range(21, 0, -1)]
    assert await numbers(person, "kunder", sida="99") == await numbers(person, "kunder", sida="3")
    assert await numbers(person, "kunder", sok="LULEÅ bolag 11") == [
        str(number) for number in (121, 119, 117, 115, 113, 111, 13, 11)
    ]
    assert await numbers(person, "kunder", visa="inactive") == ["9"]
    assert await numbers(person, "kunder", sok="finns inte") == []
    assert "Inga kunder" in person.page.text


async def test_invoices_are_listed_by_state_and_customer(person):
    await person.make("customers", "Customer", Name="Två AB")
    row = {"Description": "Arbete", "DeliveredQuantity": "1", "Price": 100}
    for number, day in (("1", "2020-01-01"), ("2", None), ("2", None), ("1", None)):
        await person.make(
            "invoices", "Invoice", CustomerNumber=number, InvoiceRows=[row], **({"InvoiceDate": day} if day else {})
        )
    for number in ("1", "2"):
        await person.call("PUT", f"invoices/{number}/bookkeep")
    await person.call("PUT", "invoices/4/cancel")
    assert await numbers(person) == ["4", "3", "2", "1"]
    assert person.page.pills == ["makulerad", "utkast", "bokförd", "förfallen"]
    assert await numbers(person, visa="unbooked") == ["3"]
    assert await numbers(person, visa="unpaid") == ["2", "1"]
    assert await numbers(person, visa="unpaidoverdue") == ["1"]
    assert await numbers(person, visa="unpaid", kund="2") == ["2"]
    assert "kund 2" in person.page.text
    shown = await person.see("kund", nummer="2")
    assert [link for link in shown.links if link.startswith("/fortnox/faktura?")] == [
        f"/fortnox/faktura?bolag=100&nummer={number}" for number in ("3", "2")
    ]


async def test_what_was_made_is_listed_at_once_whatever_the_search_index_knows(person):
    await person.switch(search_lag=3600)
    await person.save("kund/ny", {"Name": "Nyss AB"})
    assert await numbers(person, "kunder") == ["2", "1"]


async def test_a_list_comes_anew_unless_somebody_reads_or_writes(person):
    refresh = 'http-equiv="refresh"'
    assert refresh in (await person.see("kunder")).text
    for query in ({"stilla": "1"}, {"sok": "x"}, {"sida": "2"}, {"visa": "active"}):
        assert refresh not in (await person.see("kunder", **query)).text
    assert refresh not in (await person.see("artiklar", redigera="A/1")).text
    assert refresh not in (await person.see("kund", nummer="1")).text


@pytest.mark.parametrize("page", ["faktura", "order", "kund", "artikel"])
async def test_a_record_that_does_not_exist_gives_a_page_that_says_so(person, page):
    for path in (page, f"{page}/andra"):
        for query in ({"nummer": "404"}, {}):
            shown = await person.see(path, status=404, **query)
            assert shown.headings == ["Det här finns inte i Fortnox"]
            assert shown.alerts[0].startswith("Fortnox sa nej: Kan inte hitta")
    await person.see(page, status=404, bolag="999", nummer="1")


async def test_what_was_written_is_shown_as_text(person):
    await person.switch(article_numbers_checked=False)
    await person.make("customers", "Customer", Name="\"'><b>&amp; AB", Comments="</textarea><b>", OrganisationNumber="'><i>")
    await person.make("articles", "Article", ArticleNumber='"><i>', Description="<i>Skruv")
    rows = [{"Description": "</td><i>", "DeliveredQuantity": "1", "ArticleNumber": '"><i>'}]
    await person.make("invoices", "Invoice", CustomerNumber="2", InvoiceRows=rows, Remarks="<i>")
    one = {"kund": "2", "artikel": '"><i>', "faktura": "1"}
    for path, query in [
        *((page, {}) for page in LISTS),
        *((page, {"nummer": number}) for page, number in one.items()),
        *((f"{page}/andra", {"nummer": number}) for page, number in one.items()),
        ("kunder", {"sok": '"><i>', "visa": "<i>", "kund": "<i>"}),
        ("", {"fel": "<i>", "klart": "<i>", "kund": '"><i>'}),
        ("faktura/ny", {"kund": '"><i>'}),
    ]:
        page = await person.see(path, **query)
        assert not page.tags & {"i", "b", "script"}, path


async def test_an_address_cannot_make_the_page_say_that_something_was_done(person):
    page = await person.see("", klart="Allt är betalt")
    assert page.statuses == []


async def test_every_field_has_a_name_every_page_a_heading_and_none_a_script(person, invoice, order):
    await person.call("PUT", "invoices/1/bookkeep")
    numbered = (("faktura", "1"), ("order", "1"), ("kund", "1"), ("artikel", "A/1"))
    for path, query in [
        *((page, {}) for page in LISTS),
        *((page, {"nummer": number}) for page, number in numbered),
        *((f"{page}/andra", {"nummer": number}) for page, number in numbered),
        *((f"{page}/ny", {}) for page, _ in numbered),
    ]:
        page = await person.see(path, **query)
        assert page.nameless == [], path
        assert page.headings, path
        assert page.text.count("<h1>") == 1, path
        assert "script" not in page.tags, path


async def test_a_document_is_previewed_and_stays_unsent(person, invoice):
    answer = await person.http.get("/fortnox/faktura/pdf", params={"nummer": "1"})
    assert (answer.headers["content-type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert (await person.get("invoices/1"))["Sent"] is False


async def test_each_company_has_its_own_pages(person):
    await person.control("POST", "fortnox/tenants", {"tenant": "101", "name": "Andra AB", "clients": {}})
    assert "Andra AB" in (await person.see("kunder")).text
    assert await numbers(person, "kunder", bolag="101") == []
    await person.save("kund/ny", {"Name": "Deras AB"}, bolag="101")
    assert [one["Name"] for one in await person.get("customers")] == ["Nordvikens Bygg AB"]
    assert await numbers(person, "kunder", bolag="101") == ["1"]
