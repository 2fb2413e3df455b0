"""One scenario's own pair of systems: a fresh Fortnox company and Lime Go database, and what is done to them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil

from devstack.process import free_port
from devstack.services import Service
from support.activation import Site
from support.companies import a_company
from support.emulators import Bookkeeper, Salesperson
from support.facts import Connection
from support.quiescence import quiescent, until

_tenants = itertools.count(100_200)
FORTNOX, LIMEGO, MATCHER, COORDINATOR = "fortnox-connector", "limego-connector", "matcher", "sync-coordinator"


class Stage:
    """The pair, before and after its activation."""

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        self.sandbox = site.sandbox
        self.tenant = next(_tenants)
        self.database = f"{name}-{self.tenant}"
        self.connection: Connection

    async def set_up(self) -> None:
        await self.sandbox.add_tenant(self.tenant, self.database)

    async def activate(self, **settings: object) -> None:
        self.connection = await self.site.activate(self.database, self.tenant, **settings)

    @property
    def sales(self) -> Salesperson:
        return self.site.people(self.database)[0]

    @property
    def books(self) -> Bookkeeper:
        return self.site.people(self.database)[1]

    async def new_deals(self, count: int = 1, value: object = 1000) -> list[int]:
        """Open deals, each of a company of its own that Fortnox lacks."""
        made = await self.sandbox.put_in(
            self.database,
            organizations=[a_company() for _ in range(count)],
            deals=[{"name": "Införande", "value": value, "organizationIndex": index} for index in range(count)],
        )
        return list(made["deals"])

    async def linked_company(self) -> str:
        """A company whose customer is there and linked; nothing of it is under way."""
        company = await self.sales.add_company(**a_company())
        deal = await self.sales.add_deal(company)
        await self.sales.win(deal)
        await self.reached(deal, "done")
        return company

    async def record(self, deal_id: int) -> dict[str, Any]:
        return await self.site.record("invoice", deal_id, self.database)

    async def reached(self, deal_id: int, *states: str, within: float = 40.0) -> dict[str, Any]:
        """Waits until a deal's record is in one of these states."""

        async def look() -> object:
            record = await self.record(deal_id)
            return record if record.get("state") in states else None

        found = await until(look, f"deal {deal_id} is {' or '.join(states)}", within=within)
        assert isinstance(found, dict)
        return found

    async def try_again(self, kind: str, key: object) -> None:
        """Presses *Försök igen*."""
        url = f"{self.site.stack.coordinator_url}/api/records/{kind}/{self.connection.connection_id}/{key}/try-again"
        answer = await self.site.http.post(url)
        assert answer.status_code == 202, answer.text

    async def sent(self, *deal_ids: int, within: float = 20.0) -> None:
        """Waits until the connector has noted that a POST leaves for each of these deals."""
        query = """
            SELECT count(*) FROM creation
            WHERE connection_id = $1 AND business_key = ANY($2::text[]) AND (sent_at IS NOT NULL OR remote_id IS NOT NULL)
        """
        keys = [f"deal:{deal_id}" for deal_id in deal_ids]

        async def look() -> bool:
            rows = await self.site.world.rows("fortnox_connector", query, self.connection.connection_id, keys)
            return int(rows[0][0]) == len(keys)

        await until(look, f"the invoices of {deal_ids} are being sent", within=within)

    async def fault(self, operation: str, kind: str, times: int | None = 1, **more: object) -> None:
        """A fault of Fortnox that strikes this pair only."""
        fault = {
            "system": "fortnox",
            "operation": operation,
            "kind": kind,
            "times": times,
            "connection": str(self.tenant),
            **more,
        }
        await self.sandbox.add_faults(fault)

    async def webhook_fault(self, kind: str, **more: object) -> None:
        fault = {"system": "limego", "operation": "webhook", "kind": kind, "times": None, "connection": self.database, **more}
        await self.sandbox.add_faults(fault)

    async def documents(self, deal_id: int) -> list[str]:
        """Numbers of the invoices, credit notes apart, that carry the deal's whole reference."""
        tenant = (await self.sandbox.state())["fortnox"]["tenants"][str(self.tenant)]
        reference = self.connection.deal_reference(deal_id)
        return [
            invoice["DocumentNumber"]
            for invoice in tenant["invoices"]
            if invoice["ExternalInvoiceReference1"] == reference and invoice["Credit"] != "true"
        ]

    async def pause(self, seconds: float) -> None:
        """So many seconds of the product's own time."""
        await asyncio.sleep(seconds / self.site.stack.time_scale)

    async def untaken_faults(self) -> list[str]:
        """Faults of this pair that never struck: then the scenario has shown nothing."""
        faults = (await self.sandbox.ask("GET", "faults"))["faults"]
        mine = [one for one in faults if one["connection"] in (str(self.tenant), self.database)]
        return [f"the fault {one['kind']} of {one['operation']} never struck" for one in mine if not one["taken"]]


@asynccontextmanager
async def second_replica(site: Site, points: str = "") -> AsyncIterator[Service]:
    """Another Fortnox connector on the same slice."""
    first = site.stack.services[FORTNOX]
    assert first.environment is not None
    environment = {**first.environment, "FAULT_POINTS": points}
    service = Service(FORTNOX, 2, directory=site.stack.directory, port=free_port(), environment=environment)
    service.start()
    try:
        await service.ready()
        yield service
    finally:
        service.kill()


@asynccontextmanager
async def armed(site: Site, name: str, point: str) -> AsyncIterator[None]:
    """A service runs with a `kill` point, that it passes only with what comes from now on; afterwards it runs without."""
    # What it still had to do would end it before it is ready.
    await quiescent(site.world)
    await site.restart(name, f"{point}:kill")
    try:
        yield
    finally:
        await site.restart(name)


async def frozen(service: Service, *, within: float = 90.0) -> None:
    """Waits until a service has stopped itself at a `freeze` point."""

    async def look() -> bool:
        return psutil.Process(service.pid).status() == psutil.STATUS_STOPPED

    await until(look, f"{service.name} is frozen", within=within)


async def killed(service: Service, *, within: float = 90.0) -> None:
    """Waits until a service has ended itself at a `kill` point."""
    try:
        await service.wait(within=within)
    except TimeoutError:
        raise AssertionError(f"{service.name} never passed its fault point") from None
