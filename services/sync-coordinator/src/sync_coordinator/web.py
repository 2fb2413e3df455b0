"""The coordinator's site: pages and API behind one guard. Nobody signs in yet, so its port is on loopback only."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.http_server import traced
from sync_coordinator.api import Api
from sync_coordinator.pages import Pages

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
}
NO_SUCH_PAGE = "Sidan finns inte. Gå till /\nThere is no such page. Go to /\n"


def site(api: Api, pages: Pages, hosts: frozenset[str]) -> Mount:
    """Everything under /, guarded."""
    guarded = Starlette(
        routes=[*map(traced, [*api.routes(), *pages.routes()])],
        middleware=[Middleware(Guard, hosts=hosts)],
        exception_handlers={HTTPException: _no_such_address},
    )
    return Mount("/", app=guarded)


def _no_such_address(request: Request, error: Exception) -> Response:
    """404 and 405: JSON for programs, a sentence for people."""
    if not isinstance(error, HTTPException):
        raise error
    if request.url.path.startswith("/api/"):
        code = "method_not_allowed" if error.status_code == 405 else "not_found"
        return JSONResponse({"error": code}, error.status_code, error.headers)
    return PlainTextResponse(NO_SUCH_PAGE, error.status_code, error.headers)


class Guard:
    """Refuses other sites: a host name that is not ours (DNS rebinding), and a POST that another site's page sent (CSRF).

    Browsers say where a request comes from in Sec-Fetch-Site and Origin, and pages cannot forge either. A client without
    both is no browser, so it has no session of somebody else to abuse.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 403 itself, or passes the request on and adds the security headers to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        problem = self._problem(Request(scope))
        if problem is None:
            await self._app(scope, receive, send_with_headers)
        else:
            await JSONResponse({"error": problem}, 403)(scope, receive, send_with_headers)

    def _problem(self, request: Request) -> str | None:
        host = request.headers.get("host", "")
        if (urlsplit(f"//{host}").hostname or "") not in {name.strip("[]") for name in self._hosts}:
            return "host_not_allowed"
        if request.method in ("GET", "HEAD"):
            return None
        fetched_from = request.headers.get("sec-fetch-site")
        if fetched_from is not None and fetched_from not in ("same-origin", "none"):
            return "cross_site_request"
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return "cross_site_request"
        return None
