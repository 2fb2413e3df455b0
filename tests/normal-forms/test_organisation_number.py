"""Organisation numbers in every form that people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from normal_forms.numbers import NumberState, OrganisationNumber, has_check_digit, read_number
from support.number_forms import numbers, written_forms

A_THOUSAND = settings(max_examples=1000, deadline=None)
LEGAL = "5566778899"
PERSON = "8803200016"


@A_THOUSAND
@given(written_forms())
def test_formatting_never_changes_the_number(form: tuple[str, str]) -> None:
    digits, written = form
    assert read_number(written) == OrganisationNumber(NumberState.VALID, digits)


@A_THOUSAND
@given(st.text())
def test_the_normal_form_is_idempotent_and_no_text_breaks_it(text: str) -> None:
    once = read_number(text)
    assert (once.normal is not None) == (once.state is NumberState.VALID)
    if once.normal is not None:
        assert read_number(once.normal) == once


@given(numbers, st.integers(0, 9), st.integers(1, 9))
def test_one_mistyped_digit_is_never_valid(digits: str, place: int, by: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert read_number(wrong).state is NumberState.INVALID


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("556677-8899", LEGAL),
        ("556677 8899", LEGAL),
        ("556677–8899", LEGAL),
        ("16556677-8899", LEGAL),
        ("SE556677889901", LEGAL),
        ("SE 556677-8899 01", LEGAL),
        ("５５６６７７８８９９", LEGAL),
        ("880320-0016", PERSON),
        ("19880320-0016", PERSON),
        ("880320+0016", PERSON),
        ("SE880320001601", PERSON),
    ],
)
def test_a_form_of_the_number_is_read(written: str, normal: str) -> None:
    assert read_number(written) == OrganisationNumber(NumberState.VALID, normal)


@pytest.mark.parametrize("written", [None, "", "  ", "-", "\u00a0", "\t\n", " - . "])
def test_an_empty_field_is_missing(written: str | None) -> None:
    assert read_number(written) == OrganisationNumber(NumberState.MISSING)


@pytest.mark.parametrize(
    "written",
    [
        "5566778890",
        "556677889",
        "55667788991",
        "0000000000",
        "555555-5555",
        "881320-0014",
        "17556677-8899",
        "556677889901",
        "SE556677889902",
        "DK12345678",
        "saknas",
        "5566778899, 5566778899",
    ],
)
def test_what_is_no_organisation_number_is_invalid(written: str) -> None:
    assert read_number(written) == OrganisationNumber(NumberState.INVALID)


@given(st.integers(0, 9_999_999_999))
def test_the_check_digit_is_the_librarys(number: int) -> None:
    digits = f"{number:010}"
    assert has_check_digit(digits) == luhn.is_valid(digits)
