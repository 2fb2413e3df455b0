"""The page that shows a link before it is made, and what the first page offers to link to; both work without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contracts.kinds import RecordKind
from servicekit.database import Connection as Session
from sync_coordinator import link_texts, texts
from sync_coordinator.actions import Actions, NotPossibleError, UnconfirmedError
from sync_coordinator.api import LinkBody, customer_key
from sync_coordinator.domain.linking import Customer
from sync_coordinator.domain.reasons import ABOUT_THE_CUSTOMER
from sync_coordinator.domain.records import REMOVED, Record, State
from sync_coordinator.link_view import company_json, customer_json, line
from sync_coordinator.rendering import Templates
from sync_coordinator.repository import register

KEPT = ("lang", "state", "connection_id", "page")
"""What the first page was filtered by: the way back leads there."""


@dataclass(frozen=True)
class Offer:
    """What the first page offers of a record: the link page's address, customers to choose, and the one that is linked."""

    path: str
    customers: tuple[tuple[str, str], ...]
    linked_to: str
    is_asked: bool


async def offers(session: Session, found: Sequence[Record]) -> dict[tuple[RecordKind, str, str], Offer]:
    """The offers of a page's records, by kind, connection and key."""
    wanted = {
        (one.connection_id, number) for one in found for number in (*one.candidates, *([one.remote_id] if one.remote_id else []))
    }
    known = await register.customers(session, sorted(wanted))
    return {
        (one.kind, str(one.connection_id), one.key): Offer(
            path=path(one),
            customers=tuple((number, _named(number, known.get((one.connection_id, number)))) for number in one.candidates),
            linked_to=_named(one.remote_id, known.get((one.connection_id, one.remote_id))) if one.remote_id else "",
            is_asked=one.state is State.NEEDS_ATTENTION,
        )
        for one in found
        if may_link(one)
    }


def may_link(record: Record) -> bool:
    """A customer that waits for a person, or is linked; or a document that waits for another customer."""
    if record.note == REMOVED:
        return False
    if record.kind is RecordKind.CUSTOMER:
        return record.state in (State.NEEDS_ATTENTION, State.DONE)
    return record.kind is RecordKind.INVOICE and record.state is State.NEEDS_ATTENTION and record.reason in ABOUT_THE_CUSTOMER


def path(record: Record) -> str:
    """The link page of the record's company."""
    return f"/records/{RecordKind.CUSTOMER}/{record.connection_id}/{quote(record.company_id, safe='')}/link"


def _named(number: str, customer: Customer | None) -> str:
    return (
        f"{number} · {line(customer.name, customer.organisation_number, customer.city)}" if customer and customer.name else number
    )


class LinkPages:
    """GET …/link shows what would happen; POST …/link looks a number up, or does what was confirmed."""

    def __init__(self, actions: Actions, templates: Templates) -> None:
        self._actions = actions
        self._templates = templates

    def routes(self) -> list[Route]:
        """The page's routes."""
        address = "/records/{kind}/{connection_id}/{key:path}/link"
        return [Route(address, self.show, methods=["GET"]), Route(address, self.link, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """GET …/link?customer_number=: both sides, what moves, what contradicts, and the buttons."""
        query = request.query_params
        number, problem, preview = query.get("customer_number", "").strip(), query.get("notice", ""), None
        try:
            connection_id, company_id = customer_key(request)
            if number:
                preview = await self._actions.look_at_link(
                    connection_id, company_id, LinkBody(customer_number=number).customer_number
                )
        except ValidationError:
            problem = "invalid"
        except NotPossibleError as error:
            if error.status == 404 or error.code == "company_removed":
                return _back(dict(query), error.code)
            problem = error.code
        language = texts.language(query.get("lang"), request.headers.get("accept-language", ""))
        kept = {name: query[name] for name in KEPT if query.get(name)}
        return self._templates.page(
            "link.html",
            language,
            link_word=lambda code: texts.word(link_texts.LINK, code, language),
            problem=_problem(problem, language),
            is_waiting=problem == "customer_looked_up",
            preview=preview,
            company=company_json(preview.company_id, preview.company) if preview else None,
            customer=customer_json(preview.customer) if preview else None,
            holder=company_json(preview.holder_id, preview.holder) if preview and preview.holder_id else None,
            kept=kept,
            number=number,
            path=request.url.path,
            back="/?" + urlencode(kept),
        )

    async def link(self, request: Request) -> Response:
        """POST …/link with `customer_number`, and `confirmed` from the page that showed it; `swap` swaps two links."""
        form = await request.form()
        kept = {name: str(form[name]) for name in KEPT if form.get(name)}
        try:
            connection_id, company_id = customer_key(request)
            asked = {name: str(form.get(name, "")) for name in ("customer_number", "confirmed")}
            body = LinkBody.model_validate({**asked, "swap": form.get("swap") == "1"})
            if not body.confirmed:
                await self._actions.look_up(connection_id, company_id, body.customer_number)
                return _preview(request, kept, body.customer_number)
            await self._actions.link(connection_id, company_id, body.customer_number, confirmed=body.confirmed, swap=body.swap)
        except ValidationError:
            return _back(kept, "invalid")
        except UnconfirmedError:
            return _preview(request, kept, body.customer_number, "changed")
        except NotPossibleError as error:
            return _back(kept, error.code)
        return _back(kept, "linked")


def _problem(code: str, language: str) -> str:
    table = link_texts.LINK if code in link_texts.LINK else texts.NOTICES
    return texts.word(table, code, language) if code in table else ""


def _preview(request: Request, kept: dict[str, str], number: str, notice: str = "") -> Response:
    query: dict[str, Any] = {**kept, "customer_number": number, **({"notice": notice} if notice else {})}
    return RedirectResponse(f"{quote(request.scope['raw_path'].decode().partition('?')[0], safe='/%')}?{urlencode(query)}", 303)


def _back(kept: dict[str, str], notice: str) -> Response:
    query = {name: kept[name] for name in KEPT if kept.get(name)}
    return RedirectResponse("/?" + urlencode({**query, "notice": notice}), 303)
