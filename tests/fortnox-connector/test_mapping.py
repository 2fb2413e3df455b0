"""Time in Stockholm, where one hour of a year happens twice and another not at all."""

from datetime import UTC, datetime

import pytest

from fortnox_connector import mapping


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
