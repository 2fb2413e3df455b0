"""What a test may do to Lime Go from outside: make databases, fill and change them, let things happen, turn switches."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.limego.bulk import insert
from sandbox.limego.database import Database
from sandbox.limego.events import fire
from sandbox.limego.records import LOST, OPEN, PERMISSIONS, PERSONAL, WON, Step
from sandbox.limego.refusals import InputError, MissingError
from sandbox.limego.switches import Switches
from sandbox.limego.world import Caller, LimeGo

Handler = Callable[[Request], Awaitable[Response]]


def control_routes(limego: LimeGo) -> list[Route]:
    """Routes to mount under /control/limego. None of them is subject to faults or noted in the call log."""
    control = _Control(limego)
    return [
        Route("/databases", _answering(control.create), methods=["POST"]),
        Route("/databases", _answering(control.show), methods=["GET"]),
        Route("/databases/{name}", _answering(control.change), methods=["PATCH"]),
        Route("/databases/{name}/bulk", _answering(control.bulk), methods=["POST"]),
        Route("/databases/{name}/events", _answering(control.event), methods=["POST"]),
        Route("/switches", _answering(control.switches), methods=["GET", "PUT"]),
        Route("/switches/kind", _answering(control.kind), methods=["GET"]),
    ]


class _Control:
    def __init__(self, limego: LimeGo) -> None:
        self._limego = limego

    async def create(self, request: Request) -> Response:
        name = (await _body(request)).get("name")
        if not isinstance(name, str):
            raise InputError("name is a string")
        return JSONResponse({"name": name, "keys": self._limego.create_database(name)}, 201)

    async def show(self, request: Request) -> Response:
        names = {name: self._limego.create_database(name) for name in self._limego.databases}
        return JSONResponse({"databases": names})

    async def change(self, request: Request) -> Response:
        """{"steps": [{"label", "assessment"}], "permissions": {"1": ["create"]}}; what is left out stays."""
        database, body = self._database(request), await _body(request)
        if unknown := sorted(set(body) - {"steps", "permissions"}):
            raise InputError(f"unknown field {unknown[0]!r}")
        steps = _steps(database, body["steps"]) if "steps" in body else database.steps
        permissions = _permissions(database, body.get("permissions", {}))
        database.steps = steps
        for coworker_id, allowed in permissions.items():
            database.coworkers[coworker_id].permissions = allowed
        steps_now = [{"label": step.label, "assessment": step.assessment} for step in steps]
        allowed_now = {one.id: one.permissions for one in database.coworkers.values()}
        return JSONResponse({"steps": steps_now, "permissions": allowed_now})

    async def bulk(self, request: Request) -> Response:
        return JSONResponse(insert(self._limego, self._database(request), await _body(request)), 201)

    async def event(self, request: Request) -> Response:
        """{"type", "dealId"?, "organizationId"?, "personId"?}: what no call of the API does, such as a call or a meeting. The
        type may be one that nobody knows."""
        database, body = self._database(request), await _body(request)
        if unknown := sorted(set(body) - {"type", "dealId", "organizationId", "personId"}):
            raise InputError(f"unknown field {unknown[0]!r}")
        if not isinstance(body.get("type"), str) or not body["type"]:
            raise InputError("type is the name of an event")
        deal = _record(database.deals, body.get("dealId"), "deal")
        organization = _record(database.organizations, body.get("organizationId") or (deal and deal.organization), "organization")
        person = _record(database.persons, body.get("personId"), "person")
        caller = Caller(self._limego, database, database.keys[PERSONAL])
        fire(caller, body["type"], organization, deal, person)
        return JSONResponse({"position": str(database.position)}, 201)

    async def switches(self, request: Request) -> Response:
        if request.method == "PUT":
            self._limego.switches = self._limego.switches.changed(await _body(request))
        return JSONResponse(self._limego.switches.to_json())

    async def kind(self, request: Request) -> Response:
        return JSONResponse(Switches.kind().to_json())

    def _database(self, request: Request) -> Database:
        name = request.path_params["name"]
        if name not in self._limego.databases:
            raise MissingError(f"there is no database {name!r}")
        return self._limego.databases[name]


def _record(table: Any, record_id: object, what: str) -> Any:
    if record_id is None:
        return None
    if record_id not in table:
        raise MissingError(f"there is no {what} {record_id!r}")
    return table[record_id]


def _steps(database: Database, given: object) -> list[Step]:
    if not isinstance(given, list) or not all(isinstance(one, dict) and set(one) <= {"label", "assessment"} for one in given):
        raise InputError("steps is a list of objects with label and assessment")
    steps = [Step(str(one.get("label", "")), one.get("assessment", OPEN)) for one in given]
    labels = {step.label for step in steps}
    if len(labels) < len(steps) or "" in labels:
        raise InputError("each step has a label of its own")
    if {step.assessment for step in steps} != {OPEN, WON, LOST}:
        raise InputError(f"there is a step of each assessment: {OPEN}, {WON}, {LOST}")
    if used := sorted({deal.status for deal in database.deals.values()} - labels):
        raise InputError(f"there are deals in step {used[0]!r}")
    return steps


def _permissions(database: Database, given: object) -> dict[int, list[str]]:
    try:
        found = {int(one): list(allowed) for one, allowed in given.items()}  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError("permissions is an object of lists by coworker id") from error
    if set(found) - set(database.coworkers) or any(set(allowed) - set(PERMISSIONS) for allowed in found.values()):
        raise InputError(f"there is no such coworker, or a permission is none of {', '.join(PERMISSIONS)}")
    return found


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise InputError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise InputError("the body is an object")
    return body


def _answering(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except InputError as error:
            return JSONResponse({"message": str(error)}, 400)
        except MissingError as error:
            return JSONResponse({"message": str(error)}, 404)

    return answer
