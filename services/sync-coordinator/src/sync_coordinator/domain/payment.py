"""The payment status of an invoice, reckoned from the amounts that Fortnox holds and today's date (docs/field-mapping.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from contracts.values import Invoice, PaymentStatus

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ROUNDING = Decimal(1)
"""What is written off below this, in the document's currency, is rounding and no loss."""


@dataclass(frozen=True)
class Settlement:
    """How what is no longer open of an invoice was settled, in its currency; of a draft and a credit note nothing is told."""

    paid: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    written_off: Decimal = Decimal(0)


def stockholm_date(now: datetime) -> date:
    """Today in Sweden: an invoice turns overdue at midnight there."""
    return now.astimezone(STOCKHOLM).date()


def settlement(invoice: Invoice, credited: Decimal | None) -> Settlement:
    """What was paid is what neither is open nor was credited or written off.

    `credited`: the total of its booked credit notes, None when none is known. An invoice that names a note which is not
    known, and has nothing open, was credited for all that we know.
    """
    if invoice.is_cancelled or not invoice.is_booked or owes_us_nothing(invoice):
        return Settlement()
    settled = invoice.amount - invoice.balance - invoice.written_off
    if credited is None:
        credited = settled if invoice.credit_reference and invoice.balance == 0 else Decimal(0)
    return Settlement(max(settled - credited, Decimal(0)), credited, invoice.written_off)


def payment_status(invoice: Invoice, today: date, credited: Decimal | None = None) -> PaymentStatus:
    """One of the states of an invoice; `credited` as in `settlement`. The due date itself is not overdue."""
    if invoice.is_cancelled:
        return PaymentStatus.CANCELLED
    if not invoice.is_booked:
        return PaymentStatus.DRAFT
    if owes_us_nothing(invoice):
        return PaymentStatus.PAID if invoice.balance == 0 else PaymentStatus.DUE
    settled = settlement(invoice, credited)
    return _open(invoice, today, settled) if invoice.balance > 0 else _settled(invoice, settled)


def _open(invoice: Invoice, today: date, settled: Settlement) -> PaymentStatus:
    if today > overdue_after(invoice):
        return PaymentStatus.OVERDUE
    if settled.paid > 0:
        return PaymentStatus.PARTLY_PAID
    return PaymentStatus.PARTLY_CREDITED if settled.credited > 0 else PaymentStatus.DUE


def _settled(invoice: Invoice, settled: Settlement) -> PaymentStatus:
    is_loss = settled.written_off >= ROUNDING
    rounded_away = Decimal(0) if is_loss else settled.written_off
    if settled.credited > 0 and settled.credited + rounded_away >= invoice.amount:
        return PaymentStatus.CREDITED
    if is_loss:
        return PaymentStatus.WRITTEN_OFF
    return PaymentStatus.PARTLY_CREDITED if settled.credited > 0 else PaymentStatus.PAID


def owes_us_nothing(invoice: Invoice) -> bool:
    """Whether the document is one of which we owe the customer: a credit note, or an invoice below 0. It is never overdue."""
    return invoice.is_credit_note or invoice.amount < 0


def overdue_after(invoice: Invoice) -> date:
    """The last day on which the invoice is not overdue yet; none has such a day that has nothing open."""
    return date.max if owes_us_nothing(invoice) or invoice.balance <= 0 else invoice.due_date


def credit_of(invoice: Invoice) -> tuple[str, Decimal]:
    """The invoice that a credit note credits, "" for none, and by how much; a draft and a cancelled one credit nothing yet."""
    if not invoice.is_credit_note or not invoice.credit_reference:
        return "", Decimal(0)
    is_effective = invoice.is_booked and not invoice.is_cancelled
    return invoice.credit_reference, -invoice.amount if is_effective else Decimal(0)
