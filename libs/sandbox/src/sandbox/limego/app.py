"""The HTTP face of the emulator: keys, routes, answers, faults and the call log."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import CALL_KINDS, Faults, plain_refusal, respond
from sandbox.limego import erp
from sandbox.limego.events import read_feed, subscribe, unsubscribe
from sandbox.limego.execution import Documents, execute, roots
from sandbox.limego.refusals import ForbiddenError, InputError, MissingError
from sandbox.limego.world import PREFIX, Caller, LimeGo

BODY_LIMIT = 2_000_000


@dataclass(frozen=True)
class Asked:
    """One request, read whole. `fields` are what the call log and faults may name."""

    request: Request
    body: bytes
    fields: dict[str, str]

    def json(self) -> Any:
        """The body; raises InputError."""
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise InputError("the body is not JSON") from error

    def number(self, name: str, otherwise: int) -> int:
        """A whole number from the query string; raises InputError."""
        try:
            return int(self.request.query_params.get(name, otherwise))
        except ValueError as error:
            raise InputError(f"{name} is a whole number") from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


Work = Callable[[Caller, Asked], Response]
Label = Callable[[Asked], Mapping[str, str]]


class Endpoint:
    """One route: finds the caller, strikes the fault, does the work, notes the call."""

    def __init__(self, api: "Api", operation: str, work: Work, label: Label) -> None:
        self._api = api
        self._operation = operation
        self._work = work
        self._label = label

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api, started = self._api, self._api.clock.now()
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        asked = Asked(request, body, {})
        asked.fields.update(self._label(asked))
        caller = api.caller(request)
        database = caller.database.name if caller else ""
        guid = caller.key.guid if caller else ""
        fault = api.faults.take("limego", self._operation, kinds=CALL_KINDS, database=database, key=guid, **asked.fields)
        method, _, route = self._operation.partition(" ")
        status = await respond(fault, api.clock, self._commit(caller, asked), plain_refusal, scope, receive, send)
        api.calls.record("limego", database, method, route, status, asked.fields, started, api.clock.now())

    def _commit(self, caller: Caller | None, asked: Asked) -> Callable[[], Awaitable[Response]]:
        async def commit() -> Response:
            if caller is None:
                return refusal(401, "the API key is missing or not valid")
            if len(asked.body) > BODY_LIMIT:
                return refusal(413, "the body is too large")
            try:
                return self._work(caller, asked)
            except InputError as error:
                return refusal(400, str(error))
            except ForbiddenError as error:
                return refusal(403, str(error))
            except MissingError as error:
                return refusal(404, str(error))

        return commit


def refusal(status: int, message: str) -> Response:
    """An error's body outside GraphQL. UNCONFIRMED: no source shows one."""
    return JSONResponse({"message": message}, status_code=status)


class Api:
    """The routes over one world."""

    def __init__(self, limego: LimeGo, calls: CallLog) -> None:
        self.limego = limego
        self.clock = limego.clock
        self.faults = limego.faults
        self.calls = calls
        self._documents = Documents()

    def caller(self, request: Request) -> Caller | None:
        """Who asks: `Authorization: go-api:<guid>` or `?apikey=<guid>`."""
        header = request.headers.get("authorization")
        if header is not None:
            return self.limego.caller(header.removeprefix(PREFIX)) if header.startswith(PREFIX) else None
        return self.limego.caller(request.query_params.get("apikey", "").removeprefix(PREFIX))

    def graphql(self, caller: Caller, asked: Asked) -> Response:
        """Answers a query or a mutation."""
        body = asked.json()
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            raise InputError("the body is an object with a query")
        variables, operation = body.get("variables"), body.get("operationName")
        if not isinstance(variables, dict | None) or not isinstance(operation, str | None):
            raise InputError("variables is an object and operationName a string")
        answer = execute(caller, self._documents.get(body["query"]), variables, operation)
        failed = not answer.get("data")
        return JSONResponse(answer, self.limego.switches.graphql_error_status if failed else 200)

    def label_graphql(self, asked: Asked) -> Mapping[str, str]:
        """The outermost fields and the id that the variables name."""
        try:
            body = asked.json()
            variables = body.get("variables") or {}
            named = {name: str(variables[name]) for name in ("id", "query") if variables.get(name)}
            return {"field": roots(self._documents.get(body["query"])), **named}
        except (InputError, LookupError, AttributeError, TypeError):
            return {}

    def subscribe(self, caller: Caller, asked: Asked) -> Response:
        """Makes a subscription."""
        return JSONResponse({"id": subscribe(caller, asked.json()).id})

    def unsubscribe(self, caller: Caller, asked: Asked) -> Response:
        """Ends a subscription."""
        unsubscribe(caller, asked.request.path_params["id"])
        return Response(status_code=204)

    def feed(self, caller: Caller, asked: Asked) -> Response:
        """Reads the feed."""
        peek = asked.request.query_params.get("peek", "false").lower()
        if peek not in ("true", "false"):
            raise InputError("peek is true or false")
        return JSONResponse({"items": read_feed(caller, peek=peek == "true")})

    def put_invoice(self, caller: Caller, asked: Asked) -> Response:
        """Stores an invoice."""
        stored, new = erp.put_invoice(caller, asked.request.path_params["documentNumber"], asked.json())
        return JSONResponse(stored, 201 if new else 200)

    def get_invoice(self, caller: Caller, asked: Asked) -> Response:
        """Shows an invoice."""
        return JSONResponse(erp.get_invoice(caller, asked.request.path_params["documentNumber"]))

    def list_invoices(self, caller: Caller, asked: Asked) -> Response:
        """Shows a page of invoices."""
        organization_id = asked.request.query_params.get("organizationId")
        return JSONResponse(erp.list_invoices(caller, asked.number("first", 20), asked.number("offset", 0), organization_id))

    def put_product(self, caller: Caller, asked: Asked) -> Response:
        """Stores a product."""
        stored, new = erp.put_product(caller, asked.request.path_params["articleNumber"], asked.json())
        return JSONResponse(stored, 201 if new else 200)

    def get_product(self, caller: Caller, asked: Asked) -> Response:
        """Shows a product."""
        return JSONResponse(erp.get_product(caller, asked.request.path_params["articleNumber"]))

    def list_products(self, caller: Caller, asked: Asked) -> Response:
        """Shows a page of products."""
        return JSONResponse(erp.list_products(caller, asked.number("first", 20), asked.number("offset", 0)))

    def routes(self) -> list[Route]:
        """All routes. A number in a path may hold a percent-encoded slash."""
        invoice, product = "/v1/erp/invoices/{documentNumber}", "/v1/erp/products/{articleNumber}"
        return [
            self._route("POST", "/v1/graphql", self.graphql, self.label_graphql),
            self._route("POST", "/v1/event/subscription", self.subscribe),
            self._route("DELETE", "/v1/event/subscription/{id}", self.unsubscribe),
            self._route("GET", "/v1/event/feed/", self.feed),
            self._route("PUT", invoice, self.put_invoice),
            self._route("GET", invoice, self.get_invoice),
            self._route("GET", "/v1/erp/invoices", self.list_invoices),
            self._route("PUT", product, self.put_product),
            self._route("GET", product, self.get_product),
            self._route("GET", "/v1/erp/products", self.list_products),
        ]

    def _route(self, method: str, path: str, work: Work, label: Label | None = None) -> Route:
        endpoint = Endpoint(self, f"{method} {path}", work, label or _label_path)
        return Route(path.replace("Number}", "Number:path}"), endpoint, methods=[method])


def _label_path(asked: Asked) -> Mapping[str, str]:
    return {name: str(value) for name, value in asked.request.path_params.items()}


def build(clock: Clock, faults: Faults, calls: CallLog) -> tuple[Starlette, LimeGo]:
    """The emulator as an application to mount, and its state."""
    limego = LimeGo(clock, faults)
    return Starlette(routes=Api(limego, calls).routes()), limego
