"""Reads what bears on the cases of a batch: the claims, who is decided already, and the records near each company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.values import Company
from matcher.domain import Finding
from matcher.identity import Identity
from matcher.keyed_hash import KeyedHash
from matcher.keys import Keys, company_identity, customer_identity, keys_of
from matcher.linking.model import Model
from matcher.neighbourhood import Neighbourhood, findings
from matcher.registers import Case, Key, Registers
from matcher.repository import DecisionRepository, RegisterRepository, StoredCustomer
from servicekit.fault_points import is_guard_on

MOST_UNDER_A_KEY = 1_000
"""Records that are read under one number or name. Whatever more share is ambiguous in any case."""
MOST_ALIKE = 20
"""As in linking.blocking: what more records share tells little."""


@dataclass
class Gathered:
    """Records near the cases, and the cases that have a name which too many share."""

    companies: dict[Key, Company] = field(default_factory=dict)
    customers: dict[Key, StoredCustomer] = field(default_factory=dict)
    crowded: set[Key] = field(default_factory=set)


class Gatherer:
    """Reads within one transaction."""

    def __init__(
        self, registers: RegisterRepository, decisions: DecisionRepository, hashing: KeyedHash, model: Mapping[UUID, Model]
    ) -> None:
        self._registers, self._decisions, self._hashing, self._models = registers, decisions, hashing, model

    async def registers_of(self, cases: Sequence[Case], alike: Iterable[Key] = (), rivals_of: Iterable[Key] = ()) -> Registers:
        """All that the decisions rest on: what the ladder looks at, the customers that are `alike`, and others who are like some.

        `rivals_of` are customers whose odds depend on which other companies they may be.
        """
        near = await self._near(cases, alike, rivals_of)
        numbers = sorted({case.claim_key for case in cases if case.claim_key})
        claims = await self._decisions.claims_of(numbers) if is_guard_on("claim") else {}
        owners = await self._decisions.owners_of(sorted(near.customers))
        made = Registers(claims=claims, owners=owners)
        companies: dict[Key, list[str]] = defaultdict(list)
        customers: dict[Key, list[str]] = defaultdict(list)
        identities = {key: company_identity(company) for key, company in sorted(near.companies.items())}
        for (connection_id, company_id), identity in identities.items():
            for number in self._numbers(connection_id, identity):
                companies[connection_id, number].append(company_id)
        for (connection_id, customer_number), stored in sorted(near.customers.items()):
            for number in self._numbers(connection_id, customer_identity(stored.customer)):
                customers[connection_id, number].append(customer_number)
        made.companies, made.customers = companies, customers
        made.findings = self._findings(cases, near, made, identities)
        return made

    async def alike(self, cases: Sequence[Case]) -> set[Key]:
        """Customers of nobody that share a key of likeness with one of the cases."""
        likeness = {key for case in cases for key in self._keys(case).likeness}
        found = _rare(await self._registers.customers_like(sorted(likeness), MOST_ALIKE))
        return found - (await self._decisions.owners_of(sorted(found))).keys()

    async def _near(self, cases: Sequence[Case], alike: Iterable[Key], rivals_of: Iterable[Key]) -> Gathered:
        gathered = Gathered({case.key: case.company for case in cases})
        keys = {case.key: self._keys(case) for case in cases}
        ladder = {key for found in keys.values() for key in found.ladder}
        customers = await self._registers.customers_under(sorted(ladder), MOST_UNDER_A_KEY)
        wanted = {record for records in customers.values() for record in records} | set(_linked(cases)) | set(alike)
        gathered.customers = await self._registers.customers(sorted(wanted))
        ladder |= {key for stored in gathered.customers.values() for key in stored.ladder}
        companies = await self._registers.companies_under(sorted(ladder), MOST_UNDER_A_KEY)
        others = {record for records in companies.values() for record in records}
        likeness = {key for customer in rivals_of for key in gathered.customers[customer].likeness}
        others |= _rare(await self._registers.companies_like(sorted(likeness), MOST_ALIKE))
        gathered.companies |= await self._registers.companies(sorted(others - gathered.companies.keys()))
        crowded = {key for found in (customers, companies) for key, records in found.items() if len(records) > MOST_UNDER_A_KEY}
        gathered.crowded = {record for record, found in keys.items() if crowded & set(found.ladder)}
        return gathered

    def _findings(
        self, cases: Sequence[Case], near: Gathered, made: Registers, identities: Mapping[Key, Identity]
    ) -> dict[Key, Finding]:
        found: dict[Key, Finding] = {}
        for connection_id in sorted({case.connection_id for case in cases}):
            wanted = [case.company.company_id for case in cases if case.connection_id == connection_id]
            place = self._neighbourhood(connection_id, near, made, identities)
            judged = findings(place, wanted, self._models[connection_id])
            found.update({(connection_id, company_id): finding for company_id, finding in judged.items()})
        return found

    def _neighbourhood(
        self, connection_id: UUID, near: Gathered, made: Registers, identities: Mapping[Key, Identity]
    ) -> Neighbourhood:
        place = Neighbourhood()
        for key in near.companies:
            if key[0] != connection_id:
                continue
            # A claimed number is the claimant's alone: the customer that was made for it finds it, whoever got the number since.
            claimants = {made.claims.get((connection_id, number)) for number in self._numbers(connection_id, identities[key])}
            is_others = bool(claimants - {None, key[1]})
            place.companies[key[1]] = identities[key]._replace(number="", digits="") if is_others else identities[key]
        for key, stored in near.customers.items():
            if key[0] == connection_id:
                place.customers[key[1]] = customer_identity(stored.customer)
        place.links = {customer: company for (owning, customer), company in made.owners.items() if owning == connection_id}
        place.crowded = {company_id for connection, company_id in near.crowded if connection == connection_id}
        return place

    def _keys(self, case: Case) -> Keys:
        return keys_of(self._hashing.key, case.connection_id, company_identity(case.company))

    def _numbers(self, connection_id: UUID, identity: Identity) -> set[str]:
        return {self._hashing.number(connection_id, number) for number in (identity.number, identity.vat_number) if number}


def _linked(cases: Iterable[Case]) -> Iterable[Key]:
    for case in cases:
        if case.approved is not None:
            yield case.connection_id, case.approved
        if case.settled and case.settled.match:
            yield case.connection_id, case.settled.match.customer_number


def _rare(found: Mapping[int, Sequence[Key]]) -> set[Key]:
    return {record for records in found.values() if len(records) <= MOST_ALIKE for record in records}
