"""Makes the customer of a company, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.commands import SaveFortnoxCustomer
from fortnox_connector import mapping
from fortnox_connector.client import FortnoxClient
from fortnox_connector.maker import CandidatesError, Found, Made, Maker
from fortnox_connector.payloads import FullCustomer, SlimCustomer
from fortnox_connector.repository import Repository
from fortnox_connector.tokens import Reserved
from normal_forms.numbers import read_digits
from normal_forms.text import fold
from servicekit.clock import utc_now
from servicekit.durations import Durations
from servicekit.errors import TransientError


@dataclass(frozen=True)
class CustomerMaker:
    """Makes customers in one lane."""

    client: FortnoxClient
    durations: Durations
    repository: Repository

    def for_command(self, command: SaveFortnoxCustomer) -> Maker:
        """The maker of one command's customer."""
        return _OneCustomer(self.client, self.durations, self.repository, command)


@dataclass(frozen=True)
class _OneCustomer:
    client: FortnoxClient
    durations: Durations
    repository: Repository
    command: SaveFortnoxCustomer

    @property
    def business_key(self) -> str:
        return f"company:{self.command.company.company_id}"

    @property
    def _reference(self) -> str:
        return mapping.company_reference(self.command.limego_database, self.command.company.company_id)

    async def look(self, intent_at: datetime, *, is_first: bool) -> Found | None:
        """ExternalReference cannot be searched: customers changed since the intent are listed and alike ones read.

        They also show a foreign customer with our number in a form that the search does not find: one that the matcher has
        not seen yet is younger than the overlap.
        """
        since = mapping.changed_since(
            intent_at, overlap=self.durations.poll_overlap, autumn_overlap=self.durations.autumn_overlap
        )
        if is_first:
            await self._require_no_other_create()
        recent = await self.client.find_customers({"lastmodified": since})
        found = await self._with_our_number() if is_first else []
        with_number = {line.CustomerNumber for line in (*recent, *found) if self._has_our_number(line)}
        with_name = {line.CustomerNumber for line in recent if self._has_our_name(line)}
        ours, foreign = [], []
        for number in sorted(with_number | with_name):
            customer = await self.client.customer(number)
            if customer.ExternalReference == self._reference:
                ours.append(customer)
            elif is_first and number in with_number:
                foreign.append(number)
        if len(ours) == 1:
            return self._found(ours[0])
        if ours:
            return Found(tuple(customer.CustomerNumber for customer in ours), "several_customers")
        if foreign:
            # The matcher said that there is none; now there is: it decides again.
            raise CandidatesError("customer_appeared", tuple(foreign))
        return None

    async def _require_no_other_create(self) -> None:
        """No customer with the number may be on its way, or just made, for another company.

        Fortnox' search does not find yet what we made a moment ago. CandidatesError `customer_appeared` for one that was made;
        TransientError while it is not known what became of a POST.
        """
        number = read_digits(self.command.company.organisation_number or "")
        if not number:
            return
        since = utc_now() - timedelta(seconds=self.durations.poll_overlap)
        for command, remote_id in await self.repository.other_customers_sent(
            self.command.connection_id, self.business_key, since
        ):
            if read_digits(command.company.organisation_number or "") != number:
                continue
            if remote_id is None:
                raise TransientError("a customer with the same organisation number is being made for another company")
            raise CandidatesError("customer_appeared", (remote_id,))

    async def known(self, remote_id: str) -> Found:
        """The customer that was made, compared with the company: it may have been made with an older content."""
        return self._found(await self.client.customer(remote_id))

    def _found(self, customer: FullCustomer) -> Found:
        differences = mapping.customer_differences(self.command, customer)
        return Found((customer.CustomerNumber,), "several_customers", differences=differences)

    def _has_our_name(self, line: SlimCustomer) -> bool:
        return fold(line.Name) == fold(self.command.company.name)

    def _has_our_number(self, line: SlimCustomer) -> bool:
        number = read_digits(self.command.company.organisation_number or "")
        return bool(number) and read_digits(line.OrganisationNumber) == number

    async def _with_our_number(self) -> list[SlimCustomer]:
        number = read_digits(self.command.company.organisation_number or "")
        forms = mapping.written_forms(number) if number else ()
        return [line for form in forms for line in await self.client.find_customers({"organisationnumber": form})]

    async def prepare(self) -> None:
        """Nothing more is needed."""

    async def reserve(self) -> Reserved:
        """A place in the lane's budget."""
        return await self.client.reserve()

    async def send(self, reserved: Reserved) -> Made:
        """The one POST."""
        made = await self.client.create_customer(mapping.customer_body(self.command), reserved)
        return Made(made.CustomerNumber)
