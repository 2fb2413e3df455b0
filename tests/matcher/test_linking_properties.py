"""What holds for any two registers, however they are written: a thousand small ones, full of things that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from math import prod
from random import Random
from typing import TypeVar

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.identity import Identity, identity_of_company, identity_of_customer
from matcher.linking import link_registers
from matcher.linking.columns import Vocabularies, encode
from matcher.linking.comparison import compare
from matcher.linking.estimation import SAMPLE, count_frequencies
from matcher.linking.live import LiveCompanyIndex, LiveIndex
from matcher.linking.model import Commonness, Model, weights
from matcher.records import CompanyRecord, CustomerRecord, Judgement, Outcome, Rung
from support.registers import CLEAN, DIRTY, registers

A_THOUSAND = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
ODDS = 10.0
"""A threshold that links now and then, so that the properties hold for the score's own links too."""


R = TypeVar("R", CompanyRecord, CustomerRecord)
CHOICES = {
    "name": ("", "Bergs Måleri AB", "Bergs AB", "Bergs Målri AB", "Brf Solen", "Anna Ek", "Kalles Kök", "Bergs Rör HB"),
    "organisation_number": ("", "556677-8899", "556036-0793", "556677-8890", "880320-0016"),
    "phone": ("", "08-123 456 78", "070-111 22 33"),
    "email": ("", "info@bergs.se", "anna@bergs.se", "anna@gmail.com"),
    "street": ("", "Storgatan 5", "Storgatan 7", "Box 12"),
    "postcode": ("", "123 45", "123 46"),
    "city": ("", "Solna", "Lund"),
}


def _row(number: int) -> dict[str, str]:
    """One draw for a whole record: drawing is what takes the time."""
    values = {}
    for field, choices in CHOICES.items():
        number, chosen = divmod(number, len(choices))
        values[field] = choices[chosen]
    return values


def _company(company_id: str, values: dict[str, str]) -> CompanyRecord:
    return CompanyRecord(company_id, **values)


def _customer(customer_number: str, values: dict[str, str]) -> CustomerRecord:
    renamed = {"street": "address1", "postcode": "zip_code"}
    return CustomerRecord(customer_number, **{renamed.get(field, field): value for field, value in values.items()})


a_row = st.integers(0, prod(map(len, CHOICES.values())) - 1).map(_row)
rows = st.lists(a_row, max_size=3)
companies = rows.map(lambda rows: [_company(f"c{place}", row) for place, row in enumerate(rows)])
customers = rows.map(lambda rows: [_customer(f"k{place}", row) for place, row in enumerate(rows)])


@cache
def strangers() -> tuple[list[CompanyRecord], list[CustomerRecord]]:
    """Records that have nothing in common with those above: no word, no number, no place, no contact."""
    made = registers(10, 300, CLEAN)
    known = [
        identity_of_company(_company("", {name: values[min(place, len(values) - 1)] for name, values in CHOICES.items()}))
        for place in range(max(map(len, CHOICES.values())))
    ]
    theirs = {text for identity in known for text in _texts(identity)}
    companies = [record for record in made.companies if not theirs & _texts(identity_of_company(record))]
    customers = [record for record in made.customers if not theirs & _texts(identity_of_customer(record))]
    return companies, customers


def _texts(identity: Identity) -> set[str]:
    """All that is compared of a record, the words of its names one by one."""
    return {*identity.name.words, *identity.other_name.words, *(text for text in identity[1:] if isinstance(text, str))} - {""}


@cache
def a_model() -> Model:
    made = registers(7, 400, DIRTY)
    return link_registers(made.companies, made.customers).model


def _shuffled(records: list[R], chance: Random) -> list[R]:
    return chance.sample(records, len(records))


def judgements(left: list[CompanyRecord], right: list[CustomerRecord], threshold: float | None = ODDS) -> dict[str, Judgement]:
    linkage = link_registers(left, right, model=a_model(), threshold=threshold)
    return {judgement.customer_number: judgement for judgement in linkage.judgements}


def _number_forms(ten: str) -> list[str]:
    """Every form in which people write an organisation number, or a sole trader's personal number."""
    birth_or_kind, rest = ten[:6], ten[6:]
    century = "16" if ten[2] >= "2" else "19"
    bare = [f"{birth_or_kind}{sign}{rest}" for sign in ("", "-", " ", "–", " - ")]
    return [
        *bare,
        *(f"{century}{form}" for form in bare),
        *(f"{before}{ten}{after}" for before in ("SE", "SE ", "se") for after in ("01", " 01", "")),
        f"SE{bare[1]}01",
        *(f"{label} {bare[1]}" for label in ("Org.nr", "Orgnr:", "Organisationsnummer:", "Momsreg.nr")),
        f"VAT: SE{ten}01",
    ]


def _respelled(pairs: Sequence[tuple[str, str]]) -> Callable[[str], list[str]]:
    return lambda text: [text.replace(old, new) for old, new in pairs]


def _name_forms(name: str) -> list[str]:
    """The legal form written out, abbreviated, in front and behind; letters that an encoding or a keyboard lost."""
    forms = _respelled([("å", "a"), ("ä", "a"), ("ö", "o"), ("å", "Ã¥"), ("ö", "Ã¶")])(name)
    stem, _, form = name.rpartition(" ")
    if form == "AB":
        forms += [f"{stem} {written}" for written in ("Aktiebolag", "AB (publ)", "A.B.", "ab", "AB c/o Ek")]
        forms += [f"{before} {stem}" for before in ("AB", "Aktiebolaget")]
    if form == "HB":
        forms += [f"{stem} Handelsbolag", f"Handelsbolaget {stem}", f"HB {stem}"]
    if name.startswith("Brf "):
        forms += [f"{before} Solen" for before in ("BRF", "Bostadsrättsföreningen", "Bostadsrättsförening")]
    return forms


FORMS: dict[str, Callable[[str], list[str]]] = {
    "organisation_number": lambda text: _number_forms(text.replace("-", "")),
    "name": _name_forms,
    "phone": _respelled(
        [
            ("08-", "+46 8 "),
            ("08-", "+46 (0)8-"),
            ("08-", "0046 8"),
            ("070-", "0046 (0)70 "),
            ("070-", "+4670"),
            ("-", " "),
            (" ", ""),
        ]
    ),
    "email": lambda text: [text.title(), f"mailto:{text}", f"<{text}>", f"{text};"],
    "street": _respelled([("gatan", "g."), ("gatan", " gatan"), ("gatan", "gat."), ("Box", "Postbox"), ("Box ", "P.O. Box 0")]),
    "postcode": lambda text: [
        text.replace(" ", ""),
        f"S-{text}",
        f"SE-{text}",
        f"SE {text.replace(' ', '')}",
        text.replace(" ", "-"),
    ],
    "city": lambda text: [f"{text}, Sverige", f"{text} 1"],
}
"""Other forms of a field that mean the same."""


def _written_anew(values: dict[str, str], chance: Random) -> dict[str, str]:
    anew = {}
    for field, text in values.items():
        forms = [text, f" {text} ", text.upper(), text.replace(" ", "  "), *FORMS[field](text)] if text else [""]
        anew[field] = chance.choice(forms)
    return anew


def _links(found: dict[str, Judgement]) -> dict[str, str | None]:
    return {number: judgement.company_id for number, judgement in found.items() if judgement.outcome is Outcome.LINKED}


@A_THOUSAND
@given(rows, rows, st.randoms(use_true_random=False))
def test_neither_order_nor_formatting_nor_an_unrelated_record_changes_a_link(
    left: list[dict[str, str]], right: list[dict[str, str]], chance: Random
) -> None:
    """One test for three properties: they share the judgement that nothing may change."""
    companies = [_company(f"c{place}", row) for place, row in enumerate(left)]
    customers = [_customer(f"k{place}", row) for place, row in enumerate(right)]
    before = judgements(companies, customers)
    assert judgements(_shuffled(companies, chance), _shuffled(customers, chance)) == before, "order"
    foreign_companies, foreign_customers = strangers()
    company, customer = chance.choice(foreign_companies), chance.choice(foreign_customers)
    more = _links(judgements([*companies, company], [*customers, customer]))
    more.pop(customer.customer_number, None)
    assert more == _links(before), "unrelated record"
    anew = [_company(f"c{place}", _written_anew(row, chance)) for place, row in enumerate(left)]
    customers_anew = [_customer(f"k{place}", _written_anew(row, chance)) for place, row in enumerate(right)]
    assert judgements(anew, customers_anew) == before, "formatting"


@A_THOUSAND
@given(rows, rows)
def test_which_register_is_which_makes_no_difference_to_a_link(left: list[dict[str, str]], right: list[dict[str, str]]) -> None:
    def linked(one: list[dict[str, str]], other: list[dict[str, str]]) -> set[tuple[str, str | None, Rung | None]]:
        companies = [_company(str(place), row) for place, row in enumerate(one)]
        customers = [_customer(str(place), row) for place, row in enumerate(other)]
        found = judgements(companies, customers, threshold=None).values()
        return {(one.customer_number, one.company_id, one.rung) for one in found if one.outcome is Outcome.LINKED}

    assert linked(right, left) == {(str(company), customer, rung) for customer, company, rung in linked(left, right)}


@A_THOUSAND
@given(a_row, a_row)
def test_two_records_compare_and_score_the_same_both_ways(one: dict[str, str], other: dict[str, str]) -> None:
    vocabularies = Vocabularies()
    left = encode([identity_of_company(_company("", one)), identity_of_company(_company("", other))], vocabularies)
    right = encode([identity_of_customer(_customer("", other)), identity_of_customer(_customer("", one))], vocabularies)
    commonness = Commonness.of(count_frequencies(left, right, vocabularies), vocabularies)
    both = compare(left, right, (np.arange(2), np.arange(2)), vocabularies, commonness.rarity())
    assert both.levels[:, 0].tolist() == both.levels[:, 1].tolist()
    weighed = weights(a_model(), both, Commonness.of(a_model().frequencies, vocabularies))
    assert weighed[:, 0].tolist() == weighed[:, 1].tolist()


@settings(A_THOUSAND, max_examples=200)
@given(companies, customers, a_row)
def test_a_new_customer_is_judged_live_as_in_the_batch(
    left: list[CompanyRecord], right: list[CustomerRecord], values: dict[str, str]
) -> None:
    new = _customer("new", values)
    live = LiveIndex(left, right, model=a_model(), threshold=ODDS).judge(new)
    batch = judgements(left, [*right, new])["new"]
    # Live may leave a link of the score to a person, with the same candidates; it never links where the batch does not.
    assert live == batch or live == judgements(left, [*right, new], threshold=None)["new"]
    assert live.outcome is not Outcome.LINKED or live == batch


def test_estimating_does_not_depend_on_the_order_either() -> None:
    # With more pairs than are looked at all, which ones are must not depend on it.
    made = registers(8, 600, DIRTY)
    assert len(made.companies) * len(made.customers) > SAMPLE
    before = link_registers(made.companies, made.customers)
    again = link_registers(made.companies[::-1], made.customers[::-1])
    assert again.model == before.model
    assert again.judgements[::-1] == before.judgements


def test_a_stored_model_judges_as_the_one_that_was_stored() -> None:
    made = registers(9, 300, DIRTY)
    before = link_registers(made.companies, made.customers)
    stored = Model.from_json(before.model.to_json())
    assert (stored, stored.version) == (before.model, before.model.version)
    assert link_registers(made.companies, made.customers, model=stored).judgements == before.judgements
    assert replace(stored, prior=0.0).version != stored.version


@settings(A_THOUSAND, max_examples=200)
@given(companies, customers, a_row)
def test_a_new_company_is_judged_live_as_in_the_batch(
    left: list[CompanyRecord], right: list[CustomerRecord], values: dict[str, str]
) -> None:
    new = _company("new", values)
    live = LiveCompanyIndex(right, left, model=a_model()).judge(new)
    batch = {judgement for judgement in judgements([*left, new], right, threshold=None).values() if judgement.company_id == "new"}
    assert {live.customer_number} - {None} == {judgement.customer_number for judgement in batch}
    assert [(live.rung, live.evidence)] * len(batch) == [(judgement.rung, judgement.evidence) for judgement in batch]
