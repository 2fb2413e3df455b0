"""The pages of held documents: all of them with amount and date, and the question before those chosen are released."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from servicekit.database import Database
from sync_coordinator import releasing
from sync_coordinator.actions import Actions, NotPossibleError
from sync_coordinator.domain.checks import AMOUNT_DIGITS, amount
from sync_coordinator.domain.reasons import reason_of
from sync_coordinator.domain.records import Connection, Record, State
from sync_coordinator.rendering import Templates, back, language_of
from sync_coordinator.repository import connections, records

SHOWN, CHOSEN = "shown:", "chosen:"
"""Form fields: a document that is on the page with its amount, and a ticked one; the deal's id follows."""

ABOVE_ALL = Decimal(10) ** AMOUNT_DIGITS
"""No invoice has so high an amount."""

MOST = 500
"""How many held documents one page shows; the others come when these are decided."""


@dataclass(frozen=True)
class HeldDocument:
    """A held document as the pages show it."""

    record: Record
    name: str
    company: str
    why: str
    amount: Decimal | None


class HeldPages:
    """Lists what is held, and asks before anything is released. Works without scripts: each step is a page."""

    def __init__(self, actions: Actions, database: Database, templates: Templates) -> None:
        self._actions = actions
        self._database = database
        self._templates = templates

    def routes(self) -> list[Route]:
        """The routes; they stand before those of the other actions on a connection."""
        of_connection = "/connections/{connection_id}"
        return [
            Route(f"{of_connection}/held", self.held, methods=["GET"]),
            Route(f"{of_connection}/held", self.ask, methods=["POST"]),
            Route(f"{of_connection}/release", self.release, methods=["POST"]),
        ]

    async def held(self, request: Request) -> Response:
        """GET …/held: every held document, the oldest first."""
        language = language_of(request)
        found = await self._read(request.path_params["connection_id"], language)
        if found is None:
            return RedirectResponse("/?notice=not_found", 303)
        connection, documents = found
        amounts = {one.record.key: one.amount for one in documents}
        return self._templates.page(
            "held.html",
            language,
            connection=connection,
            documents=documents[:MOST],
            count=len(documents),
            sum=releasing.total(amounts),
            is_empty_choice=request.query_params.get("notice") == "nothing_chosen",
        )

    async def ask(self, request: Request) -> Response:
        """POST …/held: the number and the sum of what was chosen, and the documents, before anything is done."""
        form = await request.form()
        language = str(form.get("lang", "sv"))
        found = await self._read(request.path_params["connection_id"], language)
        if found is None:
            return back(form, "not_found")
        connection, documents = found
        try:
            chosen = _amounts(form, only_chosen="all" not in form)
        except NotPossibleError as error:
            return back(form, error.code)
        if not chosen:
            return RedirectResponse(f"/connections/{connection.connection_id}/held?lang={language}&notice=nothing_chosen", 303)
        return self._templates.page(
            "release.html",
            language,
            connection=connection,
            documents=[one for one in documents if one.record.key in chosen],
            # As they were on the page where they were chosen: what has changed since is not released.
            amounts=chosen,
            sum=releasing.total(chosen),
        )

    async def release(self, request: Request) -> Response:
        """POST …/release: releases what the question named, and says what it left."""
        form = await request.form()
        try:
            chosen = _amounts(form)
            if not chosen:
                return back(form, "nothing_chosen")
            done = await self._actions.release(UUID(request.path_params["connection_id"]), chosen)
        except NotPossibleError as error:
            return back(form, error.code)
        except ValueError:
            return back(form, "not_found")
        left = len(done.changed) + len(done.gone)
        return back(form, "released_some" if left else "released", number=len(done.released), left=left)

    async def _read(self, connection_id: str, language: str) -> tuple[Connection, list[HeldDocument]] | None:
        async with self._database.pool.acquire() as session:
            known = {str(one.connection_id): one for one in await connections.connections(session)}
            connection = known.get(connection_id)
            if connection is None:
                return None
            found = await records.with_state(session, connection.connection_id, State.HELD)
            names = await connections.company_names(session, [(one.connection_id, one.company_id) for one in found])
        ordered = sorted(found, key=lambda one: (one.updated_at, one.key))
        return connection, [_document(one, names, language) for one in ordered]


def _document(record: Record, names: dict[tuple[UUID, str], str], language: str) -> HeldDocument:
    title, _ = reason_of(record.reason).words(language)
    company = names.get((record.connection_id, record.company_id), "")
    return HeldDocument(record, record.deal.name if record.deal else record.key, company, title, amount(record.deal))


def _amounts(form: FormData, *, only_chosen: bool = False) -> releasing.Amounts:
    """The documents of a form with their amounts. NotPossibleError for an amount that no document can have."""
    shown: dict[str, Decimal | None] = {}
    for name, value in form.items():
        key = name.removeprefix(SHOWN)
        if key == name or (only_chosen and f"{CHOSEN}{key}" not in form):
            continue
        shown[key] = _amount(str(value)) if value else None
    return shown


def _amount(written: str) -> Decimal:
    try:
        value = Decimal(written)
    except InvalidOperation:
        raise NotPossibleError("amount_unreadable") from None
    if not value.is_finite() or abs(value) >= ABOVE_ALL:
        raise NotPossibleError("amount_unreadable")
    return value
