"""What an edit is checked for before anything is changed (UNCONFIRMED, all of it)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.limego.records import COMPANY, CREATE, DELETE, Address, Organization
from sandbox.limego.refusals import RuleError
from sandbox.limego.world import Caller

VALUE_LIMIT = Decimal(10) ** 20


def may_write(caller: Caller) -> None:
    """Raises RuleError for a key that only reads."""
    if caller.key.kind == COMPANY and not caller.limego.switches.company_key_writes:
        raise RuleError("This API key may not change anything")


def may_create(caller: Caller) -> None:
    """As `may_write`; a personal key needs its user's permission besides."""
    may_write(caller)
    if caller.coworker and CREATE not in caller.coworker.permissions:
        raise RuleError("You have no permission to create this")


def may_delete(caller: Caller) -> None:
    """As `may_write`; a personal key needs its user's permission besides."""
    may_write(caller)
    if caller.coworker and DELETE not in caller.coworker.permissions:
        raise RuleError("You have no permission to delete this")


def organization(caller: Caller, organization_id: str) -> Organization:
    """A company that must be there."""
    found = caller.database.organizations.get(organization_id)
    if found is None:
        raise RuleError(f"There is no organization with id {organization_id!r}")
    return found


def organization_or_none(caller: Caller, organization_id: str | None) -> Organization | None:
    """A company that must be there, or none where none is named."""
    return organization(caller, organization_id) if organization_id else None


def text(caller: Caller, value: str | None) -> str | None:
    """A text of any field; nothing is null."""
    limit = caller.limego.switches.text_limit
    if limit and len(value or "") > limit:
        raise RuleError(f"A text has at most {limit} characters")
    return value or None


def texts(caller: Caller, values: list[str] | None) -> list[str]:
    """Several texts; empty ones are left out."""
    return [value for value in values or () if text(caller, value)]


def name(caller: Caller, value: str | None) -> str:
    """A name, which every record must have."""
    if not value or not value.strip():
        raise RuleError("A name is required")
    return text(caller, value) or ""


def deal_value(caller: Caller, value: Decimal | None) -> Decimal | None:
    """A deal's value; it may be missing."""
    switches = caller.limego.switches
    if value is None:
        return None
    if abs(value) >= VALUE_LIMIT:
        raise RuleError("A deal's value has at most 20 digits")
    if value < 0 and not switches.negative_deal_value:
        raise RuleError("A deal's value cannot be negative")
    if value != value.to_integral_value() and not switches.deal_value_decimals:
        raise RuleError("A deal's value has no decimals")
    return value


def coworker(caller: Caller, coworker_id: int | None) -> int | None:
    """A user to be responsible; null is nobody."""
    if coworker_id is not None and coworker_id not in caller.database.coworkers:
        raise RuleError(f"There is no coworker with id {coworker_id}")
    return coworker_id


def step(caller: Caller, label: str) -> str:
    """How the step with this label is assessed."""
    found = caller.database.step(label)
    if found is None:
        raise RuleError(f"There is no step {label!r} in the sales process")
    return found.assessment


def address(caller: Caller, given: Mapping[str, str] | None) -> Address | None:
    """An address; what is left out is null."""
    if given is None:
        return None
    street, zip_code, city, country = (text(caller, given.get(one)) for one in ("street", "zipCode", "city", "countryCode"))
    return Address(street, zip_code, city, country)


def custom_fields(caller: Caller, kind: str, given: list[dict[str, Any]] | None) -> dict[str, str]:
    """Values by title; "" takes a field away."""
    known = {field.title for field in caller.database.custom_fields[kind]}
    fields = {field["title"]: text(caller, field.get("value")) or "" for field in given or ()}
    unknown = sorted(set(fields) - known)
    if unknown and caller.limego.switches.unknown_custom_field == "error":
        raise RuleError(f"There is no custom field {unknown[0]!r}")
    return fields
