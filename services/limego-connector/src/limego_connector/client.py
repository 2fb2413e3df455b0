"""Lime Go's classic API v1, typed. The only place that knows its UNCONFIRMED names.

Confirmed by Lime's public documentation: the endpoint, the header, the six queries with `first` <= 20, the subscription
and the feed. UNCONFIRMED, and so replaced here once introspection has been run with a real key (docs/unconfirmed.md): the
mutation `updateOrganization` and its arguments; `value`, `statusAssessment`, `customerContact` of a deal; `postalAddress`
and `visitAddress`; the bodies of errors, of web hooks and of feed items; how a subscription's id is given to DELETE.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from limego_connector.paging import PAGE
from limego_connector.payloads import DealPayload, DealSummaryPayload, EventPayload, OrganizationPayload
from limego_connector.responses import Answer, classify, is_throttle, message_of, unproven
from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.health import RemoteHealth
from servicekit.http_client import Remote
from servicekit.lanes import LaneStoppedError
from servicekit.payload import Payload

P = TypeVar("P", bound=Payload)
logger = logging.getLogger(__name__)

GRAPHQL = "/v1/graphql"
SUBSCRIPTION = "/v1/event/subscription"
FEED = "/v1/event/feed/"
NUMBER_FIELD = "Fortnox kundnummer"
STATUS_FIELD = "Fortnox"
"""Titles of the two custom fields on a company; an administrator makes them before activation."""
FIELD_LIMIT = 255
"""The longest text of a custom field that we send; the real limit is not known."""
COMPANY_FRAGMENT = """
fragment Company on Organization {
  id name city email phoneNumber organizationNumber customerRelation
  customFields { title value }
  postalAddress { street zipCode city countryCode }
  visitAddress { street zipCode city countryCode }
}
"""
DEAL_FRAGMENT = """
fragment Deal on Deal {
  id name value statusAssessment
  customFields { title value }
  responsibleCoworker { name }
  customerContact { name }
  customer { ...Company }
}
"""
DEALS = "query Deals($first: Int!, $offset: Int!) { deals(first: $first, offset: $offset) { id statusAssessment } }"
PRESENCE = "query Presence($id: String!) { organization(id: $id) { id } organizations(first: 1) { id } }"
ORGANIZATIONS = f"""
query Organizations($first: Int!, $offset: Int!) {{
  organizations(first: $first, offset: $offset) {{ ...Company }}
}}
{COMPANY_FRAGMENT}"""
UPDATE_ORGANIZATION = f"""
mutation Update($id: String!, $relation: CustomerRelation, $fields: [CustomFieldInput!]) {{
  updateOrganization(id: $id, customerRelation: $relation, customFields: $fields) {{ ...Company }}
}}
{COMPANY_FRAGMENT}"""
UPDATE_FIELDS = f"""
mutation Update($id: String!, $fields: [CustomFieldInput!]) {{
  updateOrganization(id: $id, customFields: $fields) {{ ...Company }}
}}
{COMPANY_FRAGMENT}"""


@dataclass(frozen=True)
class Page(Generic[P]):
    """A page of a list: what of it can be read, and the ids of all its lines (by which a walk goes on) and of the others."""

    records: tuple[P, ...]
    ids: tuple[str, ...]
    unread: tuple[str, ...] = ()


class LimeGoClient:
    """One connection's way to Lime Go. A call never repeats itself. `health` is told whether the key is taken."""

    def __init__(self, remote: Remote, api_key: str, health: RemoteHealth) -> None:
        self._remote = remote
        self._api_key = api_key
        self._health = health

    def use_key(self, api_key: str) -> None:
        """Goes on with another key."""
        self._api_key = api_key

    async def read(
        self, company_id: str | None, deal_ids: Sequence[int]
    ) -> tuple[OrganizationPayload | None, dict[int, DealPayload | None]]:
        """A company and deals, each deal with its own company, in one request; None for what is not there.

        A deal that cannot be read counts as not there, for it must not hide its neighbours: only alone it is an error.
        """
        variables: dict[str, object] = {f"deal{number}": deal_id for number, deal_id in enumerate(deal_ids)}
        if company_id is not None:
            variables["company"] = company_id
        data = await self._query(_reading(len(deal_ids), with_company=company_id is not None), variables)
        company = _read(OrganizationPayload, data["organization"]) if data.get("organization") else None
        is_alone = company_id is None and len(deal_ids) == 1
        deals = {deal_id: _deal(deal_id, data.get(f"deal{number}"), is_alone=is_alone) for number, deal_id in enumerate(deal_ids)}
        return company, deals

    async def companies(self, company_ids: Sequence[str]) -> dict[str, OrganizationPayload | None]:
        """Companies by their ids, in one request; None for what is not there. One that cannot be read is left out."""
        names = [f"company{number}" for number in range(len(company_ids))]
        parameters = ", ".join(f"${name}: String!" for name in names)
        fields = " ".join(f"{name}: organization(id: ${name}) {{ ...Company }}" for name in names)
        document = f"query Companies({parameters}) {{ {fields} }}{COMPANY_FRAGMENT}"
        data = await self._query(document, dict(zip(names, company_ids, strict=True)))
        found: dict[str, OrganizationPayload | None] = {}
        for name, company_id in zip(names, company_ids, strict=True):
            try:
                found[company_id] = _read(OrganizationPayload, data[name]) if data.get(name) else None
            except PermanentError as error:
                logger.warning("company %s is passed over: %s", company_id, error.reason)
        return found

    async def is_gone(self, company_id: str) -> tuple[bool, str | None]:
        """Whether Lime Go no longer has a company, and the id of the one that it was merged into, if Lime Go tells.

        The same request lists a company: a null beside an empty list may be a key that reads nothing, and proves nothing.
        """
        data = await self._query(PRESENCE, {"id": company_id})
        found = data.get("organization")
        heir = str(found["id"]) if isinstance(found, dict) and found.get("id") else None
        return bool(data.get("organizations")) and heir != company_id, heir

    async def deals(self, offset: int) -> Page[DealSummaryPayload]:
        """A page of all deals; lists lag behind writes by seconds."""
        data = await self._query(DEALS, {"first": PAGE, "offset": offset})
        return _page(DealSummaryPayload, data.get("deals"))

    async def organizations(self, offset: int) -> Page[OrganizationPayload]:
        """A page of all companies, whole."""
        data = await self._query(ORGANIZATIONS, {"first": PAGE, "offset": offset})
        return _page(OrganizationPayload, data.get("organizations"))

    async def save_organization(self, company_id: str, fields: Mapping[str, str], *, make_customer: bool) -> OrganizationPayload:
        """Sets custom fields by title, and the relation status if asked to; the company as it is afterwards.

        OutcomeUnknownError when the answer did not come; PermanentError with the API's own message when it refused.
        """
        variables: dict[str, object] = {
            "id": company_id,
            "fields": [{"title": title, "value": value} for title, value in fields.items()],
        }
        if make_customer:
            variables["relation"] = "IS_A_CUSTOMER"
        document = UPDATE_ORGANIZATION if make_customer else UPDATE_FIELDS
        data = await self._graphql(document, variables, is_write=True)
        try:
            return _read(OrganizationPayload, data.get("updateOrganization"))
        except PermanentError:
            # It was carried out, or was not: the reading before the next write tells.
            raise unproven("Lime Go's answer to a write cannot be read", is_write=True) from None

    async def subscribe(self, address: str, events: Sequence[str]) -> str:
        """Makes a web hook; its id, which no call ever tells again."""
        answer = await self.call("POST", SUBSCRIPTION, SUBSCRIPTION, body={"targeturl": address, "events": list(events)})
        # The answer "carries" the id; whether in an object or bare is not known.
        found = answer.body.get("id") if isinstance(answer.body, dict) else answer.body
        if answer.status >= 400 or not found:
            raise PermanentError("subscription_refused", message_of(answer))
        return str(found)

    async def unsubscribe(self, subscription_id: str) -> None:
        """Ends a web hook; one that is gone already is fine.

        Whether DELETE takes the id in the path or as a parameter is not known: what the path does not end, the other may.
        """
        answer = await self.call("DELETE", f"{SUBSCRIPTION}/{subscription_id}", SUBSCRIPTION + "/{id}")
        if answer.status >= 400:
            answer = await self.call("DELETE", SUBSCRIPTION, SUBSCRIPTION, query={"id": subscription_id})
        if answer.status not in (404, 410) and answer.status >= 400:
            logger.warning("a web hook could not be ended: %s", answer.status)

    async def feed(self, *, peek: bool) -> list[EventPayload]:
        """The oldest 50 events. Without `peek` Lime Go forgets them for this key."""
        query = {"peek": "true" if peek else "false"}
        answer = await self.call("GET", FEED, FEED, query=query, is_write=not peek)
        if answer.status >= 400:
            raise PermanentError("feed_refused", message_of(answer))
        # A drained feed may lack its list altogether.
        items = answer.body.get("items", []) if isinstance(answer.body, dict) else None
        if not isinstance(items, list):
            raise unproven("Lime Go answered something else than its feed", is_write=not peek)
        return [_event(item) for item in items]

    async def _query(self, document: str, variables: Mapping[str, object]) -> dict[str, Any]:
        return await self._graphql(document, variables, is_write=False)

    async def _graphql(self, document: str, variables: Mapping[str, object], *, is_write: bool) -> dict[str, Any]:
        body = {"query": document, "variables": dict(variables)}
        answer = await self.call("POST", GRAPHQL, GRAPHQL, body=body, is_write=is_write)
        errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
        if is_throttle(errors):
            raise RateLimitedError("Lime Go asks us to wait", answer.retry_after)
        if answer.status >= 400 or errors:
            raise PermanentError("validation", message_of(answer))
        data = answer.body.get("data") if isinstance(answer.body, dict) else None
        if not isinstance(data, dict):
            raise unproven("Lime Go's answer holds no data", is_write=is_write)
        return data

    async def call(
        self,
        method: str,
        path: str,
        route: str,
        *,
        body: object = None,
        query: dict[str, str] | None = None,
        is_write: bool = True,
    ) -> Answer:
        """One request. LaneStoppedError, RateLimitedError, TransientError; OutcomeUnknownError only for a write."""
        headers = {"Authorization": self._api_key}
        request = self._remote.build(method, path, json=body, query=query, headers=headers)
        try:
            answer = classify(await self._remote.request(request, route=route), is_write=is_write)
            self._health.granted()
            return answer
        except LaneStoppedError as error:
            self._health.refused(error.detail)
            raise
        except OutcomeUnknownError as error:
            if is_write:
                raise
            # A query is a POST, too, and may be asked again.
            raise TransientError(str(error)) from None


def _reading(deals: int, *, with_company: bool) -> str:
    names = [f"deal{number}" for number in range(deals)]
    parameters = ", ".join([*(["$company: String!"] if with_company else []), *(f"${name}: Int!" for name in names)])
    company = "organization(id: $company) { ...Company }" if with_company else ""
    fields = " ".join([company, *(f"{name}: deal(id: ${name}) {{ ...Deal }}" for name in names)])
    fragments = COMPANY_FRAGMENT + (DEAL_FRAGMENT if names else "")
    return f"query Reading({parameters}) {{ {fields} }}{fragments}"


def _read(model: type[P], data: object) -> P:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise PermanentError("unreadable_answer", f"{model.__name__}: {places}") from None


def _deal(deal_id: int, data: object, *, is_alone: bool) -> DealPayload | None:
    try:
        return _read(DealPayload, data) if data else None
    except PermanentError as error:
        if is_alone:
            raise
        logger.warning("deal %s is passed over: %s", deal_id, error.reason)
        return None


def _page(model: type[P], lines: object) -> Page[P]:
    """A line that cannot be read is passed over, so that it stops neither its neighbours nor the walk."""
    if not isinstance(lines, list):
        raise unproven(f"Lime Go's answer holds no list of {model.__name__}", is_write=False)
    ids = tuple(str(line.get("id")) if isinstance(line, dict) else "" for line in lines)
    found, unread = [], []
    for line_id, line in zip(ids, lines, strict=True):
        try:
            found.append(_read(model, line))
        except PermanentError as error:
            logger.warning("a line of a list is passed over: id %s, %s %s", line_id, model.__name__, error.reason)
            unread.append(line_id)
    return Page(tuple(found), ids, tuple(unread))


def _event(item: object) -> EventPayload:
    """An item of the feed; of one that cannot be read only the position is kept: it still counts in the page."""
    try:
        return EventPayload.model_validate(item)
    except ValidationError:
        position = item.get("position") if isinstance(item, dict) else None
        return EventPayload(eventType="Unreadable", position=str(position))
