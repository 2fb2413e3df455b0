"""The Fortnox emulator as an ASGI application: gateway, limiter, faults, then the handler."""

import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from sandbox import strict_json
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import CALL_KINDS, FORTNOX_SURPRISE_KINDS, Fault, Faults, respond
from sandbox.fortnox import oauth
from sandbox.fortnox.company import Answer, Call
from sandbox.fortnox.errors import UNAUTHORISED_BODY, UNDOCUMENTED, Refusal, bad, refuse
from sandbox.fortnox.rights import check_rights
from sandbox.fortnox.routes import Route, find
from sandbox.fortnox.surprises import expected, surprised
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.tokens import Access
from sandbox.fortnox.world import Fortnox

__all__ = ["Fortnox", "Gateway", "build"]

LOGGED = ("ExternalInvoiceReference1", "CustomerNumber", "OrganisationNumber", "DocumentNumber", "InvoiceNumber", "ArticleNumber")
# Nobody has published what a 429 holds (reference 2).
LIMIT_BODIES = {
    "empty": (b"", None),
    "html": (b"<html><body><h1>429 Too Many Requests</h1></body></html>", "text/html"),
    "json": (b'{"message":"Too Many Requests"}', "application/json"),
}
# A client that runs against Fortnox (fortpyx) sends its page size with every call: there it is passed over.
PAGING = frozenset({"page", "limit", "offset"})


class Gateway:
    """Everything under `/fortnox`. One call: token, jitter, limiter, fault, handler."""

    def __init__(self, fortnox: Fortnox, faults: Faults, calls: CallLog, seed: int = 1) -> None:
        self.fortnox = fortnox
        self._faults = faults
        self._calls = calls
        self._random = random.Random(seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            # A WebSocket anywhere but at the stream's address is refused.
            await WebSocketClose()(scope, receive, send)
            return
        path = _path(scope)
        body = await _body(receive)
        headers = Headers(scope=scope)
        if path in (oauth.TOKEN, oauth.REVOKE):
            await self._oauth(scope, receive, send, headers, body, path)
        elif path.startswith("/3/"):
            await self._api(scope, receive, send, headers, body, path)
        else:
            await Refusal(404, UNDOCUMENTED, "Sidan finns inte.").response()(scope, receive, send)

    async def _oauth(self, scope: Scope, receive: Receive, send: Send, headers: Headers, body: bytes, path: str) -> None:
        if scope["method"] != "POST":
            await Response(status_code=405)(scope, receive, send)
            return
        ask = oauth.Ask.read(headers, body)
        tenant = ask.tenant_in(self.fortnox)
        most = self.fortnox.switches.token_requests
        if most is not None and not self.fortnox.limiter.admit(ask.client, path, self.fortnox.switches, most).passed:
            await self._limited(0)(scope, receive, send)
            self._note("POST", path, tenant, 429, {"client": ask.client})
            return
        fault = self._faults.take("fortnox", f"POST {path}", kinds=CALL_KINDS, tenant=tenant, client=ask.client)

        async def commit() -> Response:
            return oauth.answer(self.fortnox, path, ask)

        started = self.fortnox.clock.now()
        status = await respond(fault, self.fortnox.clock, commit, refuse, scope, receive, send)
        fields = {"client": ask.client} | ({"fault": fault.kind} if fault else {})
        self._calls.record("fortnox", tenant, "POST", path, status, fields, started, self.fortnox.clock.now())

    def _access(self, headers: Headers) -> Access | None:
        """Whose token the call carries. `Access-Token` with `Client-Secret` was shut off on 30 April 2025 (reference 1)."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        access = self.fortnox.tokens.read(token) if scheme == "Bearer" else None
        if access is not None or not self.fortnox.switches.legacy_headers:
            return access
        access = self.fortnox.tokens.read(headers.get("access-token", ""))
        app = self.fortnox.apps.get(access.client) if access else None
        return access if app is not None and app.secret == headers.get("client-secret") else None

    async def _api(self, scope: Scope, receive: Receive, send: Send, headers: Headers, body: bytes, path: str) -> None:
        access = self._access(headers)
        if access is None or access.tenant not in self.fortnox.companies:
            await JSONResponse(UNAUTHORISED_BODY, status_code=401)(scope, receive, send)
            self._note(scope["method"], path, "", 401, {})
            return
        await self._jitter()
        method, began = scope["method"], time.perf_counter()
        route, keys, known = find(method, tuple(unquote(part) for part in path[3:].strip("/").split("/")))
        template = route.template if route else path
        admission = self.fortnox.limiter.admit(access.client, access.tenant, self.fortnox.switches)
        if not admission.passed:
            await self._limited(admission.wait)(scope, receive, send)
            self._note(method, template, access.tenant, 429, {"client": access.client})
            return
        fields = {"client": access.client}
        fault = self._fault(method, template, access, keys)
        if fault:
            fields["fault"] = fault.kind
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if "externalinvoicereference1" in query:
            fields["ExternalInvoiceReference1"] = query["externalinvoicereference1"]

        async def commit() -> Response:
            switches = expected(self.fortnox.switches, fault.kind if fault else "")
            response = self._handle(route, access, headers, body, Call(keys, query), fields, switches, known=known)
            if method == "GET":
                response.headers["Vary"] = "Accept-Encoding"
            response.headers["X-Rack-Responsetime"] = str(int((time.perf_counter() - began) * 1000))
            return response

        refusal = partial(refuse, code=fault.code if fault else None)
        started = self.fortnox.clock.now()
        status = await respond(fault, self.fortnox.clock, commit, refusal, scope, receive, send)
        ended = self.fortnox.clock.now()
        self._calls.record("fortnox", access.tenant, method, template, status, fields, started, ended)

    def _fault(self, method: str, template: str, access: Access, keys: Sequence[str]) -> Fault | None:
        kinds, labels = CALL_KINDS | FORTNOX_SURPRISE_KINDS, {"tenant": access.tenant, "client": access.client}
        return self._faults.take("fortnox", f"{method} {template}", kinds=kinds, records=keys[-1:], **labels)

    async def _jitter(self) -> None:
        """Waits as a network would, in milliseconds of the real system, before the request is stamped."""
        least, most = self.fortnox.switches.jitter
        if most > 0:
            await asyncio.sleep(self.fortnox.clock.seconds(self._random.uniform(least, most) / 1000))

    def _note(self, method: str, template: str, tenant: str, status: int, fields: Mapping[str, str]) -> None:
        now = self.fortnox.clock.now()
        self._calls.record("fortnox", tenant, method, template, status, fields, now, now)

    def _limited(self, wait: float) -> Response:
        switches = self.fortnox.switches
        headers = {"Retry-After": str(int(wait) + 1)} if switches.retry_after_header else None
        body, media_type = LIMIT_BODIES[switches.limit_answer]
        return Response(body, status_code=429, headers=headers, media_type=media_type)

    def _handle(
        self,
        route: Route | None,
        access: Access,
        headers: Headers,
        body: bytes,
        call: Call,
        fields: dict[str, str],
        switches: Switches,
        *,
        known: bool,
    ) -> Response:
        try:
            answer = self._answer(route, access, headers, body, call, fields, known=known)
        except Refusal as refusal:
            # Refusals that are constants would gather a traceback with every raise.
            return self._dressed(refusal.with_traceback(None).response())
        return self._dressed(_written(answer, switches))

    def _dressed(self, response: Response) -> Response:
        """The headers that every answer behind the gateway carries."""
        response.headers["X-Uid"] = self.fortnox.draws.hexadecimal("request")[:8]
        response.headers["X-Build"] = "sandbox"
        response.headers["X-Frame-Options"] = "sameorigin"
        return response

    def _answer(
        self,
        route: Route | None,
        access: Access,
        headers: Headers,
        body: bytes,
        call: Call,
        fields: dict[str, str],
        *,
        known: bool,
    ) -> Answer:
        company = self.fortnox.companies.get(access.tenant)
        if route is None or company is None:
            raise Refusal(405 if known else 404, UNDOCUMENTED, "Metoden stöds inte." if known else "Sidan finns inte.")
        switches = self.fortnox.switches
        scope = switches.units_scope if route.template.startswith("/3/units") else route.scope
        check_rights(scope, access.scopes, company.licences, switches)
        _check_accept(headers)
        if not route.is_list and call.query.keys() - PAGING:
            raise bad(2000588)
        if call.keys:
            fields["number"] = call.keys[-1]
        if route.method == "POST" or (route.method == "PUT" and body):
            call = Call(call.keys, call.query, _parsed(headers, body))
            fields.update(_business(call.body))
        answer = route.handler(company, call)
        fields.update(_business(answer.body) if route.method == "POST" else {})
        return answer


def build(clock: Clock, faults: Faults, calls: CallLog) -> tuple[Gateway, Fortnox]:
    """The emulator as an application to mount at `/fortnox`, and its state."""
    fortnox = Fortnox(clock)
    return Gateway(fortnox, faults, calls), fortnox


def _path(scope: Scope) -> str:
    """The path below the mount, still percent-encoded: an article's number may hold a slash."""
    raw: str = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    return raw.removeprefix(scope.get("root_path", "")) or "/"


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _check_accept(headers: Headers) -> None:
    accept = headers.get("accept", "*/*")
    if "json" not in accept and "*/*" not in accept:
        raise bad(1000030)


def _parsed(headers: Headers, body: bytes) -> Any:
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise bad(1000031)
    if not body.strip():
        raise bad(2001392)
    try:
        return strict_json.read(body)
    except ValueError as error:
        raise bad(2002115) from error


def _business(body: Any) -> dict[str, str]:
    """The values that tests look for, from the record inside the wrapper."""
    if not isinstance(body, dict) or len(body) != 1:
        return {}
    record = next(iter(body.values()))
    return {name: str(record[name]) for name in LOGGED if record.get(name)} if isinstance(record, dict) else {}


def _written(answer: Answer, switches: Switches) -> Response:
    if answer.pdf is not None:
        return Response(answer.pdf, media_type="application/pdf")
    if answer.body is None:
        return Response(status_code=answer.status)
    content = json.dumps(surprised(answer.body, switches), separators=(",", ":"))
    response = Response(content, status_code=answer.status, media_type="application/json")
    if answer.location:
        response.headers["Location"] = answer.location
    return response
