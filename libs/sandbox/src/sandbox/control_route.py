"""One call of the control API: how its body is read, and what it answers when it cannot be carried out."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Handler = Callable[[Request], Awaitable[Response]]


class ControlError(ValueError):
    """What was asked cannot be carried out: 400."""


class AbsentError(Exception):
    """What was asked for is not there: 404."""


def route(path: str, handler: Handler, *methods: str) -> Route:
    """A route whose handler may raise AbsentError and ValueError."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except AbsentError as error:
            return JSONResponse({"message": str(error)}, 404)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 400)

    return Route(path, answer, methods=list(methods))


async def asked(request: Request) -> dict[str, Any]:
    """The object in the body, empty if there is no body; raises ControlError."""
    body = await asked_any(request)
    if not isinstance(body, dict):
        raise ControlError("the body is not an object")
    return body


async def asked_any(request: Request) -> Any:
    """Whatever the body holds, an empty object if there is no body; raises ControlError."""
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ControlError("the body is not JSON") from error
