"""What every page of Fortnox stands on: its company, and the API's own calls."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from sandbox.fortnox.company import Answer, Call, Company
from sandbox.fortnox.routes import find
from sandbox.pages.rendering import REFRESH, render

Link = Callable[..., str]


class Fortnox(Protocol):
    """What the pages need of the emulator."""

    @property
    def companies(self) -> Mapping[str, Company]:
        """The companies by tenant id."""


class NoCompanyError(Exception):
    """The company that a page was asked for is not here; `response` is the page that says so."""

    def __init__(self, response: Response) -> None:
        super().__init__("no such company")
        self.response = response


class PageContext:
    """One company as a person sees it, and its name among the others."""

    def __init__(self, fortnox: Fortnox, tenant: str | None) -> None:
        """Without a tenant it is the first company; raises NoCompanyError."""
        if not fortnox.companies:
            wrong = "Här finns inget företag än. POST /control/seed skapar ett."
            raise NoCompanyError(render("page.html", system="fortnox", refresh=REFRESH, wrong=wrong))
        company = fortnox.companies.get(next(iter(fortnox.companies)) if tenant is None else tenant)
        if company is None:
            raise NoCompanyError(
                render(
                    "page.html",
                    404,
                    system="fortnox",
                    wrong="Företaget finns inte. Välj Fortnox i menyn för att se de företag som finns.",
                )
            )
        self.company = company
        self._others = [(one.tenant, one.name) for one in fortnox.companies.values()]

    def ask(self, method: str, *path: str, body: Any = None) -> Answer:
        """Makes a call of the API as its clients do, but past keys, limits and faults; raises Refusal.

        LookupError: the API has no such call, and the page that makes it is wrong.
        """
        route, keys, _ = find(method, path)
        if route is None:
            raise LookupError(f"the API has no {method} {'/'.join(path)}")
        return route.handler(self.company, Call(keys, body=body))

    def record(self, wrapper: str, *path: str) -> dict[str, Any]:
        """One record as the API gives it; raises Refusal."""
        found: dict[str, Any] = (self.ask("GET", *path).body or {})[wrapper]
        return found

    def link(self, page: str, **query: Any) -> str:
        """The address of a page of this company; what is empty is left out."""
        return f"/fortnox/{page}?" + urlencode(
            {"bolag": self.company.tenant, **{name: one for name, one in query.items() if one}}
        )

    def go(self, page: str, **query: Any) -> Response:
        """To a page of this company, after a click."""
        return RedirectResponse(self.link(page, **query), 303)

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page of this company."""
        known = {"system": "fortnox", "company": self.company, "companies": self._others, "link": self.link}
        return render(template, status, **{**known, **values})
