"""The pages of Fortnox: invoices, customers, articles, and an accountant's clicks."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.fortnox import invoices, payments
from sandbox.fortnox.articles import price_put
from sandbox.fortnox.company import Call, Company
from sandbox.fortnox.errors import Refusal, missing, undocumented
from sandbox.pages.rendering import back, form, render

ROWS = 100
REFRESH = "3"
Edit = Callable[[Company, dict[str, str]], object]


class Fortnox(Protocol):
    """What the pages need of the emulator."""

    @property
    def companies(self) -> Mapping[str, Company]:
        """The companies by tenant id."""


def counts(fortnox: Fortnox) -> list[tuple[str, int]]:
    """What the first page says."""
    companies = fortnox.companies.values()
    kinds = (("Kunder", "customers"), ("Fakturor", "invoices"), ("Ordrar", "orders"), ("Artiklar", "articles"))
    return [("Företag", len(companies)), *((text, sum(len(one[kind].values()) for one in companies)) for text, kind in kinds)]


def fortnox_routes(fortnox: Fortnox) -> list[Route]:
    """The pages and the clicks on them. A click goes the same way as the API's call, past keys and limits."""
    pages = Pages(fortnox)
    return [
        Route("/fortnox/", pages.invoices),
        Route("/fortnox/kunder", pages.customers),
        Route("/fortnox/artiklar", pages.articles),
        Route("/fortnox/bokfor", pages.bookkeep, methods=["POST"]),
        Route("/fortnox/betala", pages.pay, methods=["POST"]),
        Route("/fortnox/pris", pages.set_price, methods=["POST"]),
    ]


class Pages:
    """The pages over one emulator."""

    def __init__(self, fortnox: Fortnox) -> None:
        self._fortnox = fortnox

    async def invoices(self, request: Request) -> Response:
        """The newest invoices."""
        return self._page(request, "fortnox_invoices.html", "invoices", "/fortnox/", _with_state)

    async def customers(self, request: Request) -> Response:
        """The newest customers."""
        return self._page(request, "fortnox_customers.html", "customers", "/fortnox/kunder")

    async def articles(self, request: Request) -> Response:
        """The articles. The page stands still while a price is edited."""
        editing = request.query_params.get("redigera", "")
        return self._page(request, "fortnox_articles.html", "articles", "/fortnox/artiklar", editing=editing)

    async def bookkeep(self, request: Request) -> Response:
        """Bokför."""
        return self._click(await form(request), bookkeep_invoice)

    async def pay(self, request: Request) -> Response:
        """Betala: a booked payment of all that is left."""
        return self._click(await form(request), pay_invoice)

    async def set_price(self, request: Request) -> Response:
        """Saves a price."""
        return self._click(await form(request), change_price)

    def _page(
        self,
        request: Request,
        template: str,
        kind: str,
        path: str,
        shown: Callable[[Company, Any], Any] = lambda _, one: one,
        editing: str = "",
    ) -> Response:
        tenant = request.query_params.get("bolag") or next(iter(self._fortnox.companies), "")
        company = self._fortnox.companies.get(tenant)
        if not self._fortnox.companies:
            return render("page.html", system="fortnox", refresh=REFRESH, wrong="Här finns inget företag än.")
        if company is None:
            return render("page.html", 404, system="fortnox", wrong="Företaget finns inte.")
        here = path + "?" + urlencode({"bolag": tenant})
        records = company[kind].values()
        wrong = request.query_params.get("fel", "")
        found: dict[str, Any] = {kind: [shown(company, one) for one in _newest(kind, records)]}
        return render(
            template,
            system="fortnox",
            refresh="" if editing else f"8;url={here}" if wrong else REFRESH,
            company=company,
            companies=[(one.tenant, one.name) for one in self._fortnox.companies.values()],
            here=here,
            count=len(records),
            editing=editing,
            wrong=wrong,
            **found,
        )

    def _click(self, fields: dict[str, str], edit: Edit) -> Response:
        company = self._fortnox.companies.get(fields.get("bolag", ""))
        if company is None:
            return render("page.html", 404, system="fortnox", wrong="Företaget finns inte.")
        wrong = ""
        try:
            edit(company, fields)
        except Refusal as refusal:
            wrong = f"Fortnox sa nej: {refusal.message}"
        return back(fields.get("tillbaka", "/fortnox/"), wrong)


def _newest(kind: str, records: list[Any]) -> list[Any]:
    return records if kind == "articles" else records[::-1][:ROWS]


def _with_state(company: Company, invoice: Any) -> tuple[Any, str, str]:
    """The invoice with its state in words and the colour of it."""
    if invoice["Cancelled"]:
        return invoice, "makulerad", ""
    if invoice["CreditInvoiceReference"] not in ("", "0"):
        return invoice, "kredit" if invoice["Total"] < 0 else "krediterad", ""
    if not invoice["Booked"]:
        return invoice, "ej bokförd", ""
    if invoice["Balance"] == 0:
        return invoice, "betald", "green"
    if invoice["DueDate"] < company.today().isoformat():
        return invoice, "förfallen", "red"
    return invoice, "obetald", "yellow"


def bookkeep_invoice(company: Company, fields: dict[str, str]) -> object:
    """PUT /3/invoices/{number}/bookkeep"""
    return invoices.bookkeep(company, Call(keys=(fields.get("nummer", ""),)))


def pay_invoice(company: Company, fields: dict[str, str]) -> object:
    """POST /3/invoicepayments, then its bookkeep."""
    invoice = company["invoices"].get(fields.get("nummer", ""))
    if invoice is None:
        raise missing("invoices")
    body = {
        "InvoicePayment": {
            "InvoiceNumber": invoice["DocumentNumber"],
            "Amount": invoice["Balance"],
            "PaymentDate": company.today().isoformat(),
        }
    }
    made = payments.create(company, Call(body=body)).body or {}
    return payments.bookkeep(company, Call(keys=(made["InvoicePayment"]["Number"],)))


def change_price(company: Company, fields: dict[str, str]) -> object:
    """PUT /3/prices/A/{number}"""
    try:
        price = Decimal(fields.get("pris", "").replace(",", ".").replace(" ", "").replace("\N{NO-BREAK SPACE}", ""))
    except InvalidOperation as error:
        raise undocumented("Priset är inte ett tal.") from error
    if not price.is_finite():
        raise undocumented("Priset är inte ett tal.")
    return price_put(company, Call(keys=("A", fields.get("nummer", "")), body={"Price": {"Price": float(price)}}))
