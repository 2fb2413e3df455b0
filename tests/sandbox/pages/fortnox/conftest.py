"""A person at Fortnox's pages, and a client of its API that looks at what became of it. One process, no socket."""

import httpx
import pytest

from sandbox.app import create_app
from support.html_forms import Page

TENANT = "100"
STANDARD = (
    (
        "POST",
        "customers",
        {"Customer": {"Name": "Nordvikens Bygg AB", "Email": "faktura@nordviken.example", "City": "Piteå"}},
    ),
    ("POST", "articles", {"Article": {"ArticleNumber": "A/1", "Description": "Skruv", "Unit": "st"}}),
    ("PUT", "prices/A/A%2F1", {"Price": {"Price": 1000}}),
)


class Person:
    """Sees pages, fills in forms and presses buttons, as a browser without JavaScript does."""

    def __init__(self, http):
        self.http = http
        self.page = None

    async def see(self, page="", status=200, **query):
        """The page; `query` without a company is of the first one."""
        return self._shown(await self.http.get(f"/fortnox/{page}", params=query), status)

    async def press(self, button, values=None, status=200):
        """Presses a button of the page that is seen, with what stands in its form or these values."""
        form = self.page.form(button)
        assert form.method == "post"
        data = {**form.fields, **(values or {}), **form.buttons[button]}
        return self._shown(await self.http.post(form.action or self.address, data=data), status)

    async def save(self, page, values, status=200, **query):
        """Opens a form, fills it in and saves it."""
        await self.see(page, **query)
        return await self.press("Spara", values, status)

    def _shown(self, answer, status):
        assert answer.status_code == status, answer.text
        self.address = str(answer.url)
        self.page = Page(answer.text)
        return self.page

    async def get(self, path, **query):
        """The API's answer: the record or the list inside it."""
        answer = await self.http.get(f"/fortnox/3/{path}", params=query, headers=self.key)
        assert answer.status_code == 200, answer.text
        return next(value for name, value in answer.json().items() if name != "MetaInformation")

    async def make(self, path, wrapper, **body):
        """Makes a record by the API."""
        answer = await self.http.post(f"/fortnox/3/{path}", json={wrapper: body}, headers=self.key)
        assert answer.status_code == 201, answer.text
        return answer.json()[wrapper]

    async def call(self, method, path):
        """Makes a call by the API; gives its answer or its refusal's text."""
        body = (await self.http.request(method, f"/fortnox/3/{path}", headers=self.key)).json()
        told = body.get("ErrorInformation")
        return next(text for name, text in told.items() if name.lower() == "message") if told else body

    async def control(self, method, path, body=None):
        answer = await self.http.request(method, f"/control/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def found(self, tenant):
        """Makes a company with customer 1 and article A/1; gives the header of a client of its API."""
        await self.control("POST", "fortnox/tenants", {"tenant": tenant, "name": "Bolaget AB", "clients": {"app": "secret"}})
        grant = {"data": {"grant_type": "client_credentials"}, "headers": {"TenantId": tenant}, "auth": ("app", "secret")}
        token = (await self.http.post("/fortnox/oauth-v1/token", **grant)).json()["access_token"]
        key = {"Authorization": f"Bearer {token}"}
        for method, path, body in STANDARD:
            answer = await self.http.request(method, f"/fortnox/3/{path}", json=body, headers=key)
            assert answer.is_success, answer.text
        return key

    async def switch(self, **values):
        await self.control("PUT", "switches", values)

    async def events(self, tenant=TENANT, topic="invoices"):
        """Type and entity of every event of a topic so far; that of invoices has payments too."""
        found = (await self.control("GET", f"fortnox/stream?tenant={tenant}&topic={topic}"))["events"]
        return [(one["type"], one["entityId"]) for one in found]


@pytest.fixture
async def person():
    """A company with a customer of number 1 and an article A/1 of 1 000 kr, and a person in it."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", follow_redirects=True) as http:
        person = Person(http)
        await person.switch(search_lag=0, limit_requests=100_000)
        person.key = await person.found(TENANT)
        yield person


@pytest.fixture
async def invoice(person):
    """A draft of 1 250 kr with number 1."""
    row = {"Description": "Serviceavtal", "DeliveredQuantity": "1", "Price": 1000, "VAT": 25}
    return await person.make("invoices", "Invoice", CustomerNumber="1", InvoiceRows=[row])


@pytest.fixture
async def order(person):
    """An order of number 1."""
    row = {"ArticleNumber": "A/1", "OrderedQuantity": "3", "DeliveredQuantity": "2"}
    return await person.make("orders", "Order", CustomerNumber="1", OrderRows=[row])
