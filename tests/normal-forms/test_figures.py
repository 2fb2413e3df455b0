"""Amounts and dates as people write them; what can be read in two ways is not read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normal_forms.figures import read_amount, read_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1000", "1000"),
        ("1000.5", "1000.5"),
        ("1000,50", "1000.50"),
        ("1 000,50", "1000.50"),
        ("1\u00a0000,50", "1000.50"),
        ("1\u202f000,50", "1000.50"),
        ("1.000,50", "1000.50"),
        ("1,000.50", "1000.50"),
        ("1'000.50", "1000.50"),
        ("12.345.678", "12345678"),
        ("1 000 kr", "1000"),
        ("SEK 1 000,00", "1000.00"),
        ("1 000:-", "1000"),
        ("\u22125", "-5"),
        ("0,125", "0.125"),
    ],
)
def test_an_amount_is_read_as_people_write_it(written: str, expected: str) -> None:
    assert read_amount(written) == Decimal(expected)


@pytest.mark.parametrize(
    "written", ["", "-", "1.000", "1,000", "999.999", "1 00", "1.000.00", "1 000.000,", "1e3", "NaN", "tusen", "\u0663"]
)
def test_an_amount_that_can_be_read_in_two_ways_or_in_none_is_not_read(written: str) -> None:
    assert read_amount(written) is None


@given(
    st.decimals(-(10**12), 10**12, places=2),
    st.sampled_from([(" ", ","), (".", ","), (",", "."), ("\u00a0", ","), ("'", "."), ("", ",")]),
)
def test_whatever_stands_between_thousands_the_amount_is_the_same(amount: Decimal, signs: tuple[str, str]) -> None:
    between, sign = signs
    written = f"{amount:,.2f}".replace(",", "|").replace(".", sign).replace("|", between)
    assert read_amount(written) == amount


@pytest.mark.parametrize(
    "written", ["2026-11-29", "20261129", "2026/11/29", " 2026-11-29 ", "2026-11-29T23:59:59", "2026-11-29 10:00"]
)
def test_a_date_is_read_year_first(written: str) -> None:
    assert read_date(written) == date(2026, 11, 29)


@pytest.mark.parametrize("written", ["", "0", "29/11/2026", "11/12/2026", "2026-13-01", "2026-02-30", "2026-1129", "1764374400"])
def test_a_date_that_can_be_read_in_two_ways_or_in_none_is_not_read(written: str) -> None:
    assert read_date(written) is None
