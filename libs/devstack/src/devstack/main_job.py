"""The main job, played step by step through the APIs of both emulators and of our own services, each step checked."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from devstack.people import DATABASE, FULL_KEY, TENANT, Bookkeeper, Salesperson, StepFailedError, until

ARTICLE = "1000"
READY = ("baseline_completed", "listing_completed", "subscribed")


@dataclass(frozen=True)
class Addresses:
    """Where the system is."""

    sandbox_url: str
    coordinator_url: str
    limego_connector_url: str
    internal_token: str


@dataclass
class Report:
    """Progress output: `step` gets the title of each step as it begins, `tell` every line about it."""

    tell: Callable[[str], None]
    step: Callable[[str], None]
    steps: list[str] = field(default_factory=list)


class MainJob:
    """One activated connection and the story that is played on it."""

    def __init__(self, addresses: Addresses, report: Report, seed: int = 1, companies: int = 300) -> None:
        self._addresses = addresses
        self._report = report
        self._seed = seed
        self._companies = companies
        self._random = random.Random(time.time_ns())
        self.connection_id = ""

    async def play(self) -> None:
        """Everything; StepFailedError says what did not happen."""
        async with AsyncExitStack() as stack:
            self._sales = Salesperson(self._addresses.sandbox_url)
            self._books = Bookkeeper(self._addresses.sandbox_url)
            stack.push_async_callback(self._sales.close)
            stack.push_async_callback(self._books.close)
            self._http = await stack.enter_async_context(httpx.AsyncClient(timeout=10))
            await self._begin()
            for title, step in self._story():
                self._report.step(title)
                await step()
                self._report.steps.append(title)

    def _story(self) -> tuple[tuple[str, Callable[[], Awaitable[None]]], ...]:
        return (
            ("A deal is won; Fortnox does not know the company", self._new_company),
            ("A deal is won; Fortnox has the company already", self._existing_company),
            ("The invoice is booked and paid in Fortnox", self._payment),
            ("The price of an article changes in Fortnox", self._price),
            ("The same deal is reopened and won again", self._won_again),
            ("A deal is won; the company has no organisation number", self._without_number),
            ("Both systems are counted", self._count),
        )

    async def _begin(self) -> None:
        """Seeds both systems and activates the connection, unless that has been done."""
        url = self._addresses.coordinator_url
        known = (await self._http.get(f"{url}/api/connections")).raise_for_status().json()
        mine = [connection for connection in known["connections"] if connection["limego_database"] == DATABASE]
        if mine:
            state = (await self._http.get(f"{self._addresses.sandbox_url}/control/state")).json()
            if DATABASE not in state["limego"]["databases"]:
                raise StepFailedError("the database holds an earlier demo, and the emulators are new: give it an empty database")
            self.connection_id = mine[0]["connection_id"]
            return
        self._report.step("Both systems are filled with a company's data, and the connection is activated")
        body = {"seed": self._seed, "companies": self._companies}
        seeded = (await self._http.post(f"{self._addresses.sandbox_url}/control/seed", json=body)).raise_for_status().json()
        self._report.tell(
            f"{seeded['companies']} companies in Lime Go; {seeded['fortnox']['customers']} customers, "
            f"{seeded['fortnox']['articles']} articles, {seeded['fortnox']['invoices']} invoices in Fortnox"
        )
        settings = {"create_document": "invoice", "standard_article": ARTICLE, "currency": "SEK"}
        wanted = {"limego_database": DATABASE, "fortnox_tenant": TENANT, "settings": settings}
        answer = await self._http.post(f"{url}/api/connections", json=wanted)
        if answer.status_code != 201:
            raise StepFailedError(f"the connection was not activated: {answer.status_code} {answer.text[:200]}")
        self.connection_id = answer.json()["connection_id"]
        await self._give_key()
        await until(self._is_listed, "old wins noted and both registers listed", within=90)
        self._report.tell("old wins are noted and never bill; both registers are listed")

    async def _give_key(self) -> None:
        answer = await self._http.put(
            f"{self._addresses.limego_connector_url}/internal/connections/{self.connection_id}/credentials",
            json={"api_key": FULL_KEY},
            headers={"Authorization": f"Bearer {self._addresses.internal_token}"},
        )
        if answer.status_code >= 300:
            raise StepFailedError(f"the Lime Go key was not taken: {answer.status_code} {answer.text[:200]}")

    async def _is_listed(self) -> bool | None:
        answer = await self._http.get(
            f"{self._addresses.limego_connector_url}/internal/walks",
            headers={"Authorization": f"Bearer {self._addresses.internal_token}"},
        )
        connections = answer.raise_for_status().json()["connections"]
        mine = next((one for one in connections if one["connection_id"] == self.connection_id), None)
        return bool(mine and all(mine[name] for name in READY)) or None

    def _number(self) -> str:
        """A valid, unassigned organisation number: the series 559 9xx is not in use."""
        nine = f"5599{self._random.randrange(100_000):05d}"
        doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(nine))
        check = -sum(value - 9 if value > 9 else value for value in doubled) % 10
        return f"{nine[:6]}-{nine[6:]}{check}"

    async def _new_company(self) -> None:
        self._new_number = self._number()
        company_id = await self._sales.add_company(f"Exempelbolaget {self._new_number[-4:]} AB", self._new_number)
        self._first_deal = await self._sales.add_deal("Införande av nytt system", company_id, 48000)
        self._first_company = company_id
        await self._win(self._first_deal)
        invoice = await self._invoice_of(self._first_deal, 48000)
        self._first_invoice = str(invoice["DocumentNumber"])
        await self._is_new_customer(invoice["CustomerNumber"], self._new_number)
        await self._shown(company_id, invoice["CustomerNumber"], self._first_invoice)

    async def _is_new_customer(self, number: str, organisation_number: str) -> None:
        customer = await self._books.customer(number)
        self._expect(customer["OrganisationNumber"] == organisation_number, "the customer has the company's number")
        self._report.tell(f"Fortnox has the new customer {number}")

    async def _existing_company(self) -> None:
        customer, company_id = await self._known_to_both()
        deal_id = await self._sales.add_deal("Tilläggsbeställning", company_id, 12500.5)
        await self._win(deal_id)
        invoice = await self._invoice_of(deal_id, 12500.5)
        self._expect(invoice["CustomerNumber"] == customer["CustomerNumber"], "the invoice is on the customer that was there")
        self._report.tell(f"linked to customer {customer['CustomerNumber']}, not created again")
        await self._shown(company_id, customer["CustomerNumber"], str(invoice["DocumentNumber"]))

    async def _known_to_both(self) -> tuple[Any, str]:
        """A customer whose number stands once on either side."""
        customers = (await self._books.call("GET", "customers", limit="500"))["Customers"]
        numbers = [customer["OrganisationNumber"].replace("-", "") for customer in customers]
        companies = await self._sales.companies_by_number()
        for customer, number in zip(customers, numbers, strict=True):
            found = companies.get(number, [])
            if len(number) == 10 and numbers.count(number) == len(found) == 1:
                return customer, found[0]
        raise StepFailedError("no company is in both systems; seed with more companies")

    async def _payment(self) -> None:
        await self._books.book_and_pay(self._first_invoice)
        self._report.tell(f"invoice {self._first_invoice} is booked and paid in Fortnox")
        await until(self._is_shown_as_paid, "the invoice shown as paid in Lime Go", within=90)
        self._report.tell("Lime Go shows it as paid (green)")

    async def _is_shown_as_paid(self) -> bool | None:
        shown = await self._sales.invoices(self._first_company)
        return any(i["documentNumber"] == self._first_invoice and i["paymentStatus"] == "paid" for i in shown) or None

    async def _price(self) -> None:
        price = 1200 + self._random.randrange(1, 500)
        await self._books.set_price(ARTICLE, price)
        self._report.tell(f"article {ARTICLE} costs {price} SEK in Fortnox")

        async def is_shown() -> bool | None:
            product = await self._sales.product(ARTICLE)
            return bool(product and float(product["price"]) == price) or None

        await until(is_shown, "the new price in Lime Go", within=90)
        self._report.tell("Lime Go shows the new price")

    async def _won_again(self) -> None:
        await self._sales.move(self._first_deal, "Offert")
        await until(lambda: self._told(self._first_deal, "reopened_after"), "the reopening in the timeline")
        await self._sales.move(self._first_deal, "ORDER")
        said = await until(lambda: self._told(self._first_deal, "won_again"), "the second win in the timeline")
        self._report.tell(f"nothing new in Fortnox; the timeline says: {said}")

    async def _told(self, deal_id: int, code: str) -> str | None:
        """The text of the timeline's entry with that code, once it is there."""
        record = await self._record("invoice", str(deal_id))
        entries = record["timeline"] if record else []
        return next((str(entry["text"]) for entry in entries if entry["code"] == code), None)

    async def _record(self, kind: str, key: str) -> Any | None:
        url, asked = f"{self._addresses.coordinator_url}/api/records", {"connection_id": self.connection_id, "lang": "en"}
        try:
            answer = await self._http.get(url, params={**asked, "kind": kind, "key": key})
        except httpx.TransportError:
            return None
        if answer.status_code == 503:
            # Its database is away: it will be seen later.
            return None
        return next(iter(answer.raise_for_status().json()["records"]), None)

    async def _without_number(self) -> None:
        company_id = await self._sales.add_company("Nummerlösa Exempel AB", None)
        deal_id = await self._sales.add_deal("Workshop", company_id, 14000)
        await self._win(deal_id)

        async def waits() -> Any | None:
            record = await self._record("customer", company_id)
            return record if record and record["state"] == "needs_attention" else None

        record = await until(waits, "the record that needs attention")
        self._report.tell(f"needs attention: {record['title']}. {record['remedy']}")
        number = self._number()
        await self._sales.fill_in_number(company_id, number)
        url = f"{self._addresses.coordinator_url}/api/records/customer/{self.connection_id}/{company_id}/try-again"
        (await self._http.post(url)).raise_for_status()
        self._report.tell("the number is filled in, Try again is pressed")
        invoice = await self._invoice_of(deal_id, 14000)
        await self._is_new_customer(invoice["CustomerNumber"], number)
        await self._shown(company_id, invoice["CustomerNumber"], str(invoice["DocumentNumber"]))

    async def _count(self) -> None:
        """No customer and no document twice, by the state of Fortnox itself."""
        state = (await self._http.get(f"{self._addresses.sandbox_url}/control/state")).json()
        fortnox = state["fortnox"]["tenants"][str(TENANT)]
        ours = [one["ExternalInvoiceReference1"] for one in fortnox["invoices"] if one["ExternalInvoiceReference1"]]
        made = [one["ExternalReference"] for one in fortnox["customers"] if one["ExternalReference"]]
        self._expect(len(ours) == len(set(ours)), "every deal has one invoice")
        self._expect(len(made) == len(set(made)), "every company has one customer")
        self._report.tell(f"{len(ours)} deals have one invoice each, {len(made)} new customers; nothing for the old wins")

    async def _win(self, deal_id: int) -> None:
        await self._sales.move(deal_id, "ORDER")
        self._report.tell(f"deal {deal_id} is won in Lime Go")

    async def _invoice_of(self, deal_id: int, value: float) -> Any:
        """The invoice of a deal, whole, once the coordinator says that it is made. (A search would lag behind.)"""

        async def is_made() -> Any | None:
            record = await self._record("invoice", str(deal_id))
            return record if record and record["state"] == "done" else None

        # A web hook that meets a restart is lost; the feed, read once a minute, finds what it told.
        record = await until(is_made, "the invoice in Fortnox", within=90)
        invoice = await self._books.invoice(record["remote_id"])
        self._expect(invoice["ExternalInvoiceReference1"] == f"limego:{DATABASE}:deal:{deal_id};", "it carries the deal")
        self._expect(len(invoice["InvoiceRows"]) == 1, "the invoice has one row")
        self._expect(abs(float(invoice["Net"]) - value) < 0.005, f"net is the deal's value {value}, not {invoice['Net']}")
        net, tax = float(invoice["Net"]), float(invoice["TotalVAT"])
        self._report.tell(f"Fortnox has invoice {invoice['DocumentNumber']}: {net:,.2f} SEK and {tax:,.2f} SEK VAT")
        return invoice

    async def _shown(self, company_id: str, customer_number: str, invoice_number: str) -> None:
        async def is_shown() -> bool | None:
            fields = (await self._sales.company(company_id))["fields"]
            numbers = fields.get("Fortnox kundnummer") == customer_number
            return (numbers and invoice_number in (fields.get("Fortnox") or "")) or None

        await until(is_shown, "customer and invoice number on the company in Lime Go")
        company = await self._sales.company(company_id)
        self._report.tell(f"Lime Go shows customer {customer_number}, “{company['fields']['Fortnox']}”")

    @staticmethod
    def _expect(holds: bool, what: str) -> None:
        if not holds:
            raise StepFailedError(f"this does not hold: {what}")
