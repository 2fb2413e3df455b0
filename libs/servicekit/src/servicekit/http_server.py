"""HTTP in: one request, one span, named after its route's template. A trace that the caller claims is not taken on.

While Postgres is away the answer is 503, which says to try again: nothing was done.
"""

from __future__ import annotations

import logging

import asyncpg
from opentelemetry.trace import SpanKind, StatusCode
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from servicekit.database_errors import DATABASE_ERRORS, Fault, fault_of
from servicekit.telemetry import span

logger = logging.getLogger(__name__)
INVALID = "Värdet kan inte läsas. Rätta det och försök igen.\nThe value cannot be read. Correct it and try again.\n"
AWAY = "Databasen svarar inte. Försök igen om en stund.\nThe database does not answer. Try again in a moment.\n"


def traced(route: BaseRoute) -> BaseRoute:
    """The route, with a server span around each of its requests; mounted applications are left as they are."""
    if not isinstance(route, Route):
        return route
    answering, template = route.app, route.path

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        method = str(scope["method"])
        attributes = {"http.request.method": method, "http.route": template}
        with span(f"{method} {template}", SpanKind.SERVER, attributes=dict(attributes)) as current:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    current.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        current.set_status(StatusCode.ERROR)
                await send(message)

            try:
                await answering(scope, receive, answer)
            except asyncpg.DataError:
                # What Postgres cannot hold (a NUL, a number beyond its range) is in no record.
                await _invalid(Request(scope))(scope, receive, answer)
            except DATABASE_ERRORS as error:
                if fault_of(error) is Fault.MESSAGE:
                    raise
                logger.warning("%s waits for Postgres: %s", template, type(error).__name__)
                await _away(Request(scope))(scope, receive, answer)

    route.app = app
    return route


def _away(request: Request) -> Response:
    headers = {"retry-after": "2"}
    if "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(AWAY, 503, headers)
    return JSONResponse({"error": "database_unreachable"}, 503, headers)


def _invalid(request: Request) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(INVALID, 422)
    return JSONResponse({"error": "invalid"}, 422)
