"""Time in Stockholm, where one hour of a year happens twice and another not at all, and organisation numbers as written."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from fortnox_connector import mapping
from fortnox_connector.payloads import FullInvoice, SlimCustomer
from normal_forms.numbers import read_number
from support.number_forms import written_forms

INVOICE = {
    **{"DocumentNumber": "1", "CustomerNumber": "1", "InvoiceDate": "2026-11-29", "Booked": True, "Cancelled": False},
    **{"Net": 1, "TotalVAT": 0, "Total": 1, "Balance": 1},
}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "wall"),
    [
        ("2026-07-01T10:00:59", "2026-07-01 12:00"),
        ("2026-12-31T23:30:00", "2027-01-01 00:30"),
        ("2026-03-29T00:59:59", "2026-03-29 01:59"),
        ("2026-03-29T01:00:00", "2026-03-29 03:00"),
        ("2026-10-25T00:30:00", "2026-10-25 02:30"),
        ("2026-10-25T01:30:00", "2026-10-25 02:30"),
        ("2026-10-25T02:00:00", "2026-10-25 03:00"),
    ],
)
def test_a_mark_is_told_on_the_wall_clock_of_stockholm_rounded_down(moment, wall):
    assert mapping.stockholm(utc(moment)) == wall


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-10-24T22:59:00", False),
        ("2026-10-24T23:00:00", True),
        ("2026-10-25T00:00:00", True),
        ("2026-10-25T01:59:00", True),
        ("2026-10-25T02:59:00", True),
        ("2026-10-25T03:00:00", False),
        ("2026-07-01T00:30:00", False),
        ("2026-12-31T23:30:00", False),
    ],
)
def test_the_autumn_change_reaches_an_hour_around_the_hour_that_happens_twice(moment, expected):
    assert mapping.is_autumn_change(utc(moment)) is expected


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("556000-0001", "5560000001"),
        (" 556000 0001 ", "5560000001"),
        ("556000\u20130001", "5560000001"),
        ("16556000-0001", "5560000001"),
        ("18700101-0000", "7001010000"),
        ("SE556000000101", "5560000001"),
        ("se 556000-0001 01", "5560000001"),
        ("5560000001.0", "5560000001"),
    ],
)
def test_an_organisation_number_is_looked_for_with_and_without_its_dash(written, compared):
    assert mapping.written_forms(written) == (f"{compared[:6]}-{compared[6:]}", compared)


@pytest.mark.parametrize("written", ["556000000101", "DE123456789"])
def test_another_number_is_looked_for_as_it_is_written(written):
    assert mapping.written_forms(written) == (written,)


@settings(max_examples=1000, deadline=None)
@given(written_forms())
def test_a_number_is_read_as_the_matcher_reads_it(form):
    digits, written = form
    assert mapping.written_forms(written)[1] == digits == read_number(written).normal


@pytest.mark.parametrize("day", [0, "0", 1764374400, "29/11/2026", "2026-13-01", True])
def test_a_date_that_is_none_is_an_error_and_never_a_day_in_1970(day):
    with pytest.raises(ValidationError):
        FullInvoice.model_validate({**INVOICE, "InvoiceDate": day})


def test_a_due_date_need_not_be_there():
    assert FullInvoice.model_validate({**INVOICE, "DueDate": ""}).DueDate is None


def test_half_a_sign_and_nul_are_left_out_of_what_is_read():
    line = SlimCustomer.model_validate_json(r'{"CustomerNumber": "1", "Name": "Nord\u0000viken 😀 AB", "City": "\u0000"}')
    assert (line.Name, line.City) == ("Nordviken 😀 AB", "")
    assert SlimCustomer.model_validate({"CustomerNumber": "1", "Name": "Nord\ud83dviken"}).Name == "Nordviken"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-10-24 12:00", "2026-10-24 13:50"),
        # 02:05 for the second time: what was made then must not lie before the wall clock of ten minutes ago, 02:55.
        ("2026-10-25 01:05", "2026-10-25 01:55"),
        ("2026-11-27 12:00", "2026-11-27 12:50"),
    ],
)
def test_a_look_in_the_hour_that_happens_twice_reaches_over_it(moment, expected):
    assert mapping.changed_since(utc(moment), overlap=600, autumn_overlap=4200) == expected
