"""The rungs that link by themselves, and what they leave to a person."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from matcher.identity import identity_of_company, identity_of_customer
from matcher.linking import link_registers
from matcher.linking.ladder import Ladder
from matcher.records import CompanyRecord, CustomerRecord, Judgement, Outcome, ReviewReason, Rung

NUMBER, OTHER_NUMBER, PERSON = "556677-8899", "556036-0793", "19880320-0016"
COMPANY = CompanyRecord(
    "a",
    name="Bergs Måleri AB",
    organisation_number=NUMBER,
    phone="08-123 456 78",
    email="info@bergs.se",
    street="Storgatan 5",
    postcode="123 45",
    city="Solna",
)
CUSTOMER = CustomerRecord(
    "1",
    name="Bergs Måleri AB",
    organisation_number=NUMBER,
    phone="08-123 456 78",
    email="info@bergs.se",
    address1="Storgatan 5",
    zip_code="123 45",
    city="Solna",
)
NAME_ONLY = CustomerRecord("1", name="Bergs Måleri AB", zip_code="12345")
STRANGER = replace(COMPANY, company_id="b", name="Dalens Rör AB", organisation_number=OTHER_NUMBER, phone="", email="", street="")


def judged(
    companies: list[CompanyRecord],
    customers: list[CustomerRecord],
    links: dict[str, str] | None = None,
    approvals: dict[str, str] | None = None,
) -> Judgement:
    """The judgement about the first customer."""
    return link_registers(companies, customers, links=links, approvals=approvals).judgements[0]


def test_a_number_that_is_unique_on_both_sides_links() -> None:
    judgement = judged([COMPANY, STRANGER], [CUSTOMER])
    assert (judgement.outcome, judgement.company_id, judgement.rung) == (Outcome.LINKED, "a", Rung.ORGANISATION_NUMBER)
    assert [(field.field, field.verdict, field.weight) for field in judgement.evidence] == [
        ("organisation_number", "same", None),
        ("name", "same", None),
        ("address", "same", None),
        ("phone", "same", None),
        ("email", "same", None),
    ]


def test_a_persons_decisions_come_before_any_number() -> None:
    linked = judged([COMPANY, STRANGER], [CUSTOMER], links={"1": "b"}, approvals={"1": "a"})
    assert (linked.company_id, linked.rung) == ("b", Rung.LINK)
    approved = judged([COMPANY, STRANGER], [CUSTOMER], approvals={"1": "b"})
    assert (approved.company_id, approved.rung) == ("b", Rung.APPROVAL)


@pytest.mark.parametrize(
    ("customers", "links", "approvals", "reason"),
    [
        ([CUSTOMER], {"1": "gone"}, {}, ReviewReason.LINKED_COMPANY_MISSING),
        ([CUSTOMER, replace(CUSTOMER, customer_number="2")], {"1": "a", "2": "a"}, {}, ReviewReason.SEVERAL_CUSTOMERS),
        ([CUSTOMER, replace(CUSTOMER, customer_number="2")], {"2": "a"}, {"1": "a"}, ReviewReason.COMPANY_TAKEN),
        ([NAME_ONLY, replace(NAME_ONLY, customer_number="2", name="Ek")], {"2": "a"}, {}, ReviewReason.COMPANY_TAKEN),
    ],
)
def test_decisions_that_do_not_agree_go_to_a_person(
    customers: list[CustomerRecord], links: dict[str, str], approvals: dict[str, str], reason: ReviewReason
) -> None:
    assert judged([COMPANY], customers, links, approvals).reason is reason


@pytest.mark.parametrize(
    ("company", "customer", "rung"),
    [
        (COMPANY, replace(CUSTOMER, organisation_number="", vat_number="SE556677889901"), Rung.VAT_NUMBER),
        (
            replace(COMPANY, organisation_number="DK13585628", country_code="DK"),
            replace(CUSTOMER, organisation_number="", vat_number="DK 13585628"),
            Rung.VAT_NUMBER,
        ),
        (
            replace(COMPANY, organisation_number="13585628", country_code="Danmark"),
            replace(CUSTOMER, organisation_number="", vat_number="DK13585628"),
            Rung.VAT_NUMBER,
        ),
        (
            replace(COMPANY, organisation_number="880320-0016", name="Anna Ek"),
            replace(CUSTOMER, organisation_number=PERSON, name="Ek, Anna"),
            Rung.PERSONAL_NUMBER,
        ),
        (COMPANY, replace(NAME_ONLY, name="AB BERGS MÅLERI"), Rung.NAME_AND_POSTCODE),
        (replace(COMPANY, organisation_number=""), replace(CUSTOMER, phone="08-99 99 99"), Rung.NAME_AND_POSTCODE),
        (replace(COMPANY, visiting_postcode="111 11"), replace(NAME_ONLY, zip_code="11111"), Rung.NAME_AND_POSTCODE),
    ],
)
def test_the_rungs_below_the_number_link_too(company: CompanyRecord, customer: CustomerRecord, rung: Rung) -> None:
    judgement = judged([company, STRANGER], [customer])
    assert (judgement.outcome, judgement.company_id, judgement.rung) == (Outcome.LINKED, "a", rung)


@pytest.mark.parametrize(
    ("companies", "customers", "reason"),
    [
        ([COMPANY, replace(COMPANY, company_id="b")], [CUSTOMER], ReviewReason.NUMBER_SHARED),
        ([COMPANY], [CUSTOMER, replace(CUSTOMER, customer_number="2")], ReviewReason.SEVERAL_CUSTOMERS),
        (
            [COMPANY],
            [CUSTOMER, replace(NAME_ONLY, customer_number="2", vat_number="SE556677889901")],
            ReviewReason.SEVERAL_CUSTOMERS,
        ),
        ([COMPANY, STRANGER], [replace(CUSTOMER, vat_number="SE556036079301")], ReviewReason.NUMBERS_CONTRADICT),
        (
            [COMPANY],
            [replace(CUSTOMER, organisation_number="880320-0016", vat_number="SE556677889901")],
            ReviewReason.NUMBERS_CONTRADICT,
        ),
        ([COMPANY, replace(COMPANY, company_id="b", organisation_number="")], [NAME_ONLY], ReviewReason.NAME_SHARED),
        ([COMPANY], [NAME_ONLY, replace(NAME_ONLY, customer_number="2")], ReviewReason.NAME_SHARED),
        ([COMPANY], [NAME_ONLY, replace(CUSTOMER, customer_number="2")], ReviewReason.NAME_SHARED),
        (
            [COMPANY],
            [replace(NAME_ONLY, address1="Annangatan 7", phone="040-111 111", email="x@y.se")],
            ReviewReason.LITTLE_AGREES,
        ),
    ],
)
def test_what_is_ambiguous_goes_to_a_person_with_its_candidates(
    companies: list[CompanyRecord], customers: list[CustomerRecord], reason: ReviewReason
) -> None:
    judgement = judged(companies, customers)
    assert (judgement.outcome, judgement.reason, judgement.company_id) == (Outcome.REVIEW, reason, None)
    assert "a" in {candidate.company_id for candidate in judgement.candidates}


@pytest.mark.parametrize(
    ("in_lime_go", "in_fortnox"),
    [
        ("Bergs Måleri AB", "Bergs Målri Aktiebolag"),
        ("Bergs Måleri AB", "Bergs Måleri i Solna AB"),
        ("Bergs Måleri AB", "Bergsmåleri AB"),
        ("Bergs Måleri AB", "Bergs Måleri HB"),
        ("Bergs Måleri AB", "Bergs"),
        ("Bergs Måleri AB", "Kalles Kök"),
        ("Bergs Måleri AB", ""),
    ],
)
def test_a_number_links_though_the_name_is_written_sloppily_or_is_a_trading_name(in_lime_go: str, in_fortnox: str) -> None:
    judgement = judged([replace(COMPANY, name=in_lime_go), STRANGER], [replace(CUSTOMER, name=in_fortnox)])
    assert judgement.outcome is Outcome.LINKED


@pytest.mark.parametrize(
    ("in_lime_go", "in_fortnox"),
    [
        ("Bergs Holding AB", "Bergs Måleri AB"),
        ("Bergs AB", "Bergs Måleri AB"),
        ("Dalens Rör AB", "Bergs Måleri AB"),
        ("Fastigheten Eken 1 AB", "Fastigheten Eken 2 AB"),
        ("Fastigheten Eken 1", "Fastigheten Eken 2"),
        ("Måleri i Lund AB", "Måleri i Kalmar AB"),
        ("Bergs Bygg Väst AB", "Bergs Bygg Öst AB"),
        ("Fastigheten Eken I AB", "Fastigheten Eken II AB"),
        ("Fastigheten Eken A AB", "Fastigheten Eken B AB"),
        ("K2 Bygg AB", "K3 Bygg AB"),
        ("Östergötlands Åkeri AB", "Västergötlands Åkeri AB"),
    ],
)
def test_a_number_does_not_link_two_legal_persons(in_lime_go: str, in_fortnox: str) -> None:
    """A parent company's number, or digits that were swapped: whatever else agrees, a person looks."""
    judgement = judged([replace(COMPANY, name=in_lime_go), STRANGER], [replace(CUSTOMER, name=in_fortnox)])
    assert (judgement.outcome, judgement.reason) == (Outcome.REVIEW, ReviewReason.NAME_CONTRADICTS)


def test_a_number_does_not_link_a_trading_name_with_which_nothing_agrees() -> None:
    judgement = judged([COMPANY], [CustomerRecord("1", name="Kalles Kök", organisation_number=NUMBER, phone="040-1234567")])
    assert judgement.reason is ReviewReason.NAME_CONTRADICTS


def test_a_number_does_not_link_when_somebody_else_bears_the_name_exactly() -> None:
    namesake = replace(STRANGER, name="Bergs Målri AB")
    judgement = judged([COMPANY, namesake], [replace(CUSTOMER, name="Bergs Målri AB")])
    assert judgement.reason is ReviewReason.NAME_CONTRADICTS
    assert {candidate.company_id for candidate in judgement.candidates} == {"a", "b"}


@pytest.mark.parametrize(
    ("company", "customer"),
    [
        (COMPANY, replace(NAME_ONLY, organisation_number=OTHER_NUMBER)),
        (COMPANY, replace(NAME_ONLY, organisation_number="123456-7890")),
        (COMPANY, replace(NAME_ONLY, zip_code="543 21")),
        (COMPANY, replace(NAME_ONLY, zip_code="")),
        (COMPANY, replace(NAME_ONLY, name="Bergs Måleri HB")),
        (COMPANY, replace(NAME_ONLY, name="Bergs Måleri i Solna AB")),
        (COMPANY, replace(NAME_ONLY, name="Bergs Måleri")),
        (COMPANY, replace(NAME_ONLY, name="Bergs Måleri AB i konkurs")),
        (replace(COMPANY, name="Bergs Måleri AB i Solna"), replace(NAME_ONLY, name="Bergs Måleri AB i Kalmar")),
        (COMPANY, replace(NAME_ONLY, vat_number="SE556677899801")),
        (replace(COMPANY, name="Anna Ek"), replace(NAME_ONLY, name="Anna Ek")),
        (replace(COMPANY, name="Firma Anna Ek"), replace(NAME_ONLY, name="Firma Anna Ek")),
    ],
)
def test_name_and_postcode_do_not_link(company: CompanyRecord, customer: CustomerRecord) -> None:
    """Another number, place or legal form; or a name that nobody owns: sole traders have homonyms."""
    assert judged([company], [customer]).outcome is not Outcome.LINKED


def test_a_mistyped_number_is_no_other_number() -> None:
    judgement = judged([COMPANY], [replace(CUSTOMER, organisation_number="556677-8890")])
    assert judgement.rung is Rung.NAME_AND_POSTCODE


def test_a_housing_society_has_namesakes_in_other_towns() -> None:
    here = CompanyRecord("a", name="Brf Solen", postcode="123 45")
    there = CompanyRecord("b", name="Brf Solen", postcode="543 21")
    judgement = judged([here, there], [CustomerRecord("1", name="Bostadsrättsföreningen Solen", zip_code="12345")])
    assert (judgement.company_id, judgement.rung) == ("a", Rung.NAME_AND_POSTCODE)
    limited = judged(
        [replace(here, name="Solen AB"), replace(there, name="Solen AB")],
        [CustomerRecord("1", name="Solen AB", zip_code="12345")],
    )
    assert limited.reason is ReviewReason.NAME_SHARED, "two limited companies cannot have one name: one is a double"


def test_who_resembles_nobody_is_new() -> None:
    assert judged([STRANGER], [CUSTOMER]) == Judgement("1", Outcome.NEW)
    assert judged([], [CUSTOMER]) == Judgement("1", Outcome.NEW)
    assert link_registers([COMPANY], []).judgements == ()


def climbed(companies: list[CompanyRecord], customers: list[CustomerRecord], **decided: dict[str, str]) -> Ladder:
    """A ladder on which all customers have been placed."""
    ladder = Ladder.over([identity_of_company(one) for one in companies], [identity_of_customer(one) for one in customers])
    ladder.climb(decided.get("links", {}), decided.get("approvals", {}))
    return ladder


@pytest.mark.parametrize(
    ("held", "newcomer"),
    [
        ([], CUSTOMER),
        ([], NAME_ONLY),
        ([], replace(CUSTOMER, organisation_number=PERSON, name="Någon Annan")),
        ([replace(CUSTOMER, customer_number="2")], CUSTOMER),
        ([replace(CUSTOMER, customer_number="2")], NAME_ONLY),
        ([replace(NAME_ONLY, customer_number="2")], CUSTOMER),
        ([replace(NAME_ONLY, customer_number="2")], NAME_ONLY),
        ([replace(NAME_ONLY, customer_number="2", organisation_number=OTHER_NUMBER, name="Dalens Rör AB")], CUSTOMER),
    ],
)
def test_one_more_customer_is_placed_as_if_all_were_and_leaves_everything_as_it_was(held, newcomer) -> None:
    companies = [COMPANY, STRANGER]
    ladder = climbed(companies, held)
    fresh = Ladder.over([identity_of_company(one) for one in companies], [identity_of_customer(one) for one in [*held, newcomer]])
    expected = fresh.climb({}, {})[-1]
    before = deepcopy(ladder)
    for _ in range(2):
        step, freed = ladder.step(identity_of_customer(newcomer))
        assert step == expected
        # Those that had a company before and have none with the newcomer.
        assert freed == {
            company for company in before.taken if company not in fresh.taken or fresh.taken[company][0] == len(held)
        }
        assert ladder == before


def test_a_company_that_a_person_gave_away_is_given_to_nobody_else() -> None:
    ladder = climbed([COMPANY, STRANGER], [])
    ladder.reserve(["a", "gone"])
    step, freed = ladder.step(identity_of_customer(CUSTOMER))
    assert (step is None or step.company is None, freed) == (True, frozenset())
    linked = climbed([COMPANY, STRANGER], [replace(CUSTOMER, customer_number="2")], links={"2": "a"})
    step, freed = linked.step(identity_of_customer(CUSTOMER))
    assert (step is None or step.company is None, freed) == (True, frozenset())
