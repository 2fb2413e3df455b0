"""The ladder: what is decided, and what is never guessed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from contracts.events import Evidence, MatchCandidate
from matcher.domain import (
    Decision,
    Finding,
    Matched,
    NotFound,
    Number,
    Reason,
    Review,
    Settled,
    Situation,
    decide,
    settle,
)
from normal_forms.numbers import NumberState

NUMBER = "the hash of a number"
VALID = Number(NumberState.VALID, NUMBER)
MISSING = Number(NumberState.MISSING)
INVALID = Number(NumberState.INVALID)
FOREIGN = Number(NumberState.INVALID, "the hash of a foreign number")
MATCH = Matched("42", "organisation_number")
BY_NAME = Matched("42", "name_and_postcode")
COMPANY = Situation("a", VALID)
LIKELY = (MatchCandidate(customer_number="7", odds=0.5), MatchCandidate(customer_number="8", odds=0.1))
DOUBLED = Review(Reason.SEVERAL_CUSTOMERS, ("42", "43"))


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (COMPANY, NotFound()),
        (replace(COMPANY, claimed_by="a"), NotFound()),
        (replace(COMPANY, customers=("42",), finding=Finding(MATCH)), MATCH),
        (replace(COMPANY, finding=Finding(BY_NAME)), BY_NAME),
        (replace(COMPANY, number=MISSING, finding=Finding(BY_NAME)), BY_NAME),
        (replace(COMPANY, customers=("42",), owners={"42": "b"}), Review(Reason.LINKED_ELSEWHERE, ("42",))),
        (replace(COMPANY, customers=("42", "43"), finding=Finding(DOUBLED)), DOUBLED),
        (replace(COMPANY, finding=Finding(None, LIKELY)), Review(Reason.SCORED, ("7", "8"))),
        (replace(COMPANY, number=MISSING, finding=Finding(None, LIKELY)), Review(Reason.NUMBER_MISSING, ("7", "8"))),
        (replace(COMPANY, approved="9", customers=("42",), finding=Finding(MATCH)), Matched("9", "approved")),
        (replace(COMPANY, companies=("b",)), Review(Reason.NUMBER_SHARED)),
        (replace(COMPANY, companies=("b",), customers=("42",)), Review(Reason.NUMBER_SHARED, ("42",))),
        (replace(COMPANY, claimed_by="b"), Review(Reason.NUMBER_CLAIMED)),
        (replace(COMPANY, claimed_by="b", customers=("42",)), Review(Reason.NUMBER_CLAIMED, ("42",))),
        (replace(COMPANY, number=MISSING), Review(Reason.NUMBER_MISSING)),
        (replace(COMPANY, number=INVALID), Review(Reason.NUMBER_INVALID)),
        (replace(COMPANY, number=FOREIGN), Review(Reason.NUMBER_INVALID)),
    ],
)
def test_a_company_that_was_never_decided(situation: Situation, expected: Decision) -> None:
    assert decide(situation) == expected


@pytest.mark.parametrize("number", [MISSING, INVALID, Number(NumberState.VALID, "the hash of another")])
@pytest.mark.parametrize(("match", "candidates"), [(None, ()), (MATCH, ("42",))])
def test_a_settled_company_with_another_number_goes_to_review(
    number: Number, match: Matched | None, candidates: tuple[str, ...]
) -> None:
    situation = Situation("a", number, Settled(NUMBER, match), customers=("7",))
    assert decide(situation) == Review(Reason.NUMBER_CHANGED, candidates)


@pytest.mark.parametrize(
    ("companies", "customers", "owners", "claimed_by"),
    list(product([(), ("b",)], [(), ("42",), ("43", "44")], [{}, {"42": "b"}], [None, "a", "b"])),
)
def test_a_match_is_final_as_long_as_the_number_is_the_same(
    companies: tuple[str, ...], customers: tuple[str, ...], owners: dict[str, str], claimed_by: str | None
) -> None:
    finding = Finding(Matched("43", "organisation_number"), LIKELY)
    situation = Situation("a", VALID, Settled(NUMBER, MATCH), companies, customers, owners, claimed_by, finding=finding)
    assert decide(situation) == MATCH


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ({}, Review(Reason.SEVERAL_CUSTOMERS, ("42", "43"))),
        ({"42": "a"}, Review(Reason.SEVERAL_CUSTOMERS, ("42", "43"))),
        ({"42": "a", "43": "b"}, MATCH),
    ],
)
def test_a_second_customer_with_the_number_of_a_matched_company_goes_to_review(
    owners: dict[str, str], expected: Decision
) -> None:
    assert decide(Situation("a", VALID, Settled(NUMBER, MATCH), customers=("42", "43"), owners=owners)) == expected


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (COMPANY, NotFound()),
        (replace(COMPANY, companies=("b",)), NotFound()),
        (replace(COMPANY, companies=("b",), customers=("42",), finding=Finding(MATCH)), MATCH),
        (replace(COMPANY, customers=("42", "43"), finding=Finding(DOUBLED)), DOUBLED),
        (replace(COMPANY, finding=Finding(BY_NAME, LIKELY)), NotFound()),
        (replace(COMPANY, finding=Finding(Review(Reason.NAME_SHARED, ("7",)), LIKELY)), NotFound()),
        (replace(COMPANY, customers=("42",), owners={"42": "b"}), Review(Reason.LINKED_ELSEWHERE, ("42",))),
    ],
)
def test_a_company_that_may_be_created_keeps_that_right_until_a_customer_appears(
    situation: Situation, expected: Decision
) -> None:
    assert decide(replace(situation, settled=Settled(NUMBER, None))) == expected


@pytest.mark.parametrize(
    ("before", "decision", "after"),
    [
        (None, NotFound(), Settled(NUMBER, None)),
        (None, MATCH, Settled(NUMBER, MATCH)),
        (None, Review(Reason.SEVERAL_CUSTOMERS), None),
        (Settled(NUMBER, None), MATCH, Settled(NUMBER, MATCH)),
        (Settled(NUMBER, MATCH), Review(Reason.NUMBER_CHANGED), Settled(NUMBER, MATCH)),
    ],
)
def test_a_review_settles_nothing_and_unsettles_nothing(
    before: Settled | None, decision: Decision, after: Settled | None
) -> None:
    assert settle(VALID, before, decision) == after


@pytest.mark.parametrize("number", [MISSING, INVALID, VALID])
def test_a_persons_word_counts_whatever_number_the_company_has(number: Number) -> None:
    situation = Situation("a", number, approved="9", companies=("b",), claimed_by="b", customers=("42", "43"))
    assert decide(situation) == Matched("9", "approved")
    settled = settle(number, None, decide(situation))
    assert decide(replace(situation, settled=settled)) == Matched("9", "approved")


def test_a_number_that_changes_after_a_persons_word_leads_to_review() -> None:
    settled = Settled("the hash of another", Matched("9", "approved"))
    assert decide(Situation("a", VALID, settled, approved="9")) == Review(Reason.NUMBER_CHANGED, ("9",))


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (COMPANY, BY_NAME),
        (replace(COMPANY, customers=("42",)), BY_NAME),
        (replace(COMPANY, customers=("43",)), Review(Reason.NUMBER_CHANGED, ("42",))),
        (replace(COMPANY, companies=("b",)), Review(Reason.NUMBER_CHANGED, ("42",))),
    ],
)
def test_the_first_number_of_a_company_that_was_matched_without_one_is_no_change_unless_somebody_has_it(
    situation: Situation, expected: Decision
) -> None:
    assert decide(replace(situation, settled=Settled(None, BY_NAME))) == expected


CONFIRMED = replace(COMPANY, is_confirmed_new=True)
NAMESAKES = Review(Reason.NAME_SHARED, ("7", "8"))
LITTLE = Review(Reason.LITTLE_AGREES, ("7",))


@pytest.mark.parametrize("finding", [Finding(None, LIKELY), Finding(BY_NAME), Finding(NAMESAKES), Finding(LITTLE, LIKELY)])
def test_a_person_overrules_likeness_names_and_addresses(finding: Finding) -> None:
    assert decide(replace(COMPANY, finding=finding)) != NotFound()
    assert decide(replace(CONFIRMED, finding=finding)) == NotFound()


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (replace(CONFIRMED, number=MISSING, finding=Finding(NAMESAKES, LIKELY)), Reason.NUMBER_MISSING),
        (replace(CONFIRMED, number=INVALID, finding=Finding(LITTLE)), Reason.NUMBER_INVALID),
        (replace(CONFIRMED, number=FOREIGN), Reason.NUMBER_INVALID),
        (replace(CONFIRMED, companies=("b",), finding=Finding(NAMESAKES)), Reason.NUMBER_SHARED),
        (replace(CONFIRMED, claimed_by="b"), Reason.NUMBER_CLAIMED),
        (replace(CONFIRMED, customers=("42",), owners={"42": "b"}), Reason.LINKED_ELSEWHERE),
        (replace(CONFIRMED, customers=("42", "43"), finding=Finding(DOUBLED)), Reason.SEVERAL_CUSTOMERS),
        (replace(CONFIRMED, customers=("42",), finding=Finding(NAMESAKES)), Reason.SEVERAL_CUSTOMERS),
        (replace(CONFIRMED, customers=("42",), finding=Finding(None, LIKELY)), Reason.SEVERAL_CUSTOMERS),
        (
            replace(CONFIRMED, customers=("42",), finding=Finding(Review(Reason.NAME_CONTRADICTS, ("42",)))),
            Reason.NAME_CONTRADICTS,
        ),
        (replace(CONFIRMED, settled=Settled("another", MATCH)), Reason.NUMBER_CHANGED),
    ],
)
def test_a_person_does_not_overrule_the_number(situation: Situation, expected: Reason) -> None:
    decision = decide(situation)
    assert isinstance(decision, Review)
    assert decision.reason == expected


def test_a_company_that_a_person_called_new_is_the_customer_with_its_number() -> None:
    assert decide(replace(CONFIRMED, customers=("42",), finding=Finding(MATCH))) == MATCH
    assert decide(replace(CONFIRMED, customers=("42",), settled=Settled(NUMBER, MATCH))) == MATCH


def test_a_match_is_the_same_whatever_a_page_shows_of_it() -> None:
    assert replace(MATCH, evidence=(Evidence(field="name", verdict="same"),)) == MATCH
    assert replace(MATCH, customer_number="43") != MATCH
