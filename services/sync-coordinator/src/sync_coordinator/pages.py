"""The pages, rendered here and working without scripts: connections, and every record with what to do about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from contracts.kinds import RecordKind
from contracts.values import ConnectionState
from servicekit.database import Database
from sync_coordinator import health_view, link_texts, texts
from sync_coordinator.actions import Actions, NotPossibleError
from sync_coordinator.api import PAGE, customer_key, record_filter, record_key
from sync_coordinator.domain.reasons import reason_of
from sync_coordinator.domain.records import State
from sync_coordinator.held_pages import HeldPages
from sync_coordinator.link_pages import LinkPages, offers
from sync_coordinator.rendering import HERE, Templates, back, language_of, notice_of, stockholm
from sync_coordinator.repository import connections, records, refused
from sync_coordinator.repository.records import Filter
from sync_coordinator.repository.refused import RefusedGroup
from sync_coordinator.row import next_try, row_of, said

COUNTED = (State.DONE, State.NEEDS_ATTENTION, State.HELD)
CHOSEN = "record:"
"""Form fields that name a record: kind and key follow."""


class Pages:
    """The first page and the forms on it."""

    def __init__(self, actions: Actions, database: Database) -> None:
        self._actions = actions
        self._database = database
        self._templates = Templates()
        self._held = HeldPages(actions, database, self._templates)
        self._links = LinkPages(actions, self._templates)

    def routes(self) -> list[Route | Mount]:
        """The pages' routes."""
        of_record = "/records/{kind}/{connection_id}/{key:path}"
        return [
            Route("/", self.first, methods=["GET"]),
            Route(f"{of_record}/try-again", self.try_again, methods=["POST"]),
            Route(f"{of_record}/confirm-new", self.confirm_new, methods=["POST"]),
            *self._held.routes(),
            *self._links.routes(),
            Route("/connections/{connection_id}/try-again", self.try_again_together, methods=["POST"]),
            Route("/connections/{connection_id}/{action}", self.connection, methods=["POST"]),
            Mount("/static", app=StaticFiles(directory=HERE / "static")),
        ]

    async def first(self, request: Request) -> Response:
        """GET /?state=&connection_id=&page=&lang=: a hundred records, those touched last first."""
        query, language = request.query_params, language_of(request)
        try:
            wanted = record_filter(query)
            number = max(int(query.get("page", "1")), 1)
        except ValueError:
            wanted, number = Filter(), 1
        async with self._database.pool.acquire() as session:
            found, total = await records.page(session, wanted, offset=(number - 1) * PAGE, limit=PAGE)
            timelines = await records.timelines(session, [(one.connection_id, one.kind, one.key) for one in found])
            links = await offers(session, found)
            names = await connections.company_names(session, [(one.connection_id, one.company_id) for one in found])
            numbers = await records.counts(session)
            known = {one.connection_id: one for one in await connections.connections(session)}
            groups = await refused.groups(session)
            healths = await self._actions.healths(session, list(known.values()))
        notice, is_done = notice_of(query, language)
        rows = [
            row_of(one, known[one.connection_id], timelines[(one.connection_id, one.kind, one.key)], names, language)
            for one in found
        ]
        return self._templates.page(
            "first.html",
            language,
            notice=notice,
            is_done=is_done,
            connections=[(one, numbers.get(key, {}), healths.get(key)) for key, one in known.items()],
            groups=groups,
            **_group_words(language),
            badge=lambda found: health_view.badge(found, language),
            sides=lambda found: health_view.lines(found, language, stockholm),
            states_counted=COUNTED,
            states=list(State),
            wanted=wanted,
            rows=rows,
            number=number,
            pages=max(1, -(-total // PAGE)),
            total=total,
            offers=lambda record: links.get((record.kind, str(record.connection_id), record.key)),
            link_word=lambda code: texts.word(link_texts.LINK, code, language),
            link=lambda **changes: _link(wanted, language, changes),
        )

    async def try_again(self, request: Request) -> Response:
        """POST …/try-again: back to the page, with what came of it."""
        form = await request.form()
        try:
            kind, connection_id, key = record_key(request)
            await self._actions.try_again(connection_id, kind, key)
        except NotPossibleError as error:
            return back(form, error.code)
        return back(form, "asked")

    async def try_again_together(self, request: Request) -> Response:
        """POST /connections/<id>/try-again: the records that the form names, which were refused for one cause."""
        form = await request.form()
        try:
            chosen = _chosen(form)
            number = await self._actions.try_again_together(UUID(request.path_params["connection_id"]), chosen)
        except NotPossibleError as error:
            return back(form, error.code)
        except ValueError:
            return back(form, "not_found")
        return back(form, "asked_together", number=number) if number else back(form, "nothing_to_try")

    async def confirm_new(self, request: Request) -> Response:
        """POST …/confirm-new: the company is none of the customers that are alike."""
        form = await request.form()
        try:
            await self._actions.confirm_new(*customer_key(request))
        except NotPossibleError as error:
            return back(form, error.code)
        return back(form, "confirmed_new")

    async def connection(self, request: Request) -> Response:
        """POST /connections/<id>/pause or resume."""
        form = await request.form()
        states = {"pause": ConnectionState.PAUSED, "resume": ConnectionState.ACTIVE}
        state = states.get(request.path_params["action"])
        if state is None:
            return back(form, "not_found")
        try:
            await self._actions.set_state(UUID(request.path_params["connection_id"]), state)
        except NotPossibleError as error:
            return back(form, error.code)
        except ValueError:
            return back(form, "not_found")
        return back(form, state.value)


def _group_words(language: str) -> dict[str, Any]:
    """What the page says of records that were refused for one cause."""

    def kind(group: RefusedGroup) -> str:
        return "invoice" if {one for one, _ in group.keys} == {RecordKind.INVOICE} else "record"

    return {
        "reason": lambda code: reason_of(code).words(language),
        "said": lambda group: said(group.reason, group.keys[0][0], language),
        "group_kind": kind,
        "next_try": lambda group: next_try(group.next_at, language),
    }


def _chosen(form: FormData) -> list[tuple[RecordKind, str]]:
    """The records that a form names; ValueError for a kind that there is not."""
    names = [name.removeprefix(CHOSEN).partition(":") for name in form if name.startswith(CHOSEN)]
    return [(RecordKind(kind), key) for kind, _, key in names]


def _link(wanted: Filter, language: str, changes: dict[str, Any]) -> str:
    query = {"lang": language, "state": wanted.state, "connection_id": wanted.connection_id, "page": None, **changes}
    return "/?" + urlencode({name: str(value) for name, value in query.items() if value})
