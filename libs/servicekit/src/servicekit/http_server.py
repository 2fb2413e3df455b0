"""HTTP in: one request, one span, named after its route's template. A trace that the caller claims is not taken on."""

from __future__ import annotations

from opentelemetry.trace import SpanKind, StatusCode
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from servicekit.telemetry import span


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

            await answering(scope, receive, answer)

    route.app = app
    return route
