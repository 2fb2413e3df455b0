"""HTTP out: one request, one span, one metric; and what a failure means for the one who asked.

A GET that fails may be repeated. A write that fails after it may have left has an *unknown* outcome. Nothing here
repeats a request by itself. Headers are a remote's word, not a fact: what cannot be read has a default.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx
from opentelemetry.trace import SpanKind, StatusCode

from servicekit.errors import OutcomeUnknownError, TransientError
from servicekit.fault_points import fault_point
from servicekit.telemetry import remote_duration, remote_requests, span

SAFE_METHODS = frozenset({"GET", "HEAD"})
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
CLOCKS_DIFFER = timedelta(hours=3)
"""A server's clock that is further off than this from ours is not believed."""


class Remote:
    """A remote API. `timeout` is the hard deadline of a whole request, in seconds."""

    def __init__(self, system: str, base_url: str, *, timeout: float) -> None:
        self._system = system
        self._timeout = timeout
        # A kept connection that the server has just closed would make a write's outcome unknown: let go early.
        limits = httpx.Limits(max_connections=10, keepalive_expiry=2.0)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeout,
            limits=limits,
            follow_redirects=False,
            # No session: what one answer sets is not sent with the next request.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [self._on_response]},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Lets the connections go."""
        await self._client.aclose()

    async def request(self, request: httpx.Request, *, route: str) -> httpx.Response:
        """The whole answer. `route` is the path's template, for telemetry. TransientError, OutcomeUnknownError."""
        attributes: dict[str, str | int] = {
            "http.request.method": request.method,
            "url.template": route,
            "server.address": self._system,
        }
        started = time.perf_counter()
        with span(f"{request.method} {route}", SpanKind.CLIENT, attributes=dict(attributes)) as current:
            status = 0
            try:
                async with asyncio.timeout(self._timeout):
                    response = await self._client.send(request)
                status = response.status_code
                current.set_attribute("http.response.status_code", status)
                return response
            except NEVER_SENT as error:
                current.set_status(StatusCode.ERROR, type(error).__name__)
                raise TransientError(f"{self._system} cannot be reached ({type(error).__name__})") from None
            except Exception as error:
                # Beside httpx' own errors (also of decoding and of cookies): what a parser below it did not foresee.
                current.set_status(StatusCode.ERROR, type(error).__name__)
                raise self._unanswered(request.method, route, error) from None
            finally:
                labels: dict[str, str | int] = {**attributes, "http.response.status_code": status}
                remote_requests.add(1, labels)
                remote_duration.record(time.perf_counter() - started, labels)

    def build(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        form: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Request:
        """A request; `json` is left out when None."""
        return self._client.build_request(method, path, json=json, data=form, params=query, headers=headers)

    async def _on_response(self, response: httpx.Response) -> None:
        """The answer's head is here and its body is not read: a write has taken effect, and we do not know it."""
        if response.request.method not in SAFE_METHODS:
            fault_point(f"{self._system}.after_send")

    def _unanswered(self, method: str, route: str, error: Exception) -> TransientError:
        text = f"{self._system} did not answer {method} {route} ({type(error).__name__})"
        return TransientError(text) if method in SAFE_METHODS else OutcomeUnknownError(text)


def server_time(response: httpx.Response, now: datetime) -> datetime:
    """When the server answered, by its `Date`; `now` where that is missing, cannot be read or is hours off."""
    for value in response.headers.get_list("date"):
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        # Without a zone that counts it is not the time of RFC 9110, 5.6.7.
        if moment.tzinfo is not None and abs(moment - now) <= CLOCKS_DIFFER:
            return moment.astimezone(UTC)
    return now
