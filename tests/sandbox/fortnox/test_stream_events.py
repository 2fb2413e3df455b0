"""Which event a change sends, whoever makes it: a call, a click, control."""

import re
from datetime import datetime

import httpx
import pytest


def types_of(events):
    return [(event["type"], event["entityId"]) for event in events]


def test_an_event_holds_identifiers_only(box, listener):
    one = listener().listen(box, topics={"customers": None})
    number = box.customer(Name="Hemliga Bolaget AB", Email="hemlig@example.com")["CustomerNumber"]
    event = one.read()
    assert list(event) == ["topic", "offset", "type", "tenantId", "entityId", "timestamp"]
    assert (event["topic"], event["type"]) == ("customers", "customer-created-v1")
    assert (event["tenantId"], event["entityId"]) == (int(box.tenant), number)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00", event["timestamp"])
    now = datetime.fromisoformat(box.control.get("/clock").json()["now"])
    assert abs((datetime.fromisoformat(event["timestamp"]) - now).total_seconds()) < 10


def test_customers_and_articles_tell_of_their_life(box):
    number = box.customer()["CustomerNumber"]
    box.put(f"customers/{number}", "Customer", Name="Nytt namn AB")
    box.http.delete(f"/3/customers/{number}")
    box.post("articles", "Article", ArticleNumber="A1", Description="Skruv")
    box.put("articles/A1", "Article", Description="Mutter")
    verbs = ("customer-created-v1", "customer-updated-v2", "customer-deleted-v1", "article-created-v1", "article-updated-v1")
    assert sorted(types_of(box.events())) == sorted(zip(verbs, [number] * 3 + ["A1"] * 2, strict=True))


def test_a_price_has_no_topic_and_touches_its_article_only_by_the_switch(box):
    box.post("articles", "Article", ArticleNumber="A1", Description="Skruv")
    assert box.told(lambda: box.put("prices/A/A1", "Price", Price=5)) == []
    box.switch(stream_price_updates_article=True)
    assert box.told(lambda: box.put("prices/A/A1", "Price", Price=6)) == [("article-updated-v1", "A1")]


def test_an_invoice_has_a_type_for_each_action(box):
    number = box.invoice()["DocumentNumber"]
    assert box.told(lambda: box.put(f"invoices/{number}", "Invoice", Comments="x")) == [("invoice-updated-v1", number)]
    assert box.told(lambda: box.put(f"invoices/{number}/bookkeep")) == [("invoice-bookkeep-v1", number)]
    assert box.told(lambda: box.put(f"invoices/{number}/externalprint")) == [("invoice-updated-v1", number)]
    note = str(int(number) + 1)
    credited = box.told(lambda: box.put(f"invoices/{number}/credit"))
    assert credited == [("invoice-created-v1", note), ("invoice-updated-v1", number)]
    assert box.told(lambda: box.put(f"invoices/{note}/cancel")) == [("invoice-cancelled-v1", note)]


def test_a_payment_tells_only_when_it_is_booked_or_deleted(box):
    invoice = box.invoice()["DocumentNumber"]
    box.put(f"invoices/{invoice}/bookkeep")
    body = {"InvoiceNumber": invoice, "Amount": 50}
    assert box.told(lambda: box.post("invoicepayments", "InvoicePayment", **body)) == []
    assert box.told(lambda: box.put("invoicepayments/1/bookkeep")) == [("invoicepayment-bookkeep-v1", "1")]
    box.post("invoicepayments", "InvoicePayment", **body)
    assert box.told(lambda: box.http.delete("/3/invoicepayments/2")) == [("invoicepayment-deleted-v1", "2")]
    box.switch(stream_payment_extras=True, stream_settling_updates_invoice=True)
    box.post("invoicepayments", "InvoicePayment", InvoiceNumber=invoice, Amount=75)
    box.put("invoicepayments/3/bookkeep")
    update, payment = box.events()[-2:]
    assert types_of([update, payment]) == [("invoice-updated-v1", invoice), ("invoicepayment-bookkeep-v1", "3")]
    assert (payment["invoiceId"], payment["fullyPaid"]) == (invoice, True)


def test_what_leaves_the_house_tells_of_its_document_and_a_preview_of_nothing(box):
    number = box.invoice(EmailInformation={"EmailAddressTo": "kund@example.com"})["DocumentNumber"]
    for act in ("print", "email"):
        assert box.told(lambda act=act: box.get(f"invoices/{number}/{act}")) == [("invoice-updated-v1", number)]
    box.put(f"invoices/{number}/bookkeep")
    assert box.told(lambda: box.get(f"invoices/{number}/preview")) == []
    assert box.told(lambda: box.get(f"invoices/{number}/printreminder")) == [("reminder-sent-v1", number)]


@pytest.mark.parametrize(
    ("path", "wrapper", "new", "subject"),
    [
        ("currencies", "Currency", {"Code": "GBP", "Description": "Pund"}, "currency"),
        ("termsofpayments", "TermsOfPayment", {"Code": "45", "Description": "45 dagar"}, "termsofpayments"),
        ("articles", "Article", {"ArticleNumber": "A1", "Description": "Skruv"}, "article"),
        ("units", "Unit", {"Code": "pall", "Description": "Pall"}, None),
    ],
)
def test_a_register_tells_of_what_is_made_changed_and_removed_where_there_is_a_topic(box, path, wrapper, new, subject):
    key = next(iter(new.values()))
    told = [
        *box.told(lambda: box.post(path, wrapper, **new)),
        *box.told(lambda: box.put(f"{path}/{key}", wrapper, Description="Annan")),
        *box.told(lambda: box.http.delete(f"/3/{path}/{key}")),
    ]
    assert told == [(f"{subject}-{verb}-v1", key) for verb in ("created", "updated", "deleted") if subject]


def test_an_order_becomes_an_invoice_and_tells_of_both(box):
    customer = box.customer()["CustomerNumber"]
    rows = [{"OrderedQuantity": "1", "DeliveredQuantity": "1", "Price": 10, "Description": "Arbete"}]
    number = box.post("orders", "Order", CustomerNumber=customer, OrderRows=rows).json()["Order"]["DocumentNumber"]
    box.post("orders", "Order", CustomerNumber=customer, OrderRows=rows)
    told_of = box.told(lambda: box.put(f"orders/{number}/createinvoice"))
    assert sorted(told_of) == [("invoice-created-v1", "1"), ("order-updated-v1", number)]
    assert box.told(lambda: box.put("orders/2/cancel")) == [("order-cancelled-v1", "2")]


def test_a_refused_call_tells_nothing_and_a_lost_answer_tells_all_the_same(box):
    assert box.told(lambda: box.post("customers", "Customer", Nme="x")) == []
    box.fault("lost_answer", "POST /3/customers")
    with pytest.raises(httpx.RemoteProtocolError):
        box.customer()
    assert types_of(box.events()) == [("customer-created-v1", "1")]


def test_a_click_tells_what_the_call_tells(box, base):
    number = box.invoice()["DocumentNumber"]
    form = {"bolag": box.tenant, "nummer": number}
    assert box.told(lambda: httpx.post(f"{base}/fortnox/faktura/bokfor", data=form)) == [("invoice-bookkeep-v1", number)]
    assert box.told(lambda: httpx.post(f"{base}/fortnox/faktura/betala", data=form)) == [("invoicepayment-bookkeep-v1", "1")]


def test_control_sends_events_for_which_there_is_no_resource(box, listener):
    one = listener().listen(box, topics={"vouchers": None})
    body = {"topic": "vouchers", "type": "voucher-created-v1", "tenant": box.tenant, "entity": "7", "extra": {"series": "A"}}
    assert box.control.post("/fortnox/stream/events", json=body).status_code == 201
    assert (event := one.read())["series"] == "A"
    assert event["type"] == "voucher-created-v1"
    assert box.control.post("/fortnox/stream/events", json={**body, "topic": "prices"}).status_code == 400
