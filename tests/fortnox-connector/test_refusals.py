"""What must not be made is refused with a reason, and the good neighbours go on."""

from datetime import datetime

import pytest

from contracts.values import ConnectionState
from servicekit.errors import OutcomeUnknownError, TransientError
from servicekit.lanes import LaneStoppedError

NO_SCOPE, NO_LICENCE = "Har inte behörighet för scope.", "Det finns ingen aktiv licens för begärt scope."
REST = 3.0
"""Seconds that a lane rests: a minute at the time scale of these tests."""


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


async def test_a_customer_that_is_missing_inactive_has_another_currency_or_no_settled_vat_is_named(world):
    assert (await refusal(world, world.invoice("no such")))["reason"] == "customer_missing"
    number = await world.made_customer()
    await world.fortnox("PUT", f"customers/{number}", {"Customer": {"CountryCode": "DE"}})
    assert (await refusal(world, world.invoice(number)))["reason"] == "customer_vat"
    await world.fortnox("PUT", f"customers/{number}", {"Customer": {"CountryCode": "SE", "Currency": "EUR"}})
    assert (await refusal(world, world.invoice(number)))["reason"] == "customer_currency"
    await world.fortnox("PUT", f"customers/{number}", {"Customer": {"Currency": "SEK", "Active": False}})
    assert (await refusal(world, world.invoice(number)))["reason"] == "customer_inactive"
    assert (await world.state())["invoices"] == []


@pytest.mark.parametrize("number", [".", "..", "/", "a/../b", "?limit=1"])
async def test_a_customer_number_that_reads_as_a_path_is_missing(world, number):
    assert (await refusal(world, world.invoice(number)))["reason"] == "customer_missing"


async def test_fortnox_own_words_are_kept_and_the_neighbour_goes_on(world):
    number = await world.made_customer()
    bad, good = world.invoice(number, name="Tyst — paus"), world.invoice(number)
    await world.send(bad)
    await world.send(good)
    outcome = await world.outcome(bad.command_id)
    assert outcome["reason"] == "data_refused"
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


@pytest.mark.parametrize(
    "kind", ["status_429", "status_500", "status_503", "status_401", "status_302", "status_408", "refuse_403", "refuse_404"]
)
async def test_a_passing_trouble_is_tried_again(world, kind):
    number = await world.made_customer()
    await world.fault("GET /3/articles/{number}", kind)
    command = world.invoice(number)
    await world.send(command)
    assert (await world.outcome(command.command_id))["type"] == "RecordSaved"


async def seconds_of_rest(world):
    """How long the connector called nothing after it was refused, and what it called then."""
    calls = await world.calls()
    at = next(index for index, call in enumerate(calls) if call["status"] == 403)
    ended, started = (datetime.fromisoformat(text) for text in (calls[at]["ended"], calls[at + 1]["started"]))
    return (started - ended).total_seconds()


@pytest.mark.parametrize(("code", "words"), [(2000663, NO_SCOPE), (2001101, NO_LICENCE)])
async def test_a_missing_right_is_told_in_fortnox_own_words_and_nothing_is_called_for_a_minute(world, code, words):
    number = await world.made_customer()
    await world.until(lambda: world.calls(route="/3/articles"))
    await world.fault("POST /3/invoices", "status_403", code=code)
    first, neighbour = world.invoice(number), world.invoice(number)
    outcome = await refusal(world, first)
    assert (outcome["reason"], outcome["detail"]) == ("no_right", words)
    await world.send(neighbour)
    assert (await world.outcome(neighbour.command_id))["type"] == "RecordSaved"
    assert await seconds_of_rest(world) >= REST - 0.1
    again = world.invoice(number, first.deal.deal_id)
    await world.send(again)
    outcome = await world.outcome(again.command_id)
    assert (outcome["type"], outcome["adopted"]) == ("RecordSaved", False)
    assert len((await world.state())["invoices"]) == 2


async def test_a_revoked_consent_is_told_and_heals_when_it_is_given_again(world):
    await world.until(lambda: world.calls(route="/3/articles"))
    path = f"/control/fortnox/tenants/{world.tenant}/consent"
    await world.sandbox.delete(path)
    # A token that was issued lives on; this one ends.
    await world.pool.execute("DELETE FROM token WHERE connection_id = $1", world.connection_id)
    await world.service.restart(hard=True)
    command = world.customer()
    assert (await refusal(world, command))["detail"] == "No valid consent for the tenant"
    await world.sandbox.put(path)
    again = world.customer()
    await world.send(again)
    assert (await world.outcome(again.command_id))["type"] == "RecordSaved"


async def test_an_item_that_was_begun_calls_nothing_more_once_the_lane_rests(parts):
    item = await parts.queued(parts.world.customer())
    parts.lane.rest(60.0, NO_LICENCE)
    outcome = (await parts.executor.execute(item)).outcome
    assert (outcome.reason, outcome.detail) == ("no_right", NO_LICENCE)
    assert await parts.world.calls() == []


async def test_what_grew_old_behind_a_lane_that_rests_waits_for_the_right(parts):
    item = await parts.queued(parts.world.customer(), age=3600)
    assert (await parts.executor.execute(item)).outcome.reason == "stale"
    item = await parts.queued(parts.world.customer(), age=3600)
    parts.lane.rest(0.0, NO_LICENCE)
    outcome = (await parts.executor.execute(item)).outcome
    assert (outcome.reason, outcome.detail) == ("no_right", NO_LICENCE)


async def in_doubt(parts, seconds, kind="status_403"):
    """A customer whose create was cut off so long ago, and whose look Fortnox gives no right to. 30 s are ten minutes here."""
    await parts.world.fault("POST /3/customers", "cut")
    item = await parts.queued(parts.world.customer())
    with pytest.raises(OutcomeUnknownError):
        await parts.executor.execute(item)
    await parts.database.pool.execute("UPDATE creation SET sent_at = now() - make_interval(secs => $1)", seconds)
    await parts.world.fault("GET /3/customers", kind, code=2001101)
    return item


async def test_a_right_that_is_lost_after_the_post_may_have_left_refuses_nothing(parts):
    item = await in_doubt(parts, 10)
    with pytest.raises(LaneStoppedError):
        await parts.executor.execute(item)
    assert (await parts.repository.find_creation(item.connection_id, "company:pase1")).sent_at is not None


async def test_a_look_that_is_refused_refuses_nothing_either(parts):
    item = await in_doubt(parts, 10, "status_400")
    with pytest.raises(TransientError):
        await parts.executor.execute(item)


async def test_what_cannot_be_looked_for_is_told_after_ten_minutes_and_its_intent_stays(parts):
    item = await in_doubt(parts, 60)
    outcome = (await parts.executor.execute(item)).outcome
    assert (outcome.reason, outcome.detail) == ("outcome_unknown", NO_LICENCE)
    assert parts.lane.rest_left() > 0
    assert (await parts.repository.find_creation(item.connection_id, "company:pase1")).sent_at is not None


async def test_an_order_with_the_deals_reference_is_left_to_a_person(world):
    number = await world.made_customer()
    order = await a_stray_order(world, number, 9101)
    outcome = await refusal(world, world.invoice(number, 9101))
    assert (outcome["reason"], outcome["candidates"]) == ("several_documents", [f"order {order}"])
    assert not await world.pool.fetchval("SELECT 1 FROM creation WHERE connection_id = $1", world.connection_id)


async def test_an_order_that_turns_up_after_an_unknown_outcome_is_named_and_the_intent_stays(world):
    number = await world.made_customer()
    await world.fault("POST /3/invoices", "cut")
    command = world.invoice(number, 9102)
    await world.send(command)
    await world.until(lambda: world.calls(route="/3/invoices", method="POST"))
    order = await a_stray_order(world, number, 9102)
    outcome = await world.outcome(command.command_id)
    assert (outcome["reason"], outcome["candidates"]) == ("several_documents", [f"order {order}"])
    sent = await world.pool.fetchval("SELECT sent_at FROM creation WHERE connection_id = $1", world.connection_id)
    assert sent is not None


async def a_stray_order(world, number, deal_id):
    """An order of a person with our reference, in the list; its number."""
    reference = f"limego:bolaget:deal:{deal_id};"
    body = {"Order": {"CustomerNumber": number, "ExternalInvoiceReference1": reference, "OrderRows": []}}
    made = (await world.fortnox("POST", "orders", body))["Order"]["DocumentNumber"]

    async def is_listed():
        return (await world.fortnox("GET", f"orders?externalinvoicereference1={reference}"))["Orders"]

    await world.until(is_listed)
    return made


async def test_an_invoice_that_lost_our_reference_is_told_and_never_made_again(world):
    number = await world.made_customer()
    await world.switch(reference_cut=20)
    try:
        outcome = await refusal(world, world.invoice(number, 9103))
    finally:
        await world.switch(reference_cut=None)
    (made,) = (await world.state())["invoices"]
    assert (outcome["reason"], outcome["remote_id"]) == ("document_reference_lost", made["DocumentNumber"])
    again = world.invoice(number, 9103)
    await world.send(again)
    assert (await world.outcome(again.command_id))["remote_id"] == made["DocumentNumber"]
    assert len((await world.state())["invoices"]) == 1
