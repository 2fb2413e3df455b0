"""The JSON API: connections, records with their timelines, the actions, and the whole state for the invariant checker."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.events import ConnectionSettings
from contracts.kinds import RecordKind
from contracts.values import ConnectionState
from servicekit.database import Database
from sync_coordinator import releasing, texts
from sync_coordinator.actions import Actions, NotPossibleError, UnconfirmedError
from sync_coordinator.domain.checks import amount
from sync_coordinator.domain.health import ConnectionHealth
from sync_coordinator.domain.reasons import reason_of
from sync_coordinator.domain.records import Connection, Record, State, company_of
from sync_coordinator.health_view import health_json
from sync_coordinator.link_view import preview_json
from sync_coordinator.repository import connections, records, state
from sync_coordinator.repository.records import Entry

PAGE = 100
Endpoint = Callable[[Request], Awaitable[Response]]


class SettingsBody(BaseModel):
    """The settings of a connection, strictly: a misspelt one is an error, not a default."""

    model_config = ConfigDict(extra="forbid")

    create_document: Annotated[str, Field(pattern="^(invoice|nothing)$")] = "invoice"
    standard_article: Annotated[str, Field(min_length=1, max_length=50)] = "1"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "SEK"
    documents_per_hour_limit: Annotated[int, Field(ge=1, le=100_000)] = 20
    home_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "SE"


class ActivateBody(BaseModel):
    """What activation needs."""

    model_config = ConfigDict(extra="forbid")

    limego_database: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\s:;]+$")]
    fortnox_tenant: Annotated[int, Field(gt=0)]
    settings: SettingsBody = SettingsBody()


class LinkBody(BaseModel):
    """A customer number."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    customer_number: Annotated[str, Field(min_length=1, max_length=50)]
    confirmed: Annotated[str, Field(max_length=64)] = ""
    swap: bool = False


class ShownDocument(BaseModel):
    """A held document as a person was shown it."""

    model_config = ConfigDict(extra="forbid")

    record_key: Annotated[str, Field(min_length=1, max_length=50)]
    value: Decimal | None


class ReleaseBody(BaseModel):
    """The documents to be released, and the sum of their known amounts."""

    model_config = ConfigDict(extra="forbid")

    documents: Annotated[list[ShownDocument], Field(min_length=1)]
    sum: Decimal


class Api:
    """The endpoints under /api."""

    def __init__(self, actions: Actions, database: Database) -> None:
        self._actions = actions
        self._database = database

    def routes(self) -> list[Route]:
        """The routes; each answers mistakes in one way."""
        of_record = "/api/records/{kind}/{connection_id}/{key:path}"
        return [
            Route("/api/connections", _answers(self.activate), methods=["POST"]),
            Route("/api/connections", _answers(self.connections), methods=["GET"]),
            Route("/api/connections/{connection_id}/pause", _answers(self.pause), methods=["POST"]),
            Route("/api/connections/{connection_id}/resume", _answers(self.resume), methods=["POST"]),
            Route("/api/connections/{connection_id}/release", _answers(self.release), methods=["POST"]),
            Route("/api/records", _answers(self.records), methods=["GET"]),
            Route(f"{of_record}/try-again", _answers(self.try_again), methods=["POST"]),
            Route(f"{of_record}/link", _answers(self.look_at_link), methods=["GET"]),
            Route(f"{of_record}/link", _answers(self.link), methods=["POST"]),
            Route(f"{of_record}/confirm-new", _answers(self.confirm_new), methods=["POST"]),
            Route("/api/state", _answers(self.state), methods=["GET"]),
        ]

    async def activate(self, request: Request) -> Response:
        """POST /api/connections: 201 with the id; 409 when the database or the tenant has a connection."""
        body = ActivateBody.model_validate_json(await request.body())
        settings = ConnectionSettings.model_validate(body.settings.model_dump())
        connection_id = await self._actions.activate(body.limego_database, body.fortnox_tenant, settings)
        return JSONResponse({"connection_id": str(connection_id)}, 201)

    async def connections(self, _request: Request) -> Response:
        """GET /api/connections: all of them with their numbers."""
        async with self._database.pool.acquire() as session:
            numbers = await records.counts(session)
            found = await connections.connections(session)
            healths = await self._actions.healths(session, found)
        shown = [connection_json(one, numbers.get(one.connection_id, {}), healths.get(one.connection_id)) for one in found]
        return JSONResponse({"connections": shown})

    async def pause(self, request: Request) -> Response:
        """POST …/pause: keeps everything, sends nothing."""
        await self._actions.set_state(_connection_id(request), ConnectionState.PAUSED)
        return JSONResponse({"state": "paused"})

    async def resume(self, request: Request) -> Response:
        """POST …/resume."""
        await self._actions.set_state(_connection_id(request), ConnectionState.ACTIVE)
        return JSONResponse({"state": "active"})

    async def release(self, request: Request) -> Response:
        """POST …/release {"documents": [{"record_key", "value"}], "sum"}: lets these held documents go, and no others.

        Those whose amount is not the given one any more stay held (`changed`), as do all when the sum is not theirs (409).
        """
        body = ReleaseBody.model_validate_json(await request.body())
        shown = {one.record_key: one.value for one in body.documents}
        if releasing.total(shown) != body.sum:
            raise NotPossibleError("sum_differs")
        return JSONResponse(asdict(await self._actions.release(_connection_id(request), shown)))

    async def records(self, request: Request) -> Response:
        """GET /api/records?connection_id=&state=&kind=&key=&page=&limit=: with timelines, those touched last first."""
        query = request.query_params
        wanted = record_filter(query)
        limit = min(max(int(query.get("limit", PAGE)), 1), 1000)
        offset = (max(int(query.get("page", 1)), 1) - 1) * limit
        async with self._database.pool.acquire() as session:
            found, total = await records.page(session, wanted, offset=offset, limit=limit)
            timelines = await records.timelines(session, [(r.connection_id, r.kind, r.key) for r in found])
        language = texts.language(query.get("lang"), request.headers.get("accept-language", ""))
        shown = [record_json(one, timelines[(one.connection_id, one.kind, one.key)], language) for one in found]
        return JSONResponse({"records": shown, "total": total})

    async def try_again(self, request: Request) -> Response:
        """POST …/try-again: 202, the record is read and decided again; 409 with its reason where that cannot help."""
        kind, connection_id, key = record_key(request)
        await self._actions.try_again(connection_id, kind, key)
        return JSONResponse({"state": "asked"}, 202)

    async def look_at_link(self, request: Request) -> Response:
        """GET …/link?customer_number=: both sides, what moves and what contradicts; 409 when Fortnox has no such customer."""
        connection_id, company_id = customer_key(request)
        body = LinkBody(customer_number=request.query_params.get("customer_number", ""))
        return JSONResponse(preview_json(await self._actions.look_at_link(connection_id, company_id, body.customer_number)))

    async def link(self, request: Request) -> Response:
        """POST …/link {"customer_number", "confirmed"?, "swap"?}: 200; 409 with the preview, whose token confirms it."""
        connection_id, company_id = customer_key(request)
        body = LinkBody.model_validate_json(await request.body())
        try:
            await self._actions.link(connection_id, company_id, body.customer_number, confirmed=body.confirmed, swap=body.swap)
        except UnconfirmedError as error:
            return JSONResponse({"error": "not_confirmed", "preview": preview_json(error.preview)}, 409)
        return JSONResponse({"state": "linked"})

    async def confirm_new(self, request: Request) -> Response:
        """POST …/confirm-new: 202, none of the customers that are alike is the company; 409 when that is not the question."""
        await self._actions.confirm_new(*customer_key(request))
        return JSONResponse({"state": "asked"}, 202)

    async def state(self, _request: Request) -> Response:
        """GET /api/state: everything, for the invariant checker; loopback only, as the whole port is in this release."""
        async with self._database.pool.acquire() as session:
            return JSONResponse(await state.everything(session))


def _answers(endpoint: Endpoint) -> Endpoint:
    """Wraps an endpoint: what it raises becomes an answer that says what is wrong."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NotPossibleError as error:
            reason = {"reason": error.reason} if error.reason else {}
            return JSONResponse({"error": error.code, "owner": error.owner or None, **reason}, error.status)
        except ValidationError as error:
            fields = [{"field": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in error.errors()]
            return JSONResponse({"error": "invalid", "fields": fields}, 422)
        except ValueError as error:
            return JSONResponse({"error": "invalid", "fields": [{"field": "", "problem": str(error)}]}, 422)

    return answer


def _connection_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["connection_id"])
    except ValueError:
        raise NotPossibleError("not_found", status=404) from None


def record_filter(query: Mapping[str, str]) -> records.Filter:
    """Which records a query asks for; ValueError when it names a state, a kind or a connection that cannot be."""
    return records.Filter(
        connection_id=UUID(query["connection_id"]) if query.get("connection_id") else None,
        state=State(query["state"]) if query.get("state") else None,
        kind=RecordKind(query["kind"]) if query.get("kind") else None,
        key=query.get("key") or None,
    )


def record_key(request: Request) -> tuple[RecordKind, UUID, str]:
    """Which record a path names; a path that can name none is not found."""
    try:
        kind = RecordKind(request.path_params["kind"])
    except ValueError:
        raise NotPossibleError("not_found", status=404) from None
    return kind, _connection_id(request), request.path_params["key"]


def customer_key(request: Request) -> tuple[UUID, str]:
    """Which company's customer a path names; the path of another kind of record is not found."""
    kind, connection_id, key = record_key(request)
    if kind is not RecordKind.CUSTOMER:
        raise NotPossibleError("not_found", status=404)
    return connection_id, key


def connection_json(connection: Connection, numbers: dict[str, int], health: ConnectionHealth | None) -> dict[str, Any]:
    """A connection with how many records it has in each state, and how both its sides do; a paused one has no health."""
    return {
        "connection_id": str(connection.connection_id),
        "limego_database": connection.limego_database,
        "fortnox_tenant": connection.fortnox_tenant,
        "state": connection.state,
        "generation": connection.generation,
        "version": connection.version,
        "plan": connection.plan,
        "settings": json.loads(connection.settings.model_dump_json()),
        "activated_at": connection.activated_at.isoformat(),
        "health": health_json(health) if health else None,
        "records": {one.value: numbers.get(one, 0) for one in State},
    }


def record_json(record: Record, timeline: list[Entry], language: str) -> dict[str, Any]:
    """A record with its reason in words and its timeline, the oldest entry first."""
    title, remedy = reason_of(record.reason).words(language) if record.reason else (None, None)
    return {
        "connection_id": str(record.connection_id),
        "kind": record.kind,
        "record_key": record.key,
        "company_id": company_of(record.company_id),
        "state": record.state,
        "reason": record.reason,
        "detail": record.detail,
        "candidates": list(record.candidates),
        "title": title,
        "remedy": remedy,
        "remote_id": record.remote_id,
        "note": record.note,
        "value": None if (value := amount(record.deal)) is None else str(value),
        "updated_at": record.updated_at.isoformat(),
        "recheck_at": record.recheck_at.isoformat() if record.recheck_at else None,
        "timeline": [entry_json(entry, language) for entry in reversed(timeline)],
    }


def entry_json(entry: Entry, language: str) -> dict[str, Any]:
    """A line of a timeline, as code and in words."""
    text = texts.entry(entry.code, entry.params, language)
    return {"at": entry.at.isoformat(), "code": entry.code, "params": dict(entry.params), "times": entry.times, "text": text}
