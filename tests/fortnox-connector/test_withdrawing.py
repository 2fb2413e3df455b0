"""A deal that is reopened makes nothing, unless its POST may be on its way."""

from uuid import uuid4

import pytest

from contracts.commands import WithdrawFortnoxInvoice


def withdrawal(world, create):
    return WithdrawFortnoxInvoice(
        connection_id=world.connection_id,
        command_id=uuid4(),
        generation=world.generation,
        deal_id=create.deal.deal_id,
        company_id=create.record_id,
    )


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("GET /3/invoices", "status_503"), ("POST /3/invoices", "status_429"), ("POST /3/invoices", "status_401")],
)
async def test_a_create_that_never_left_is_taken_back(world, operation, kind):
    create = world.invoice(await world.made_customer())
    await world.fault(operation, kind, times=None)
    await world.send(create)
    await world.asked(operation)
    await world.send(withdrawal(world, create))
    assert (await world.outcome(create.command_id))["type"] == "RecordSuperseded"
    assert (await world.state())["invoices"] == []


async def test_a_create_that_may_have_left_is_not_taken_back(world):
    create = world.invoice(await world.made_customer())
    await world.fault("POST /3/invoices", "late_commit", delay=100)
    await world.send(create)
    await world.asked("POST /3/invoices")
    await world.send(withdrawal(world, create))
    assert (await world.outcome(create.command_id, within=60))["type"] == "RecordSaved"
    assert len((await world.state())["invoices"]) == 1
