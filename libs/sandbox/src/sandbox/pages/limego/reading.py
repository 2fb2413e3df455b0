"""The pages that show: the pipeline, deals, companies, a company with its ERP tab, products."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from starlette.responses import Response

from sandbox.limego.database import Database
from sandbox.limego.index import Id, Index
from sandbox.limego.records import OPEN, RELATIONS, Deal, Organization, Step
from sandbox.pages.limego.context import PageContext, company_path
from sandbox.pages.paging import page_number, paged

CARDS = 8
SHOWN = 50
"""How many deals and invoices a company's page shows."""


def pipeline(context: PageContext) -> Response:
    """The deals by step, those changed last first."""
    by_step: dict[str, list[Deal]] = {}
    for one in _latest_deals(context.database):
        by_step.setdefault(one.status, []).append(one)
    board = [_column(context.database, step, by_step.get(step.label, [])) for step in context.database.steps]
    return context.render("limego.html", here=context.link("/limego/"), is_live=True, board=board)


def deals(context: PageContext) -> Response:
    """All deals, or those of a step or a company, or those that a search finds."""
    query, step, company = context.query("sok"), context.query("steg"), context.query("foretag")
    found = [
        one for one in _latest_deals(context.database, query) if step in ("", one.status) and company in ("", one.organization)
    ]
    page = paged(found, page_number(context.query("sida")))
    return context.render(
        "limego_deals.html",
        here=context.link("/limego/affarer", sok=query, steg=step, foretag=company, sida=page.number),
        page=page,
        rows=[_with_company(context.database, one) for one in page.items],
        query=query,
        step=step,
        company=context.database.organizations.get(company),
    )


def deal(context: PageContext) -> Response:
    """One deal, with the steps it can be moved to."""
    one, database = context.deal, context.database
    assessment = database.assessment(one)
    return context.render(
        "limego_deal.html",
        here=context.link(f"/limego/affar/{one.id}"),
        one=one,
        assessment=assessment,
        is_locked=assessment != OPEN and context.limego.switches.closed_deals_locked,
        company=database.organizations.get(one.organization or ""),
        contact=database.persons.get(one.contact or ""),
        coworker=database.coworkers.get(one.responsible or 0),
    )


def companies(context: PageContext) -> Response:
    """All companies, or those of a relation, or those that a search finds; those changed last first."""
    query, relation = context.query("sok"), context.query("relation")
    found = [one for one in find_companies(context.database, query) if relation in ("", one.customer_relation)]
    page = paged(found, page_number(context.query("sida")))
    shown = {one.id for one in page.items}
    invoices = Counter(one["organizationId"] for one in context.database.invoices.values() if one["organizationId"] in shown)
    return context.render(
        "limego_companies.html",
        here=context.link("/limego/foretag", sok=query, relation=relation, sida=page.number),
        page=page,
        rows=[(one, len(context.database.deals_of.get(one.id, ())), invoices[one.id]) for one in page.items],
        query=query,
        relation=relation,
        relations=list(RELATIONS),
    )


def company(context: PageContext) -> Response:
    """One company: its data, persons, deals, and the ERP tab."""
    one, database = context.organization, context.database
    mine = database.deals_of.get(one.id, [])
    invoices = [invoice for invoice in reversed(database.invoices.values()) if invoice["organizationId"] == one.id]
    return context.render(
        "limego_company.html",
        here=context.link(company_path(one)),
        is_live=True,
        one=one,
        path=company_path(one),
        fields=[field.title for field in database.custom_fields["organization"]],
        relations=list(RELATIONS),
        coworker=database.coworkers.get(one.responsible or 0),
        persons=[database.persons[person] for person in database.persons_of.get(one.id, [])],
        deals=[(database.deals[deal], database.assessment(database.deals[deal])) for deal in mine[: -SHOWN - 1 : -1]],
        deals_count=len(mine),
        invoices=invoices[:SHOWN],
        invoices_count=len(invoices),
    )


def products(context: PageContext) -> Response:
    """The products that came from the ERP system."""
    query = context.query("sok")
    found = [
        one
        for one in context.database.products.values()
        if query.casefold() in f"{one['articleNumber']} {one['description']}".casefold()
    ]
    page = paged(found, page_number(context.query("sida")))
    here = context.link("/limego/produkter", sok=query, sida=page.number if page.number > 1 else "")
    return context.render("limego_products.html", here=here, is_live=True, page=page, query=query)


def find_companies(database: Database, query: str) -> list[Organization]:
    """The companies that a search finds, those changed last first; a number is found with and without its dash."""
    texts = {query, query.replace("-", ""), f"{query[:6]}-{query[6:]}"} if query.replace("-", "").isdecimal() else {query}
    found = set[str]().union(*(database.organization_index.search(text, float("inf")) for text in texts))
    return [database.organizations[one] for one in _latest(database.organization_index) if one in found]


def _latest(index: Index[Id], query: str = "") -> Iterator[Id]:
    return reversed(list(index.search(query, float("inf"))))


def _latest_deals(database: Database, query: str = "") -> Iterable[Deal]:
    """The deals that a search finds, those changed last first."""
    return (database.deals[one] for one in _latest(database.deal_index, query))


def _column(database: Database, step: Step, mine: list[Deal]) -> dict[str, Any]:
    shown = [_with_company(database, one) for one in mine[:CARDS]]
    return {"step": step, "count": len(mine), "total": sum(one.value or 0 for one in mine), "deals": shown}


def _with_company(database: Database, one: Deal) -> tuple[Deal, str, Organization | None]:
    return one, database.assessment(one), database.organizations.get(one.organization or "")
