"""The emulator's own description of its API, made from the tables that its calls are checked by (OpenAPI 3.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.fortnox import articles, customers, invoices, orders, payments, registers
from sandbox.fortnox.listing import GLOBAL, Listing
from sandbox.fortnox.routes import ROUTES, Route
from sandbox.fortnox.schema import Field, Schema

REGISTERS = (registers.CURRENCIES, registers.PRICE_LISTS, registers.TERMS_OF_PAYMENTS, registers.UNITS)
BODIES: Mapping[str, tuple[str, Schema]] = {
    "customers": ("Customer", customers.SCHEMA),
    "invoices": (invoices.KIND.wrapper, invoices.KIND.schema),
    "orders": (orders.KIND.wrapper, orders.KIND.schema),
    "articles": ("Article", articles.SCHEMA),
    "invoicepayments": ("InvoicePayment", payments.SCHEMA),
    **{one.kind: (one.singular, one.schema) for one in REGISTERS},
}
ROWS = {"InvoiceRows": invoices.KIND.row_schema, "OrderRows": orders.KIND.row_schema}
LISTINGS: Mapping[str, Listing] = {
    "customers": customers.LISTING,
    "invoices": invoices.LISTING,
    "orders": orders.LISTING,
    "articles": articles.LISTING,
    "invoicepayments": payments.LISTING,
}
JSON_TYPES = {"int": "integer", "bool": "boolean", "number": "number", "money": "number", "rate": "number"}
"""A kind of the tables that is not here is text."""
REFUSALS = {
    "400": "what the reference calls a wrong request; `ErrorInformation` has the code",
    "401": "no token, or one that is over",
    "403": "the token's scope or the company's licence is missing",
    "404": "there is no such record",
    "429": "more than 25 requests in 5 seconds",
    "503": "maintenance",
}


def document() -> dict[str, Any]:
    """All calls with what their bodies and queries may hold."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fortnox in a box", "version": "3", "description": "What the emulator answers, and nothing else."},
        "servers": [{"url": "/fortnox"}],
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


def _operation(route: Route) -> dict[str, Any]:
    parts = route.template.split("/")[2:]
    keys = re.findall(r"{(\w+)}", route.template)
    parameters = [{"name": key, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for key in keys]
    operation: dict[str, Any] = {"tags": [route.scope], "parameters": parameters, "responses": _responses(route)}
    if route.method == "GET" and len(parts) == 1 and parts[0] in LISTINGS:
        parameters += _query(LISTINGS[parts[0]])
    takes_record = (route.method, len(parts)) in (("POST", 1), ("PUT", 2))
    if takes_record and parts[0] in BODIES:
        wrapper, schema = BODIES[parts[0]]
        body = {"type": "object", "required": [wrapper], "properties": {wrapper: _record(schema)}}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _query(listing: Listing) -> list[dict[str, Any]]:
    """A filter's and an order's words are known; what is searched for is text."""
    known = {
        "filter": {"enum": sorted(listing.filters)} if listing.filters else {"type": "string"},
        "sortby": {"enum": sorted(listing.sort)} if listing.sort else {"type": "string"},
        "sortorder": {"enum": ["ascending", "descending"]},
        "page": {"type": "integer", "minimum": 1},
        "limit": {"type": "integer", "minimum": 1, "maximum": 500},
        "offset": {"type": "integer", "minimum": 0},
    }
    names = sorted({*GLOBAL, *listing.search, *listing.numbers})
    return [{"name": name, "in": "query", "schema": known.get(name, {"type": "string"})} for name in names]


def _responses(route: Route) -> dict[str, Any]:
    done = {"POST": "201", "DELETE": "204"}.get(route.method, "200")
    return {status: {"description": text} for status, text in {done: "done", **REFUSALS}.items()}


def _record(schema: Schema) -> dict[str, Any]:
    fields = [field for field in schema.fields.values() if not field.read_only]
    found: dict[str, Any] = {"type": "object", "properties": {field.name: _property(schema, field) for field in fields}}
    if required := [field.name for field in fields if field.required]:
        found["required"] = required
    return found


def _property(schema: Schema, field: Field) -> dict[str, Any]:
    kind, _, more = field.type.partition(":")
    if kind == "enum":
        return {"enum": [*more.split(","), None]}
    inner = ROWS.get(field.name) or schema.inner(field.name)
    if kind in ("object", "array"):
        found = _record(inner) if inner else {"type": "object"}
        return found if kind == "object" else {"type": "array", "items": found}
    if kind == "date":
        return {"type": ["string", "null"], "format": "date"}
    type_ = JSON_TYPES.get(kind, "string")
    longest = {"maxLength": field.high} if type_ == "string" and field.high is not None and not field.cut else {}
    return {"type": [type_, "null"], **longest}
