"""A life played twice, once by forms and buttons and once by calls of the API: nothing differs afterwards."""

BY_HAND, BY_CALLS = "100", "101"
ROWS = [
    {"ArticleNumber": "A/1", "OrderedQuantity": 3, "DeliveredQuantity": 2.5},
    {"Description": "Resa", "DeliveredQuantity": 1, "Price": 99.9, "VAT": 6},
]
CALLS = (
    ("POST", "customers", {"Customer": {"Name": "Åsens Plåt AB", "CountryCode": "SE"}}),
    ("PUT", "customers/2", {"Customer": {"Email": "a@b.example"}}),
    ("POST", "articles", {"Article": {"ArticleNumber": "B", "Description": "Mutter", "VAT": 12}}),
    ("PUT", "prices/A/B", {"Price": {"Price": 10.5}}),
    ("POST", "orders", {"Order": {"CustomerNumber": "2", "OrderRows": ROWS}}),
    ("PUT", "orders/1", {"Order": {"YourReference": "Kim"}}),
    ("GET", "orders/1/email", None),
    ("PUT", "orders/1/createinvoice", None),
    ("PUT", "invoices/1", {"Invoice": {"Freight": 50}}),
    ("PUT", "invoices/1/externalprint", None),
    ("PUT", "invoices/1/bookkeep", None),
    ("GET", "invoices/1/printreminder", None),
    ("POST", "invoicepayments", {"InvoicePayment": {"InvoiceNumber": "1", "Amount": 500, "PaymentDate": "TODAY"}}),
    ("PUT", "invoicepayments/1/bookkeep", None),
    ("PUT", "invoices/1/credit", None),
    ("PUT", "invoices/2/bookkeep", None),
    ("POST", "invoices", {"Invoice": {"CustomerNumber": "1"}}),
    ("PUT", "invoices/3/cancel", None),
)


async def play_by_hand(person):
    await person.save("kund/ny", {"Name": "Åsens Plåt AB", "CountryCode": "SE"})
    await person.save("kund/andra", {"Email": "a@b.example"}, nummer="2")
    await person.save("artikel/ny", {"ArticleNumber": "B", "Description": "Mutter", "VAT": "12", "SalesPrice": "10,50"})
    rows = {f"rad{index}.{name}": str(value).replace(".", ",") for index, row in enumerate(ROWS) for name, value in row.items()}
    await person.save("order/ny", rows, kund="2")
    await person.save("order/andra", {"YourReference": "Kim"}, nummer="1")
    await person.press("Skicka med e-post 1")
    await person.press("Skapa faktura 1")
    await person.save("faktura/andra", {"Freight": "50"}, nummer="1")
    await person.press("Märk som skickad 1")
    await person.press("Bokför 1")
    await person.press("Skriv ut påminnelse 1")
    await person.press("Betala 1", {"belopp": "500"})
    await person.press("Kreditera 1")
    await person.see("faktura", nummer="2")
    await person.press("Bokför 2")
    await person.save("faktura/ny", {}, kund="1")
    await person.press("Makulera 3")


async def play_by_calls(person, key, today):
    for method, path, body in CALLS:
        if body and "InvoicePayment" in body:
            body = {"InvoicePayment": {**body["InvoicePayment"], "PaymentDate": today}}
        answer = await person.http.request(method, f"/fortnox/3/{path}", json=body, headers=key)
        assert answer.is_success, (path, answer.text)


async def what_is_there(person, tenant):
    """The company's records, numbers and events."""
    state = (await person.control("GET", "state"))["fortnox"]["tenants"][tenant]
    registers = {name: {**one, "modified": sorted(one["modified"])} for name, one in state["registers"].items()}
    events = {topic: await person.events(tenant, topic) for topic in ("customers", "articles", "invoices", "orders")}
    return {"registers": registers, "rows": state["row_id"], "vouchers": state["voucher"], "events": events}


async def test_a_life_by_clicks_and_a_life_by_calls_end_alike(person):
    key = await person.found(BY_CALLS)
    await play_by_hand(person)
    today = (await person.get("invoicepayments/1"))["PaymentDate"]
    await play_by_calls(person, key, today)
    by_hand, by_calls = await what_is_there(person, BY_HAND), await what_is_there(person, BY_CALLS)
    assert by_hand == by_calls
    assert [len(one["records"]) for one in by_hand["registers"].values()][:5] == [2, 2, 3, 1, 1]
