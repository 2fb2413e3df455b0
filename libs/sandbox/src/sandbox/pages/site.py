"""All pages' routes, the first page and the style sheet."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.fortnox.world import Fortnox
from sandbox.limego.world import LimeGo
from sandbox.pages.consent import consent_routes
from sandbox.pages.fortnox import counts, fortnox_routes
from sandbox.pages.limego import limego_routes
from sandbox.pages.rendering import REFRESH, render

STYLE = (Path(__file__).parent / "static" / "sandbox.css").read_bytes()


def routes(fortnox: Fortnox, limego: LimeGo) -> list[Route]:
    """The pages' routes. They must come before the mounts `/limego` and `/fortnox`, whose APIs share the addresses."""

    async def index(request: Request) -> Response:
        return render("index.html", limego=_limego_counts(limego), fortnox=counts(fortnox), refresh=REFRESH)

    return [
        Route("/", index),
        Route("/static/sandbox.css", _style),
        *limego_routes(limego),
        *fortnox_routes(fortnox),
        *consent_routes(fortnox),
    ]


async def _style(request: Request) -> Response:
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": "max-age=60"})


def _limego_counts(limego: LimeGo) -> list[tuple[str, int]]:
    databases = limego.databases.values()
    return [
        ("Databaser", len(databases)),
        ("Företag", sum(len(one.organizations) for one in databases)),
        ("Affärer", sum(len(one.deals) for one in databases)),
        ("Fakturor på ERP-fliken", sum(len(one.invoices) for one in databases)),
        ("Produkter", sum(len(one.products) for one in databases)),
    ]
