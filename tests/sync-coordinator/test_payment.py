"""The payment status of an invoice: the table of states in docs/field-mapping.md, row by row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.values import PaymentStatus
from sync_coordinator.domain.payment import Settlement, credit_of, overdue_after, payment_status, settlement

TOP = Path(__file__).parents[2]
TODAY = date(2026, 11, 24)


def _table() -> list[list[str]]:
    text = (TOP / "docs/field-mapping.md").read_text().split("**Payment status**")[1].split("## 3.")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


TABLE = _table()


def _invoice(make, row):
    document, total, remaining, credited, written_off, due, _ = row
    return make.invoice(
        amount=Decimal(total),
        balance=Decimal(remaining),
        written_off=Decimal(written_off),
        due_date=date.fromisoformat(due),
        is_booked=document != "draft",
        is_cancelled=document == "cancelled",
        is_credit_note=document.startswith("credit note"),
        credit_reference="9" if credited == "unknown" else None,
    )


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_every_state_of_the_table_is_reckoned_so(make, row):
    credited = None if row[3] == "unknown" else Decimal(row[3])
    assert payment_status(_invoice(make, row), TODAY, credited).value == row[6].strip("`")


def test_the_table_has_every_state_but_moved_which_no_amount_tells():
    assert {row[6].strip("`") for row in TABLE} == set(PaymentStatus) - {PaymentStatus.MOVED}


def test_what_was_paid_is_what_nothing_else_explains(make):
    invoice = make.invoice(amount=Decimal(10000), balance=Decimal(2000), written_off=Decimal(500))
    settled = settlement(invoice, Decimal(1000))
    assert (settled.paid, settled.credited, settled.written_off) == (6500, 1000, 500)


def test_of_what_is_no_claim_of_ours_nothing_is_told(make):
    whole = {"amount": Decimal(1000), "balance": Decimal(400), "written_off": Decimal(100)}
    assert settlement(make.invoice(**whole), None) == Settlement(Decimal(500), Decimal(0), Decimal(100))
    for changes in ({"is_cancelled": True}, {"is_booked": False}, {"is_credit_note": True}, {"amount": Decimal(-1)}):
        assert settlement(make.invoice(**{**whole, **changes}), Decimal(1)) == Settlement()


@pytest.mark.parametrize(("balance", "is_open"), [("0.01", True), ("1", True), ("0", False), ("-1", False)])
def test_only_what_is_open_of_a_claim_of_ours_becomes_overdue(make, balance, is_open):
    invoice = make.invoice(amount=Decimal(1000), balance=Decimal(balance), due_date=TODAY)
    assert overdue_after(invoice) == (TODAY if is_open else date.max)
    assert overdue_after(make.invoice(balance=Decimal(5), is_credit_note=True)) == date.max


def test_a_credit_note_credits_its_invoice_once_it_is_booked(make):
    note = {"is_credit_note": True, "amount": Decimal(-300), "credit_reference": "9"}
    assert credit_of(make.invoice(**note)) == ("9", 300)
    assert credit_of(make.invoice(**{**note, "is_booked": False})) == ("9", 0)
    assert credit_of(make.invoice(**{**note, "is_cancelled": True})) == ("9", 0)
    assert credit_of(make.invoice(**{**note, "credit_reference": None})) == ("", 0)
    assert credit_of(make.invoice(credit_reference="9")) == ("", 0)


amounts = st.decimals(0, 10**6, places=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts, amounts, amounts, amounts, st.booleans(), st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_nothing_open_is_never_called_open_and_the_parts_add_up(make, total, remaining, credited, written_off, is_booked, due):
    invoice = make.invoice(amount=total, balance=remaining, written_off=written_off, is_booked=is_booked, due_date=due)
    status, settled = payment_status(invoice, TODAY, credited), settlement(invoice, credited)
    if is_booked and remaining == 0:
        assert status not in (PaymentStatus.DUE, PaymentStatus.OVERDUE, PaymentStatus.PARTLY_PAID)
    if is_booked and remaining > 0:
        assert status not in (PaymentStatus.PAID, PaymentStatus.CREDITED, PaymentStatus.WRITTEN_OFF)
    if is_booked and total >= remaining + credited + written_off:
        assert settled.paid + settled.credited + settled.written_off == total - remaining
