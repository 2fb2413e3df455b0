"""A customer's number that a person typed is looked up in Fortnox itself."""

from uuid import uuid4

import pytest

from contracts.commands import ReadFortnoxCustomer


def look_up(world, number, **changes):
    fields = {"connection_id": world.connection_id, "command_id": uuid4(), "generation": world.generation}
    return ReadFortnoxCustomer(**{**fields, "fortnox_tenant": world.tenant, "customer_number": number, **changes})


async def test_a_customer_is_reported_as_the_list_would_show_it(world):
    body = {"Name": "Norrsken AB", "OrganisationNumber": "556036-0793", "City": "Umeå", "Email": "a@b.example", "Phone1": "090-1"}
    number = (await world.fortnox("POST", "customers", {"Customer": body}))["Customer"]["CustomerNumber"]
    order = look_up(world, number)
    await world.send(order)
    assert (await world.outcome(order.command_id))["type"] == "RecordSaved"
    told = [one["customer"] for one in await world.told("CustomerChanged") if one["customer"]["customer_number"] == number]
    read = next(one for one in told if one["active"] is not None)
    assert {name: read[name] for name in ("name", "organisation_number", "email", "phone", "active")} == {
        "name": "Norrsken AB",
        "organisation_number": "556036-0793",
        "email": "a@b.example",
        "phone": "090-1",
        "active": True,
    }
    assert read["address"]["city"] == "Umeå"


@pytest.mark.parametrize("number", ["99999", "..", "1/2", "å?"])
async def test_a_number_that_fortnox_does_not_have_is_refused(world, number):
    order = look_up(world, number)
    await world.send(order)
    outcome = await world.outcome(order.command_id)
    assert (outcome["type"], outcome["reason"], outcome["kind"]) == ("RecordRefused", "customer_missing", "lookup")


async def test_another_company_s_register_is_not_looked_into(world):
    order = look_up(world, await world.made_customer(), fortnox_tenant=world.tenant + 1)
    await world.send(order)
    assert (await world.outcome(order.command_id))["reason"] == "connection_changed"
