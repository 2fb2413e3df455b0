"""The topics of Fortnox's event stream (reference 6.3), and which event a change of a record is."""

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]


def _types(*subjects: str, verbs: str = "created updated deleted") -> frozenset[str]:
    return frozenset(f"{subject}-{verb}-v1" for subject in subjects for verb in verbs.split())


TOPICS = {
    "customers": frozenset({"customer-created-v1", "customer-updated-v2", "customer-deleted-v1"}),
    "invoices": _types("invoice", verbs="created updated cancelled bookkeep")
    | {"invoicepayment-bookkeep-v1", "invoicepayment-deleted-v1", "reminder-sent-v1"},
    "orders": _types("order", verbs="created updated cancelled"),
    "offers": _types("offer", verbs="created updated canceled"),
    "articles": _types("article"),
    "currencies": _types("currency"),
    "termsofpayments": _types("termsofpayments"),
    "termsofdeliveries": _types("termofdelivery"),
    "waysofdeliveries": _types("waysofdeliveries"),
    "cost-centers": _types("cost-center"),
    "projects": _types("project"),
    "suppliers": _types("supplier"),
    "supplier-invoices": _types("supplier-invoice", verbs="created updated cancelled bookkeep"),
    "vouchers": _types("voucher"),
    "financial-years": _types("financial-year", "account"),
    "warehouse-stockbalances": frozenset({"warehouse-stockbalance-changed-v1"}),
    "bureau-activities": _types("activity", verbs="created updated"),
    "bureau-assignments": _types("assignment"),
    "messages": frozenset({"send-push-notification-queued-v1"}),
}
# A register's topic and what its events call the record. A register that is not here (prices) has no events.
SUBJECTS = {
    "customers": ("customers", "customer"),
    "invoices": ("invoices", "invoice"),
    "invoicepayments": ("invoices", "invoicepayment"),
    "orders": ("orders", "order"),
    "articles": ("articles", "article"),
    "currencies": ("currencies", "currency"),
    "termsofpayments": ("termsofpayments", "termsofpayments"),
}
SCOPES = {
    "customers": "customer", "invoices": "invoice", "orders": "order", "articles": "article", "currencies": "currency",
    "termsofpayments": "settings", "offers": "offer",
}  # fmt: skip


def happening(kind: str, old: Record | None, new: Record | None) -> tuple[str, str] | None:
    """Topic and type of a change in a register, or None where Fortnox has no event for it (a payment that is made but
    not booked, a price). An action has a type of its own and is no update besides."""
    if kind not in SUBJECTS:
        return None
    topic, subject = SUBJECTS[kind]
    verb = _verb(old, new)
    found = "reminder-sent-v1" if verb == "reminded" else f"{subject}-{verb}-v1"
    if found == "customer-updated-v1":
        found = "customer-updated-v2"
    return (topic, found) if found in TOPICS[topic] else None


def scope(topic: str, event_type: str) -> str | None:
    """The scope that reads the event's record, if the emulator knows it."""
    return "payment" if event_type.startswith("invoicepayment-") else SCOPES.get(topic)


def _verb(old: Record | None, new: Record | None) -> str:
    if new is None:
        return "deleted"
    if old is None:
        return "created"
    for field, verb in (("Cancelled", "cancelled"), ("Booked", "bookkeep")):
        if new.get(field) and not old.get(field):
            return verb
    return "reminded" if (new.get("Reminders") or 0) > (old.get("Reminders") or 0) else "updated"
