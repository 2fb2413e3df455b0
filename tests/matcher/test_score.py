"""The score on generated registers: whether its odds come true, why people are asked, and what links by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from matcher.linking import Linkage, LiveIndex, link_registers
from matcher.linking.comparison import DIFFERENT, NAME, NAME_NEAR, NAME_SAME, PHONE, SAME
from matcher.records import CompanyRecord, CustomerRecord, Outcome, Rung
from matcher.thresholds import RECOMMENDED
from support.registers import DIRTY, Rates, Registers, a_deceiving_register, registers

EXPECTED = {
    "namesake": {"scored"},
    "namesakes": {"name_shared"},
    "parent": {"name_contradicts", "several_customers"},
    "unlike-parent": {"name_contradicts"},
    "swap": {"name_contradicts", "several_customers"},
    "homonym": {"scored"},
    "homonyms": {"scored"},
    "twice": {"several_customers"},
    "units": {"organisation_number_shared"},
    "subsidiary": {"scored"},
    "trader": {"scored"},
}
"""Why a person is asked, by the name of the deception."""


@cache
def dirty(seed: int) -> tuple[Registers, Linkage]:
    made = registers(seed, 1000, DIRTY)
    return made, link_registers(made.companies, made.customers)


@pytest.mark.parametrize("seed", [12, 13])
def test_odds_come_true_as_often_as_they_say(seed: int) -> None:
    made, linkage = dirty(seed)
    told = [
        (candidate.odds / (1 + candidate.odds), made.truth.get(judgement.customer_number) == candidate.company_id)
        for judgement in linkage.judgements
        for candidate in judgement.candidates
        if candidate.odds is not None
    ]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, is_true in told:
        bins.setdefault(min(int(10 * probability), 9), []).append((probability, is_true))
    gaps = [abs(sum(probability - is_true for probability, is_true in one)) for one in bins.values()]
    assert sum(gaps) / len(told) < 0.04, "a small register's error; the bench measures large ones"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_deception_is_told_to_a_person_by_its_reason(seed: int) -> None:
    made = a_deceiving_register(seed, 300, 20)
    linkage = link_registers(made.companies, made.customers)
    reasons: dict[str, Counter[str]] = {}
    for judgement in linkage.judgements:
        for kind in made.struck.get(judgement.customer_number, ()):
            assert judgement.outcome is Outcome.REVIEW, kind
            reasons.setdefault(kind, Counter())[str(judgement.reason)] += 1
    assert {kind: set(found) <= EXPECTED[kind] for kind, found in reasons.items()} == dict.fromkeys(EXPECTED, True), reasons


def test_the_score_links_only_when_asked_and_only_who_is_alone() -> None:
    made, without = dirty(12)
    assert Rung.SCORE not in {judgement.rung for judgement in without.judgements}
    linkage = link_registers(made.companies, made.customers, model=without.model, threshold=1000.0)
    by_score = [judgement for judgement in linkage.judgements if judgement.rung is Rung.SCORE]
    assert len(by_score) > 20
    assert all(len(judgement.candidates) == 1 and (judgement.odds or 0) >= 1000.0 for judgement in by_score)
    assert [judgement for judgement in by_score if made.truth.get(judgement.customer_number) != judgement.company_id] == []
    companies = Counter(judgement.company_id for judgement in linkage.judgements if judgement.company_id)
    assert max(companies.values()) == 1


@pytest.mark.parametrize(
    ("customer", "links"),
    [
        ({}, True),
        ({"name": "Nordvik Bygg"}, True),
        ({"organisation_number": "556677-8898"}, True),
        ({"organisation_number": "556036-0793"}, False),
        ({"name": "Sydfors Invest AB", "organisation_number": "556677-8898"}, False),
        ({"name": "Nordvik Bygg Fastighetsutveckling AB", "organisation_number": "556677-8898"}, False),
        ({"phone": "070-1112233", "email": "", "address1": "Storgatan 7"}, False),
    ],
    ids=["same", "trading name", "mistyped", "other number", "other legal name", "longer legal name", "namesake next door"],
)
def test_no_odds_outweigh_a_contradiction_nor_make_up_for_contacts(customer: dict[str, str], *, links: bool) -> None:
    _, linkage = dirty(12)
    company = CompanyRecord("a", "Nordvik Bygg AB", "556677-8899", "08-1234567", "info@nordvik.se", "", "Storgatan 5", "123 45")
    record = CustomerRecord("1", "Nordvik Byg AB", "", "", "08-1234567", "info@nordvik.se", "Storgatan 5", "", "123 45")
    changed = replace(record, **customer)
    (judgement,) = link_registers([company], [changed], model=linkage.model, threshold=1e-3).judgements
    assert judgement.candidates[0].company_id == "a"
    assert (judgement.rung is Rung.SCORE) == links
    assert LiveIndex([company], model=linkage.model, threshold=1e-3).judge(changed) == judgement


def test_the_recommended_odds_link_no_deception() -> None:
    made = a_deceiving_register(3, 300, 20)
    judgements = link_registers(made.companies, made.customers, threshold=RECOMMENDED).judgements
    wrong = [one for one in judgements if one.rung is Rung.SCORE and made.truth.get(one.customer_number) != one.company_id]
    assert wrong == []


def test_a_candidates_weights_add_up_to_what_the_score_says() -> None:
    _, linkage = dirty(12)
    alone = [
        judgement.candidates[0]
        for judgement in linkage.judgements
        if judgement.reason == "scored" and len(judgement.candidates) == 1 and (judgement.candidates[0].odds or 0) < 1000
    ]
    assert len(alone) > 5
    for candidate in alone:
        bits = sum(field.weight or 0.0 for field in candidate.evidence)
        priors = (linkage.model.prior, linkage.model.prior_of_taken)
        assert any(0.9 < (candidate.odds or 0) / 2 ** (bits + prior) < 1.1 for prior in priors)


def test_live_judges_generated_customers_as_the_batch_does() -> None:
    made, linkage = dirty(12)
    batch = link_registers(made.companies, made.customers, model=linkage.model).judgements
    for place in range(0, len(made.customers), 50):
        rest = made.customers[:place] + made.customers[place + 1 :]
        live = LiveIndex(made.companies, rest, model=linkage.model)
        assert live.judge(made.customers[place]) == batch[place]
        assert live.judge(made.customers[place]) == batch[place], "judging leaves nothing behind"


def test_the_estimate_finds_how_often_fields_agree() -> None:
    """Of two registers whose telephone numbers differ in four pairs of ten, and those whose names are mistyped in three."""
    made = registers(14, 1000, Rates(number_missing=0.3, phone_changed=0.4, name_mistyped=0.3))
    model = link_registers(made.companies, made.customers).model
    assert 2 ** model.matches[PHONE][SAME] == pytest.approx(0.6, abs=0.06)
    assert sum(2**level for level in model.matches[NAME][NAME_NEAR:NAME_SAME]) == pytest.approx(0.3, abs=0.08)
    assert 2 ** model.others[PHONE][DIFFERENT] > 0.99


def test_a_company_in_the_same_house_with_the_same_telephone_is_no_match_for_that() -> None:
    """Three contacts agree, and two legal persons have them: relatives, not one company."""
    _, linkage = dirty(12)
    company = CompanyRecord("a", "Nordvik Bygg AB", "", "08-1234567", "info@nordvik.se", "", "Storgatan 5", "123 45", "Solna")
    customer = CustomerRecord(
        "1", "Sydfors Invest AB", "", "", "08-1234567", "info@nordvik.se", "Storgatan 5", "", "123 45", "Solna"
    )
    (judgement,) = link_registers([company], [customer], model=linkage.model).judgements
    assert [candidate.odds for candidate in judgement.candidates if candidate.odds is None or candidate.odds > 1] == []
    same = replace(customer, name="Nordvik Bygg")
    (judgement,) = link_registers([company], [same], model=linkage.model).judgements
    assert (judgement.candidates[0].odds or 0) > 100


def test_live_remembers_no_text_of_whom_it_has_judged() -> None:
    made, linkage = dirty(12)
    live = LiveIndex(made.companies, made.customers, model=linkage.model)
    place = {field: getattr(made.companies[0], field) for field in ("phone", "email")}
    strangers = [CustomerRecord(f"x{name}", f"{name} Okänd AB", **place) for name in ("Abc", "Def", "Ghi")]
    first = [live.judge(stranger) for stranger in strangers]
    assert [live.judge(stranger) for stranger in reversed(strangers)] == first[::-1]


@pytest.mark.parametrize(
    ("in_lime_go", "in_fortnox"),
    [
        ("Fastighetsbolaget Eken 1 AB", "Fastighetsbolaget Eken 2 AB"),
        ("Fastighetsbolaget Eken I AB", "Fastighetsbolaget Eken II AB"),
        ("Brf Solen nr 1", "Brf Solen nr 2"),
        ("Bergs Måleri HB", "Bergs Måleri AB"),
        ("Östergötlands Åkeri AB", "Västergötlands Åkeri AB"),
    ],
)
def test_siblings_that_share_everything_but_a_figure_or_a_legal_form_are_never_linked(in_lime_go: str, in_fortnox: str) -> None:
    """A group's companies have one address, telephone and e-mail address: odds of 300 and more."""
    known = {"phone": "08-123 456 78", "email": "info@eken.se", "city": "Solna"}
    company = CompanyRecord("a", in_lime_go, "556677-8899", street="Storgatan 5", postcode="123 45", **known)
    customer = CustomerRecord("1", in_fortnox, address1="Storgatan 5", zip_code="123 45", **known)
    model = dirty(12)[1].model
    linked = link_registers([company], [customer], model=model, threshold=RECOMMENDED).judgements[0]
    assert (linked.outcome, linked.candidates[0].company_id) == (Outcome.REVIEW, "a")
    assert (linked.candidates[0].odds or 0.0) > RECOMMENDED
    live = LiveIndex([company], model=model, threshold=RECOMMENDED).judge(customer)
    assert live.outcome is Outcome.REVIEW
