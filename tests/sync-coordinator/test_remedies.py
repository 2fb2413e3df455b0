"""Every remedy of the table of reasons leads out: followed to its end, by what it says and by the page's own buttons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts.commands import ReadLimeGoCompany
from support.followed import Surroundings
from support.remedies_of_records import COMPANIES, DEALS
from support.remedies_of_systems import FORTNOX, LIME_GO, THE_WAY
from sync_coordinator.domain.reasons import REASONS

WAYS = {**COMPANIES, **DEALS, **FORTNOX, **LIME_GO, **THE_WAY}
TABLE = (Path(__file__).parents[2] / "docs" / "field-mapping.md").read_text("utf-8")
BY_ITSELF = dict(re.findall(r"^\| `(\w+)` \|.*\| (yes|no) \|$", TABLE, re.MULTILINE))
EVERY_WAY = [pytest.param(reason, way, id=f"{reason}-{n}") for reason in WAYS for n, way in enumerate(WAYS[reason], 1)]


@pytest.fixture
def there(house, make, browser):
    return Surroundings(house, make, browser)


async def ended(there, kind, key):
    return (await there.house.record(kind, key))["state"]


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_has_a_way_that_is_followed_and_its_row_in_the_table(reason):
    assert WAYS.get(reason), f"no test follows the remedy of {reason}: add a Way to support/remedies_of_*.py"
    assert reason in BY_ITSELF, f"{reason} has no row with yes or no in docs/field-mapping.md"
    by_itself = any(way.itself for way in WAYS[reason])
    assert by_itself == (BY_ITSELF[reason] == "yes"), f"by itself or not: the table and the ways of {reason} disagree"


def test_no_way_is_left_of_a_reason_that_is_gone():
    assert sorted(WAYS) == sorted(REASONS)


@pytest.mark.parametrize(("reason", "way"), EVERY_WAY)
async def test_whoever_does_what_the_remedy_says_sees_the_record_end(there, reason, way):
    await way.bring(there)
    kind, key = await there.record_with(reason)
    await there.shows(reason)
    await way.mend(there)
    if way.itself:
        assert await ended(there, kind, key) not in ("done", "withdrawn"), "it ended before any time had passed"
        own = f"/{kind}/{there.house.connection_id}/{key}/"
        assert not [one for one in there.pressed if own in one], "a button of its own is no way by itself"
        await there.time_passes()
    if way is WAYS[reason][0] and any(one.endswith("/try-again") for one in there.pressed):
        assert "Försök igen" in REASONS[reason].remedy[0], "the remedy does not name the button that it needs"
        assert "Try again" in REASONS[reason].remedy[1], "the remedy does not name the button that it needs"
    found = await there.house.record(kind, key)
    assert (found["state"], found["reason"]) == (way.end, ""), f"the remedy of {reason} does not lead out"
    await there.all_is_well(way.customer, but=way.leaves)


@pytest.mark.parametrize("reason", sorted(REASONS))
async def test_what_the_table_says_happens_by_itself_is_looked_at_by_the_timers_and_nothing_else_is(there, reason):
    way = WAYS[reason][0]
    await way.bring(there)
    kind, key = await there.record_with(reason)
    record = await there.house.record(kind, key)
    ordered = await there.orders_by_itself()
    looked_at = [
        one
        for one in ordered
        if not isinstance(one, ReadLimeGoCompany)
        or (kind == "customer" and one.company_id == key)
        or (kind == "invoice" and int(key) in one.deal_ids)
    ]
    assert bool(looked_at) == (BY_ITSELF[reason] == "yes"), (record["recheck_at"], ordered)
