"""Reads one customer whose number a person typed, and reports it as a poll would."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from contracts.commands import ReadFortnoxCustomer
from contracts.events import CustomerChanged
from fortnox_connector import mapping
from fortnox_connector.answers import NotFoundError
from fortnox_connector.client import FortnoxClient
from fortnox_connector.repository import Repository
from servicekit import work
from servicekit.database import Database, UnitOfWork, next_versions
from servicekit.telemetry import current_trace
from servicekit.work import Finished, Item

CUSTOMER_MISSING = "customer_missing"


@dataclass(frozen=True)
class CustomerLookup:
    """Looks customers up for one lane."""

    client: FortnoxClient
    repository: Repository
    database: Database

    async def execute(self, item: Item, command: ReadFortnoxCustomer) -> Finished:
        """The outcome: saved, with `CustomerChanged` in the same transaction, or refused with `customer_missing`."""
        connection = await self.repository.find_connection(item.connection_id)
        if connection is None or connection.fortnox_tenant != command.fortnox_tenant:
            return Finished(work.refusal(item, "connection_changed"))
        async with self.database.pool.acquire() as session:
            [version] = await next_versions(session, 1)
        try:
            found = await self.client.customer(command.customer_number)
        except NotFoundError:
            return Finished(work.refusal(item, CUSTOMER_MISSING))
        except ValidationError:
            return Finished(work.refusal(item, "unreadable_answer"))
        if found.CustomerNumber != command.customer_number:
            return Finished(work.refusal(item, CUSTOMER_MISSING))
        changed = CustomerChanged(connection_id=item.connection_id, version=version, customer=mapping.whole_customer(found))

        async def store(unit: UnitOfWork) -> None:
            unit.publish(changed, trace=current_trace())

        return Finished(work.saved(item, found.CustomerNumber), store)
