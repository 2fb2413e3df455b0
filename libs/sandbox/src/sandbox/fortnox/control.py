"""What a test may do to Fortnox's apps and companies from outside."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control_route import AbsentError, ControlError, asked, route, whole
from sandbox.fortnox import openapi, seed
from sandbox.fortnox.apps import App
from sandbox.fortnox.company import Company
from sandbox.fortnox.rights import ALL_LICENCES, ALL_SCOPES
from sandbox.fortnox.values import is_digits
from sandbox.fortnox.world import Fortnox

FILLED = (("customers", 0), ("invoices", 0), ("seed", 1))
MARKS = ("is_administrator", "is_locked")


def control_routes(fortnox: Fortnox) -> list[Route]:
    """Routes to mount under /control/fortnox. None of them is subject to faults or noted in the call log."""
    control = _Control(fortnox)
    return [
        route("/openapi.json", control.openapi, "GET"),
        route("/apps", control.apps, "GET", "POST"),
        route("/tenants", control.add_tenant, "POST"),
        route("/tenants/{tenant}", control.change_tenant, "PATCH"),
        route("/tenants/{tenant}/settings", control.settings, "GET", "PUT"),
        route("/tenants/{tenant}/fill", control.fill, "POST"),
        route("/tenants/{tenant}/consent", control.consent, "PUT", "DELETE"),
    ]


class _Control:
    def __init__(self, fortnox: Fortnox) -> None:
        self._fortnox = fortnox

    async def openapi(self, request: Request) -> Response:
        """GET the description of every call that the emulator answers"""
        return JSONResponse(openapi.document())

    async def apps(self, request: Request) -> Response:
        """GET; POST {"client_id", "client_secret", "name"?, "redirect_uri"?, "scopes"?, "service_accounts"?} registers
        an app or changes one: what is left out stays."""
        if request.method == "GET":
            return JSONResponse({"apps": [app.to_json() for app in self._fortnox.apps.values()]})
        body = await asked(request)
        client = _text(body, "client_id")
        known = self._fortnox.apps.get(client)
        data = {**(known or App(client, _text(body, "client_secret"), client)).to_json(), **body}
        if len(data) != len(App("", "").to_json()):
            raise ControlError("an app has client_id, client_secret, name, redirect_uri, scopes and service_accounts")
        for name in ("client_secret", "name", "redirect_uri"):
            data[name] = str(data[name])
        data["scopes"] = _known(data, "scopes", ALL_SCOPES)
        data["service_accounts"] = _mark(data, "service_accounts")
        self._fortnox.apps[client] = App.from_json(data)
        return JSONResponse(self._fortnox.apps[client].to_json(), 200 if known else 201)

    async def add_tenant(self, request: Request) -> Response:
        """POST {"tenant", "name", "clients": {id: secret}, "scopes"?: [...]} and what PATCH takes"""
        body = await asked(request)
        tenant, clients = str(body.get("tenant", "")), body.get("clients")
        if not is_digits(tenant) or not isinstance(clients, dict):
            raise ControlError("a tenant has a number and clients as {id: secret}")
        scopes = _known(body, "scopes", ALL_SCOPES)
        changes = _changes(body)
        company = self._fortnox.add_company(tenant, str(body.get("name", f"Bolag {tenant} AB")), clients, scopes)
        _change(company, changes)
        made = {"tenant": tenant, "name": company.name, "clients": clients, "scopes": sorted(scopes)}
        return JSONResponse({**made, **_shown(company)}, 201)

    async def change_tenant(self, request: Request) -> Response:
        """PATCH {"licences"?: [...], "is_administrator"?: true, "is_locked"?: false}"""
        company = self._company(request)
        _change(company, _changes(await asked(request)))
        return JSONResponse({"tenant": company.tenant, **_shown(company)})

    async def settings(self, request: Request) -> Response:
        """GET and PUT {"rounds_to_kronor"?, "bank_details"?, "registered"?} of what a company has chosen"""
        company = self._company(request)
        if request.method == "PUT":
            company.settings = company.settings.changed(await asked(request))
        return JSONResponse(company.settings.to_json())

    async def fill(self, request: Request) -> Response:
        """POST {"customers", "invoices", "seed"?} adds so many of both, at about 3 000 invoices a second"""
        company, body = self._company(request), await asked(request)
        seed.fill(self._fortnox, company, *(whole(body, *one) for one in FILLED))
        return JSONResponse({kind: len(company[kind].values()) for kind in ("customers", "invoices")}, 201)

    async def consent(self, request: Request) -> Response:
        """DELETE revokes the consents (access tokens live on, refresh tokens do not), PUT gives them again; ?client=
        for those of one app."""
        company, client = self._company(request), request.query_params.get("client")
        if request.method == "PUT":
            company.set_consent(given=True, client=client)
        else:
            self._fortnox.revoke_consent(company, client)
        return JSONResponse({"tenant": company.tenant, "consent": request.method == "PUT"})

    def _company(self, request: Request) -> Company:
        company = self._fortnox.companies.get(request.path_params["tenant"])
        if company is None:
            raise AbsentError("no such tenant")
        return company


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
        raise ControlError(f"{name} is a list")
    if unknown := set(map(str, listed)) - all_of_them:
        raise ControlError(f"unknown {name}: {', '.join(sorted(unknown))}")
    return frozenset(listed)


def _mark(body: dict[str, Any], name: str) -> bool:
    if not isinstance(body[name], bool):
        raise ControlError(f"{name} is true or false")
    return bool(body[name])


def _text(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise ControlError(f"{name} is a text")
    return str(body[name])
