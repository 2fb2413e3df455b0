"""The whole sandbox as one ASGI application, and the server protocol that can cut a connection."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.fortnox.app import build as build_fortnox
from sandbox.fortnox.stream import Stream
from sandbox.fortnox.stream_control import stream_routes
from sandbox.limego.app import build as build_limego
from sandbox.pages import routes as pages
from sandbox.pages.consent import AUTHORISE


def create_app(scale: float = 1.0) -> ASGIApp:
    """Both emulators with their pages and the control API, empty."""
    clock, faults, calls = Clock(scale), Faults(), CallLog()
    gateway, fortnox = build_fortnox(clock, faults, calls)
    limego_app, limego = build_limego(clock, faults, calls)
    stream = Stream(fortnox, faults, calls)
    routes = [
        Route("/health", _health),
        *stream_routes(stream),
        Control(clock, faults, calls, fortnox, limego).mount(),
        *pages(fortnox, limego),
        WebSocketRoute("/fortnox/topics-v1", stream.connect),
        Mount("/fortnox", app=gateway),
        Mount("/limego", app=limego_app),
    ]
    return Dated(Starlette(routes=routes), gateway, clock)


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


DATES: dict[str, Callable[[bytes], list[bytes]]] = {
    "": lambda date: [date],
    "date_doubled": lambda date: [date, date],
    "date_missing": lambda date: [],
    "date_garbled": lambda date: [b"yesterday, about noon"],
}


class Dated:
    """Puts the emulators' clock in the `Date` header, and hands Fortnox's API its calls without a detour."""

    def __init__(self, app: ASGIApp, gateway: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._gateway = gateway
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        api = scope["path"].startswith(("/fortnox/3/", "/fortnox/oauth-v1/")) and scope["path"] != AUTHORISE
        server = b"Fortnox" if api else b"sandbox"
        # Filled by a fault that spoils the header; a list, for the scope is copied on its way.
        spoiled: list[str] = []
        scope["sandbox.date"] = spoiled

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now(), usegmt=True).encode()
                dates = [(b"date", text) for text in DATES[spoiled[0] if spoiled else ""](date)]
                message["headers"] = [*message.get("headers", []), *dates, (b"server", server)]
            await send(message)

        if api:
            await self._gateway({**scope, "root_path": "/fortnox"}, receive, dated)
        else:
            await self._app(scope, receive, dated)


class CuttingProtocol(H11Protocol):
    """Uvicorn's own protocol, which also hands each call the means to cut its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Binds the connection's transport into the scope of every call on it."""
        super().connection_made(transport)
        self.app = cast(Any, _bound(cast(Any, self.app), transport))


class CuttingWebSocketProtocol(WebSocketsSansIOProtocol):
    """The same for WebSockets, to which a connection changes over with a protocol object of its own."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Binds the connection's transport into its scope."""
        super().connection_made(transport)
        self.app = cast(Any, _bound(cast(Any, self.app), cast(asyncio.Transport, transport)))


def _bound(inner: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def bound(scope: Scope, receive: Receive, send: Send) -> None:
        scope["sandbox.cut"] = transport.abort
        try:
            await inner(scope, receive, send)
        except asyncio.CancelledError:
            # The server stops while a call is stalled: cut it, or uvicorn would answer 500 in its place.
            transport.abort()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)

    return bound
