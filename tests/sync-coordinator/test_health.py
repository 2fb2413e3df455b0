"""The page and the API say "active" only of a connection whose two sides both move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.health import Access, ReadHealth, Side, SideHealthReported
from servicekit.durations import Durations

MINUTE = timedelta(minutes=1)


def a_report(house, side, **changes):
    """A side that does well at the house's time."""
    read = ReadHealth(resource="invoices", interval=30, completed_at=house.now)
    fields = {"reported_at": house.now, "interval": 60, "access": Access.GRANTED, "access_since": house.now, "reads": (read,)}
    return SideHealthReported.model_validate({"connection_id": house.connection_id, "side": side, **fields, **changes})


async def hear_both(house, side=Side.FORTNOX, **changes):
    """Both sides do well, but for what is changed of one of them."""
    await house.hear(*(a_report(house, one, **(changes if one is side else {})) for one in Side))


async def shown(house, browser):
    """The connection's health by the API, and the first page in English."""
    answer = (await browser.get("/api/connections")).json()
    (connection,) = [one for one in answer["connections"] if one["connection_id"] == str(house.connection_id)]
    page = await browser.get("/", params={"lang": "en"})
    return connection["health"], page.text


async def test_a_connection_whose_both_sides_work_is_active(house, browser):
    await hear_both(house)
    health, page = await shown(house, browser)
    assert health["verdict"] == "working"
    assert ">active<" in page


async def test_a_connection_nobody_has_reported_of_is_starting_and_then_not_syncing(house, browser):
    health, page = await shown(house, browser)
    assert (health["verdict"], ">active<" in page) == ("starting", False)
    house.pass_time(4 * Durations().health_report)
    health, page = await shown(house, browser)
    assert (health["verdict"], ">active<" in page) == ("silent", False)
    assert "limego-connector" in page


@pytest.mark.parametrize(
    ("side", "changes", "verdict", "words"),
    [
        (Side.LIMEGO, {"access": Access.MISSING, "reads": ()}, "no_key", "no API key for Lime Go"),
        (Side.LIMEGO, {"access": Access.REFUSED}, "refused", "Create a new key"),
        (Side.FORTNOX, {"access": Access.REFUSED, "detail": "Consent gone"}, "refused", "Consent gone"),
        (Side.FORTNOX, {"access": Access.UNKNOWN, "reads": ()}, "starting", "for the first time"),
    ],
)
async def test_what_stops_a_side_is_said_with_its_remedy(house, browser, side, changes, verdict, words):
    await hear_both(house, side, **changes)
    health, page = await shown(house, browser)
    assert health["sides"][side]["verdict"] == health["verdict"] == verdict
    assert words in page
    assert ">active<" not in page


async def test_a_resource_that_is_refused_every_time_is_named_with_its_last_success(house, browser):
    late = ReadHealth(
        resource="articles", interval=30, completed_at=house.now - 5 * MINUTE, failing_since=house.now - 4 * MINUTE, problem="x"
    )
    good = ReadHealth(resource="invoices", interval=30, completed_at=house.now)
    await hear_both(house, reads=(late, good))
    health, page = await shown(house, browser)
    assert (health["verdict"], health["sides"]["fortnox"]["late"]) == ("failing", ["articles"])
    assert "Fortnox does not hand out: articles" in page


async def test_single_records_that_cannot_be_read_are_named_beside_all_that_is(house, browser):
    since = house.now - 5 * MINUTE
    records = ("invoices 7", "articles 3")
    single = ReadHealth(resource="single records", interval=30, failing_since=since, problem="x", records=records)
    await hear_both(house, reads=(single, ReadHealth(resource="invoices", interval=30, completed_at=house.now)))
    health, page = await shown(house, browser)
    assert health["verdict"] == "partly"
    assert "Fortnox does not hand out single records: invoices 7, articles 3" in page
    assert ">active, some records are not read<" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Those that are still gone on 2026-11-25 09:00:00 count as deleted"),
        ("sv", "De som är borta än den 2026-11-25 09:00:00 räknas som borttagna"),
    ],
)
async def test_many_companies_that_are_missing_are_told_with_the_moment_from_which_they_count_as_deleted(
    house, browser, language, words
):
    since, believed_at = house.now - 5 * MINUTE, datetime(2026, 11, 25, 8, tzinfo=UTC)
    read = ReadHealth(
        resource="missing companies", interval=60, failing_since=since, problem="many_missing", believed_at=believed_at
    )
    good = ReadHealth(resource="companies", interval=600, completed_at=house.now)
    await hear_both(house, Side.LIMEGO, reads=(read, good))
    health, _ = await shown(house, browser)
    assert (health["verdict"], health["sides"]["limego"]["late"]) == ("doubted", ["missing companies"])
    assert words in (await browser.get("/", params={"lang": language})).text
    broken = ReadHealth(resource="deals", interval=60, failing_since=since, problem="x")
    await hear_both(house, Side.LIMEGO, reads=(read, good, broken), reported_at=house.now + MINUTE)
    assert (await shown(house, browser))[0]["verdict"] == "failing"


async def test_a_resource_that_stands_still_without_failing_is_late_after_ten_minutes_more(house, browser):
    read = ReadHealth(resource="articles", interval=30, completed_at=house.now)
    await hear_both(house, reads=(read,))
    house.pass_time(660)
    await hear_both(house, reads=(read,))
    assert (await shown(house, browser))[0]["verdict"] == "working"
    house.pass_time(1)
    await hear_both(house, reads=(read,))
    assert (await shown(house, browser))[0]["verdict"] == "failing"


async def test_a_resource_that_failed_once_is_not_late_yet(house, browser):
    read = ReadHealth(resource="articles", interval=30, completed_at=house.now - MINUTE / 2, failing_since=house.now, problem="x")
    await hear_both(house, reads=(read,))
    assert (await shown(house, browser))[0]["verdict"] == "working"


async def test_what_was_read_before_a_pause_was_not_due_in_it(house, browser):
    read = ReadHealth(resource="articles", interval=30, completed_at=house.now - 10_000 * MINUTE)
    await hear_both(house, reads=(read,))
    assert (await shown(house, browser))[0]["verdict"] == "working"


async def test_commands_that_wait_for_long_are_counted(house, browser):
    await hear_both(house, waiting=3, oldest_waiting_at=house.now - 11 * MINUTE)
    health, page = await shown(house, browser)
    assert health["verdict"] == "behind"
    assert "3 records wait to be created in Fortnox" in page


async def test_a_side_that_falls_silent_is_not_shown_as_active(house, browser):
    await hear_both(house)
    house.pass_time(181)
    health, page = await shown(house, browser)
    assert health["verdict"] == "silent"
    assert ">not syncing<" in page


async def test_an_older_report_changes_nothing(house, browser):
    await hear_both(house)
    await house.hear(a_report(house, Side.FORTNOX, access=Access.REFUSED, reported_at=house.now - MINUTE))
    assert (await shown(house, browser))[0]["verdict"] == "working"


async def test_a_paused_connection_is_paused_whatever_its_sides_do(house, browser):
    await browser.post(f"/api/connections/{house.connection_id}/pause")
    health, page = await shown(house, browser)
    assert health is None
    assert ">paused<" in page
