"""Fortnox in this process: a sandbox of its own for a test, called without a socket."""

import asyncio

import httpx

from sandbox.app import create_app
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.fortnox.app import build

SCOPES = frozenset({"article", "companyinformation", "currency", "customer", "invoice", "order", "payment", "price", "settings"})


class Transport(httpx.BaseTransport):
    """Runs an ASGI application for a client that does not wait in a loop."""

    def __init__(self, app):
        self._loop = asyncio.new_event_loop()
        self._asgi = httpx.ASGITransport(app)

    def handle_request(self, request):
        return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request):
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self):
        self._loop.close()


class Shop:
    """One company's API: calls give the answer, and `made` and `read` the record inside it."""

    def __init__(self, scopes=SCOPES):
        clock, self.faults = Clock(), Faults()
        gateway, self.fortnox = build(clock, self.faults, CallLog())
        self.fortnox.switches = self.fortnox.switches.changed({"search_lag": 0, "limit_requests": 100_000})
        self.company = self.fortnox.add_company("100001", "Provbolaget AB", {"app": "secret"}, scopes)
        self.advance = clock.advance
        self.http = httpx.Client(transport=Transport(gateway), base_url="http://fortnox/3")
        ask = {"data": {"grant_type": "client_credentials"}, "headers": {"TenantId": "100001"}, "auth": ("app", "secret")}
        token = self.http.post("http://fortnox/oauth-v1/token", **ask).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def switch(self, **values):
        self.fortnox.switches = self.fortnox.switches.changed(values)

    def get(self, path, **query):
        return self.http.get(path, params=query)

    def post(self, path, wrapper, **body):
        return self.http.post(path, json={wrapper: body})

    def put(self, path, wrapper=None, **body):
        return self.http.put(path, **({"json": {wrapper: body}} if wrapper else {}))

    def made(self, path, wrapper, **body):
        answer = self.post(path, wrapper, **body)
        assert answer.status_code == 201, answer.text
        return answer.json()[wrapper]

    def changed(self, path, wrapper, **body):
        answer = self.put(path, wrapper, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()[wrapper]

    def acted(self, path):
        answer = self.put(path)
        assert answer.status_code == 200, answer.text
        return next(iter(answer.json().values()))

    def read(self, path):
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return next(iter(answer.json().values()))

    def listed(self, path, **query):
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return next(value for name, value in answer.json().items() if name != "MetaInformation")

    def customer(self, **fields):
        return self.made("customers", "Customer", **{"Name": "Kund AB", **fields})["CustomerNumber"]

    def invoice(self, *rows, **fields):
        number = fields.pop("CustomerNumber", None) or self.customer()
        return self.made("invoices", "Invoice", CustomerNumber=number, InvoiceRows=list(rows) or [a_row()], **fields)

    def order(self, *rows, **fields):
        number = fields.pop("CustomerNumber", None) or self.customer()
        rows = list(rows) or [a_row(OrderedQuantity="1")]
        return self.made("orders", "Order", CustomerNumber=number, OrderRows=rows, **fields)

    def booked(self, *rows, **fields):
        number = self.invoice(*rows, **fields)["DocumentNumber"]
        return self.acted(f"invoices/{number}/bookkeep")


def a_row(**fields):
    """A row of 100 kronor and 25 % VAT."""
    return {"DeliveredQuantity": "1", "Price": 100, "VAT": 25, "Description": "Arbete", **fields}


def code(answer):
    """Status and code of a refusal, in whichever casing."""
    information = {name.lower(): value for name, value in answer.json()["ErrorInformation"].items()}
    return answer.status_code, information["code"]


def whole(seed=None):
    """The whole sandbox with its control API, as a client."""
    client = httpx.Client(transport=Transport(create_app()), base_url="http://sandbox")
    if seed is not None:
        client.post("/control/seed", json=seed).raise_for_status()
    return client
