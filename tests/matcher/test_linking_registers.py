"""The judgement over whole registers with a known truth, small ones: no wrong link, and no true pair lost from sight.

`make bench-matching` measures the same on large ones.
"""

from __future__ import annotations

import pytest

from matcher.identity import identity_of_company, identity_of_customer
from matcher.linking import link_registers
from matcher.linking.estimation import count_frequencies
from matcher.linking.ladder import MOST_POINTED
from matcher.linking.model import Commonness
from matcher.linking.preparing import prepare
from matcher.measures import accuracy
from matcher.records import CompanyRecord, CustomerRecord, Outcome
from support.registers import CLEAN, DIRTY, a_deceiving_register, registers
from support.registers.deceiving import DECEPTIONS


def test_clean_registers_link_by_themselves():
    made = registers(21, 2000, CLEAN)
    found = accuracy(link_registers(made.companies, made.customers).judgements, made.truth)
    assert found.wrong_links == ()
    assert found.recall >= 0.999


@pytest.mark.parametrize("seed", [22, 23])
def test_dirty_registers_link_without_an_error_and_the_rest_lies_before_a_person(seed):
    made = registers(seed, 2000, DIRTY)
    found = accuracy(link_registers(made.companies, made.customers).judgements, made.truth)
    assert found.wrong_links == ()
    assert found.cover >= 0.995
    assert found.first_share is not None
    assert found.first_share >= 0.98


@pytest.mark.parametrize("shared", [{"organisation_number": "556677-8899"}, {"name": "Bergs Måleri AB"}, {}])
def test_what_thousands_share_is_not_compared_with_all_of_them(shared):
    companies = [CompanyRecord(f"c{place}", **{"name": f"Bolag {place} AB"} | shared) for place in range(3000)]
    customers = [CustomerRecord(f"k{place}", **{"name": f"Kund {place} AB"} | shared) for place in range(3000)]
    sides = [identity_of_company(one) for one in companies], [identity_of_customer(one) for one in customers]
    prepared = prepare(sides[0], lambda: sides[1], {}, {})
    commonness = Commonness.of(
        count_frequencies(prepared.companies, prepared.customers, prepared.vocabularies), prepared.vocabularies
    )
    assert len(prepared.pairs(commonness).companies) < 2 * 3000 * MOST_POINTED
    judgements = link_registers(companies, customers).judgements
    assert {judgement.outcome for judgement in judgements} == {Outcome.REVIEW if shared else Outcome.NEW}


def test_a_second_process_changes_nothing():
    made = registers(25, 300, DIRTY)
    alone = link_registers(made.companies, made.customers)
    assert link_registers(made.companies, made.customers, is_parallel=True) == alone


def test_a_second_process_that_fails_is_told():
    with pytest.raises(ChildProcessError, match="exit code 1"):
        link_registers([], [CustomerRecord("1", name=None)], is_parallel=True)


@pytest.fixture(scope="module")
def deceived():
    made = a_deceiving_register(24, size=400, each=20)
    judgements = link_registers(made.companies, made.customers).judgements
    return made, {judgement.customer_number: judgement for judgement in judgements}


@pytest.mark.parametrize("kind", DECEPTIONS)
def test_a_deception_links_nobody_wrongly(deceived, kind):
    made, judgements = deceived
    customers = [number for number, kinds in made.struck.items() if kind in kinds]
    assert len(customers) >= 20
    linked = {number: judgements[number].company_id for number in customers if judgements[number].outcome is Outcome.LINKED}
    assert {number: company for number, company in linked.items() if made.truth.get(number) != company} == {}


@pytest.mark.parametrize("kind", ["namesakes", "parent", "homonyms", "twice", "units"])
def test_an_ambiguous_customer_goes_to_review_with_its_true_company_among_the_candidates(deceived, kind):
    made, judgements = deceived
    for number in (number for number, kinds in made.struck.items() if kind in kinds):
        judgement = judgements[number]
        assert judgement.outcome is Outcome.REVIEW
        assert made.truth[number] in [candidate.company_id for candidate in judgement.candidates]
