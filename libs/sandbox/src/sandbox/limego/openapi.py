"""The emulator's own description of what is not GraphQL: subscriptions, the feed and the ERP tab (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sandbox.limego import erp
from sandbox.limego.records import EVENT_TYPES

REFUSALS = {
    "400": "a wrong request",
    "401": "no key, or one that is not known",
    "403": "this kind of key may not",
    "404": "there is no such record",
    "409": "it is taken",
    "415": "the body is not JSON",
    "429": "too many requests",
}
PAGE = [
    {"name": "first", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
    {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0}},
]
SUBSCRIPTION = {
    "type": "object",
    "required": ["targeturl", "events"],
    "properties": {
        "targeturl": {"type": "string", "format": "uri"},
        "events": {"type": "array", "items": {"enum": sorted(EVENT_TYPES)}},
    },
}


def document() -> dict[str, Any]:
    """All calls but GraphQL's, which introspection describes."""
    subscription_id = {"in": "query", "name": "id", "required": True, "schema": {"type": "string", "minLength": 1}}
    peek = {"name": "peek", "in": "query", "schema": {"type": "boolean"}}
    of_company = {"name": "organizationId", "in": "query", "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lime Go in a box", "version": "1", "description": "Events, and the ERP tab, which is UNCONFIRMED."},
        "servers": [{"url": "/limego"}],
        "paths": {
            "/v1/event/subscription": {
                "post": _operation(body=SUBSCRIPTION),
                "delete": _operation([subscription_id]),
            },
            "/v1/event/feed/": {"get": _operation([peek])},
            "/v1/erp/invoices": {"get": _operation([*PAGE, of_company])},
            "/v1/erp/invoices/{documentNumber}": _record("documentNumber", erp.INVOICE, erp.INVOICE_OPTIONAL),
            "/v1/erp/products": {"get": _operation(PAGE)},
            "/v1/erp/products/{articleNumber}": _record("articleNumber", erp.PRODUCT, erp.PRODUCT_OPTIONAL),
        },
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "Authorization"}}},
        "security": [{"key": []}],
    }


def _record(number: str, fields: Collection[str], optional: Collection[str]) -> dict[str, Any]:
    """A record is read and replaced under its number. What a field may be, the refusals say."""
    key = {"name": number, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    body = {"type": "object", "required": sorted(set(fields) - set(optional)), "properties": {name: {} for name in fields}}
    return {"get": _operation([key]), "put": _operation([key], body=body)}


def _operation(parameters: Collection[dict[str, Any]] = (), *, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answers = {"200": "done", "201": "made", "204": "done", **REFUSALS}
    operation: dict[str, Any] = {
        "parameters": list(parameters),
        "responses": {status: {"description": text} for status, text in answers.items()},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation
