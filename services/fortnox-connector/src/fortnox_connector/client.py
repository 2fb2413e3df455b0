"""Fortnox's API, typed: the calls that we make, each within the lane's budget and with a fresh token."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from fortnox_connector.answers import NotFoundError, TokenRefusedError, oauth_error, understand, unproven
from fortnox_connector.payloads import (
    ArticleLine,
    FullArticle,
    FullCustomer,
    FullInvoice,
    FullOrder,
    FullPayment,
    InvoiceLine,
    MadeInvoice,
    MetaInformation,
    SlimCustomer,
    SlimDocument,
    SlimPayment,
)
from fortnox_connector.tokens import Reserved, Tokens
from servicekit.budget import RateBudget
from servicekit.clock import utc_now
from servicekit.errors import OutcomeUnknownError, RateLimitedError, TransientError
from servicekit.http_client import Remote, server_time
from servicekit.lanes import LaneStoppedError
from servicekit.payload import Payload
from servicekit.telemetry import unreadable_records

logger = logging.getLogger(__name__)
LIVE, BACKGROUND = 0, 10
PAGE = 500
MOST_PAGES = 10_000
"""Pages of a list that is taken for one: a server that counts no pages and ignores which one it is asked for never ends."""
TOKEN_SECONDS = 3600
"""An access token's life (fortnox.md, 1.4)."""
LONGEST_TOKEN_SECONDS = 24 * 3600
P = TypeVar("P", bound=Payload)


@dataclass(frozen=True)
class ListPage(Generic[P]):
    """A page of a poll: its lines, less those that could not be read."""

    lines: list[P]
    meta: MetaInformation
    unreadable: int


def note_unreadable(resource: str, number: object, error: Exception) -> None:
    """Tells of a record that is left out until it can be read: its number and what is wrong, never what it holds."""
    name = number if number and isinstance(number, str | int) else "without number"
    logger.warning("%s %s cannot be read (%s); it is left out until it can be", resource, name, type(error).__name__)
    unreadable_records.add(1, {"dubbelsynk.resource": resource})


def _meta(block: object, page: int, *, has_lines: bool) -> MetaInformation:
    """The paging block. Where the pages are not counted there may be another one after each that holds something."""
    try:
        meta = MetaInformation.model_validate(block or {})
    except ValidationError:
        meta = MetaInformation.model_validate({})
    if page >= MOST_PAGES:
        raise TransientError(f"Fortnox answered with more than {MOST_PAGES} pages of a list")
    return meta.model_copy(update={"total_pages": page + 1}) if has_lines and meta.total_pages < 1 else meta


def read_token(response: httpx.Response) -> tuple[str, int]:
    """Token and life of a good answer; a life that cannot be read is the usual one: a 401 tells when it was shorter."""
    try:
        body = response.json()
        token, life = body["access_token"], body.get("expires_in")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise TransientError("Fortnox answered the token request with something else than a token") from None
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise TransientError("Fortnox answered the token request with a token that no header can carry")
    try:
        seconds = int(life)
    except (ValueError, TypeError, OverflowError):
        return token, TOKEN_SECONDS
    return token, min(seconds, LONGEST_TOKEN_SECONDS) if seconds > 0 else TOKEN_SECONDS


class AuthClient:
    """Fortnox's token endpoint, by client credentials and tenant id (fortnox.md, 1.2 and 1.4)."""

    def __init__(self, auth_url: str, client_id: str, client_secret: str, timeout: float) -> None:
        self._remote = Remote("fortnox-auth", auth_url, timeout=timeout)
        self._basic = "Basic " + b64encode(f"{client_id}:{client_secret}".encode()).decode()

    async def token(self, tenant: int) -> tuple[str, int]:
        """An access token and its life in seconds. LaneStoppedError when the consent is gone or the client is wrong."""
        request = self._remote.build(
            "POST",
            "/token",
            form={"grant_type": "client_credentials"},
            headers={"Authorization": self._basic, "TenantId": str(tenant)},
        )
        try:
            response = await self._remote.request(request, route="/token")
        except OutcomeUnknownError as error:
            # A token that nobody received harms nobody: another is asked for.
            raise TransientError(str(error)) from None
        refused = oauth_error(response)
        if response.status_code in (400, 401, 403) and refused is not None:
            raise LaneStoppedError(
                "Fortnox gives no token for this company: the consent is revoked or the client is wrong", refused
            )
        if response.status_code != 200:
            raise TransientError(f"Fortnox answered {response.status_code} to the token request")
        return read_token(response)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._remote.close()


class FortnoxClient:
    """One tenant's API. `window` is the budget's, waited out after a refusal."""

    def __init__(self, remote: Remote, tokens: Tokens, budget: RateBudget, window: float) -> None:
        self._remote = remote
        self._tokens = tokens
        self._budget = budget
        self._window = window
        self.server_time: datetime = utc_now()

    async def close(self) -> None:
        """Lets the connections go."""
        await self._remote.close()

    async def find_customers(self, query: dict[str, str], priority: int = LIVE) -> list[SlimCustomer]:
        """All customers of a search, all pages."""
        return [item async for item in self._pages("customers", "Customers", SlimCustomer, query, priority)]

    async def customers_page(self, page: int, query: dict[str, str]) -> ListPage[SlimCustomer]:
        """One page of the customer list, ascending by number."""
        return await self._readable("customers", "Customers", SlimCustomer, {"sortby": "customernumber", **query}, page)

    async def customer(self, number: str) -> FullCustomer:
        """A customer; NotFoundError."""
        return await self._one("customers", "Customer", FullCustomer, number, LIVE)

    async def reserve(self) -> Reserved:
        """Waits for a place in the budget and a token, so that the POST that follows leaves at once."""
        return await self._reserve(LIVE)

    async def _reserve(self, priority: int) -> Reserved:
        place = await self._budget.acquire(priority)
        try:
            return Reserved(place, await self._tokens.get(), self._budget)
        except BaseException:
            self._budget.answered(place)
            raise

    async def create_customer(self, body: dict[str, object], reserved: Reserved) -> FullCustomer:
        """Sends one POST, in a reserved place. OutcomeUnknownError when it is not known whether it took effect."""
        return await self._create("/3/customers", "Customer", FullCustomer, body, reserved)

    async def find_invoices(self, reference: str) -> list[SlimDocument]:
        """Invoices whose reference begins so (a prefix match), all pages."""
        query = {"externalinvoicereference1": reference}
        return [item async for item in self._pages("invoices", "Invoices", SlimDocument, query, LIVE)]

    async def find_orders(self, reference: str) -> list[SlimDocument]:
        """Orders whose reference begins so, all pages."""
        query = {"externalinvoicereference1": reference}
        return [item async for item in self._pages("orders", "Orders", SlimDocument, query, LIVE)]

    async def invoices_page(self, page: int, query: dict[str, str]) -> ListPage[InvoiceLine]:
        """One page of the invoice list; the lines are kept whole, as a fingerprint."""
        return await self._readable("invoices", "Invoices", InvoiceLine, {"sortby": "documentnumber", **query}, page)

    async def payments_page(self, page: int, query: dict[str, str]) -> ListPage[SlimPayment]:
        """One page of the payment list (its sorting is reported to be ignored)."""
        return await self._readable("invoicepayments", "InvoicePayments", SlimPayment, query, page)

    async def payments_of(self, invoice_number: str) -> list[SlimPayment]:
        """All payments of an invoice, all pages."""
        query = {"invoicenumber": invoice_number}
        return [item async for item in self._pages("invoicepayments", "InvoicePayments", SlimPayment, query, BACKGROUND)]

    async def payment(self, number: str) -> FullPayment:
        """A payment; NotFoundError."""
        return await self._one("invoicepayments", "InvoicePayment", FullPayment, number, BACKGROUND)

    async def articles_page(self, page: int, query: dict[str, str]) -> ListPage[ArticleLine]:
        """One page of the article list."""
        return await self._readable("articles", "Articles", ArticleLine, {"sortby": "articlenumber", **query}, page)

    async def invoice(self, number: str, priority: int = BACKGROUND) -> FullInvoice:
        """An invoice; NotFoundError."""
        return await self._one("invoices", "Invoice", FullInvoice, number, priority)

    async def order(self, number: str) -> FullOrder:
        """An order; NotFoundError."""
        return await self._one("orders", "Order", FullOrder, number, LIVE)

    async def create_invoice(self, body: dict[str, object], reserved: Reserved) -> MadeInvoice:
        """Sends one POST, in a reserved place. OutcomeUnknownError when it is not known whether it took effect."""
        return await self._create("/3/invoices", "Invoice", MadeInvoice, body, reserved)

    async def article(self, number: str, priority: int = LIVE) -> FullArticle:
        """An article; NotFoundError."""
        return await self._one("articles", "Article", FullArticle, number, priority)

    async def _one(self, resource: str, wrapper: str, model: type[P], number: str, priority: int) -> P:
        if not number.strip("."):
            # Such a step of a path leads to the list above it (RFC 3986, 5.2.4); a person may link to any text.
            raise NotFoundError("not_found")
        route = f"/3/{resource}/{{number}}"
        answer = await self._get(f"/3/{resource}/{quote(number, safe='')}", route, priority)
        if wrapper not in answer:
            raise unproven("GET", route, f"no {wrapper}")
        return model.model_validate(answer[wrapper])

    async def _page(
        self, resource: str, wrapper: str, query: dict[str, str], page: int, priority: int
    ) -> tuple[list[object], MetaInformation]:
        numbered = {**query, "page": str(page), "limit": str(PAGE)}
        answer = await self._get(f"/3/{resource}", f"/3/{resource}", priority, numbered)
        lines = answer.get(wrapper)
        # An answer without the list is no empty list: a lookup that took it for one would permit another create.
        if not isinstance(lines, list):
            raise unproven("GET", f"/3/{resource}", f"something else than a list of {resource}")
        return lines, _meta(answer.get("MetaInformation"), page, has_lines=bool(lines))

    async def _readable(self, resource: str, wrapper: str, model: type[P], query: dict[str, str], page: int) -> ListPage[P]:
        """A page of a poll: one line that cannot be read does not hold up its neighbours."""
        raw, meta = await self._page(resource, wrapper, query, page, BACKGROUND)
        # A model's first field is the record's number.
        number = next(iter(model.model_fields))
        lines = []
        for line in raw:
            try:
                lines.append(model.model_validate(line))
            except ValidationError as error:
                note_unreadable(resource, line.get(number) if isinstance(line, dict) else None, error)
        # A poll ends with the first empty page, however many are counted.
        last = meta.total_pages if raw else min(meta.total_pages, page)
        return ListPage(lines, meta.model_copy(update={"total_pages": last}), len(raw) - len(lines))

    async def _pages(self, resource: str, wrapper: str, model: type[P], query: dict[str, str], priority: int) -> AsyncIterator[P]:
        """All lines of a search. One that cannot be read is an error: it may be the very document that is looked for."""
        page, pages = 1, 1
        while page <= pages:
            lines, meta = await self._page(resource, wrapper, query, page, priority)
            if not lines and page < meta.total_pages:
                # Taken for the end it would permit another create.
                raise unproven("GET", f"/3/{resource}", "an empty page before the last one")
            for line in lines:
                yield model.model_validate(line)
            page, pages = page + 1, meta.total_pages

    async def _create(self, path: str, wrapper: str, model: type[P], body: dict[str, object], reserved: Reserved) -> P:
        """What a POST made; without its number in the answer it is not known what the POST did."""
        answer = await self._post(path, body, reserved)
        try:
            return model.model_validate(answer.get(wrapper))
        except ValidationError:
            raise unproven("POST", path, f"no readable {wrapper}") from None

    async def _post(self, path: str, body: dict[str, object], reserved: Reserved) -> dict[str, object]:
        """One POST, never repeated here: after a 401, which did nothing, the command is tried again from its look."""
        request = self._remote.build("POST", path, json=body, headers={"Accept": "application/json"})
        try:
            return await self._send(request, path, reserved)
        except TokenRefusedError:
            await self._tokens.forget()
            raise

    async def _get(self, path: str, route: str, priority: int, query: dict[str, str] | None = None) -> dict[str, object]:
        request = self._remote.build("GET", path, query=query, headers={"Accept": "application/json"})
        try:
            return await self._send(request, route, await self._reserve(priority))
        except TokenRefusedError:
            await self._tokens.forget()
        try:
            return await self._send(request, route, await self._reserve(priority))
        except TokenRefusedError:
            self._tokens.refused()
            raise LaneStoppedError("Fortnox refuses a new access token too; the consent must be given again") from None

    async def _send(self, request: httpx.Request, route: str, reserved: Reserved) -> dict[str, object]:
        request.headers["Authorization"] = f"Bearer {reserved.token}"
        try:
            response = await self._remote.request(request, route=route)
        finally:
            reserved.release()
        self.server_time = server_time(response, utc_now())
        try:
            answer = understand(response, route, self._window)
        except RateLimitedError:
            self._budget.penalise(self._window)
            raise
        self._tokens.accepted()
        return answer
