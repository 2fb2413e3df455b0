"""What each answer of Fortnox means for us: one table, from status and body to a good answer, a retry, a refusal or a stop.

| answer | to a read | to a write |
| --- | --- | --- |
| 2xx, a JSON object | good | good |
| 401 | another token | nothing was done: another token |
| 429 | wait | nothing was done: wait |
| 4xx with Fortnox' own `ErrorInformation` | refused | nothing was done: refused |
| anything else | try again | not known what was done |

The last row is all that something between us and Fortnox may have said: 3xx, 408, 409, 421, 423, 425, 499, 5xx, a 403 or 404
of a proxy, a body that cannot be read. It proves nothing about the request behind it, and neither does any body under a
status by which a server says that it gave up waiting.
"""

from __future__ import annotations

import json
from decimal import Decimal
from http import HTTPStatus

import httpx

from fortnox_connector.refusals import reason_of
from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.http_client import SAFE_METHODS
from servicekit.lanes import LaneStoppedError

NO_RIGHT_CODES = frozenset({2000310, 2000311, 2000663, 2001101, 2001103, 2001393, 2001427, 2002455, 2003275, 2003330, 2004054})
"""Scope or licence missing (fortnox.md, section 3.3): nothing of this connection will succeed until somebody acts."""

GAVE_UP_WAITING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, 499})
"""The request may be carried out later, whatever the body says."""


class NotFoundError(PermanentError):
    """The number is not known in Fortnox."""


class TokenRefusedError(TransientError):
    """401: the access token is not valid any longer. Nothing was done."""


def understand(response: httpx.Response, route: str, window: float) -> dict[str, object]:
    """The body of a good answer; else the error that says what to do."""
    method, status = response.request.method, response.status_code
    if response.is_success:
        body = _object(response) if response.content else {}
        if body is None:
            raise unproven(method, route, "an answer that cannot be read")
        return body
    if status == HTTPStatus.UNAUTHORIZED:
        raise TokenRefusedError(f"Fortnox refused the access token at {method} {route}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimitedError("Fortnox asks us to wait", window)
    refused = _error_information(response)
    if refused is None or not response.is_client_error or status in GAVE_UP_WAITING:
        raise unproven(method, route, f"status {status}")
    raise _refusal(f"{method} {route}", status, *refused)


def unproven(method: str, route: str, what: str) -> TransientError:
    """The error for an answer that does not say what became of the request: a read is repeated, a write is looked for."""
    text = f"Fortnox answered {method} {route} with {what}"
    return TransientError(text) if method in SAFE_METHODS else OutcomeUnknownError(text)


def _refusal(operation: str, status: int, code: int, message: str) -> Exception:
    """What Fortnox itself said no to."""
    if status == HTTPStatus.FORBIDDEN or code in NO_RIGHT_CODES:
        return LaneStoppedError(f"Fortnox gives no right to {operation} (code {code}); check consent and licences", message)
    if status == HTTPStatus.NOT_FOUND:
        return NotFoundError(reason_of(code, message), message)
    return PermanentError(reason_of(code, message), message)


def _object(response: httpx.Response) -> dict[str, object] | None:
    """The body as a JSON object, amounts exact; None when it is anything else."""
    try:
        body = json.loads(response.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _error_information(response: httpx.Response) -> tuple[int, str] | None:
    """Code and message of Fortnox' own error, whatever the casing (fortnox.md, section 3.1); None when it is not one."""
    information = (_object(response) or {}).get("ErrorInformation")
    if not isinstance(information, dict):
        return None
    values = {str(name).lower(): value for name, value in information.items()}
    code = str(values.get("code") or "")
    return int(code) if code.isascii() and code.isdigit() else 0, str(values.get("message") or "")


def oauth_error(response: httpx.Response) -> str | None:
    """What the token endpoint says of a refusal (fortnox.md, 1.7: JSON under any content type); None when it says nothing."""
    body = _object(response) or {}
    return str(body.get("error_description") or body["error"]) if "error" in body else None
