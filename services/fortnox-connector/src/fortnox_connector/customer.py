"""Makes the customer of a company, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.commands import SaveFortnoxCustomer
from fortnox_connector import mapping
from fortnox_connector.client import FortnoxClient
from fortnox_connector.maker import CandidatesError, Found, Made, Maker
from fortnox_connector.payloads import SlimCustomer
from fortnox_connector.tokens import Reserved
from servicekit.durations import Durations


@dataclass(frozen=True)
class CustomerMaker:
    """Makes customers in one lane."""

    client: FortnoxClient
    durations: Durations

    def for_command(self, command: SaveFortnoxCustomer) -> Maker:
        """The maker of one command's customer."""
        return _OneCustomer(self.client, self.durations, command)


@dataclass(frozen=True)
class _OneCustomer:
    client: FortnoxClient
    durations: Durations
    command: SaveFortnoxCustomer

    @property
    def business_key(self) -> str:
        return f"company:{self.command.company.company_id}"

    @property
    def _reference(self) -> str:
        return mapping.company_reference(self.command.limego_database, self.command.company.company_id)

    async def look(self, intent_at: datetime, *, is_first: bool) -> Found | None:
        """ExternalReference cannot be searched: customers changed since the intent are listed and alike ones read."""
        since = mapping.stockholm(intent_at - timedelta(seconds=self.durations.poll_overlap))
        alike = {
            line.CustomerNumber for line in await self.client.find_customers({"lastmodified": since}) if self._is_alike(line)
        }
        by_number = await self._with_our_number() if is_first else set()
        ours, foreign = [], []
        for number in sorted(alike | by_number):
            customer = await self.client.customer(number)
            if customer.ExternalReference == self._reference:
                ours.append(number)
            elif number in by_number:
                foreign.append(number)
        if ours:
            return Found(tuple(ours), "several_customers")
        if foreign:
            # The matcher said that there is none; now there is: it decides again.
            raise CandidatesError("customer_appeared", tuple(foreign))
        return None

    def _is_alike(self, line: SlimCustomer) -> bool:
        company = self.command.company
        number = mapping.digits(company.organisation_number)
        return mapping.normal_name(line.Name) == mapping.normal_name(company.name) or (
            bool(number) and mapping.digits(line.OrganisationNumber) == number
        )

    async def _with_our_number(self) -> set[str]:
        number = mapping.digits(self.command.company.organisation_number)
        hits: set[str] = set()
        for form in mapping.written_forms(number) if number else ():
            for line in await self.client.find_customers({"organisationnumber": form}):
                if mapping.digits(line.OrganisationNumber) == number:
                    hits.add(line.CustomerNumber)
        return hits

    async def prepare(self) -> None:
        """Nothing more is needed."""

    async def reserve(self) -> Reserved:
        """A place in the lane's budget."""
        return await self.client.reserve()

    async def send(self, reserved: Reserved) -> Made:
        """The one POST."""
        made = await self.client.create_customer(mapping.customer_body(self.command), reserved)
        return Made(made.CustomerNumber)
