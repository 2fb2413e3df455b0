"""The ERP tab: strict, idempotent, for a full key only."""

import pytest


def an_invoice(company, **fields):
    return {
        "organizationId": company,
        "customerName": "Nordvikens Bygg AB",
        "yourReference": "Vera Tallmo",
        "ourReference": None,
        "customerNumber": "17",
        "termsOfPayment": "30",
        "amount": "1250.00",
        "currency": "SEK",
        "vat": "250.00",
        "invoiceDate": "2026-11-24",
        "dueDate": "2026-12-24",
        "reminders": 0,
        "balance": "1250.00",
        "paymentStatus": "due",
        "paid": "0",
        "credited": "0",
        "writtenOff": None,
        "isCreditNote": False,
        "rows": [{"description": "Serviceavtal", "quantity": "1", "articleNumber": None, "price": "1000.00", "total": "1000.00"}],
        **fields,
    }


def test_an_invoice_is_put_twice_and_is_one(base):
    company = base.a_company()
    first = base.full.http.put("/erp/invoices/1042", json=an_invoice(company))
    second = base.full.http.put("/erp/invoices/1042", json=an_invoice(company, balance="0.00", paymentStatus="paid"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert base.full.http.get("/erp/invoices/1042").json() == second.json()
    assert second.json() == {"documentNumber": "1042", **an_invoice(company), "balance": "0.00", "paymentStatus": "paid"} | {
        "updatedAt": second.json()["updatedAt"]
    }
    listed = base.full.http.get("/erp/invoices", params={"organizationId": company}).json()
    assert listed == {"items": [second.json()], "total": 1}
    assert base.state()["organizations"][0]["writes"] == {"erp": 2}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"surprise": 1}, 400),
        ({"amount": 1250}, 400),
        ({"amount": "1 250,00"}, 400),
        ({"amount": None}, 400),
        ({"invoiceDate": "2026-02-30"}, 400),
        ({"reminders": "0"}, 400),
        ({"paymentStatus": "green"}, 400),
        ({"credited": 1000}, 400),
        ({"isCreditNote": "true"}, 400),
        ({"currency": "kr"}, 400),
        ({"rows": [{"description": "x"}]}, 400),
        ({"organizationId": "nobody"}, 404),
    ],
)
def test_an_invoice_that_is_not_right_is_refused(base, fields, status):
    answer = base.full.http.put("/erp/invoices/1", json=an_invoice(base.a_company(), **fields))
    assert answer.status_code == status, answer.text
    assert base.full.http.get("/erp/invoices/1").status_code == 404
    assert base.state()["invoices"] == {}


def test_the_tab_needs_a_full_key(base):
    body = an_invoice(base.a_company())
    for key in (base.company, base.person):
        assert key.http.put("/erp/invoices/1", json=body).status_code == 403
        assert key.http.get("/erp/products").status_code == 403


@pytest.mark.parametrize(("path", "number"), [("A%2F1", "A/1"), ("skruv%20%C3%A5%C3%A4%C3%B6", "skruv åäö"), ("a%3Fb", "a?b")])
def test_an_article_number_may_hold_any_sign(base, path, number):
    product = {"description": "Skruv", "price": "12.50", "unit": "st", "active": True}
    assert base.full.http.put(f"/erp/products/{path}", json=product).json()["articleNumber"] == number
    assert base.full.http.get(f"/erp/products/{path}").json()["price"] == "12.50"
    assert list(base.state()["products"]) == [number]
