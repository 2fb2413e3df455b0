"""A permission to create that was given back unused binds nobody: neither its number nor its claim."""

from __future__ import annotations

from itertools import count

from contracts.events import CustomerCreateWithdrawn

NUMBER, CORRECTED = "5566778899", "5560004755"
VERSIONS = count(1_000_000)


def withdrawn(world, company_id):
    return CustomerCreateWithdrawn(connection_id=world.connection_id, version=next(VERSIONS), company_id=company_id)


async def test_a_company_whose_create_was_taken_back_is_decided_afresh_under_its_new_number(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("a", CORRECTED), world.became_client("a"))
    assert (await world.said())[-1] == ("a", "organisation_number_changed")
    await world.handle(withdrawn(world, "a"))
    assert (await world.said())[-1] == ("a", "not_found")


async def test_the_number_that_it_claimed_is_free_for_the_company_that_has_it(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("a", CORRECTED), withdrawn(world, "a"))
    await world.handle(world.company("b", NUMBER), world.became_client("b"))
    assert (await world.said())[-1] == ("b", "not_found")


async def test_a_company_that_is_linked_stays_what_it_is(world):
    await world.is_listed()
    await world.handle(world.customer("7", NUMBER), world.company("a", NUMBER), world.became_client("a"))
    await world.handle(withdrawn(world, "a"))
    assert (await world.said())[-1] == ("a", "7")
