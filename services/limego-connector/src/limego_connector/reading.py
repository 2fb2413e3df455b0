"""Reads a company and deals again, and reports what the reading shows in one unit of work."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.events import CompanyRemoved, DealWon, TriggerUnreadable
from contracts.message import Message
from contracts.values import Company
from limego_connector import domain, mapping
from limego_connector.client import LimeGoClient
from limego_connector.domain import ReadDeal, Reading
from limego_connector.removals import Confirmation
from limego_connector.repository import hints, missing, records
from servicekit.database import UnitOfWork, next_versions
from servicekit.errors import PermanentError
from servicekit.lanes import Lane
from servicekit.telemetry import current_trace

logger = logging.getLogger(__name__)
DEALS_PER_REQUEST = 10


@dataclass(frozen=True)
class Found:
    """What one reading brought; what is not in it is not there (any longer), or was not asked for."""

    version: int
    companies: dict[str, Company]
    deals: tuple[ReadDeal, ...]
    removed: Mapping[str, str | None] = field(default_factory=dict)
    """Companies that Lime Go no longer has, by id, with the one that each was merged into where Lime Go tells."""

    def readings(self) -> list[Reading]:
        """By company."""
        return domain.group(self.version, self.companies, self.deals)

    def is_won(self, deal_id: int) -> bool | None:
        """None when the deal was not found."""
        return next((one.is_won for one in self.deals if one.deal.deal_id == deal_id), None)

    def is_customer(self, company_id: str) -> bool | None:
        """None when the company was not read; one that is gone is no customer."""
        company = self.companies.get(company_id)
        return company.is_customer if company is not None else False if company_id in self.removed else None


class Reader:
    """Reads for one connection."""

    def __init__(self, lane: Lane, client: LimeGoClient, confirmation: Confirmation) -> None:
        self._lane = lane
        self._connection_id = lane.connection_id
        self._confirmation = confirmation
        self._database = lane.database
        self._client = client

    async def read(self, company_id: str | None, deal_ids: Sequence[int]) -> Found:
        """One request for a company and up to ten deals; the version is taken before the first is sent.

        A company that is not there is asked for once more. If it is gone, the deals that were reported of it are read, too.
        """
        [version] = await next_versions(self._database.pool, 1)
        companies: dict[str, Company] = {}
        deals: list[ReadDeal] = []
        for start in range(0, max(1, len(deal_ids)), DEALS_PER_REQUEST):
            wanted = deal_ids[start : start + DEALS_PER_REQUEST]
            organization, found = await self._client.read(company_id if start == 0 else None, wanted)
            payloads = [payload for payload in found.values() if payload is not None]
            for company in (organization, *(payload.customer for payload in payloads)):
                if company is not None:
                    companies[company.id] = mapping.company(company)
            deals += [mapping.deal(payload) for payload in payloads]
        reading = Found(version, companies, tuple(deals))
        return reading if company_id is None or company_id in companies else await self._without(company_id, reading)

    async def _without(self, company_id: str, found: Found) -> Found:
        """A reading that did not find its company, with what became of it."""
        is_gone, heir = await self._client.is_gone(company_id)
        if not is_gone:
            return found
        known = await records.reported_deals(self._database.pool, self._connection_id, company_id)
        rest = await self.read(None, known) if known else Found(found.version, {}, ())
        deals = {one.deal.deal_id: one for one in (*found.deals, *rest.deals)}
        # The version was taken before anything was read: what is newer than that is not overruled.
        return Found(found.version, {**found.companies, **rest.companies}, tuple(deals.values()), {company_id: heir})

    async def report(self, unit: UnitOfWork, found: Found, *, is_asked_for: bool = False, awaited: Collection[int] = ()) -> None:
        """Publishes what is new and remembers it. Companies are locked before deals, both in order: no deadlock.

        Of each deal in `awaited` something is told, also that it is not won, or not there.
        """
        known = {name: await records.lock_company(unit, self._connection_id, name) for name in sorted(found.companies)}
        deal_ids = [one.deal.deal_id for one in found.deals]
        deals = await records.lock_deals(unit, self._connection_id, deal_ids)
        hidden = await hints.hidden_by_a_pause(unit, self._connection_id, deal_ids)
        for reading in found.readings():
            company = known[reading.company.company_id] if reading.company else None
            decision = domain.decide(
                self._connection_id,
                reading,
                company,
                deals,
                is_asked_for=is_asked_for,
                awaited=awaited,
                won_while_paused=hidden,
            )
            await self.store(unit, decision)
        await missing.note_found(unit, self._connection_id, sorted(found.companies))
        for company_id, heir in found.removed.items():
            await self._report_removed(unit, found.version, company_id, heir)
        for deal_id in sorted({*awaited} - {*deal_ids}):
            await self._tell_unreadable(unit, mapping.deal_record(deal_id), found.version)

    async def _report_removed(self, unit: UnitOfWork, version: int, company_id: str, heir: str | None) -> None:
        """Reports once that a company is gone, if it was reported before and this reading confirms an earlier one."""
        await missing.note(unit, self._connection_id, {company_id: heir})
        company = await missing.find(unit.connection, self._connection_id, company_id)
        if company is None or not await self._confirmation.is_gone(unit.connection, self._lane, company):
            return
        if await records.mark_removed(unit, self._connection_id, company_id, version):
            gone = CompanyRemoved(connection_id=self._connection_id, version=version, company_id=company_id, merged_into=heir)
            unit.publish(gone, trace=current_trace())

    async def report_unreadable(self, unit: UnitOfWork, record_key: str) -> None:
        """Tells of a trigger whose record cannot be read; a deal's company is the one that it was last seen with."""
        [version] = await next_versions(unit.connection, 1)
        await self._tell_unreadable(unit, record_key, version)

    async def _tell_unreadable(self, unit: UnitOfWork, record_key: str, version: int) -> None:
        kind, _, record_id = record_key.partition("/")
        deal_id = int(record_id) if kind == "deal" else None
        company_id = record_id if deal_id is None else await records.company_of(unit, self._connection_id, deal_id)
        hidden = deal_id is not None and await hints.hidden_by_a_pause(unit, self._connection_id, [deal_id])
        told = TriggerUnreadable(
            connection_id=self._connection_id,
            version=version,
            company_id=company_id,
            deal_id=deal_id,
            won_while_paused=bool(hidden),
        )
        unit.publish(told, trace=current_trace())

    async def _tell(self, unit: UnitOfWork, message: Message) -> None:
        """A deal that is too large for Kafka is told as one that cannot be read: it must not hide its company's others."""
        try:
            unit.publish(message, trace=current_trace())
        except PermanentError as error:
            if not isinstance(message, DealWon):
                raise
            logger.warning("deal %s cannot be told: %s", message.deal.deal_id, error.reason)
            await self._tell_unreadable(unit, mapping.deal_record(message.deal.deal_id), message.version)

    async def store(self, unit: UnitOfWork, decision: domain.Decision) -> None:
        """Publishes and remembers a decision about records that are locked."""
        for message in decision.messages:
            await self._tell(unit, message)
        if decision.company is not None:
            await records.save_company(unit, self._connection_id, decision.company)
        if decision.deals:
            await records.save_deals(unit, self._connection_id, decision.deals)
