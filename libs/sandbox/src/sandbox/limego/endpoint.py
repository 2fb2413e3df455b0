"""One route of the emulator: key, limit, faults, work, refusals, and the call's line in the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox import strict_json
from sandbox.calls import CallLog
from sandbox.faults import CALL_KINDS, LIMEGO_SURPRISE_KINDS, Fault, respond
from sandbox.limego.refusals import ForbiddenError, InputError, MissingError
from sandbox.limego.surprises import reduced, surprised
from sandbox.limego.world import PREFIX, Caller, LimeGo

BODY_LIMIT = 2_000_000
OLD_PREFIX = "go-key:"
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True)
class Asked:
    """One request, read whole. `fields` are what the call log and faults may name."""

    request: Request
    body: bytes
    fields: dict[str, str]

    def json(self) -> Any:
        """The body; raises InputError."""
        try:
            return strict_json.read(self.body, parse_float=Decimal)
        except ValueError as error:
            raise InputError("the body is not JSON") from error

    def number(self, name: str, otherwise: int) -> int:
        """A whole number from the query string; raises InputError."""
        try:
            return int(self.request.query_params.get(name, otherwise))
        except ValueError as error:
            raise InputError(f"{name} is a whole number") from error


@dataclass(frozen=True)
class Answer:
    """What goes back when nothing is refused; without a body the status is 204."""

    body: Any = None
    status: int = 200


Work = Callable[[Caller, Asked], Answer]
Label = Callable[[Asked], Mapping[str, str]]


class Endpoint:
    """An ASGI application for one operation ("POST /v1/graphql")."""

    def __init__(self, limego: LimeGo, calls: CallLog, operation: str, work: Work, label: Label) -> None:
        self._limego = limego
        self._calls = calls
        self._operation = operation
        self._work = work
        self._label = label

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limego, started = self._limego, self._limego.clock.now()
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        asked = Asked(request, body, {})
        asked.fields.update(self._label(asked))
        caller = self._caller(request)
        database = caller.database.name if caller else ""
        labels = {**asked.fields, "database": database, "key": caller.key.guid if caller else ""}
        allowed = caller is None or limego.limiter.allows(caller.key.guid, limego.switches)
        fault = surprise = None
        if allowed:
            named = asked.fields.get("texts", "").split(",")
            fault = limego.faults.take("limego", self._operation, kinds=CALL_KINDS, records=named, **labels)
            surprise = limego.faults.take("limego", self._operation, kinds=LIMEGO_SURPRISE_KINDS, **labels)

        async def commit() -> Response:
            if not allowed:
                return self._refusal(asked, 429, "too many requests")
            return self._commit(caller, asked, surprise)

        def refuse(status: int) -> Response:
            return self._refusal(asked, status, "refused")

        status = await respond(fault, limego.clock, commit, refuse, scope, receive, send)
        method, _, route = self._operation.partition(" ")
        self._calls.record("limego", database, method, route, status, asked.fields, started, limego.clock.now())

    def _caller(self, request: Request) -> Caller | None:
        """Who asks: `Authorization: go-api:<guid>` or `?apikey=<guid>`."""
        header = request.headers.get("authorization")
        if self._limego.switches.loose_keys:
            given = request.query_params.get("apikey", "") if header is None else header
            return self._limego.caller(given.removeprefix(PREFIX).removeprefix(OLD_PREFIX))
        if header is None:
            return self._limego.caller(request.query_params.get("apikey", ""))
        return self._limego.caller(header.removeprefix(PREFIX)) if header.startswith(PREFIX) else None

    def _commit(self, caller: Caller | None, asked: Asked, surprise: Fault | None) -> Response:
        if caller is None:
            return self._refusal(asked, self._limego.switches.refused_key_status, "the API key is missing or not valid")
        if len(asked.body) > BODY_LIMIT:
            return self._refusal(asked, 413, "the body is too large")
        if self._limego.switches.content_type_checked and not _is_json(asked.request):
            return self._refusal(asked, 415, "the body is not sent as application/json")
        try:
            answer = self._work(replace(caller, key=reduced(caller.key, surprise)), asked)
        except InputError as error:
            return self._refusal(asked, 400, str(error))
        except ForbiddenError as error:
            return self._refusal(asked, 403, str(error))
        except MissingError as error:
            return self._refusal(asked, 404, str(error))
        if answer.body is None:
            return Response(status_code=204)
        return JSONResponse(surprised(answer.body, surprise), answer.status)

    def _refusal(self, asked: Asked, status: int, message: str) -> Response:
        """An error outside GraphQL. No source shows a body, so the log of calls tells why."""
        asked.fields["refused"] = message
        switches = self._limego.switches
        headers = {"Retry-After": str(ceil(switches.limit_window))} if status == 429 and switches.retry_after_header else None
        if switches.error_body == "json":
            return JSONResponse({"message": message}, status, headers)
        if switches.error_body == "html":
            return HTMLResponse(PAGE.format(status), status, headers)
        return Response(status_code=status, headers=headers)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.method not in ("POST", "PUT") or kind == "application/json"
