"""The payment status of an invoice, from what Fortnox holds and today's date."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from contracts.values import Invoice, PaymentStatus

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def stockholm_date(now: datetime) -> date:
    """Today in Sweden: an invoice turns overdue at midnight there."""
    return now.astimezone(STOCKHOLM).date()


def payment_status(invoice: Invoice, today: date) -> PaymentStatus:
    """One of the six; the due date itself is not overdue. A credit note is never overdue: nobody owes it to us."""
    if invoice.is_cancelled:
        return PaymentStatus.CANCELLED
    if not invoice.is_booked:
        return PaymentStatus.DRAFT
    if invoice.balance == 0:
        was_credited = bool(invoice.credit_reference) and not invoice.is_credit_note
        return PaymentStatus.CREDITED if was_credited else PaymentStatus.PAID
    if invoice.balance < 0:
        # Overpaid, or a credit note not yet settled.
        return PaymentStatus.DUE if invoice.is_credit_note else PaymentStatus.PAID
    if today <= overdue_after(invoice):
        return PaymentStatus.DUE
    return PaymentStatus.OVERDUE


def overdue_after(invoice: Invoice) -> date:
    """The last day on which the invoice is not overdue yet."""
    return date.max if invoice.is_credit_note else invoice.due_date
