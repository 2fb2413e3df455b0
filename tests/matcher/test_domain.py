"""The ladder: what is decided, and what is never guessed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from matcher.domain import (
    Decision,
    Matched,
    NotFound,
    Reason,
    Review,
    Settled,
    Situation,
    decide,
    settle,
)
from matcher.normal_forms.numbers import NumberState, OrganisationNumber

NUMBER = "5566778899"
VALID = OrganisationNumber(NumberState.VALID, NUMBER)
MISSING = OrganisationNumber(NumberState.MISSING)
INVALID = OrganisationNumber(NumberState.INVALID)
MATCH = Matched("42", "organisation_number")
COMPANY = Situation("a", VALID)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (COMPANY, NotFound()),
        (replace(COMPANY, claimed_by="a"), NotFound()),
        (replace(COMPANY, customers=("42",)), MATCH),
        (replace(COMPANY, customers=("42",), owners={"42": "a"}), MATCH),
        (replace(COMPANY, customers=("42",), owners={"42": "b"}), Review(Reason.LINKED_ELSEWHERE, ("42",))),
        (replace(COMPANY, customers=("42", "43")), Review(Reason.SEVERAL_CUSTOMERS, ("42", "43"))),
        (replace(COMPANY, companies=("b",)), Review(Reason.NUMBER_SHARED)),
        (replace(COMPANY, companies=("b",), customers=("42",)), Review(Reason.NUMBER_SHARED, ("42",))),
        (replace(COMPANY, claimed_by="b"), Review(Reason.NUMBER_CLAIMED)),
        (replace(COMPANY, claimed_by="b", customers=("42",)), Review(Reason.NUMBER_CLAIMED, ("42",))),
        (replace(COMPANY, number=MISSING), Review(Reason.NUMBER_MISSING)),
        (replace(COMPANY, number=INVALID), Review(Reason.NUMBER_INVALID)),
    ],
)
def test_a_company_that_was_never_decided(situation: Situation, expected: Decision) -> None:
    assert decide(situation) == expected


@pytest.mark.parametrize("number", [MISSING, INVALID, OrganisationNumber(NumberState.VALID, "8803200016")])
@pytest.mark.parametrize(("match", "candidates"), [(None, ()), (MATCH, ("42",))])
def test_a_settled_company_with_another_number_goes_to_review(
    number: OrganisationNumber, match: Matched | None, candidates: tuple[str, ...]
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
    assert decide(Situation("a", VALID, Settled(NUMBER, MATCH), companies, customers, owners, claimed_by)) == MATCH


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
        (replace(COMPANY, companies=("b",), customers=("42",)), MATCH),
        (replace(COMPANY, customers=("42", "43")), Review(Reason.SEVERAL_CUSTOMERS, ("42", "43"))),
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


def test_evidence_describes_and_never_quotes() -> None:
    (evidence,) = MATCH.evidence
    assert (evidence.field, evidence.verdict) == ("organisation_number", "same")
