"""The two systems as people and tests reach them: a salesperson's clicks, a bookkeeper's edits, and the control API."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

APPLICATION = ("dubbelsynk", "sandbox-secret")
BOOKKEEPER = ("bookkeeper", "bookkeeper-secret")
WON, OPEN = "ORDER", "Offert"


class Sandbox:
    """The control API of both emulators. No call here is limited, noted or struck by faults."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=60)

    async def close(self) -> None:
        await self.http.aclose()

    async def ask(self, method: str, path: str, body: object = None, query: dict[str, str] | None = None) -> Any:
        answer = await self.http.request(method, f"/control/{path}", json=body, params=query)
        if answer.status_code >= 400:
            raise RuntimeError(f"the sandbox answers {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer.json()

    async def state(self) -> Any:
        return await self.ask("GET", "state")

    async def calls(self, **wanted: str) -> list[Any]:
        return list((await self.ask("GET", "calls", query=wanted))["calls"])

    async def be_kind(self) -> None:
        """What is unknown of both systems is as is easiest for a client."""
        for switches in ("switches", "limego/switches"):
            await self.ask("PUT", switches, await self.ask("GET", f"{switches}/kind"))

    async def add_faults(self, *faults: Mapping[str, object]) -> None:
        await self.ask("POST", "faults", list(faults))

    async def clear_faults(self) -> None:
        await self.ask("DELETE", "faults")

    async def switch(self, **values: object) -> None:
        """Sets switches of Fortnox."""
        await self.ask("PUT", "switches", values)

    async def switch_limego(self, **values: object) -> None:
        await self.ask("PUT", "limego/switches", values)

    async def put_in(self, database: str, **records: object) -> Any:
        """Records that have always been there; their ids."""
        return await self.ask("POST", f"limego/databases/{database}/bulk", records)

    async def add_tenant(self, tenant: int, database: str) -> None:
        """Another pair of a Fortnox company with its articles and an empty Lime Go database."""
        clients = dict((APPLICATION, BOOKKEEPER))
        await self.ask("POST", "fortnox/tenants", {"tenant": str(tenant), "name": f"Bolag {tenant} AB", "clients": clients})
        await self.ask("POST", "limego/databases", {"name": database})
        books = Bookkeeper(self, tenant)
        await books.call("POST", "articles", {"Article": {"ArticleNumber": "1000", "Description": "Konsulttjänst", "VAT": 25}})
        await books.close()


class Salesperson:
    """Works in one Lime Go database with a personal key."""

    def __init__(self, sandbox: Sandbox, database: str, key: str) -> None:
        self.database = database
        self._sandbox = sandbox
        self._key = key

    async def ask(self, query: str, **variables: object) -> Any:
        body = {"query": query, "variables": variables}
        answer = await self._sandbox.http.post("/limego/v1/graphql", json=body, headers={"Authorization": self._key})
        if answer.json().get("errors"):
            raise RuntimeError(f"Lime Go: {answer.json()['errors'][0]['message']}")
        return answer.json()["data"]

    async def add_company(self, **fields: object) -> str:
        """A company that has been there for long; its id."""
        made = await self._sandbox.put_in(self.database, organizations=[fields])
        return str(made["organizations"][0])

    async def add_deal(self, company_id: str | None, value: object = 1000, **fields: object) -> int:
        """An open deal; its id."""
        deal = {"name": "Införande", "value": value, "organizationId": company_id, **fields}
        return int((await self._sandbox.put_in(self.database, deals=[deal]))["deals"][0])

    async def move(self, deal_id: int, step: str) -> None:
        await self.ask("mutation($d: Int!, $s: String) { updateDeal(id: $d, status: $s) { id } }", d=deal_id, s=step)

    async def win(self, *deal_ids: int) -> None:
        """As clicks, in the same instant."""
        await asyncio.gather(*(self.move(deal_id, WON) for deal_id in deal_ids))

    async def set_value(self, deal_id: int, value: object) -> None:
        query = "mutation($d: Int!, $v: Decimal, $s: String) { updateDeal(id: $d, value: $v, status: $s) { id } }"
        await self.ask(query, d=deal_id, v=value, s=OPEN)

    async def set_number(self, company_id: str, organisation_number: str) -> None:
        query = "mutation($id: String!, $n: String) { updateOrganization(id: $id, organizationNumber: $n) { id } }"
        await self.ask(query, id=company_id, n=organisation_number)

    async def set_relation(self, company_id: str, relation: str) -> None:
        query = "mutation($id: String!, $r: CustomerRelation) { updateOrganization(id: $id, customerRelation: $r) { id } }"
        await self.ask(query, id=company_id, r=relation)


class Bookkeeper:
    """Works in one Fortnox company with a client of their own: the sync's request budget is not touched."""

    def __init__(self, sandbox: Sandbox, tenant: int) -> None:
        self._http = httpx.AsyncClient(base_url=f"{sandbox.url}/fortnox", trust_env=False, timeout=20)
        self._tenant = tenant
        self._token = ""

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """An answer of Fortnox; waits when it asks to, and signs in again when the token is over."""
        while True:
            headers = {"Authorization": f"Bearer {await self.token()}"}
            answer = await self._http.request(method, f"/3/{path}", json=body, params=query or None, headers=headers)
            if answer.status_code == 401:
                self._token = ""
            elif answer.status_code == 429:
                await asyncio.sleep(0.3)
            elif answer.status_code >= 400:
                raise RuntimeError(f"Fortnox: {method} {path}: {answer.text[:300]}")
            else:
                return answer.json() if answer.content else {}

    async def token(self) -> str:
        """An access token."""
        return self._token or await self._sign_in()

    async def _sign_in(self) -> str:
        basic = base64.b64encode(":".join(BOOKKEEPER).encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "TenantId": str(self._tenant)}
        answer = await self._http.post("/oauth-v1/token", data={"grant_type": "client_credentials"}, headers=headers)
        self._token = answer.json()["access_token"]
        return self._token

    async def add_customer(self, **fields: object) -> str:
        """A customer; its number."""
        return str((await self.call("POST", "customers", {"Customer": fields}))["Customer"]["CustomerNumber"])

    async def add_invoice(self, customer_number: str, **fields: object) -> str:
        """An invoice of somebody else's; its number."""
        rows = [{"ArticleNumber": "1000", "DeliveredQuantity": "1", "Price": 10}]
        body = {"Invoice": {"CustomerNumber": customer_number, "InvoiceRows": rows, **fields}}
        return str((await self.call("POST", "invoices", body))["Invoice"]["DocumentNumber"])

    async def book_and_pay(self, number: str) -> None:
        invoice = (await self.call("PUT", f"invoices/{number}/bookkeep"))["Invoice"]
        payment = {"InvoiceNumber": int(number), "Amount": invoice["Total"], "PaymentDate": invoice["InvoiceDate"]}
        made = (await self.call("POST", "invoicepayments", {"InvoicePayment": payment}))["InvoicePayment"]
        await self.call("PUT", f"invoicepayments/{made['Number']}/bookkeep")

    async def pay(self, number: str, amount: object, *write_offs: object) -> str:
        """A booked payment, and what it writes off; its number."""
        invoice = (await self.call("GET", f"invoices/{number}"))["Invoice"]
        payment = {"InvoiceNumber": int(number), "Amount": amount, "PaymentDate": invoice["InvoiceDate"]}
        lost = [{"Amount": one, "AccountNumber": 3740} for one in write_offs]
        made = await self.call("POST", "invoicepayments", {"InvoicePayment": {**payment, "WriteOffs": lost}})
        await self.call("PUT", f"invoicepayments/{made['InvoicePayment']['Number']}/bookkeep")
        return str(made["InvoicePayment"]["Number"])

    async def credit(self, number: str, price: object) -> str:
        """A booked credit note of one row at this price; its number."""
        note = (await self.call("PUT", f"invoices/{number}/credit"))["Invoice"]["CreditInvoiceReference"]
        rows = [{"ArticleNumber": "1000", "DeliveredQuantity": "-1", "Price": price}]
        await self.call("PUT", f"invoices/{note}", {"Invoice": {"InvoiceRows": rows}})
        await self.call("PUT", f"invoices/{note}/bookkeep")
        return str(note)

    async def set_article(self, number: str, **fields: object) -> None:
        await self.call("PUT", f"articles/{quote(number, safe='')}", {"Article": fields})

    async def set_price(self, number: str, price: object) -> None:
        await self.call("PUT", f"prices/A/{quote(number, safe='')}", {"Price": {"Price": price}})
