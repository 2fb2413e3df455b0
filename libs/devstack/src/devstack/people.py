"""Two people at work: a salesperson in Lime Go and a bookkeeper in Fortnox, through the emulated APIs, as clicks would."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

T = TypeVar("T")
PERSONAL_KEY = "go-api:00000000-0000-4000-8000-000000000003"
FULL_KEY = "go-api:00000000-0000-4000-8000-000000000001"
DATABASE = "bolaget"
TENANT = 100001
BOOKKEEPER = ("bookkeeper", "bookkeeper-secret")


class StepFailedError(Exception):
    """What was expected did not happen; the text says what, and where to look."""


async def until(look: Callable[[], Awaitable[T | None]], what: str, within: float = 45.0) -> T:
    """Polls until `look` gives something; StepFailedError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        found = await look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise StepFailedError(f"{what}: not seen within {within:.0f} s")
        await asyncio.sleep(0.1)


class Salesperson:
    """Works in Lime Go."""

    def __init__(self, sandbox_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{sandbox_url}/limego", headers={"Authorization": PERSONAL_KEY}, timeout=20)
        # What the ERP tab holds is read with the integration's kind of key.
        self._erp = httpx.AsyncClient(base_url=f"{sandbox_url}/limego", headers={"Authorization": FULL_KEY}, timeout=20)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._client.aclose()
        await self._erp.aclose()

    async def ask(self, query: str, **variables: object) -> Any:
        """A GraphQL answer; StepFailedError with Lime Go's own words."""
        answer = await self._client.post("/v1/graphql", json={"query": query, "variables": variables})
        body = answer.json()
        if body.get("errors"):
            raise StepFailedError(f"Lime Go: {body['errors'][0]['message']}")
        return body["data"]

    async def add_company(self, name: str, organisation_number: str | None) -> str:
        """A new company; its id."""
        query = """mutation($name: String!, $number: String, $address: AddressInput) {
            createOrganization(name: $name, organizationNumber: $number, email: "info@exempel.example",
                               postalAddress: $address) { id } }"""
        address = {"street": "Exempelgatan 1", "zipCode": "211 20", "city": "Malmö", "countryCode": "SE"}
        return str((await self.ask(query, name=name, number=organisation_number, address=address))["createOrganization"]["id"])

    async def add_deal(self, name: str, company_id: str | None, value: object) -> int:
        """A new deal; its id."""
        query = "mutation($n: String!, $o: String, $v: Decimal) { createDeal(name: $n, organizationId: $o, value: $v) { id } }"
        return int((await self.ask(query, n=name, o=company_id, v=value))["createDeal"]["id"])

    async def move(self, deal_id: int, step: str) -> None:
        """Moves a deal in the pipeline: `ORDER` wins it."""
        await self.ask("mutation($d: Int!, $s: String) { updateDeal(id: $d, status: $s) { id } }", d=deal_id, s=step)

    async def fill_in_number(self, company_id: str, organisation_number: str) -> None:
        """Types an organisation number into a company."""
        query = "mutation($id: String!, $n: String) { updateOrganization(id: $id, organizationNumber: $n) { id } }"
        await self.ask(query, id=company_id, n=organisation_number)

    async def company(self, company_id: str) -> Any:
        """A company with its fields by title."""
        query = """query($id: String!) { organization(id: $id) {
            id name organizationNumber customerRelation customFields { title value } } }"""
        company = (await self.ask(query, id=company_id))["organization"]
        return {**company, "fields": {field["title"]: field["value"] for field in company["customFields"]}}

    async def companies_by_number(self) -> dict[str, list[str]]:
        """The ids of all companies by the ten digits of their number. A search may read names only, so the list is read."""
        query = "query($offset: Int) { organizations(first: 20, offset: $offset) { id organizationNumber } }"
        found: dict[str, set[str]] = {}
        offset = 0
        while page := (await self.ask(query, offset=offset))["organizations"]:
            for company in page:
                found.setdefault((company["organizationNumber"] or "").replace("-", ""), set()).add(company["id"])
            offset += len(page)
        return {number: sorted(ids) for number, ids in found.items()}

    async def invoices(self, company_id: str) -> list[Any]:
        """What the company's ERP tab shows."""
        answer = await self._erp.get("/v1/erp/invoices", params={"organizationId": company_id, "first": 100, "offset": 0})
        return list(answer.json()["items"])

    async def product(self, article_number: str) -> Any | None:
        """A product on the ERP tab, or None."""
        answer = await self._erp.get(f"/v1/erp/products/{quote(article_number, safe='')}")
        return answer.json() if answer.status_code == 200 else None


class Bookkeeper:
    """Works in Fortnox, with an integration of their own: the sync's request budget is not touched."""

    def __init__(self, sandbox_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{sandbox_url}/fortnox", timeout=20)
        self._token = ""

    async def close(self) -> None:
        """Lets the connections go."""
        await self._client.aclose()

    async def call(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """An answer of Fortnox; waits when it asks to wait. StepFailedError with Fortnox's own words."""
        if not self._token:
            basic = base64.b64encode(":".join(BOOKKEEPER).encode()).decode()
            headers = {"Authorization": f"Basic {basic}", "TenantId": str(TENANT)}
            answer = await self._client.post("/oauth-v1/token", data={"grant_type": "client_credentials"}, headers=headers)
            self._token = answer.json()["access_token"]
        while True:
            headers = {"Authorization": f"Bearer {self._token}"}
            answer = await self._client.request(method, f"/3/{path}", json=body, params=query or None, headers=headers)
            if answer.status_code != 429:
                break
            await asyncio.sleep(1)
        if answer.status_code >= 400:
            raise StepFailedError(f"Fortnox: {method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else {}

    async def customer(self, number: str) -> Any:
        """A customer, whole."""
        return (await self.call("GET", f"customers/{number}"))["Customer"]

    async def invoice(self, number: str) -> Any:
        """An invoice, whole."""
        return (await self.call("GET", f"invoices/{number}"))["Invoice"]

    async def book_and_pay(self, number: str) -> None:
        """Books an invoice and registers a booked payment of the whole."""
        invoice = (await self.call("PUT", f"invoices/{number}/bookkeep"))["Invoice"]
        payment = {"InvoiceNumber": int(number), "Amount": invoice["Total"], "PaymentDate": invoice["InvoiceDate"]}
        made = (await self.call("POST", "invoicepayments", {"InvoicePayment": payment}))["InvoicePayment"]
        await self.call("PUT", f"invoicepayments/{made['Number']}/bookkeep")

    async def set_price(self, article_number: str, price: int) -> None:
        """Changes an article's price in the default price list."""
        await self.call("PUT", f"prices/A/{quote(article_number, safe='')}", {"Price": {"Price": price}})
