"""The accountant's pages: what they show, and that a click is the API's own call."""

from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.fortnox import articles, customers, invoices
from sandbox.fortnox.company import Call, Company
from sandbox.fortnox.switches import Switches
from sandbox.limego import LimeGo
from sandbox.pages import routes


@pytest.fixture
def company():
    made = Company("100", "Bolaget AB", Clock(), Switches)
    customers.create(made, Call(body={"Customer": {"Name": "Nordvikens Bygg AB"}}))
    articles.create(made, Call(body={"Article": {"ArticleNumber": "A/1", "Description": "Skruv"}}))
    row = {"Description": "Serviceavtal", "DeliveredQuantity": "1", "Price": 1000, "VAT": 25}
    invoices.create(made, Call(body={"Invoice": {"CustomerNumber": "1", "InvoiceRows": [row]}}))
    return made


@pytest.fixture
async def browser(company):
    fortnox = SimpleNamespace(companies={company.tenant: company})
    app = Starlette(routes=routes(fortnox, LimeGo(company.clock, Faults())))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", follow_redirects=True) as client:
        yield client


async def click(browser, path, **fields):
    answer = await browser.post(path, data={"bolag": "100", "tillbaka": "/fortnox/?bolag=100", **fields})
    assert answer.status_code == 200
    return answer.text


async def test_an_invoice_is_booked_and_paid_by_clicks(browser, company):
    assert "ej bokförd" in (await browser.get("/fortnox/")).text
    assert "Fortnox sa nej" in await click(browser, "/fortnox/betala", nummer="1")
    assert "obetald" in await click(browser, "/fortnox/bokfor", nummer="1")
    assert "betald" in await click(browser, "/fortnox/betala", nummer="1")
    assert company["invoices"].get("1")["Balance"] == 0
    assert company["invoicepayments"].get("1")["Booked"]


async def test_a_price_is_changed_by_a_click(browser, company):
    assert 'name="pris"' in (await browser.get("/fortnox/artiklar", params={"redigera": "A/1"})).text
    await click(browser, "/fortnox/pris", nummer="A/1", pris="1 250,50")
    assert company["articles"].get("A/1")["SalesPrice"] == 1250.5
    assert "1\N{NO-BREAK SPACE}250,50" in (await browser.get("/fortnox/artiklar")).text
    assert "Fortnox sa nej" in await click(browser, "/fortnox/pris", nummer="A/1", pris="gratis")


async def test_customers_are_shown(browser):
    assert "Nordvikens Bygg AB" in (await browser.get("/fortnox/kunder")).text
    assert (await browser.get("/fortnox/", params={"bolag": "finns-inte"})).status_code == 404
