"""What happens in the two systems, and what the matcher says to it; on a real Postgres, through its consumers."""

from __future__ import annotations

import asyncio
import time

from stdnum import luhn

NUMBER, DASHED, VAT_FORM = "5566778899", "556677-8899", "SE556677889901"
OTHER, THIRD = "5560004755", "5560125790"


async def test_nothing_is_decided_before_both_listings_are_complete(world):
    await world.handle(world.connection(), world.company("a", DASHED, listed=True), world.became_client("a"))
    assert await world.said() == []
    await world.handle(world.companies_listed(1))
    assert await world.said() == []
    await world.handle(world.customer("42", VAT_FORM, listed=True))
    assert await world.said() == []
    await world.handle(world.customers_listed(1))
    assert await world.said() == [("a", "42")]


async def test_a_completion_that_overtakes_its_items_waits_for_the_last_distinct_one(world):
    await world.handle(world.connection(), world.companies_listed(), world.customers_listed(2))
    await world.handle(world.company("a", DASHED), world.became_client("a"))
    await world.handle(world.customer("1", OTHER, listed=True), world.customer("1", OTHER, listed=True))
    assert await world.said() == []
    await world.handle(world.customer("2", NUMBER, listed=True))
    assert await world.said() == [("a", "2")]


async def test_an_item_that_is_older_than_what_is_stored_counts_as_listed_all_the_same(world):
    await world.handle(world.connection(), world.companies_listed(), world.customers_listed(1))
    await world.handle(world.company("a", DASHED), world.became_client("a"))
    await world.handle(world.customer("1", NUMBER, version=9), world.customer("1", OTHER, version=8, listed=True))
    assert await world.said() == [("a", "1")]


async def test_a_whole_listing_keeps_its_count_and_forgets_its_ids(world):
    await world.handle(world.connection(), world.company("a", listed=True), world.company("b", listed=True))
    counted = "SELECT (SELECT count(*) FROM listing_member WHERE listing_id = $1), seen FROM listing WHERE listing_id = $1"
    assert tuple(await world.database.pool.fetchrow(counted, world.listing_id)) == (2, 2)
    await world.handle(world.companies_listed(2))
    assert tuple(await world.database.pool.fetchrow(counted, world.listing_id)) == (0, 2)


async def test_a_name_that_jsonb_would_refuse_is_handed_on(world):
    await world.is_listed()
    company = world.company("a", NUMBER)
    odd = company.company.model_copy(update={"name": "Bolag\x00 \N{SNOWMAN}"})
    await world.handle(company.model_copy(update={"company": odd}), world.became_client("a"))
    (message,) = await world.published()
    assert message.company == odd


async def test_a_company_without_customer_may_be_created_and_the_message_carries_it(world):
    await world.is_listed()
    await world.handle(world.company("a", DASHED, name="Bolag a"), world.became_client("a"))
    (message,) = await world.published()
    assert type(message).__name__ == "CustomerNotFound"
    assert message.company.name == "Bolag a"


async def test_a_missing_and_an_invalid_number_go_to_review_and_pass_once_they_are_filled_in(world):
    await world.is_listed()
    await world.handle(world.company("a"), world.became_client("a"))
    await world.handle(world.company("a", "5566778890"))
    await world.handle(world.company("a", DASHED))
    assert await world.said() == [("a", "organisation_number_missing"), ("a", "organisation_number_invalid"), ("a", "not_found")]


async def test_two_companies_with_one_number_go_to_review_until_one_gets_another(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.company("a", NUMBER), world.company("b", DASHED))
    await world.handle(world.became_client("a"), world.became_client("b"))
    shared = "organisation_number_shared"
    assert await world.said() == [("a", shared, "42"), ("b", shared, "42")]
    await world.handle(world.company("b", OTHER))
    assert sorted((await world.said())[2:]) == [("a", "42"), ("b", "not_found")]


async def test_two_customers_with_one_number_go_to_review_until_one_gets_another(world):
    await world.is_listed()
    await world.handle(world.customer("1", NUMBER), world.customer("2", DASHED))
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.customer("1", OTHER))
    assert await world.said() == [("a", "several_customers", "1", "2"), ("a", "2")]


async def test_the_customer_that_was_created_is_matched_when_it_is_polled(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.customer("42", DASHED))
    await world.handle(world.customer("42", DASHED), world.customer("43", DASHED))
    assert await world.said() == [("a", "not_found"), ("a", "42"), ("a", "several_customers", "42", "43")]


async def test_a_second_customer_of_a_matched_company_goes_to_review_once_and_back_when_it_is_gone(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.customer("43", DASHED), world.customer("43", DASHED), world.company("a", VAT_FORM))
    double = ("a", "several_customers", "42", "43")
    assert await world.said() == [("a", "42"), double]
    await world.handle(world.became_client("a"))
    await world.handle(world.customer("43", OTHER))
    assert await world.said() == [("a", "42"), double, double, ("a", "42")]


async def test_a_customer_that_another_company_was_matched_to_is_no_double(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.customer("43", OTHER))
    await world.handle(world.company("a", NUMBER), world.company("b", OTHER))
    await world.handle(world.became_client("a"), world.became_client("b"))
    await world.handle(world.customer("43", NUMBER))
    assert await world.said() == [("a", "42"), ("b", "43")]


async def test_a_number_that_changes_after_the_decision_leads_to_review_and_back(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.customer("43", OTHER))
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("a", OTHER))
    await world.handle(world.company("a", DASHED))
    assert await world.said() == [("a", "42"), ("a", "organisation_number_changed", "42"), ("a", "42")]


async def test_a_customer_that_was_matched_to_one_company_is_not_given_to_another(world):
    await world.is_listed()
    await world.handle(world.customer("42", NUMBER), world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("a", OTHER), world.company("b", NUMBER), world.became_client("b"))
    assert (await world.said())[-1] == ("b", "customer_linked_elsewhere", "42")


async def a_number_moves_before_the_customer_is_polled(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    await world.handle(world.company("a", OTHER), world.company("b", NUMBER), world.became_client("b"))


async def test_the_claim_keeps_a_second_company_from_being_created_under_the_number(world):
    await a_number_moves_before_the_customer_is_polled(world)
    assert await world.said() == [("a", "not_found"), ("a", "organisation_number_changed"), ("b", "number_claimed")]
    await world.handle(world.customer("42", NUMBER))
    assert (await world.said())[3:] == [("b", "number_claimed", "42")]


async def test_without_the_claim_a_second_company_is_created_under_the_number(world, without_claim):
    await a_number_moves_before_the_customer_is_polled(world)
    assert (await world.said())[-1] == ("b", "not_found")


async def test_one_company_keeps_the_claim_when_two_are_decided_at_once(world):
    """Not even a lock that fails gives two companies one number: the second insert loses, and is decided again."""
    await world.is_listed()
    await world.handle(world.company("b", NUMBER))
    key = world.hashing.number(world.connection_id, NUMBER)
    await world.database.pool.execute("INSERT INTO number_claim VALUES ($1, $2, 'a')", world.connection_id, key)
    await world.handle(world.became_client("b"))
    assert await world.said() == [("b", "number_claimed")]


async def test_a_lower_version_is_dropped(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER, version=7), world.became_client("a"))
    await world.handle(world.company("a", OTHER, version=6), world.customer("1", NUMBER, version=9))
    await world.handle(world.customer("1", OTHER, version=8))
    assert await world.said() == [("a", "not_found"), ("a", "1")]


async def test_a_batch_with_several_versions_of_a_company_counts_the_highest(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER, version=9), world.company("a", version=8), world.became_client("a"))
    assert await world.said() == [("a", "not_found")]


async def test_a_duplicate_publishes_nothing_and_a_new_trigger_repeats_the_decision_under_a_higher_version(world):
    await world.is_listed()
    trigger = world.record(world.became_client("a"))
    await world.handle(world.company("a", NUMBER))
    await world.handle_records([trigger, trigger])
    await world.handle_records([trigger])
    await world.handle(world.company("a", NUMBER), world.company("a", VAT_FORM))
    assert await world.said() == [("a", "not_found")]
    await world.handle(world.became_client("a"), world.became_client("a"))
    first, second = await world.published()
    assert second == first.model_copy(update={"version": second.version, "company": second.company})
    assert second.version > first.version


async def test_a_trigger_that_comes_before_its_company_is_decided_with_it(world):
    await world.is_listed()
    await world.handle(world.became_client("a"))
    assert await world.said() == []
    await world.handle(world.company("a", NUMBER))
    assert await world.said() == [("a", "not_found")]


async def test_a_company_that_nobody_asked_for_is_not_decided(world):
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.customer("42", NUMBER))
    assert await world.said() == []


async def test_a_message_of_an_unknown_connection_waits_and_the_others_of_its_batch_do_not(world, another_world):
    await world.is_listed()
    messages = [another_world.company("x", NUMBER), world.company("a", NUMBER), world.became_client("a")]
    await world.handle_records([world.record(message) for message in messages])
    assert await world.said() == [("a", "not_found")]
    letters = await world.database.pool.fetch("SELECT state FROM dead_letter WHERE key = $1", messages[0].key)
    assert [letter["state"] for letter in letters] == ["waiting"]


async def test_one_connection_never_sees_anothers_register(world, another_world):
    await another_world.is_listed()
    await another_world.handle(another_world.customer("42", NUMBER), another_world.company("b", NUMBER))
    await world.is_listed()
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    assert await world.said() == [("a", "not_found")]


async def test_two_companies_with_one_number_that_are_won_in_the_same_instant_make_one_customer_at_most(world):
    """The batches of two partitions, handled at once by two replicas."""
    await world.is_listed()
    await asyncio.gather(*(world.handle(world.company(name, NUMBER), world.became_client(name)) for name in "abcdef"))
    said = await world.said()
    assert len([answer for answer in said if answer[1] == "not_found"]) <= 1
    assert {answer[0] for answer in said} == set("abcdef")


async def test_a_company_and_its_customer_that_come_at_once_meet(world, another_world, caplog):
    """Many connections in batches of many: the locks are taken in order, so that nobody deadlocks and nobody is missed."""
    caplog.set_level("INFO")
    for each in (world, another_world):
        await each.is_listed()
    names = [str(number) for number in range(20)]
    numbers = {name: with_check_digit(556200000 + int(name)) for name in names}
    pairs = [(each, name) for each in (world, another_world) for name in names]
    companies = [message for each, name in pairs for message in (each.company(name, numbers[name]), each.became_client(name))]
    customers = [each.customer(name, numbers[name]) for each, name in reversed(pairs)]
    await asyncio.gather(
        world.handle_records([world.record(message) for message in companies]),
        world.handle_records([world.record(message) for message in customers]),
    )
    for each in (world, another_world):
        last = dict(answer[:2] for answer in await each.said())
        assert last == {name: name for name in names}
    assert "one by one" not in caplog.text


async def test_the_last_items_of_a_listing_in_two_partitions_complete_it(world):
    await world.handle(world.connection(), world.companies_listed(), world.customers_listed(40))
    await world.handle(world.company("a", NUMBER), world.became_client("a"))
    items = [world.record(world.customer(str(number), listed=True)) for number in range(40)]
    await asyncio.gather(*(world.handle_records(items[start::4]) for start in range(4)))
    assert await world.said() == [("a", "not_found")]


async def test_ten_thousand_customers_and_two_thousand_wins_take_seconds(world):
    numbers = [with_check_digit(556300000 + number) for number in range(10_000)]
    await world.handle(world.connection(), world.customers_listed(len(numbers)), world.companies_listed(2_000))
    customers = [world.record(world.customer(str(place), number, listed=True)) for place, number in enumerate(numbers)]
    companies = [world.record(world.company(str(place), number, listed=True)) for place, number in enumerate(numbers[:2_000])]
    wins = [world.record(world.became_client(str(place))) for place in range(2_000)]
    started = time.monotonic()
    for records in (customers, companies, wins):
        for start in range(0, len(records), 500):
            await world.handle_records(records[start : start + 500])
    took = time.monotonic() - started
    assert len(await world.said()) == 2_000
    assert took < 20, f"{took:.1f} s"


def with_check_digit(nine: int) -> str:
    return f"{nine}{luhn.calc_check_digit(str(nine))}"
