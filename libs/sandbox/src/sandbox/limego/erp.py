"""The ERP tab of a company and the product list. UNCONFIRMED: no public API offers them; all of this contract is ours."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from sandbox.clock import Clock
from sandbox.limego.records import FULL
from sandbox.limego.refusals import ForbiddenError, InputError, MissingError
from sandbox.limego.world import Caller

Check = Callable[[object], str | None]

NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
STATUSES = (
    *("paid", "due", "overdue", "cancelled", "credited", "draft"),
    *("partly_paid", "partly_credited", "written_off", "moved"),
)
MOST = 100


def _text(limit: int, *, empty: bool = True) -> Check:
    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return "is a string"
        if len(value) > limit or not (value or empty):
            return f"has {0 if empty else 1}-{limit} characters"
        return None

    return check


def _decimal(value: object) -> str | None:
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        return 'is a string with a decimal number, such as "1250.00"'
    return None


def _date(value: object) -> str | None:
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            date.fromisoformat(value)
            return None
    except ValueError:
        pass
    return "is a date, YYYY-MM-DD"


def _count(value: object) -> str | None:
    return None if type(value) is int and value >= 0 else "is a whole number, 0 or more"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "is true or false"


def _currency(value: object) -> str | None:
    return None if isinstance(value, str) and re.fullmatch("[A-Z]{3}", value) else "is three capital letters"


def _status(value: object) -> str | None:
    return None if value in STATUSES else f"is one of {', '.join(STATUSES)}"


def _rows(value: object) -> str | None:
    if not isinstance(value, list):
        return "is a list"
    for index, row in enumerate(value):
        try:
            _read(row, ROW, frozenset(("articleNumber",)))
        except InputError as error:
            return f"row {index}: {error}"
    return None


ROW: dict[str, Check] = {
    "description": _text(500),
    "quantity": _decimal,
    "articleNumber": _text(100),
    "price": _decimal,
    "total": _decimal,
}
INVOICE: dict[str, Check] = {
    "organizationId": _text(100, empty=False),
    "customerName": _text(1024),
    "yourReference": _text(255),
    "ourReference": _text(255),
    "customerNumber": _text(100),
    "termsOfPayment": _text(100),
    "amount": _decimal,
    "currency": _currency,
    "vat": _decimal,
    "invoiceDate": _date,
    "dueDate": _date,
    "reminders": _count,
    "balance": _decimal,
    "paymentStatus": _status,
    "paid": _decimal,
    "credited": _decimal,
    "writtenOff": _decimal,
    "isCreditNote": _flag,
    "rows": _rows,
}
INVOICE_OPTIONAL = frozenset(
    (
        *("yourReference", "ourReference", "customerNumber", "termsOfPayment", "vat", "dueDate", "reminders"),
        *("paid", "credited", "writtenOff"),
    )
)
"""These may be null or left out; a stored record shows null."""
PRODUCT: dict[str, Check] = {
    "description": _text(500),
    "price": _decimal,
    "unit": _text(50),
    "active": _flag,
}
PRODUCT_OPTIONAL = frozenset(("price", "unit"))


def _read(data: object, fields: dict[str, Check], optional: frozenset[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InputError("is not an object")
    if unknown := sorted(set(data) - set(fields)):
        raise InputError(f"unknown field {unknown[0]!r}")
    read: dict[str, Any] = {}
    for name, check in fields.items():
        value = data.get(name)
        if value is None and name in optional:
            read[name] = None
        elif value is None:
            raise InputError(f"{name} is required")
        elif wrong := check(value):
            raise InputError(f"{name} {wrong}")
        else:
            read[name] = value
    return read


def put_invoice(caller: Caller, number: str, data: object) -> tuple[dict[str, Any], bool]:
    """Stores an invoice on a company's ERP tab; also whether it was new. Raises InputError and MissingError."""
    _may(caller)
    _number(number)
    invoice = {"documentNumber": number, **_read(data, INVOICE, INVOICE_OPTIONAL)}
    organization = caller.database.organizations.get(invoice["organizationId"])
    if organization is None:
        raise MissingError(f"there is no organization with id {invoice['organizationId']!r}")
    caller.database.count_write("erp", organization)
    return _store(caller.database.invoices, number, invoice, caller.limego.clock)


def put_product(caller: Caller, number: str, data: object) -> tuple[dict[str, Any], bool]:
    """Stores a product; also whether it was new. Raises InputError."""
    _may(caller)
    _number(number)
    product = {"articleNumber": number, **_read(data, PRODUCT, PRODUCT_OPTIONAL)}
    caller.database.count_write("erp", None)
    return _store(caller.database.products, number, product, caller.limego.clock)


def _store(table: dict[str, dict[str, Any]], number: str, record: dict[str, Any], clock: Clock) -> tuple[dict[str, Any], bool]:
    old = table.get(number)
    writes = old["writes"] + 1 if old else 1
    table[number] = {**record, "updatedAt": clock.now().isoformat(timespec="milliseconds"), "writes": writes}
    return _shown(table[number]), old is None


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """The record as a client sees it: how often it was written is only in the emulator's state."""
    return {name: value for name, value in record.items() if name != "writes"}


def get_invoice(caller: Caller, number: str) -> dict[str, Any]:
    """One invoice; raises MissingError."""
    return _get(caller, caller.database.invoices, number)


def get_product(caller: Caller, number: str) -> dict[str, Any]:
    """One product; raises MissingError."""
    return _get(caller, caller.database.products, number)


def list_invoices(caller: Caller, first: int, offset: int, organization_id: str | None) -> dict[str, Any]:
    """A page of invoices in the order in which they came, of one company or of all."""
    found = [
        one for one in caller.database.invoices.values() if organization_id is None or one["organizationId"] == organization_id
    ]
    return _page(caller, found, first, offset)


def list_products(caller: Caller, first: int, offset: int) -> dict[str, Any]:
    """A page of products in the order in which they came."""
    return _page(caller, list(caller.database.products.values()), first, offset)


def _may(caller: Caller) -> None:
    if caller.key.kind != FULL:
        raise ForbiddenError("the ERP tab needs a key with full access")


def _number(number: str) -> None:
    if not number.strip() or len(number) > 100:
        raise InputError("a number has 1-100 characters")


def _get(caller: Caller, table: dict[str, dict[str, Any]], number: str) -> dict[str, Any]:
    _may(caller)
    if number not in table:
        raise MissingError(f"there is nothing with number {number!r}")
    return _shown(table[number])


def _page(caller: Caller, found: list[dict[str, Any]], first: int, offset: int) -> dict[str, Any]:
    _may(caller)
    if not 0 <= first <= MOST or offset < 0:
        raise InputError(f"first is 0-{MOST} and offset is not negative")
    return {"items": [_shown(one) for one in found[offset : offset + first]], "total": len(found)}
