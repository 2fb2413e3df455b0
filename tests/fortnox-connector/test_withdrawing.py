"""Before every POST, the first and each later one, the newest decision is asked for: withdrawn, replaced, elsewhere."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from contracts.commands import WithdrawFortnoxCustomer, WithdrawFortnoxInvoice
from fortnox_connector.handlers import Handlers
from fortnox_connector.repository import Repository
from servicekit import work
from servicekit.clock import utc_now
from servicekit.database import Database, UnitOfWork
from servicekit.envelope import Received
from servicekit.errors import OutcomeUnknownError
from servicekit.work import Postponed


def withdrawal(world, create):
    return WithdrawFortnoxInvoice(
        connection_id=world.connection_id,
        command_id=uuid4(),
        generation=world.generation,
        deal_id=create.deal.deal_id,
        company_id=create.deal.company_id,
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


@pytest.mark.parametrize("what", ["customer", "invoice"])
async def test_a_create_that_is_withdrawn_when_it_comes_makes_nothing(world, what):
    create = world.customer() if what == "customer" else world.invoice(await world.made_customer())
    before = len((await world.state())[f"{what}s"])
    await world.send(create.model_copy(update={"is_withdrawn": True}))
    assert (await world.outcome(create.command_id))["type"] == "RecordSuperseded"
    assert await world.calls(route=f"/3/{what}s", method="POST", client="dubbelsynk") == []
    assert len((await world.state())[f"{what}s"]) == before


async def test_a_withdrawn_create_finds_what_an_earlier_one_has_made(world):
    first = world.customer()
    await world.send(first)
    made = await world.outcome(first.command_id)
    look = first.model_copy(update={"command_id": uuid4(), "is_withdrawn": True})
    await world.send(look)
    found = await world.outcome(look.command_id)
    assert (found["type"], found["remote_id"]) == ("RecordSaved", made["remote_id"])


async def test_a_create_that_may_have_left_is_not_taken_back(world):
    create = world.invoice(await world.made_customer())
    await world.fault("POST /3/invoices", "late_commit", delay=100)
    await world.send(create)
    await world.asked("POST /3/invoices")
    await world.send(withdrawal(world, create))
    assert (await world.outcome(create.command_id, within=60))["type"] == "RecordSaved"
    assert len((await world.state())["invoices"]) == 1


async def test_a_withdrawal_is_read_and_stored_in_one_session(parts):
    create = parts.world.customer()
    item = await parts.queued(create)
    alone = Database(parts.world.service.environment["DATABASE_URL"], size=1)
    await alone.open()
    about = {"connection_id": create.connection_id, "command_id": uuid4(), "generation": create.generation}
    withdrawn = WithdrawFortnoxCustomer(**about, company_id=create.record_id)
    try:
        async with asyncio.timeout(20), alone.unit_of_work() as unit:
            await Handlers(Repository(alone)).on_withdraw(unit, [Received(withdrawn, uuid4(), "")])
            assert not await work.is_open(unit, item)
    finally:
        await alone.close()


async def in_doubt(world, create, kind):
    """Sends a create whose POST is answered by a gateway, which has done nothing or everything."""
    resource = "customers" if hasattr(create, "company") else "invoices"
    await world.fault(f"POST /3/{resource}", kind)
    await world.send(create)
    await world.asked(f"POST /3/{resource}")


async def test_a_create_in_doubt_that_is_withdrawn_ends_without_another_post(world):
    create = world.invoice(await world.made_customer())
    await in_doubt(world, create, "refuse_502")
    await world.send(withdrawal(world, create))
    assert (await world.outcome(create.command_id, within=60))["type"] == "RecordSuperseded"
    assert len(await world.calls(route="/3/invoices", method="POST")) == 1
    assert (await world.state())["invoices"] == []


async def test_a_customer_in_doubt_that_is_withdrawn_ends_without_another_post(world):
    create = world.customer()
    await in_doubt(world, create, "refuse_502")
    about = {"connection_id": world.connection_id, "command_id": uuid4(), "generation": world.generation}
    await world.send(WithdrawFortnoxCustomer(**about, company_id=create.record_id))
    assert (await world.outcome(create.command_id, within=60))["type"] == "RecordSuperseded"
    assert len(await world.calls(route="/3/customers", method="POST")) == 1
    assert (await world.state())["customers"] == []


async def test_a_newer_content_takes_the_place_of_what_is_in_doubt(world):
    older = world.invoice(await world.made_customer(), value=Decimal(1000))
    newer = world.invoice(older.customer_number, older.deal.deal_id, value=Decimal(2000))
    await in_doubt(world, older, "refuse_502")
    await world.send(newer)
    outcome = await world.outcome(newer.command_id, within=60)
    assert (outcome["type"], outcome["differences"]) == ("RecordSaved", [])
    assert (await world.outcome(older.command_id))["type"] == "RecordSuperseded"
    assert [invoice["Net"] for invoice in (await world.state())["invoices"]] == [2000]


async def test_what_was_made_with_an_older_content_says_how_it_differs(world):
    older = world.invoice(await world.made_customer(), value=Decimal(1000))
    newer = world.invoice(older.customer_number, older.deal.deal_id, value=Decimal("2000.50"))
    await in_doubt(world, older, "answer_502")
    await world.send(newer)
    outcome = await world.outcome(newer.command_id, within=60)
    assert outcome["reason"] == "document_differs"
    assert outcome["detail"].replace("\N{NO-BREAK SPACE}", " ") == "1 000,00 SEK ≠ 2 000,50 SEK"
    assert outcome["remote_id"] == (await world.outcome(older.command_id))["remote_id"]


async def test_a_customer_made_with_an_older_content_says_how_it_differs(world):
    older, newer = world.customer(), world.customer(name="Exempel Nord AB", number="556000-0019")
    await in_doubt(world, older, "answer_502")
    await world.send(newer)
    outcome = await world.outcome(newer.command_id, within=60)
    assert outcome["type"] == "RecordSaved"
    numbers = {"field": "organisation_number", "made": "556000-0001", "wanted": "556000-0019"}
    assert outcome["differences"] == [numbers, {"field": "name", "made": "Exempel AB", "wanted": "Exempel Nord AB"}]


async def test_what_an_older_content_left_in_doubt_is_looked_for_under_its_own_name_and_number(parts):
    older = parts.world.customer()
    newer = parts.world.customer(name="Exempel Nord AB", number="556000-0019")
    await parts.world.fault("POST /3/customers", "answer_502")
    item = await parts.queued(older)
    with pytest.raises(OutcomeUnknownError):
        await parts.executor.execute(item)
    async with parts.database.unit_of_work() as unit:
        # As after ten minutes without a look that was answered.
        await work.finish(unit, item, work.refusal(item, "outcome_unknown"))
    await parts.database.pool.execute("UPDATE creation SET sent_at = $1", utc_now() - timedelta(seconds=10))

    async def is_listed():
        return (await parts.world.fortnox("GET", "customers"))["Customers"]

    await parts.world.until(is_listed)
    outcome = (await parts.executor.execute(await parts.queued(newer))).outcome
    assert {difference.field for difference in outcome.differences} == {"organisation_number", "name"}


async def test_a_connection_that_changed_while_a_create_was_in_doubt_gets_no_other_post(world):
    create = world.invoice(await world.made_customer())
    await in_doubt(world, create, "refuse_502")
    world.generation = 2
    await world.activate()
    assert (await world.outcome(create.command_id, within=60))["reason"] == "connection_changed"
    assert len(await world.calls(route="/3/invoices", method="POST")) == 1


async def test_a_command_of_another_fortnox_company_is_refused(world):
    create = world.invoice(await world.made_customer()).model_copy(update={"fortnox_tenant": world.tenant + 1})
    await world.send(create)
    assert (await world.outcome(create.command_id))["reason"] == "connection_changed"
    assert await world.calls(route="/3/invoices", method="POST") == []


async def test_a_create_that_is_withdrawn_during_its_look_is_not_sent(parts):
    create = parts.world.invoice(await parts.world.made_customer())
    item = await parts.queued(create)
    async with parts.database.unit_of_work() as unit:
        # The withdrawal is stored and not committed yet: whoever wants to send waits for it.
        await work.supersede(unit, withdrawal(parts.world, create), "")
        task = asyncio.create_task(parts.executor.execute(item))
        await parts.world.asked("GET /3/articles/{number}")
    assert await task == Postponed(0)
    assert (await parts.world.outcome(create.command_id))["type"] == "RecordSuperseded"
    assert await parts.world.calls(route="/3/invoices", method="POST") == []


async def test_a_connection_that_changes_during_a_look_gets_no_post(parts):
    create = parts.world.invoice(await parts.world.made_customer())
    item = await parts.queued(create)
    pool = parts.database.pool
    async with pool.acquire() as session:
        intent = session.transaction()
        await intent.start()
        await parts.repository.add_intent(UnitOfWork(session), item.connection_id, f"deal:{create.deal.deal_id}")
        task = asyncio.create_task(parts.executor.execute(item))
        # Its first check is behind it, and its look before it.
        await parts.world.until(lambda: pool.fetchval("SELECT 1 FROM pg_locks WHERE NOT granted"))
        await pool.execute("UPDATE connection SET generation = 2 WHERE connection_id = $1", create.connection_id)
        await intent.rollback()
    assert (await task).outcome.reason == "connection_changed"
    assert await parts.world.calls(route="/3/invoices", method="POST") == []


async def test_what_was_made_on_another_customer_than_the_newest_decision_names_says_both(world):
    older = world.invoice(await world.made_customer(), value=Decimal(1000))
    moved = world.invoice("2", older.deal.deal_id, value=Decimal(1000))
    await in_doubt(world, older, "answer_502")
    await world.send(moved)
    outcome = await world.outcome(moved.command_id, within=60)
    assert (outcome["reason"], outcome["detail"]) == ("document_differs", f"Fortnox {older.customer_number} / Lime Go 2")


async def test_what_was_made_and_cannot_be_compared_just_now_is_never_done_without_a_word(world):
    older = world.invoice(await world.made_customer(), value=Decimal(1000))
    newer = world.invoice(older.customer_number, older.deal.deal_id, value=Decimal(2000))
    await world.send(older)
    number = (await world.outcome(older.command_id))["remote_id"]
    # The right to read invoices is missing for a moment.
    await world.fault("GET /3/invoices/{number}", "status_403")
    await world.send(newer)
    outcome = await world.outcome(newer.command_id, within=60)
    assert (outcome["type"], outcome["reason"], outcome["remote_id"]) == ("RecordRefused", "document_differs", number)


async def test_what_was_made_and_cannot_be_read_is_told_with_its_number(parts):
    older = parts.world.invoice(await parts.world.made_customer(), value=Decimal(1000))
    newer = parts.world.invoice(older.customer_number, older.deal.deal_id, value=Decimal(2000))
    item = await parts.queued(older)
    made = await parts.executor.execute(item)
    async with parts.database.unit_of_work() as unit:
        await made.store(unit)
        await work.finish(unit, item, made.outcome)
    await parts.world.alter("invoices", made.outcome.remote_id, Total="many")
    outcome = (await parts.executor.execute(await parts.queued(newer))).outcome
    assert (outcome.reason, outcome.remote_id) == ("outcome_unknown", made.outcome.remote_id)


async def test_a_create_behind_another_one_s_doubt_is_taken_back_only_when_the_doubt_has_ended(parts):
    """Its withdrawal says that nothing is to be made; what the earlier one has made is found all the same."""
    older = parts.world.invoice(await parts.world.made_customer(), value=Decimal(1000))
    newer = parts.world.invoice(older.customer_number, older.deal.deal_id, value=Decimal(1000))
    await parts.world.fault("POST /3/invoices", "answer_502")
    item = await parts.queued(older)
    with pytest.raises(OutcomeUnknownError):
        await parts.executor.execute(item)
    async with parts.database.unit_of_work() as unit:
        await work.finish(unit, item, work.refusal(item, "outcome_unknown"))
    item = await parts.queued(newer)
    await parts.world.send(withdrawal(parts.world, newer))
    replaced = "SELECT 1 FROM work_item WHERE command_id = $1 AND replaced_by IS NOT NULL AND finished_at IS NULL"
    await parts.world.until(lambda: parts.database.pool.fetchval(replaced, newer.command_id))

    async def is_listed():
        return (await parts.world.fortnox("GET", "invoices"))["Invoices"]

    [line] = await parts.world.until(is_listed)
    await parts.database.pool.execute("UPDATE creation SET sent_at = $1", utc_now() - timedelta(seconds=10))
    assert (await parts.executor.execute(item)).outcome.remote_id == line["DocumentNumber"]
