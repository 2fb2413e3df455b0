"""What each answer of Fortnox means for us: one table, from status and code to retry, refuse or stop the lane."""

from __future__ import annotations

import json
from decimal import Decimal
from http import HTTPStatus

import httpx

from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.http_client import SAFE_METHODS
from servicekit.lanes import LaneStoppedError

NO_RIGHT_CODES = frozenset({2000310, 2000311, 2000663, 2001101, 2001103, 2001393, 2001427, 2002455, 2003275, 2003330, 2004054})
"""Scope or licence missing (fortnox.md, section 3.3): nothing of this connection will succeed until somebody acts."""

CUSTOMER_MISSING_CODE = 2000204


class NotFoundError(PermanentError):
    """The number is not known in Fortnox."""


class TokenRefusedError(TransientError):
    """401: the access token is not valid any longer. Nothing was done."""


def understand(response: httpx.Response, route: str, window: float) -> dict[str, object]:
    """The body of a good answer; else the error that says what to do."""
    method, status = response.request.method, response.status_code
    if status < 300:
        return _good_body(response, method, route)
    code, message = _error(response)
    if status == HTTPStatus.UNAUTHORIZED:
        raise TokenRefusedError(f"Fortnox refused the access token at {method} {route}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimitedError("Fortnox asks us to wait", window)
    if status == HTTPStatus.FORBIDDEN or code in NO_RIGHT_CODES:
        raise LaneStoppedError(f"Fortnox gives no right to {method} {route} (code {code}); check consent and licences", message)
    if status == HTTPStatus.NOT_FOUND:
        raise NotFoundError("not_found", message)
    if status >= 500:
        text = f"Fortnox answered {status} to {method} {route}"
        raise TransientError(text) if method in SAFE_METHODS else OutcomeUnknownError(text)
    raise PermanentError("customer_missing" if code == CUSTOMER_MISSING_CODE else "validation", message)


def _good_body(response: httpx.Response, method: str, route: str) -> dict[str, object]:
    try:
        body = json.loads(response.content, parse_float=Decimal) if response.content else {}
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    # A write that was answered with something unreadable may still have taken effect.
    text = f"Fortnox's answer to {method} {route} is not JSON"
    raise TransientError(text) if method in SAFE_METHODS else OutcomeUnknownError(text)


def _error(response: httpx.Response) -> tuple[int, str]:
    """Code and message, whatever the casing, or (0, reason phrase)."""
    try:
        body = json.loads(response.content)
        information = {name.lower(): value for name, value in body["ErrorInformation"].items()}
        return int(information.get("code") or 0), str(information.get("message") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0, response.reason_phrase


def oauth_message(response: httpx.Response) -> str:
    """What the token endpoint says of a refusal (fortnox.md, 1.7: JSON under any content type)."""
    try:
        return str(json.loads(response.content)["error_description"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
