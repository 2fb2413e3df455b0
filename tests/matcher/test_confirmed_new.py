"""A person's word that a company is none of the customers that are alike: it is kept, and the number is not overruled."""

from __future__ import annotations

import asyncio

import pytest

from contracts.values import Address
from matcher.rereading import Rereading

NUMBER, MISTYPED, OTHER = "5566778899", "5566778890", "5560004755"
LUND = Address(street="Storgatan 4", postcode="222 22", city="Lund", country_code="SE")
NAME = "Åkerlunds Plåtslageri AB"
HELD, CREATED = ("a", "scored", "42"), ("a", "not_found")


def alike(world):
    return world.customer("42", MISTYPED, name="Åkerlunds Plåtslageri", phone="046-12 34 56", address=LUND)


def company(world, number=NUMBER):
    return world.company("a", number, name=NAME, phone="046123456", postal_address=LUND)


@pytest.fixture
async def held(world):
    """A company that a likely customer keeps from being created."""
    await world.is_listed()
    await world.handle(alike(world), company(world), world.became_client("a"))
    assert await world.said() == [HELD]
    return world


async def test_the_company_is_created_and_is_then_the_customer_that_was_created(held):
    await held.handle(held.confirmed_new("a"))
    await held.handle(held.customer("50", NUMBER, name=NAME, phone="046123456", address=LUND))
    assert (await held.said())[1:] == [CREATED, ("a", "50")]


async def test_the_word_is_kept_when_it_is_decided_again_and_when_others_are_alike(held):
    await held.handle(held.confirmed_new("a"), held.became_client("a"))
    await held.handle(held.customer("43", name=NAME, phone="046-12 34 56", address=LUND), held.became_client("a"))
    await held.database.pool.execute("UPDATE connection SET forms_version = 0 WHERE connection_id = $1", held.connection_id)
    await Rereading(held.database, held.hashing, held.models).run()
    assert (await held.said())[1:] == [CREATED, CREATED, CREATED]


async def test_a_message_that_comes_again_changes_nothing(held):
    record = held.record(held.confirmed_new("a"))
    for _ in range(2):
        await held.handle_records([record])
    await held.handle_records([record, record])
    assert (await held.said())[1:] == [CREATED]


async def test_the_button_pressed_twice_creates_under_one_claim(held):
    await asyncio.gather(*(held.handle(held.confirmed_new("a")) for _ in range(2)))
    assert set((await held.said())[1:]) == {CREATED}
    claims = "SELECT company_id FROM number_claim WHERE connection_id = $1"
    assert [row["company_id"] for row in await held.database.pool.fetch(claims, held.connection_id)] == ["a"]


async def test_a_link_after_the_word_counts_and_a_word_after_the_link(held):
    await held.handle(held.confirmed_new("a"), held.linked("a", "42"))
    assert (await held.said())[-1] == ("a", "42")
    await held.handle(held.confirmed_new("a"))
    assert (await held.said())[-1] == CREATED


async def test_an_older_word_that_comes_late_counts_no_more(held):
    await held.handle(held.linked("a", "42", version=8), held.confirmed_new("a", version=7))
    assert (await held.said())[1:] == [("a", "42")]
    await held.handle(held.confirmed_new("a", version=10), held.linked("a", "42", version=9))
    assert (await held.said())[2:] == [CREATED]


async def test_a_link_and_a_word_at_once_leave_the_newer_one(held):
    await asyncio.gather(held.handle(held.linked("a", "42", version=8)), held.handle(held.confirmed_new("a", version=9)))
    await held.handle(held.became_client("a"))
    assert (await held.said())[-1] == CREATED


@pytest.mark.parametrize(
    ("number", "reason"), [(None, "organisation_number_missing"), ("5566778890", "organisation_number_invalid")]
)
async def test_without_a_valid_number_the_review_stays_and_its_correction_creates(world, number, reason):
    await world.is_listed()
    await world.handle(world.customer("42", name="Åkerlunds Plåtslageri", phone="046-12 34 56", address=LUND))
    await world.handle(company(world, number), world.became_client("a"), world.confirmed_new("a"))
    assert [each[1] for each in await world.said()] == [reason, reason]
    await world.handle(company(world))
    assert (await world.said())[-1] == CREATED


async def test_a_customer_with_the_number_that_came_meanwhile_is_the_match(held):
    await held.handle(held.customer("50", NUMBER, name=NAME, phone="046123456", address=LUND))
    await held.handle(held.confirmed_new("a"))
    assert (await held.said())[-1] == ("a", "50")
    assert CREATED not in await held.said()


async def test_a_customer_with_the_number_and_another_name_keeps_it_in_review(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER, name="Bergdala Åkeri AB"))
    await world.handle(company(world), world.became_client("a"), world.confirmed_new("a"))
    assert set(await world.said()) == {("a", "name_contradicts", "42")}


async def test_a_number_that_another_company_has_or_claimed_is_not_overruled(world):
    await world.is_listed()
    await world.handle(world.company("b", NUMBER), world.became_client("b"))
    await world.handle(company(world), world.became_client("a"), world.confirmed_new("a"))
    await world.handle(world.company("b", OTHER), world.confirmed_new("a"))
    said = [each for each in await world.said() if each[0] == "a"]
    assert {each[1] for each in said} == {"organisation_number_shared", "number_claimed"}


async def test_a_namesake_at_the_same_postcode_may_be_another_company(world):
    await world.is_listed()
    await world.handle(world.customer("42", name=NAME, phone="08-111 22 33", address=LUND.model_copy(update={"street": "Nya 1"})))
    await world.handle(company(world), world.became_client("a"))
    assert (await world.said())[-1] == ("a", "little_agrees", "42")
    await world.handle(world.confirmed_new("a"))
    assert (await world.said())[-1] == CREATED
