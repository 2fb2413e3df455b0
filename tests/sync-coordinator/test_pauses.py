"""A pause sends nothing, and what was won in it waits for a person."""

from __future__ import annotations

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany
from contracts.values import ConnectionState
from sync_coordinator.actions import NotPossibleError


async def test_a_deal_won_while_paused_waits_for_a_person(house, make):
    await house.linked_company()
    await house.actions.set_state(house.connection_id, ConnectionState.PAUSED)
    await house.win(make.deal())
    assert (await house.record())["reason"] == "won_while_paused"
    with pytest.raises(NotPossibleError):
        await house.release_held()
    await house.actions.set_state(house.connection_id, ConnectionState.ACTIVE)
    await house.release_held()
    await house.win(make.deal())
    assert await house.count_sent("CreateFortnoxInvoice") == 1


async def test_a_deal_that_is_heard_of_after_the_pause_in_which_it_was_won_waits_for_a_person(house, make):
    await house.linked_company()
    await house.hear(house.won(make.deal(), won_while_paused=True), house.won(make.deal(2)))
    record = await house.record()
    assert (record["state"], record["reason"]) == ("held", "won_while_paused")
    assert [one.deal.deal_id for one in await house.sent() if isinstance(one, CreateFortnoxInvoice)] == [2]
    await house.hear(house.won(make.deal(name="Rättat namn")))
    assert (await house.record())["state"] == "held"
    assert await house.release_held() == 1
    await house.hear(house.won(make.deal()))
    assert await house.count_sent("CreateFortnoxInvoice") == 2


async def test_a_resume_is_told_with_its_time_and_the_next_pause_keeps_it(house):
    for state in (ConnectionState.PAUSED, ConnectionState.ACTIVE, ConnectionState.PAUSED):
        await house.actions.set_state(house.connection_id, state)
    assert [message.resumed_at for message in await house.sent()] == [None, house.now, house.now]


async def test_commands_refused_by_a_pause_are_read_again_after_it_and_cost_no_round(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.actions.set_state(house.connection_id, ConnectionState.PAUSED)
    await house.hear(house.refused(create, "connection_changed"))
    house.pass_time(10_000)
    await house.sent()
    assert await house.loops.recheck() == 0
    await house.actions.set_state(house.connection_id, ConnectionState.ACTIVE)
    await house.sent()
    assert await house.loops.recheck() == 1
    await house.sent_one(ReadLimeGoCompany)
    assert (await house.record())["rounds"] == 0


async def test_what_waits_is_read_at_once_after_the_resume(house, make):
    await house.linked_company()
    await house.win(make.deal())
    create = await house.sent_one(CreateFortnoxInvoice)
    await house.actions.set_state(house.connection_id, ConnectionState.PAUSED)
    await house.hear(house.refused(create, "connection_changed"))
    await house.sent()
    await house.actions.set_state(house.connection_id, ConnectionState.ACTIVE)
    await house.sent()
    assert await house.loops.recheck() == 1
    await house.sent_one(ReadLimeGoCompany)
