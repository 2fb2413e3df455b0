"""One call of the control API: how its body is read, and what it answers when it cannot be carried out."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import strict_json

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


def whole(body: dict[str, Any], name: str, otherwise: int) -> int:
    """A whole number of the body that is not negative; raises ControlError."""
    value = body.get(name, otherwise)
    if type(value) is not int or value < 0:
        raise ControlError(f"{name} is a whole number of 0 or more")
    return value


def number(body: dict[str, Any], name: str, otherwise: float) -> float:
    """A number of the body; raises ControlError."""
    value = body.get(name, otherwise)
    if type(value) not in (int, float):
        raise ControlError(f"{name} is a number")
    return float(value)


async def asked_any(request: Request) -> Any:
    """Whatever the body holds, an empty object if there is no body; raises ControlError."""
    try:
        return strict_json.read(await request.body() or b"{}")
    except ValueError as error:
        raise ControlError("the body is not JSON") from error
