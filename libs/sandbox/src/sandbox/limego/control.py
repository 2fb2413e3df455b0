"""What a test may do to Lime Go from outside: make databases, fill them, turn switches."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.limego.bulk import insert
from sandbox.limego.refusals import InputError, MissingError
from sandbox.limego.world import LimeGo

Handler = Callable[[Request], Awaitable[Response]]


def control_routes(limego: LimeGo) -> list[Route]:
    """Routes to mount under /control/limego. None of them is subject to faults or noted in the call log."""

    async def create(request: Request) -> Response:
        body = await _body(request)
        name = body.get("name")
        if not isinstance(name, str):
            raise InputError("name is a string")
        keys = limego.create_database(name)
        return JSONResponse({"name": name, "keys": keys}, 201)

    async def show(request: Request) -> Response:
        names = {name: limego.create_database(name) for name in limego.databases}
        return JSONResponse({"databases": names})

    async def bulk(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in limego.databases:
            raise MissingError(f"there is no database {name!r}")
        return JSONResponse(insert(limego, limego.databases[name], await _body(request)), 201)

    async def switches(request: Request) -> Response:
        if request.method == "PUT":
            limego.switches = limego.switches.changed(await _body(request))
        return JSONResponse(limego.switches.to_json())

    return [
        Route("/databases", _answering(create), methods=["POST"]),
        Route("/databases", _answering(show), methods=["GET"]),
        Route("/databases/{name}/bulk", _answering(bulk), methods=["POST"]),
        Route("/switches", _answering(switches), methods=["GET", "PUT"]),
    ]


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
