"""What a test may do to Lime Go from outside: make databases, fill and change them, let things happen, turn switches."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control_route import AbsentError, ControlError, asked, route
from sandbox.limego import openapi
from sandbox.limego.bulk import insert
from sandbox.limego.database import Database
from sandbox.limego.events import fire
from sandbox.limego.records import LOST, OPEN, PERMISSIONS, PERSONAL, WON, Step
from sandbox.limego.switches import Switches
from sandbox.limego.world import Caller, LimeGo


def control_routes(limego: LimeGo) -> list[Route]:
    """Routes to mount under /control/limego. None of them is subject to faults or noted in the call log."""
    control = _Control(limego)
    return [
        route("/databases", control.create, "POST"),
        route("/databases", control.show, "GET"),
        route("/databases/{name}", control.change, "PATCH"),
        route("/databases/{name}/bulk", control.bulk, "POST"),
        route("/databases/{name}/events", control.event, "POST"),
        route("/switches", control.switches, "GET", "PUT"),
        route("/switches/kind", control.kind, "GET"),
        route("/openapi.json", control.openapi, "GET"),
    ]


class _Control:
    def __init__(self, limego: LimeGo) -> None:
        self._limego = limego

    async def create(self, request: Request) -> Response:
        name = (await asked(request)).get("name")
        if not isinstance(name, str):
            raise ControlError("name is a string")
        return JSONResponse({"name": name, "keys": self._limego.create_database(name)}, 201)

    async def show(self, request: Request) -> Response:
        names = {name: self._limego.create_database(name) for name in self._limego.databases}
        return JSONResponse({"databases": names})

    async def change(self, request: Request) -> Response:
        """{"steps": [{"label", "assessment"}], "permissions": {"1": ["create"]}}; what is left out stays."""
        database, body = self._database(request), await asked(request)
        if unknown := sorted(set(body) - {"steps", "permissions"}):
            raise ControlError(f"unknown field {unknown[0]!r}")
        steps = _steps(database, body["steps"]) if "steps" in body else database.steps
        permissions = _permissions(database, body.get("permissions", {}))
        database.steps = steps
        for coworker_id, allowed in permissions.items():
            database.coworkers[coworker_id].permissions = allowed
        steps_now = [{"label": step.label, "assessment": step.assessment} for step in steps]
        allowed_now = {one.id: one.permissions for one in database.coworkers.values()}
        return JSONResponse({"steps": steps_now, "permissions": allowed_now})

    async def bulk(self, request: Request) -> Response:
        return JSONResponse(insert(self._limego, self._database(request), await asked(request)), 201)

    async def event(self, request: Request) -> Response:
        """{"type", "dealId"?, "organizationId"?, "personId"?}: what no call of the API does, such as a call or a meeting. The
        type may be one that nobody knows."""
        database, body = self._database(request), await asked(request)
        if unknown := sorted(set(body) - {"type", "dealId", "organizationId", "personId"}):
            raise ControlError(f"unknown field {unknown[0]!r}")
        if not isinstance(body.get("type"), str) or not body["type"]:
            raise ControlError("type is the name of an event")
        deal = _record(database.deals, body.get("dealId"), "deal")
        organization = _record(database.organizations, body.get("organizationId") or (deal and deal.organization), "organization")
        person = _record(database.persons, body.get("personId"), "person")
        caller = Caller(self._limego, database, database.keys[PERSONAL])
        fire(caller, body["type"], organization, deal, person)
        return JSONResponse({"position": str(database.position)}, 201)

    async def switches(self, request: Request) -> Response:
        if request.method == "PUT":
            self._limego.switches = self._limego.switches.changed(await asked(request))
        return JSONResponse(self._limego.switches.to_json())

    async def kind(self, request: Request) -> Response:
        return JSONResponse(Switches.kind().to_json())

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(openapi.document())

    def _database(self, request: Request) -> Database:
        name = request.path_params["name"]
        if name not in self._limego.databases:
            raise AbsentError(f"there is no database {name!r}")
        return self._limego.databases[name]


def _record(table: Any, record_id: object, what: str) -> Any:
    if record_id is None:
        return None
    if record_id not in table:
        raise AbsentError(f"there is no {what} {record_id!r}")
    return table[record_id]


def _steps(database: Database, given: object) -> list[Step]:
    if not isinstance(given, list) or not all(isinstance(one, dict) and set(one) <= {"label", "assessment"} for one in given):
        raise ControlError("steps is a list of objects with label and assessment")
    steps = [Step(str(one.get("label", "")), one.get("assessment", OPEN)) for one in given]
    labels = {step.label for step in steps}
    if len(labels) < len(steps) or "" in labels:
        raise ControlError("each step has a label of its own")
    if {step.assessment for step in steps} != {OPEN, WON, LOST}:
        raise ControlError(f"there is a step of each assessment: {OPEN}, {WON}, {LOST}")
    if used := sorted({deal.status for deal in database.deals.values()} - labels):
        raise ControlError(f"there are deals in step {used[0]!r}")
    return steps


def _permissions(database: Database, given: object) -> dict[int, list[str]]:
    try:
        found = {int(one): list(allowed) for one, allowed in given.items()}  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError) as error:
        raise ControlError("permissions is an object of lists by coworker id") from error
    if set(found) - set(database.coworkers) or any(set(allowed) - set(PERMISSIONS) for allowed in found.values()):
        raise ControlError(f"there is no such coworker, or a permission is none of {', '.join(PERMISSIONS)}")
    return found
