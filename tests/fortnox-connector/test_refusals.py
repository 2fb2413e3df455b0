"""What must not be made is refused with a reason, and the good neighbours go on."""

import pytest

from contracts.values import ConnectionState


async def refusal(world, command):
    await world.send(command)
    outcome = await world.outcome(command.command_id)
    assert outcome["type"] == "RecordRefused", outcome
    return outcome


async def test_a_standard_article_that_is_missing_or_inactive_is_named(world):
    number = await world.made_customer()
    command = world.invoice(number).model_copy(update={"standard_article": "nope"})
    assert (await refusal(world, command))["reason"] == "article_missing"
    await world.fortnox("PUT", "articles/1000", {"Article": {"Active": False}})
    assert (await refusal(world, world.invoice(number)))["reason"] == "article_inactive"


async def test_a_customer_that_is_missing_has_another_currency_or_no_settled_vat_is_named(world):
    assert (await refusal(world, world.invoice("no such")))["reason"] == "customer_missing"
    number = await world.made_customer()
    await world.fortnox("PUT", f"customers/{number}", {"Customer": {"CountryCode": "DE"}})
    assert (await refusal(world, world.invoice(number)))["reason"] == "customer_vat"
    await world.fortnox("PUT", f"customers/{number}", {"Customer": {"CountryCode": "SE", "Currency": "EUR"}})
    assert (await refusal(world, world.invoice(number)))["reason"] == "customer_currency"


async def test_fortnox_own_words_are_kept_and_the_neighbour_goes_on(world):
    number = await world.made_customer()
    bad, good = world.invoice(number, name="Tyst — paus"), world.invoice(number)
    await world.send(bad)
    await world.send(good)
    outcome = await world.outcome(bad.command_id)
    assert outcome["reason"] == "validation"
    assert outcome["detail"]
    assert (await world.outcome(good.command_id))["type"] == "RecordSaved"


async def test_a_command_of_an_older_generation_is_refused(world):
    number = await world.made_customer()
    command = world.invoice(number)
    world.generation = 2
    await world.activate()
    assert (await refusal(world, command))["reason"] == "connection_changed"


async def test_a_connection_that_is_paused_keeps_its_command_whole(world):
    number = await world.made_customer()
    world.generation = 2
    await world.activate(ConnectionState.PAUSED)
    command = world.invoice(number)
    await world.send(command)
    world.generation = 3
    await world.activate()
    assert (await refusal(world, command))["reason"] == "connection_changed"


@pytest.mark.parametrize("kind", ["status_429", "status_500", "status_503", "status_401"])
async def test_a_passing_trouble_is_tried_again(world, kind):
    number = await world.made_customer()
    await world.fault("GET /3/articles/{number}", kind)
    command = world.invoice(number)
    await world.send(command)
    assert (await world.outcome(command.command_id))["type"] == "RecordSaved"
