"""A company that Lime Go no longer has: it holds no number, no claim, no link and no person's word."""

from __future__ import annotations

from itertools import permutations

import pytest

from contracts.events import CompanyRemoved

NUMBER, OTHER = "5566778899", "5560004755"


def removed(world, company_id, version, merged_into=None):
    return CompanyRemoved(connection_id=world.connection_id, version=version, company_id=company_id, merged_into=merged_into)


def latest(world):
    return world.company("version-source").version


async def test_two_companies_with_one_number_are_merged_and_the_survivor_is_created(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.company("b", NUMBER), world.became_client("a"), world.became_client("b"))
    assert await world.said() == [("a", "organisation_number_shared"), ("b", "organisation_number_shared")]
    await world.handle(removed(world, "a", latest(world), "b"))
    assert (await world.said())[2:] == [("b", "not_found")]


async def test_the_number_that_a_removed_company_claimed_is_free(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("b", NUMBER), world.became_client("b"))
    assert (await world.said())[-1][0] == "b"
    assert (await world.said())[-1] != ("b", "not_found")
    await world.handle(removed(world, "a", latest(world)))
    assert (await world.said())[-1] == ("b", "not_found")


async def test_the_customer_of_a_removed_company_is_the_survivor_s(world):
    await world.is_listed()
    await world.handle(world.customer("17", NUMBER), world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("b", NUMBER), world.became_client("b"))
    assert (await world.said())[-1] == ("b", "organisation_number_shared", "17")
    await world.handle(removed(world, "a", latest(world)))
    assert (await world.said())[-1] == ("b", "17")


async def test_a_person_s_word_about_a_removed_company_binds_the_customer_no_longer(world):
    await world.is_listed()
    await world.handle(world.customer("17", NUMBER), world.company("a", OTHER), world.became_client("a"))
    await world.handle(world.linked("a", "17"), world.company("b", NUMBER), world.became_client("b"))
    assert (await world.said())[-1] == ("b", "customer_linked_elsewhere", "17")
    await world.handle(removed(world, "a", latest(world)))
    assert (await world.said())[-1] == ("b", "17")


async def test_an_older_snapshot_brings_nobody_back_and_a_newer_one_does(world):
    await world.is_listed()
    old = world.company("a", NUMBER)
    await world.handle(old, world.became_client("a"))
    gone = removed(world, "a", latest(world))
    await world.handle(gone, world.company("a", OTHER, version=old.version + 0))
    await world.handle(world.company("b", NUMBER), world.became_client("b"))
    assert (await world.said())[-1] == ("b", "not_found")
    await world.handle(world.company("a", OTHER), gone, world.became_client("a"))
    assert (await world.said())[-1] == ("a", "not_found")


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_in_whatever_order_removal_and_the_survivor_s_changes_come_it_has_the_customer(world, order):
    await world.is_listed()
    await world.handle(world.customer("17", NUMBER), world.company("a", NUMBER), world.became_client("a"))
    version = latest(world)
    events = [removed(world, "a", version, "b"), world.company("b", NUMBER), world.linked("b", "17")]
    for index in order:
        await world.handle(events[index])
    await world.handle(world.became_client("b"))
    assert (await world.said())[-1] == ("b", "17")


async def test_a_number_that_company_and_customer_get_together_stays_a_match(world):
    await world.is_listed()
    await world.handle(world.customer("17", NUMBER), world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("a", OTHER))
    assert (await world.said())[-1] == ("a", "organisation_number_changed", "17")
    await world.handle(world.customer("17", OTHER))
    assert (await world.said())[-1] == ("a", "17")
