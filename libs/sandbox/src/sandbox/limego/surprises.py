"""What an answer or a webhook may hold without notice, on demand: a fault that spoils what is told and nothing else."""

from dataclasses import replace
from typing import Any

from sandbox.faults import Fault
from sandbox.limego.records import COMPANY, Key

FIELD = "addedWithoutNotice"
ENUMS = {
    "customerRelation": "HAS_LEFT_US",
    "statusAssessment": "POSTPONED",
    "eventType": "DealPostponed",
    "paymentStatus": "disputed",
}
"""Values that neither the documentation nor introspection names, by the field that holds them."""


def reduced(key: Key, fault: Fault | None) -> Key:
    """The key as this call finds it: under `hidden_right` it is an ordinary company key."""
    return replace(key, kind=COMPANY) if fault and fault.kind == "hidden_right" else key


def surprised(body: Any, fault: Fault | None) -> Any:
    """The body under `unknown_enum` or `unknown_field`, else as it is."""
    if fault and fault.kind == "unknown_enum":
        return _renamed(body)
    if fault and fault.kind == "unknown_field":
        return _grown(body)
    return body


def _renamed(body: Any) -> Any:
    if isinstance(body, list):
        return [_renamed(one) for one in body]
    if not isinstance(body, dict):
        return body
    return {name: ENUMS[name] if name in ENUMS and value else _renamed(value) for name, value in body.items()}


def _grown(body: Any) -> Any:
    """A new field in every object. Of GraphQL nobody gets a field that was not asked for: there it is an extension."""
    if isinstance(body, list):
        return [_grown(one) for one in body]
    if not isinstance(body, dict):
        return body
    if "data" in body or "errors" in body:
        return {**body, "extensions": {FIELD: "?"}}
    return {**{name: _grown(value) for name, value in body.items()}, FIELD: "?"}
