"""The registers that the judgement is measured on: the same for a seed, with what is stated in them and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields

import pytest
from stdnum import luhn

from support.registers import CLEAN, DIRTY, Rates, a_deceiving_register, registers

SIZE = 2000
STRUCTURAL = {"grouped", "units", "double", "merged", "parents_number"}
STROKES = [field.name for field in fields(Rates) if field.name not in STRUCTURAL]


def _digits(written: str) -> str:
    """The ten digits of a number that the generator wrote, read without the product's own reader."""
    digits = re.sub(r"\D", "", written)
    return (digits[:-2] if written.startswith("SE") else digits)[-10:]


@pytest.fixture(scope="module")
def dirty():
    return registers(1, SIZE, DIRTY)


@pytest.fixture(scope="module")
def clean():
    return registers(1, SIZE, CLEAN)


def test_a_seed_makes_the_same_registers_again_and_another_seed_makes_others():
    one, again, other = registers(5, 100, DIRTY), registers(5, 100, DIRTY), registers(6, 100, DIRTY)
    assert (one.companies, one.customers, one.truth) == (again.companies, again.customers, again.truth)
    assert one.companies != other.companies


@pytest.mark.parametrize("rates", [CLEAN, DIRTY], ids=["clean", "dirty"])
def test_the_truth_names_records_that_are_there(rates):
    made = registers(3, SIZE, rates)
    companies = [company.company_id for company in made.companies]
    customers = [customer.customer_number for customer in made.customers]
    assert len(set(companies)) == len(companies)
    assert len(set(customers)) == len(customers)
    assert set(made.truth) <= set(customers)
    assert set(made.truth.values()) <= set(companies)
    assert 0.75 < len(made.truth) / len(customers) < 0.87


def test_clean_registers_hold_valid_numbers_once_on_either_side(clean):
    assert set().union(*clean.struck.values()) == set()
    for side in (clean.companies, clean.customers):
        swedish = [record for record in side if record.country_code in ("SE", "Sverige", "Sweden", "")]
        numbers = {_digits(record.organisation_number) for record in swedish}
        assert len(numbers) == len(swedish)
        assert [number for number in numbers if not luhn.is_valid(number)] == []


def test_a_clean_pair_has_the_same_number_on_both_sides(clean):
    companies = {company.company_id: company for company in clean.companies}
    for customer in clean.customers:
        company = companies.get(clean.truth.get(customer.customer_number, ""))
        if company and customer.organisation_number:
            assert _digits(customer.organisation_number) == _digits(company.organisation_number)
        elif company:
            assert customer.vat_number == company.organisation_number


@pytest.mark.parametrize("kind", STROKES)
def test_what_strikes_strikes_at_its_rate(kind):
    alone = registers(2, SIZE, Rates(**{kind: 0.2}))
    struck = sum(kind in kinds for number, kinds in alone.struck.items() if number in alone.truth) / len(alone.truth)
    assert 0.16 < struck < 0.24
    untouched = registers(2, SIZE, CLEAN)
    assert alone.companies != untouched.companies or alone.customers != untouched.customers


def test_dirty_registers_hold_every_kind_of_corruption(dirty):
    found = Counter(kind for kinds in dirty.struck.values() for kind in kinds)
    assert set(found) == {*STROKES, "double", "merged", "parents_number"}
    numbers = Counter(_digits(company.organisation_number) for company in dirty.companies if company.organisation_number)
    assert sum(count > 1 for count in numbers.values()) > 5, "authorities share a number with their units"
    assert 0.2 < sum(not customer.organisation_number + customer.vat_number for customer in dirty.customers) / SIZE < 0.3
    assert max(Counter(dirty.truth.values()).values()) == 2, "a company that is in Fortnox twice"


def test_every_deception_is_what_it_says():
    made = a_deceiving_register(4, size=200, each=10)
    companies = {company.company_id: company for company in made.companies}
    numbers = {_digits(company.organisation_number): company for company in made.companies}
    found = Counter()
    for customer in made.customers:
        for kind in made.struck.get(customer.customer_number, ()):
            found[kind] += 1
            true = companies.get(made.truth.get(customer.customer_number, ""))
            holder = numbers.get(_digits(customer.organisation_number))
            if kind in ("parent", "swap"):
                assert holder is not None
                assert holder != true
            if kind == "unlike-parent":
                assert holder is not None
                assert true is None
            if kind in ("namesake", "homonym", "subsidiary", "trader"):
                assert holder is None
                assert true is None
    assert found == {kind: 10 + 10 * (kind == "twice") for kind in found}
    assert len(found) == 11
