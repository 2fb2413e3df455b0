"""Good answers of which one field is odd: the work has been done."""

import json
from collections.abc import Callable

from starlette.responses import JSONResponse, Response


def _uncounted(response: Response) -> Response:
    return _changed(response, "MetaInformation", lambda _: {})


def _miscounted(response: Response) -> Response:
    return _changed(response, "MetaInformation", lambda meta: {**meta, "@TotalPages": 1_000_000})


def _odd_life(response: Response) -> Response:
    return _changed(response, "expires_in", lambda _: -1)


def _changed(response: Response, name: str, change: Callable[[dict[str, object]], object]) -> Response:
    """The same answer with another value of one field, where it has it."""
    body = json.loads(bytes(response.body) or b"null")
    if not isinstance(body, dict) or name not in body:
        return response
    return JSONResponse({**body, name: change(body[name])}, response.status_code)


ODD: dict[str, Callable[[Response], Response]] = {"uncounted": _uncounted, "miscounted": _miscounted, "odd_life": _odd_life}


def distort(kind: str, response: Response) -> Response:
    """The answer as this kind of fault leaves it; any other kind leaves it alone."""
    return ODD[kind](response) if kind in ODD else response
