"""Two registers of the same world, and the truth about which customer is which company."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TypeVar

from matcher.records import CompanyRecord, CustomerRecord
from support.registers import corruption
from support.registers.corruption import Rates
from support.registers.entities import Entity, World
from support.registers.writing import Pen

BOTH_SHARE = 0.8
"""So many companies of Lime Go are customers in Fortnox; the others, and as many customers, have no partner."""
CUSTOMERS_SHARE = 2 / 3
FIRST_COMPANY, FIRST_CUSTOMER = 1_000_001, 10_001
R = TypeVar("R", CompanyRecord, CustomerRecord)


@dataclass
class Registers:
    """`truth` is the company id by customer number; who is not in it has no partner. `struck` names what went wrong."""

    companies: list[CompanyRecord] = field(default_factory=list)
    customers: list[CustomerRecord] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)
    struck: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def registers(seed: int, size: int, rates: Rates) -> Registers:
    """About `size` companies and as many customers, always the same for a seed."""
    return _Scribe(random.Random(f"{seed} {size}"), rates).write(size)


class _Scribe:
    def __init__(self, chance: random.Random, rates: Rates) -> None:
        self._chance, self._rates = chance, rates
        self._world, self._pen = World(chance), Pen(chance)
        self._made = Registers()

    def write(self, size: int) -> Registers:
        while len(self._made.companies) < size:
            group = self._group()
            both = self._chance.random() < BOTH_SHARE
            for entity in group:
                company_id = self._company(entity)
                if both:
                    self._partner(entity, company_id, group)
        while len(self._made.customers) < size:
            self._customer(self._world.entity(), None, set())
        self._chance.shuffle(self._made.companies)
        self._chance.shuffle(self._made.customers)
        return self._made

    def _group(self) -> list[Entity]:
        """One entity, or several that have an address, a number or a name in common."""
        drawn = self._chance.random()
        if drawn < self._rates.units:
            return self._world.units(self._chance.randint(3, 5))
        entity = self._world.entity()
        if drawn < self._rates.units + self._rates.grouped and entity.kind == "company":
            return [entity, self._world.sibling(entity)]
        return [entity]

    def _company(self, entity: Entity) -> str:
        company_id = str(FIRST_COMPANY + len(self._made.companies))
        self._made.companies.append(self._pen.company(company_id, entity))
        return company_id

    def _partner(self, entity: Entity, company_id: str, group: list[Entity]) -> None:
        struck: set[str] = set()
        now = entity
        if len(group) == 2 and entity is group[1] and self._strikes("parents_number", of=self._rates.grouped):
            now = replace(entity, number=group[0].number)
            struck.add("parents_number")
        elif entity.kind == "company" and len(group) == 1 and self._strikes("merged"):
            taken_over = self._world.entity("company")
            self._company(taken_over)
            now = replace(entity, postal=taken_over.postal, visiting=taken_over.visiting, phone=taken_over.phone)
            struck.add("merged")
        self._customer(now, company_id, struck)
        if self._strikes("double"):
            self._customer(now, company_id, {*struck, "double"})

    def _strikes(self, kind: str, *, of: float = 1.0) -> bool:
        """`of`: among so many of all entities only."""
        rate = getattr(self._rates, kind)
        return bool(rate) and self._chance.random() < rate / of

    def _customer(self, entity: Entity, company_id: str | None, struck: set[str]) -> None:
        """The customer, and what strikes it or its company."""
        number = str(FIRST_CUSTOMER + len(self._made.customers))
        customer = self._pen.customer(number, entity)
        at = int(company_id) - FIRST_COMPANY if company_id else None
        company = self._made.companies[at] if at is not None else None
        for kind, is_customers in self._strokes():
            if is_customers:
                customer = self._struck_customer(customer, entity, kind)
            elif company is not None:
                company = self._struck_company(company, entity, kind)
            else:
                continue
            struck.add(kind)
        if company is not None and at is not None and company_id is not None:
            self._made.companies[at] = company
            self._made.truth[number] = company_id
        self._made.customers.append(customer)
        self._made.struck[number] = struck

    def _strokes(self) -> list[tuple[str, bool]]:
        """What strikes, and whether it strikes the customer; of one field at most one thing."""
        strokes = []
        for kinds in FIELDS:
            drawn = self._chance.random()
            for kind in kinds:
                drawn -= getattr(self._rates, kind)
                if drawn < 0:
                    share = 5 / 6 if kind == "number_missing" else CUSTOMERS_SHARE
                    strokes.append((kind, self._chance.random() < share))
                    break
        return strokes

    def _struck_customer(self, record: CustomerRecord, entity: Entity, kind: str) -> CustomerRecord:
        match kind:
            case "number_missing":
                return replace(record, organisation_number="", vat_number="")
            case "number_mistyped" | "number_swapped":
                wrong = corruption.digit_mistyped if kind == "number_mistyped" else corruption.digits_swapped
                if entity.country != "SE":
                    return replace(record, vat_number=wrong(record.vat_number, self._chance))
                return replace(record, organisation_number=wrong(record.organisation_number, self._chance), vat_number="")
            case "address_moved":
                moved = self._pen.customer("", self._world.moved(entity))
                return replace(record, address1=moved.address1, address2="", zip_code=moved.zip_code, city=moved.city)
            case "address_mistyped" if self._chance.random() < 0.5:
                return replace(record, zip_code=corruption.digit_mistyped(record.zip_code, self._chance))
            case "address_mistyped":
                return replace(record, address1=corruption.mistyped(record.address1, self._chance))
        return self._struck(record, entity, kind)

    def _struck_company(self, record: CompanyRecord, entity: Entity, kind: str) -> CompanyRecord:
        match kind:
            case "number_missing":
                return replace(record, organisation_number="")
            case "number_mistyped":
                return replace(record, organisation_number=corruption.digit_mistyped(record.organisation_number, self._chance))
            case "number_swapped":
                return replace(record, organisation_number=corruption.digits_swapped(record.organisation_number, self._chance))
            case "address_moved":
                moved = self._pen.company("", self._world.moved(entity))
                address = {"street": moved.street, "postcode": moved.postcode, "city": moved.city}
                return replace(record, **address, visiting_street="", visiting_postcode="", visiting_city="")
            case "address_mistyped" if self._chance.random() < 0.5:
                return replace(record, postcode=corruption.digit_mistyped(record.postcode, self._chance))
            case "address_mistyped":
                return replace(record, street=corruption.mistyped(record.street, self._chance))
        return self._struck(record, entity, kind)

    def _struck(self, record: R, entity: Entity, kind: str) -> R:
        """What befalls the fields that both registers have."""
        match kind:
            case "name_mistyped":
                return replace(record, name=corruption.mistyped(record.name, self._chance))
            case "name_trading":
                return replace(record, name=entity.trading_name or record.name)
            case "name_added_to":
                return replace(record, name=corruption.added_to(record.name, entity.postal.city, self._chance))
            case "name_without_dots":
                return replace(record, name=corruption.without_dots(record.name, self._chance))
            case "phone_changed":
                return replace(record, phone=self._world.phone() if record.phone else "")
            case "email_changed" if record.email:
                local, _, domain = record.email.partition("@")
                other = f"{local}@{self._world.entity('company').email.partition('@')[2]}"
                return replace(record, email=self._chance.choice((f"ekonomi@{domain}", other)))
            case "email_changed":
                return record
        raise ValueError(kind)


FIELDS = (
    ("number_missing", "number_mistyped", "number_swapped"),
    ("name_mistyped", "name_trading", "name_added_to", "name_without_dots"),
    ("address_moved", "address_mistyped"),
    ("phone_changed",),
    ("email_changed",),
)
"""Kinds of corruption by the field that they strike."""
