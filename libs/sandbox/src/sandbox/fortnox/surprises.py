"""What Fortnox does without notice: hides numbers, adds enum values and fields. Clients must bear it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sandbox.faults import FORTNOX_SURPRISE_KINDS
from sandbox.fortnox.switches import Switches

HIDDEN = frozenset({"ContributionPercent", "ContributionValue", "Cost"})
ENUMS = MappingProxyType(
    {"InvoiceType": "SUBSCRIPTIONINVOICE", "VATType": "OSSVAT", "OrderType": "Subscription", "Type": "OTHER"}
)
FIELD = "AddedWithoutNotice"


def expected(switches: Switches, kind: str) -> Switches:
    """The switches for one answer: a fault of this kind sets the one that it is named after."""
    return switches.changed({kind: True}) if kind in FORTNOX_SURPRISE_KINDS else switches


def surprised(body: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """An answer as the switches change it: every record in it, rows too."""
    invoice = body.get("Invoice")
    if switches.contract_reference_text and isinstance(invoice, Mapping):
        body = {**body, "Invoice": {**invoice, "ContractReference": str(invoice["ContractReference"])}}
    if not (switches.hidden_numbers or switches.unknown_enum or switches.unknown_field):
        return body
    return {name: value if name == "MetaInformation" else _changed(value, switches) for name, value in body.items()}


def _changed(value: Any, switches: Switches) -> Any:
    if isinstance(value, list):
        return [_changed(one, switches) for one in value]
    if not isinstance(value, Mapping):
        return value
    record = {name: _changed(one, switches) for name, one in value.items()}
    if switches.hidden_numbers:
        record |= dict.fromkeys(HIDDEN & record.keys(), "API_NORIGHT")
    if switches.unknown_enum:
        record |= {name: text for name, text in ENUMS.items() if name in record}
    if switches.unknown_field:
        record[FIELD] = "?"
    return record
