"""What is linked: registers and labelled sets, written down for our own command line and for the peers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from benchmarks.matching import labelled
from benchmarks.matching.labelled import Persons
from matcher.identity import Identity, identity_of_company, identity_of_customer
from matcher.records import CompanyRecord, CustomerRecord
from support.registers import Registers

PREPARED = ("id", "number", "name", "phone", "email", "domain", "street", "postcode", "town")
"""What the peers get of a company: our own normal forms, so that the linkage is compared and not the cleaning before it."""


@dataclass(frozen=True)
class Dataset:
    """Files in a folder: companies.csv and customers.csv for us, left.csv and right.csv for the peers.

    `kind` tells the peers which columns there are. `one_to_one`: no company has two customers, and everybody may know that.
    """

    name: str
    kind: str
    folder: Path
    records: int
    truth: Mapping[str, str]
    one_to_one: bool


def write_registers(name: str, made: Registers, folder: Path) -> Dataset:
    """Generated registers; a company may be in Fortnox twice."""
    _write_records(folder, made.companies, made.customers)
    _write(folder / "left.csv", PREPARED, (_prepared(identity_of_company(record)) for record in made.companies))
    _write(folder / "right.csv", PREPARED, (_prepared(identity_of_customer(record)) for record in made.customers))
    return Dataset(name, "companies", folder, len(made.companies) + len(made.customers), made.truth, one_to_one=False)


def write_persons(name: str, kind: str, persons: Persons, folder: Path) -> Dataset:
    """A labelled set."""
    companies = [labelled.as_company(row) for row in persons.left]
    customers = [labelled.as_customer(row) for row in persons.right]
    _write_records(folder, companies, customers)
    for side, rows in (("left", persons.left), ("right", persons.right)):
        _write(folder / f"{side}.csv", tuple(rows[0]), (tuple(row.values()) for row in rows))
    one_to_one = len(set(persons.truth.values())) == len(persons.truth)
    return Dataset(name, kind, folder, len(companies) + len(customers), persons.truth, one_to_one)


def _write_records(folder: Path, companies: list[CompanyRecord], customers: list[CustomerRecord]) -> None:
    folder.mkdir(parents=True)
    for name, records in (("companies", companies), ("customers", customers)):
        _write(folder / f"{name}.csv", tuple(field.name for field in fields(records[0])), map(astuple, records))


def _prepared(identity: Identity) -> tuple[str, ...]:
    return (
        identity.record_id,
        identity.digits,
        identity.name.core,
        identity.phone,
        identity.email,
        identity.domain,
        identity.street,
        identity.postcode,
        identity.town,
    )


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
