"""HTTP in: Lime Go's web hooks, and (behind a token, on loopback) keys and the state of walks."""

from __future__ import annotations

import hmac
import json
import logging
from dataclasses import asdict
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from limego_connector import mapping
from limego_connector.domain import Expectation
from limego_connector.intake import Intake
from limego_connector.payloads import EventPayload
from limego_connector.repository import connections, progress, records
from limego_connector.repository.connections import hash_token
from limego_connector.repository.hints import ToldHint
from limego_connector.repository.progress import Status, Walk
from servicekit.crypto import Vault
from servicekit.database import Database
from servicekit.database_errors import DATABASE_ERRORS
from servicekit.errors import Error
from servicekit.fault_points import fault_point
from servicekit.telemetry import current_trace

logger = logging.getLogger(__name__)
BODY_LIMIT = 64 * 1024
WEBHOOK = "/webhooks/{token}"


class RefusedError(Error):
    """What a caller gets instead of an answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> Response:
        """The message as JSON."""
        return JSONResponse({"message": str(self)}, self.status)


class CredentialBody(BaseModel):
    """What `PUT …/credentials` takes: the key whole, as Lime Go shows it ("go-api:…")."""

    api_key: SecretStr = Field(min_length=8, max_length=200)


class Http:
    """What this service answers."""

    def __init__(self, database: Database, vault: Vault, internal_token: SecretStr, intake: Intake) -> None:
        self._database = database
        self._intake = intake
        self._vault = vault
        self._internal_token = internal_token

    def routes(self) -> list[Route]:
        """All routes but the health checks."""
        return [
            Route(WEBHOOK, self.webhook, methods=["POST"]),
            Route("/internal/connections/{connection_id}/credentials", self.put_credentials, methods=["PUT"]),
            Route("/internal/connections/{connection_id}", self.show_connection, methods=["GET"]),
            Route("/internal/walks", self.walks, methods=["GET"]),
        ]

    async def webhook(self, request: Request) -> Response:
        """Stores the hint, then answers 204. The body is not trusted: it only says what to read."""
        try:
            await self._take_in(request)
            return Response(status_code=204)
        except RefusedError as refused:
            return refused.response()
        except ClientDisconnect:
            return Response(status_code=400)
        except DATABASE_ERRORS as error:
            logger.warning("a web hook could not be stored: %s", type(error).__name__)
            return RefusedError(503, "try again").response()

    async def _take_in(self, request: Request) -> None:
        event = _event(await _body(request))
        record_key, expects = mapping.hint(event) or (None, Expectation.ANYTHING)
        fault_point("webhook.before_store")
        hint = ToldHint(hash_token(request.path_params["token"]), record_key, expects, current_trace())
        if not await self._intake.store(hint):
            raise RefusedError(404, "there is no such web hook")
        fault_point("webhook.after_store")

    async def put_credentials(self, request: Request) -> Response:
        """Stores a connection's key, sealed. The connection's own message may come later."""
        try:
            self._authorise(request)
            connection_id = _connection_id(request)
            body = CredentialBody.model_validate_json(await _body(request))
        except RefusedError as refused:
            return refused.response()
        except ValidationError:
            # Pydantic's own message would quote the key.
            return RefusedError(400, 'the body must be {"api_key": "go-api:…"}, 8-200 characters').response()
        sealed = self._vault.seal(body.api_key.get_secret_value().strip())
        async with self._database.unit_of_work() as unit:
            await connections.save_credential(unit, connection_id, sealed)
        return Response(status_code=204)

    async def show_connection(self, request: Request) -> Response:
        """How far one connection has come into service."""
        try:
            self._authorise(request)
            connection_id = _connection_id(request)
            found = [one for one in await progress.statuses(self._database.pool) if one.connection_id == connection_id]
            if not found:
                raise RefusedError(404, "there is no such connection")
        except RefusedError as refused:
            return refused.response()
        return JSONResponse(await self._shown(found[0]))

    async def walks(self, request: Request) -> Response:
        """All connections, with what their last walks cost."""
        try:
            self._authorise(request)
        except RefusedError as refused:
            return refused.response()
        return JSONResponse({"connections": [await self._shown(one) for one in await progress.statuses(self._database.pool)]})

    async def _shown(self, status: Status) -> dict[str, object]:
        pool = self._database.pool
        deals, companies = await records.count_baseline(pool, status.connection_id)
        return {
            **{name: _plain(value) for name, value in asdict(status).items()},
            "baseline_deals": deals,
            "baseline_companies": companies,
            "walks": [_walk(one) for one in await progress.last_walks(pool, status.connection_id)],
        }

    def _authorise(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        wanted = f"Bearer {self._internal_token.get_secret_value()}".encode()
        if not hmac.compare_digest(given, wanted):
            raise RefusedError(401, "Authorization: Bearer <INTERNAL_TOKEN> is missing or wrong")


def _connection_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["connection_id"])
    except ValueError:
        raise RefusedError(404, "there is no such connection") from None


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise RefusedError(413, f"the body has more than {BODY_LIMIT} bytes")
    return bytes(body)


def _event(body: bytes) -> EventPayload:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400, "the body is not JSON") from None
    try:
        return EventPayload.model_validate(data)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, problem["loc"])) or "body" for problem in error.errors())
        raise RefusedError(400, f"the body cannot be understood: {places}") from None


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | None) else str(value)


def _walk(walk: Walk) -> dict[str, object]:
    per_thousand = 1000 / walk.deals if walk.deals else 0.0
    return {
        "kind": walk.kind,
        "ended_at": str(walk.ended_at),
        "deals": walk.deals,
        "requests": walk.requests,
        "seconds": round(walk.seconds, 3),
        "hints": walk.hints,
        "requests_per_1000_deals": round(walk.requests * per_thousand, 1),
        "seconds_per_1000_deals": round(walk.seconds * per_thousand, 3),
    }
