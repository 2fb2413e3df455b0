"""What a test may do to Fortnox's apps and companies from outside."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.fortnox.apps import App
from sandbox.fortnox.company import Company
from sandbox.fortnox.rights import ALL_LICENCES, ALL_SCOPES
from sandbox.fortnox.world import Fortnox

Handler = Callable[[Request], Awaitable[Response]]
MARKS = ("is_administrator", "is_locked")


class InputError(ValueError):
    """A request that control cannot carry out."""


def control_routes(fortnox: Fortnox) -> list[Route]:
    """Routes to mount under /control/fortnox. None of them is subject to faults or noted in the call log."""
    control = _Control(fortnox)
    return [
        Route("/apps", _answering(control.apps), methods=["GET", "POST"]),
        Route("/tenants", _answering(control.add_tenant), methods=["POST"]),
        Route("/tenants/{tenant}", _answering(control.change_tenant), methods=["PATCH"]),
        Route("/tenants/{tenant}/consent", _answering(control.consent), methods=["PUT", "DELETE"]),
    ]


class _Control:
    def __init__(self, fortnox: Fortnox) -> None:
        self._fortnox = fortnox

    async def apps(self, request: Request) -> Response:
        """GET; POST {"client_id", "client_secret", "name"?, "redirect_uri"?, "scopes"?, "service_accounts"?} registers
        an app or changes one: what is left out stays."""
        if request.method == "GET":
            return JSONResponse({"apps": [app.to_json() for app in self._fortnox.apps.values()]})
        body = await _body(request)
        client = _text(body, "client_id")
        known = self._fortnox.apps.get(client)
        data = {**(known or App(client, _text(body, "client_secret"), client)).to_json(), **body}
        if len(data) != len(App("", "").to_json()):
            raise InputError("an app has client_id, client_secret, name, redirect_uri, scopes and service_accounts")
        for name in ("client_secret", "name", "redirect_uri"):
            data[name] = str(data[name])
        data["scopes"] = _known(data, "scopes", ALL_SCOPES)
        data["service_accounts"] = _mark(data, "service_accounts")
        self._fortnox.apps[client] = App.from_json(data)
        return JSONResponse(self._fortnox.apps[client].to_json(), 200 if known else 201)

    async def add_tenant(self, request: Request) -> Response:
        """POST {"tenant", "name", "clients": {id: secret}, "scopes"?: [...]} and what PATCH takes"""
        body = await _body(request)
        tenant, clients = str(body.get("tenant", "")), body.get("clients")
        if not tenant.isdecimal() or not isinstance(clients, dict):
            raise InputError("a tenant has a number and clients as {id: secret}")
        scopes = _known(body, "scopes", ALL_SCOPES)
        changes = _changes(body)
        company = self._fortnox.add_company(tenant, str(body.get("name", f"Bolag {tenant} AB")), clients, scopes)
        _change(company, changes)
        made = {"tenant": tenant, "name": company.name, "clients": clients, "scopes": sorted(scopes)}
        return JSONResponse({**made, **_shown(company)}, 201)

    async def change_tenant(self, request: Request) -> Response:
        """PATCH {"licences"?: [...], "is_administrator"?: true, "is_locked"?: false}"""
        company = self._fortnox.companies.get(request.path_params["tenant"])
        if company is None:
            return JSONResponse({"message": "no such tenant"}, 404)
        _change(company, _changes(await _body(request)))
        return JSONResponse({"tenant": company.tenant, **_shown(company)})

    async def consent(self, request: Request) -> Response:
        """DELETE revokes the consents (access tokens live on, refresh tokens do not), PUT gives them again; ?client=
        for those of one app."""
        company, client = self._fortnox.companies.get(request.path_params["tenant"]), request.query_params.get("client")
        if company is None:
            return JSONResponse({"message": "no such tenant"}, 404)
        if request.method == "PUT":
            company.set_consent(given=True, client=client)
        else:
            self._fortnox.revoke_consent(company, client)
        return JSONResponse({"tenant": company.tenant, "consent": request.method == "PUT"})


def _changes(body: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {name: _mark(body, name) for name in MARKS if name in body}
    return {**changes, "licences": _known(body, "licences", ALL_LICENCES)} if "licences" in body else changes


def _change(company: Company, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(company, name, value)


def _shown(company: Company) -> dict[str, Any]:
    marks = {"is_administrator": company.is_administrator, "is_locked": company.is_locked}
    return {"licences": sorted(company.licences), **marks}


def _known(body: dict[str, Any], name: str, all_of_them: frozenset[str]) -> frozenset[str]:
    """A list of names out of a set; all of them if the list is left out."""
    listed = body.get(name, all_of_them)
    if not isinstance(listed, list | frozenset):
        raise InputError(f"{name} is a list")
    if unknown := set(map(str, listed)) - all_of_them:
        raise InputError(f"unknown {name}: {', '.join(sorted(unknown))}")
    return frozenset(listed)


def _mark(body: dict[str, Any], name: str) -> bool:
    if not isinstance(body[name], bool):
        raise InputError(f"{name} is true or false")
    return bool(body[name])


def _text(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise InputError(f"{name} is a text")
    return str(body[name])


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise InputError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise InputError("the body is not an object")
    return body


def _answering(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except InputError as error:
            return JSONResponse({"message": str(error)}, 400)

    return answer
