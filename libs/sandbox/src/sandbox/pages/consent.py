"""Fortnox's consent page: a person chooses a company and says yes or no to an app."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.fortnox import authorise
from sandbox.fortnox.authorise import AuthorizationRequest, WrongAddressError
from sandbox.fortnox.company import Company
from sandbox.fortnox.rights import INTEGRATION, unlicensed
from sandbox.fortnox.world import Fortnox
from sandbox.pages.rendering import form, render

AUTHORISE = "/fortnox/oauth-v1/auth"
AREAS = {
    "archive": "Arkivplats",
    "article": "Artiklar",
    "assets": "Anläggningsregister",
    "bookkeeping": "Bokföring",
    "companyinformation": "Företagsinformation",
    "connectfile": "Filkopplingar",
    "costcenter": "Kostnadsställen",
    "currency": "Valutor",
    "customer": "Kunder",
    "deletevoucher": "Ta bort verifikationer",
    "inbox": "Inkorg",
    "invoice": "Kundfakturor",
    "noxfinansinvoice": "Fakturor hos Fortnox Finans",
    "offer": "Offerter",
    "order": "Ordrar",
    "payment": "Betalningar",
    "price": "Priser",
    "print": "Utskriftsmallar",
    "profile": "Användarprofil",
    "project": "Projekt",
    "salary": "Lön",
    "settings": "Inställningar",
    "supplier": "Leverantörer",
    "supplierinvoice": "Leverantörsfakturor",
    "timereporting": "Tidrapportering",
    "warehouse": "Lager",
    "warehousecustomdocument": "Egna lagerdokument",
}


def consent_routes(fortnox: Fortnox) -> list[Route]:
    """The page, and the click on it. The request stays in the address, so the click is checked as the page was."""

    async def page(request: Request) -> Response:
        try:
            asked = authorise.read(fortnox, request.query_params)
        except WrongAddressError as error:
            return _wrong(str(error))
        if address := authorise.refusal(asked):
            return RedirectResponse(address, 302)
        if request.method == "POST":
            return _decided(fortnox, asked, await form(request))
        return _shown(fortnox, asked)

    return [Route(AUTHORISE, page, methods=["GET", "POST"])]


def _shown(fortnox: Fortnox, asked: AuthorizationRequest) -> Response:
    areas = sorted((AREAS.get(scope, scope), scope) for scope in asked.scopes)
    companies = [(one, _notes(asked, one)) for one in fortnox.companies.values()]
    return render("fortnox_consent.html", system="fortnox", asked=asked, areas=areas, companies=companies)


def _notes(asked: AuthorizationRequest, company: Company) -> list[tuple[str, str]]:
    """What stands in the way of a yes for the company, with its colour."""
    notes = [("låst", "red")] if company.is_locked else []
    if asked.service and not company.is_administrator:
        notes.append(("du är inte systemadministratör", "yellow"))
    if unlicensed(asked.scopes, company.licences) or INTEGRATION not in company.licences:
        notes.append(("saknar licens", "yellow"))
    return notes


def _decided(fortnox: Fortnox, asked: AuthorizationRequest, fields: dict[str, str]) -> Response:
    if fields.get("svar") != "godkann":
        return RedirectResponse(authorise.deny(asked), 302)
    company = fortnox.companies.get(fields.get("bolag", ""))
    if company is None:
        return _wrong("Företaget finns inte. Gå tillbaka och välj ett i listan.")
    return RedirectResponse(authorise.approve(fortnox, asked, company), 302)


def _wrong(text: str) -> Response:
    return render("page.html", 400, system="fortnox", wrong=text)
