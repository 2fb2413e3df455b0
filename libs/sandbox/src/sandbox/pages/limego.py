"""The pages of Lime Go: pipeline, companies, a company with its ERP tab, products."""

from collections import Counter
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.limego.database import DEFAULT, Database
from sandbox.limego.edits import update_deal, update_organization
from sandbox.limego.records import LOST, OPEN, PERSONAL, WON, Deal, Organization, Step
from sandbox.limego.refusals import RuleError
from sandbox.limego.world import Caller, LimeGo
from sandbox.pages.rendering import back, form, render

CARDS = 8
COMPANIES = 100
REFRESH = "3"


def limego_routes(limego: LimeGo) -> list[Route]:
    """The pages and the clicks on them. A click goes the same way as the API's mutation with a personal key."""
    pages = Pages(limego)
    return [
        Route("/limego/", pages.deals),
        Route("/limego/produkter", pages.products),
        Route("/limego/foretag/{id}", pages.company),
        Route("/limego/foretag/{id}/nummer", pages.set_number, methods=["POST"]),
        Route("/limego/affar/{id:int}/flytta", pages.move, methods=["POST"]),
    ]


class Pages:
    """The pages over one world."""

    def __init__(self, limego: LimeGo) -> None:
        self._limego = limego

    async def deals(self, request: Request) -> Response:
        """The pipeline, and the companies that have deals or are customers."""
        database = self._database(request)
        if database is None:
            return _missing("Databasen finns inte.")
        query = request.query_params.get("sok", "").strip()
        deals = _latest_deals(database)
        found = _companies(database, query, deals)
        invoices = Counter(invoice["organizationId"] for invoice in database.invoices.values())
        here = "/limego/?" + urlencode({"databas": database.name, **({"sok": query} if query else {})})
        return self._render(
            request,
            database,
            "limego.html",
            here=here,
            refresh=_refresh(request, here) if not query else "",
            board=[_column(database, step, deals) for step in database.steps],
            rows=[(one, len(database.deals_of.get(one.id, [])), invoices[one.id]) for one in found[:COMPANIES]],
            count=len(found),
            query=query,
        )

    async def company(self, request: Request) -> Response:
        """One company. Its page stands still while the organisation number is edited."""
        database = self._database(request)
        one = database.organizations.get(request.path_params["id"]) if database else None
        if database is None or one is None:
            return _missing("Företaget finns inte.")
        plain = f"/limego/foretag/{quote(one.id)}?" + urlencode({"databas": database.name})
        editing = "redigera" in request.query_params
        deals = [database.deals[deal] for deal in reversed(database.deals_of.get(one.id, []))]
        return self._render(
            request,
            database,
            "limego_company.html",
            refresh="" if editing else _refresh(request, plain),
            one=one,
            plain=plain,
            editing=editing,
            fields=database.custom_fields["organization"],
            coworker=database.coworkers.get(one.responsible or 0),
            persons=[database.persons[person] for person in database.persons_of.get(one.id, [])],
            deals=[(deal, database.assessment(deal)) for deal in deals],
            invoices=[invoice for invoice in database.invoices.values() if invoice["organizationId"] == one.id],
        )

    async def products(self, request: Request) -> Response:
        """The products that came from the ERP system."""
        database = self._database(request)
        if database is None:
            return _missing("Databasen finns inte.")
        found = list(database.products.values())
        return self._render(request, database, "limego_products.html", refresh=REFRESH, products=found)

    async def move(self, request: Request) -> Response:
        """Vinn, Förlora, Öppna igen."""
        fields = await form(request)
        return self._click(fields, lambda caller: update_deal(caller, request.path_params["id"], status=fields.get("till")))

    async def set_number(self, request: Request) -> Response:
        """Saves the organisation number."""
        fields, organization_id = await form(request), request.path_params["id"]
        fields["tillbaka"] = f"/limego/foretag/{quote(organization_id)}?" + urlencode({"databas": fields.get("databas", DEFAULT)})
        if "nummer" not in fields:
            return back(fields["tillbaka"], "Formuläret saknar fältet nummer.")
        number = fields["nummer"].strip()
        return self._click(fields, lambda caller: _set_number(caller, organization_id, number))

    def _click(self, fields: dict[str, str], edit: Any) -> Response:
        database = fields.get("databas", DEFAULT)
        if database not in self._limego.databases:
            return _missing("Databasen finns inte.")
        wrong = ""
        try:
            edit(self._limego.caller_of(database, PERSONAL))
        except RuleError as error:
            wrong = f"Lime Go sa nej: {error}"
        return back(fields.get("tillbaka", "/limego/"), wrong)

    def _database(self, request: Request) -> Database | None:
        return self._limego.databases.get(request.query_params.get("databas", DEFAULT))

    def _render(self, request: Request, database: Database, template: str, **values: Any) -> Response:
        return render(
            template,
            system="limego",
            database=database,
            databases=list(self._limego.databases),
            labels={"won": _label(database, WON), "lost": _label(database, LOST), "open": _label(database, OPEN)},
            wrong=request.query_params.get("fel", ""),
            **values,
        )


def _set_number(caller: Caller, organization_id: str, number: str) -> None:
    """As the mutation; whoever clicked is told when the answer shows that it changed nothing."""
    after = update_organization(caller, organization_id, organizationNumber=number)
    if (after.organization_number or "") != number:
        raise RuleError("numret kommer från registret och kan inte ändras här")


def _refresh(request: Request, here: str) -> str:
    return f"8;url={here}" if "fel" in request.query_params else REFRESH


def _missing(text: str) -> Response:
    return render("page.html", 404, system="limego", wrong=text)


def _label(database: Database, assessment: str) -> str:
    return database.first_step(assessment).label


def _latest_deals(database: Database) -> list[Deal]:
    """The deals, most recently changed first."""
    return [database.deals[one] for one in reversed(list(database.deal_index.search(None, float("inf"))))]


def _column(database: Database, step: Step, latest: list[Deal]) -> dict[str, Any]:
    deals = [deal for deal in latest if deal.status == step.label]
    shown = [(deal, database.organizations.get(deal.organization or "")) for deal in islice(deals, CARDS)]
    return {"step": step, "count": len(deals), "total": sum(deal.value or 0 for deal in deals), "deals": shown}


def _companies(database: Database, query: str, latest: list[Deal]) -> list[Organization]:
    """Companies with deals or a customer relation, most recently changed first, those of changed deals before."""
    order: dict[str, None] = {}
    if not query:
        order = dict.fromkeys(one.organization for one in latest[:CARDS] if one.organization)
    order |= dict.fromkeys(reversed(list(database.organization_index.search(query, float("inf")))))
    found = (database.organizations[one] for one in order)
    return [one for one in found if one.customer_relation == "IS_A_CUSTOMER" or one.id in database.deals_of]
