"""What a test may do to Lime Go from outside: make databases, fill them, turn switches."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control_route import AbsentError, ControlError, asked, route
from sandbox.limego.bulk import insert
from sandbox.limego.world import LimeGo


def control_routes(limego: LimeGo) -> list[Route]:
    """Routes to mount under /control/limego. None of them is subject to faults or noted in the call log."""

    async def create(request: Request) -> Response:
        body = await asked(request)
        name = body.get("name")
        if not isinstance(name, str):
            raise ControlError("name is a string")
        keys = limego.create_database(name)
        return JSONResponse({"name": name, "keys": keys}, 201)

    async def show(request: Request) -> Response:
        names = {name: limego.create_database(name) for name in limego.databases}
        return JSONResponse({"databases": names})

    async def bulk(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in limego.databases:
            raise AbsentError(f"there is no database {name!r}")
        return JSONResponse(insert(limego, limego.databases[name], await asked(request)), 201)

    async def switches(request: Request) -> Response:
        if request.method == "PUT":
            limego.switches = limego.switches.changed(await asked(request))
        return JSONResponse(limego.switches.to_json())

    return [
        route("/databases", create, "POST"),
        route("/databases", show, "GET"),
        route("/databases/{name}/bulk", bulk, "POST"),
        route("/switches", switches, "GET", "PUT"),
    ]
