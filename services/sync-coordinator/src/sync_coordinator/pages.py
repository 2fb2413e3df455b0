"""The pages, rendered here and working without scripts: connections, and every record with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from contracts.kinds import RecordKind
from contracts.values import ConnectionState
from servicekit.database import Database
from sync_coordinator import health_view, texts
from sync_coordinator.actions import Actions, NotPossibleError
from sync_coordinator.api import PAGE, LinkBody, customer_key, record_filter, record_key
from sync_coordinator.domain.reasons import ABOUT_LIKENESS, CUSTOMER_MISSING, reason_of
from sync_coordinator.domain.records import Record, State, company_of
from sync_coordinator.repository import connections, records
from sync_coordinator.repository.records import Entry, Filter

HERE = Path(__file__).parent
STOCKHOLM = ZoneInfo("Europe/Stockholm")
COUNTED = (State.DONE, State.NEEDS_ATTENTION, State.HELD)
TRIED_AGAIN = (State.NEEDS_ATTENTION, State.WAITING)


@dataclass(frozen=True)
class Row:
    """A record as the page shows it."""

    record: Record
    name: str
    company: str
    title: str
    remedy: str
    note: str
    path: str
    entries: list[tuple[Entry, str]]
    may_try: bool
    link_path: str
    may_confirm_new: bool


class Pages:
    """The first page and the forms on it."""

    def __init__(self, actions: Actions, database: Database) -> None:
        self._actions = actions
        self._database = database
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[Route | Mount]:
        """The pages' routes."""
        of_record = "/records/{kind}/{connection_id}/{key:path}"
        return [
            Route("/", self.first, methods=["GET"]),
            Route(f"{of_record}/try-again", self.try_again, methods=["POST"]),
            Route(f"{of_record}/link", self.link, methods=["POST"]),
            Route(f"{of_record}/confirm-new", self.confirm_new, methods=["POST"]),
            Route("/connections/{connection_id}/{action}", self.connection, methods=["POST"]),
            Mount("/static", app=StaticFiles(directory=HERE / "static")),
        ]

    async def first(self, request: Request) -> Response:
        """GET /?state=&connection_id=&page=&lang=: a hundred records, those touched last first."""
        query = request.query_params
        language = texts.language(query.get("lang"), request.headers.get("accept-language", ""))
        try:
            wanted = record_filter(query)
            number = max(int(query.get("page", "1")), 1)
        except ValueError:
            wanted, number = Filter(), 1
        async with self._database.pool.acquire() as session:
            found, total = await records.page(session, wanted, offset=(number - 1) * PAGE, limit=PAGE)
            timelines = await records.timelines(session, [(one.connection_id, one.kind, one.key) for one in found])
            names = await connections.company_names(session, [(one.connection_id, one.company_id) for one in found])
            numbers = await records.counts(session)
            known = await connections.connections(session)
            healths = await self._actions.healths(session, known)
        notice = query.get("notice", "") if query.get("notice") in texts.NOTICES else ""
        rows = [_row(one, timelines[(one.connection_id, one.kind, one.key)], names, language) for one in found]
        html = self._templates.get_template("first.html").render(
            language=language,
            word=lambda table, code: texts.word(getattr(texts, table), code, language),
            notice=notice,
            is_done=notice in texts.DONE,
            connections=[(one, numbers.get(one.connection_id, {}), healths.get(one.connection_id)) for one in known],
            badge=lambda found: health_view.badge(found, language),
            sides=lambda found: health_view.lines(found, language, _stockholm),
            counted=COUNTED,
            states=list(State),
            wanted=wanted,
            rows=rows,
            number=number,
            pages=max(1, -(-total // PAGE)),
            total=total,
            link=lambda **changes: _link(wanted, language, changes),
            local=lambda moment: moment.astimezone(STOCKHOLM),
        )
        return HTMLResponse(html)

    async def try_again(self, request: Request) -> Response:
        """POST …/try-again: back to the page, with what came of it."""
        form = await request.form()
        try:
            kind, connection_id, key = record_key(request)
            await self._actions.try_again(connection_id, kind, key)
        except NotPossibleError as error:
            return _back(form, error.code)
        return _back(form, "asked")

    async def link(self, request: Request) -> Response:
        """POST …/link with `customer_number`."""
        form = await request.form()
        try:
            connection_id, company_id = customer_key(request)
            body = LinkBody(customer_number=str(form.get("customer_number", "")))
            await self._actions.link(connection_id, company_id, body.customer_number)
        except ValidationError:
            return _back(form, "invalid")
        except NotPossibleError as error:
            return _back(form, error.code)
        return _back(form, "linked")

    async def confirm_new(self, request: Request) -> Response:
        """POST …/confirm-new: the company is none of the customers that are alike."""
        form = await request.form()
        try:
            await self._actions.confirm_new(*customer_key(request))
        except NotPossibleError as error:
            return _back(form, error.code)
        return _back(form, "confirmed_new")

    async def connection(self, request: Request) -> Response:
        """POST /connections/<id>/pause, resume or release."""
        form = await request.form()
        try:
            return _back(form, await self._act(request.path_params["action"], UUID(request.path_params["connection_id"])))
        except NotPossibleError as error:
            return _back(form, error.code)
        except ValueError:
            return _back(form, "not_found")

    async def _act(self, action: str, connection_id: UUID) -> str:
        if action == "release":
            await self._actions.release(connection_id)
            return "released"
        states = {"pause": ConnectionState.PAUSED, "resume": ConnectionState.ACTIVE}
        if action not in states:
            raise NotPossibleError("not_found", status=404)
        await self._actions.set_state(connection_id, states[action])
        return states[action].value


def _stockholm(moment: datetime) -> str:
    return moment.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M:%S")


def _row(record: Record, timeline: list[Entry], names: dict[tuple[UUID, str], str], language: str) -> Row:
    title, remedy = reason_of(record.reason).words(language) if record.reason else ("", "")
    company = names.get((record.connection_id, record.company_id), "")
    return Row(
        record=record,
        name=record.deal.name if record.deal else company if record.kind is RecordKind.CUSTOMER else record.key,
        company=company or company_of(record.company_id) or texts.word(texts.PAGE, "no_company", language),
        title=title,
        remedy=remedy,
        note=texts.word(texts.NOTES, record.note, language) if record.note else "",
        path=_path(record, record.kind, record.key),
        entries=[(one, texts.entry(one.code, one.params, language)) for one in timeline],
        may_try=record.state in TRIED_AGAIN,
        link_path=f"{_path(record, RecordKind.CUSTOMER, record.company_id)}/link" if _may_link(record) else "",
        may_confirm_new=record.kind is RecordKind.CUSTOMER
        and record.state is State.NEEDS_ATTENTION
        and record.reason in ABOUT_LIKENESS,
    )


def _path(record: Record, kind: RecordKind, key: str) -> str:
    return f"/records/{kind}/{record.connection_id}/{quote(key, safe='')}"


def _may_link(record: Record) -> bool:
    """A customer that needs attention; or a document whose company is linked to a number that Fortnox does not have."""
    if record.state is not State.NEEDS_ATTENTION:
        return False
    return record.kind is RecordKind.CUSTOMER or record.reason == CUSTOMER_MISSING


def _link(wanted: Filter, language: str, changes: dict[str, Any]) -> str:
    query = {"lang": language, "state": wanted.state, "connection_id": wanted.connection_id, "page": None, **changes}
    return "/?" + urlencode({name: str(value) for name, value in query.items() if value})


def _back(form: FormData, notice: str) -> Response:
    """Back to the page that the form was on; only the query is taken from the form, so it leads nowhere else."""
    query = {name: str(form[name]) for name in ("lang", "state", "connection_id", "page") if form.get(name)}
    return RedirectResponse("/?" + urlencode({**query, "notice": notice}), 303)
