"""Where an invoice stands in Lime Go, and as what, when it changes in Fortnox."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.commands import SaveLimeGoInvoice
from contracts.kinds import RecordKind
from contracts.values import PaymentStatus
from servicekit.durations import Durations
from sync_coordinator import shown
from sync_coordinator.context import open_contexts
from sync_coordinator.repository import connections
from sync_coordinator.repository.connections import Link

TEN_THOUSAND = {"amount": Decimal(10000), "balance": Decimal(10000)}


def a_note(make, number, amount, **changes):
    """A booked credit note on invoice 1."""
    amounts = {"amount": Decimal(-amount), "balance": Decimal(0)}
    return make.invoice(number, is_credit_note=True, credit_reference="1", **amounts, **changes)


def told(messages):
    """Where invoices are shown, and as what."""
    shown = [message for message in messages if isinstance(message, SaveLimeGoInvoice)]
    return [(one.invoice.document_number, one.company_id, one.payment_status.value, one.invoice.balance) for one in shown]


def parts(message):
    return message.paid, message.credited, message.written_off


async def test_a_draft_moved_to_a_customer_without_a_company_is_taken_off_and_shown_when_that_one_has_its_link(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice(is_booked=False, balance=Decimal(1250))))
    assert told(await house.sent()) == [("1", "c1", "draft", 1250)]
    moved = make.invoice("1", "18", customer_name="Ett annat bolag AB", is_booked=False, balance=Decimal(1250))
    await house.hear(house.invoice_changed(moved))
    off = await house.sent_one(SaveLimeGoInvoice)
    assert (off.company_id, off.payment_status, off.invoice.balance) == ("c1", PaymentStatus.MOVED, 0)
    assert "Ett annat bolag" not in off.model_dump_json(), "the first company does not see whose it is now"
    await house.hear(house.invoice_changed(moved.model_copy(update={"is_booked": True, "balance": Decimal(0)})))
    assert await house.sent() == []
    await house.linked_company("c2", "18")
    await house.hear(house.invoice_changed(moved.model_copy(update={"is_booked": True, "balance": Decimal(0), "reminders": 1})))
    assert told(await house.sent()) == [("1", "c2", "paid", 0)]


async def test_the_link_of_the_other_customer_shows_what_was_moved_to_it(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice()), house.invoice_changed(make.invoice("1", "18")))
    assert [one[1:3] for one in told(await house.sent())] == [("c1", "due"), ("c1", "moved")]
    await house.win(make.deal(company_id="c2"), make.company("c2"))
    await house.hear(house.matched("18", "c2"))
    assert told(await house.sent()) == [("1", "c2", "due", 125)]


async def test_a_draft_moved_to_a_linked_customer_is_shown_there(house, make):
    await house.linked_company()
    await house.linked_company("c2", "18")
    await house.hear(house.invoice_changed(make.invoice(is_booked=False)), house.invoice_changed(make.invoice("1", "18")))
    assert [one[1:3] for one in told(await house.sent())] == [("c1", "draft"), ("c2", "due")]


async def test_commands_that_place_one_document_on_two_companies_keep_their_order(house, make):
    await house.linked_company()
    await house.linked_company("c2", "18")
    await house.hear(house.invoice_changed(make.invoice()), house.invoice_changed(make.invoice("1", "18")))
    first, second = await house.sent()
    assert (first.key, first.subject) == (second.key, second.subject)


async def test_documents_follow_a_link_that_moves(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice("1", "17")), house.invoice_changed(make.invoice("2", "18")))
    await house.sent()
    async with house.database.unit_of_work() as unit:
        async with open_contexts(unit, [house.connection_id], house.now, Durations()) as opened:
            context = opened[house.connection_id]
            await connections.remove_link(context.session, house.connection_id, "c1")
            await connections.add_link(context.session, house.connection_id, Link("c1", "18", "manual"), house.now)
            await shown.place_invoices(context, "17")
            await shown.place_invoices(context, "18")
    assert [one[:3] for one in told(await house.sent())] == [("1", "c1", "moved"), ("2", "c1", "due")]


async def test_what_moved_from_a_company_that_is_gone_asks_nobody(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice()))
    await house.sent()
    await house.database.pool.execute("DELETE FROM link WHERE connection_id = $1", house.connection_id)
    await house.hear(house.invoice_changed(make.invoice("1", "18")))
    off = await house.sent_one(SaveLimeGoInvoice)
    await house.hear(house.refused(off, "company_missing"))
    rows = await house.database.pool.fetch("SELECT kind FROM record WHERE connection_id = $1", house.connection_id)
    assert {row["kind"] for row in rows} == {"customer"}
    await house.hear(house.invoice_changed(make.invoice("1", "18", reminders=1)))
    assert told(await house.sent()) == []


async def is_settled(house):
    """After a day nothing of an invoice is due, nothing waits for what is not on its way, and nothing is sent."""
    await house.sent()
    for seconds in (901, 86_400):
        house.pass_time(seconds)
        await house.loops.resend()
        await house.loops.recheck()
        await house.loops.show()
    assert told(await house.sent()) == []
    due = "SELECT count(*) FROM invoice WHERE connection_id = $1 AND is_due"
    assert await house.database.pool.fetchval(due, house.connection_id) == 0
    assert (await house.record("erp_invoice", "1")).get("state", "withdrawn") == "withdrawn"


@pytest.mark.parametrize("is_told_first", [True, False])
@pytest.mark.parametrize("reason", ["company_missing", "stale", "limego_refused"])
async def test_an_invoice_of_a_company_that_is_gone_is_never_due(house, make, reason, is_told_first):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice()))
    command = await house.sent_one(SaveLimeGoInvoice)
    gone, refused = house.removed("c1"), house.refused(command, reason)
    await house.hear(*((gone, refused) if is_told_first else (refused, gone)))
    await is_settled(house)


@pytest.mark.parametrize("is_removed", [True, False])
async def test_an_invoice_that_is_tried_again_ends_with_its_company(house, make, is_removed):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice()))
    await house.hear(house.refused(await house.sent_one(SaveLimeGoInvoice), "limego_refused"))
    await house.actions.try_again(house.connection_id, RecordKind.ERP_INVOICE, "1")
    if is_removed:
        await house.hear(house.removed("c1"))
    else:
        await house.database.pool.execute("DELETE FROM link WHERE connection_id = $1", house.connection_id)
        await house.loops.show()
        await house.hear(house.refused((await house.sent())[-1], "company_missing"))
    await is_settled(house)


async def test_credited_in_part_and_the_rest_paid_is_not_credited(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice(**TEN_THOUSAND)))
    await house.sent()
    # The note comes before its invoice's new balance, as it may.
    await house.hear(house.invoice_changed(a_note(make, "9", 1000)))
    assert [one[2] for one in told(await house.sent()) if one[0] == "1"] == ["partly_credited"]
    rest = make.invoice(amount=Decimal(10000), balance=Decimal(9000), credit_reference="9")
    await house.hear(house.invoice_changed(rest))
    one = await house.sent_one(SaveLimeGoInvoice)
    assert (one.payment_status, *parts(one)) == (PaymentStatus.PARTLY_CREDITED, 0, 1000, 0)
    await house.hear(house.invoice_changed(rest.model_copy(update={"balance": Decimal(4000)})))
    one = await house.sent_one(SaveLimeGoInvoice)
    assert (one.payment_status, *parts(one)) == (PaymentStatus.PARTLY_PAID, 5000, 1000, 0)
    await house.hear(house.invoice_changed(rest.model_copy(update={"balance": Decimal(0)})))
    one = await house.sent_one(SaveLimeGoInvoice)
    assert (one.payment_status, *parts(one)) == (PaymentStatus.PARTLY_CREDITED, 9000, 1000, 0)


async def test_several_notes_credit_an_invoice_in_whole_and_a_draft_or_a_cancelled_one_does_not(house, make):
    await house.linked_company()
    settled = make.invoice(amount=Decimal(10000), balance=Decimal(0), credit_reference="9")
    drafts = [a_note(make, "8", 3000, is_booked=False), a_note(make, "7", 500, is_cancelled=True)]
    await house.hear_together(*map(house.invoice_changed, (settled, a_note(make, "9", 7000), *drafts)))
    state = {one[0]: one[2] for one in told(await house.sent())}
    assert state == {"1": "partly_credited", "9": "paid", "8": "draft", "7": "cancelled"}
    await house.hear(house.invoice_changed(a_note(make, "8", 3000)))
    assert {one[0]: one[2] for one in told(await house.sent())} == {"1": "credited", "8": "paid"}


async def test_a_payment_that_is_removed_again_opens_the_invoice(house, make):
    await house.linked_company()
    states = []
    for balance in (125, 25, 0, 125):
        await house.hear(house.invoice_changed(make.invoice(balance=Decimal(balance))))
        states += [one[2] for one in told(await house.sent())]
    assert states == ["due", "partly_paid", "paid", "due"]


async def test_what_is_paid_in_part_turns_overdue_at_midnight_too(house, make):
    await house.linked_company()
    await house.hear(house.invoice_changed(make.invoice(balance=Decimal(25), due_date=date(2026, 11, 24))))
    assert [one[2] for one in told(await house.sent())] == ["partly_paid"]
    house.pass_time(11 * 3600 + 60)
    await house.loops.show()
    assert [one[2] for one in told(await house.sent())] == ["overdue"]
    await house.loops.show()
    assert await house.sent() == []
