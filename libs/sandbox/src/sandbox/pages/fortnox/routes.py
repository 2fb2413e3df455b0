"""The addresses of Fortnox's pages. A record's number stands in the query: an article's may hold a slash."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.fortnox.errors import Refusal
from sandbox.pages.fortnox import pages
from sandbox.pages.fortnox.buttons import BUTTONS
from sandbox.pages.fortnox.context import Fortnox, NoCompanyError, PageContext
from sandbox.pages.fortnox.resources import RESOURCES
from sandbox.pages.rendering import form

Page = Callable[[PageContext, Mapping[str, str], Mapping[str, str]], Response]


def counts(fortnox: Fortnox) -> list[tuple[str, int]]:
    """What the first page says."""
    companies = fortnox.companies.values()
    kinds = (("Kunder", "customers"), ("Fakturor", "invoices"), ("Ordrar", "orders"), ("Artiklar", "articles"))
    return [("Företag", len(companies)), *((text, sum(len(one[kind].current()) for one in companies)) for text, kind in kinds)]


def fortnox_routes(fortnox: Fortnox) -> list[Route]:
    """The pages and the clicks on them. A click goes the same way as the API's call, past keys and limits."""
    at = partial(_in_context, fortnox)
    routes: list[Route] = []
    for one in RESOURCES:
        routes += [
            Route(f"/fortnox/{one.page}", at(partial(pages.listed, one))),
            Route(f"/fortnox/{one.one}", at(partial(pages.shown, one))),
            Route(f"/fortnox/{one.one}/ny", at(partial(pages.new, one)), methods=["GET", "POST"]),
            Route(f"/fortnox/{one.one}/andra", at(partial(pages.edit, one)), methods=["GET", "POST"]),
        ]
        if one.rows:
            routes.append(Route(f"/fortnox/{one.one}/pdf", at(partial(pages.preview, one))))
    for one_kind, name in BUTTONS:
        routes.append(Route(f"/fortnox/{one_kind}/{name}", at(partial(pages.clicked, one_kind, name)), methods=["POST"]))
    return routes


def _in_context(fortnox: Fortnox, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """The page for a request: its company found, and a record that is not there told as a page."""

    async def endpoint(request: Request) -> Response:
        fields = await form(request) if request.method == "POST" else {}
        tenant = fields.get("bolag") or request.query_params.get("bolag") or None
        try:
            # Whoever clicks says where; whoever looks may see the first company.
            context = PageContext(fortnox, "" if tenant is None and request.method == "POST" else tenant)
        except NoCompanyError as error:
            return error.response
        try:
            return page(context, request.query_params, fields)
        except Refusal as refusal:
            return context.render("fortnox_missing.html", refusal.status, wrong=pages.refused(refusal))

    return endpoint
