"""The scan of companies: what was edited, deleted or merged in Lime Go is found, for no event tells of it.

Like the walk over deals it makes hints, never events: the record is read before anything is reported.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from limego_connector import domain, mapping
from limego_connector.client import LimeGoClient
from limego_connector.payloads import OrganizationPayload
from limego_connector.repository import hints, missing, records
from limego_connector.repository.hints import NewHint
from servicekit.errors import PermanentError
from servicekit.lanes import Lane
from servicekit.telemetry import current_trace, span

logger = logging.getLogger(__name__)
BATCH = 20
"""Companies in one request: as many as a page of a list has."""
SPREAD = 200
"""Companies that are no clients yet, in one scan: ten requests. 10 000 of them are gone through in 50 scans."""


class CompanyScan:
    """Compares one connection's companies with what was reported of them."""

    def __init__(self, lane: Lane, client: LimeGoClient) -> None:
        self._lane = lane
        self._client = client

    async def run(self) -> int:
        """Compares every client and the next of the others; how many differ or are missing."""
        found, heirs = 0, dict[str, str | None]()
        with span("companies scan", attributes={"dubbelsynk.connection.id": str(self._lane.connection_id)}):
            reported = await records.companies_to_scan(self._lane.database.pool, self._lane.connection_id, SPREAD)
            ids = list(reported)
            for start in range(0, len(ids), BATCH):
                found += await self._compare(ids[start : start + BATCH], reported, heirs)
            # At once, so that nothing is believed of the first before it is known how many there are.
            async with self._lane.unit_of_work() as unit:
                await missing.note(unit, self._lane.connection_id, heirs)
        return found + len(heirs)

    async def _compare(self, company_ids: Sequence[str], reported: Mapping[str, str], heirs: dict[str, str | None]) -> int:
        read = await self._read(company_ids)
        there = {name: payload for name, payload in read.items() if payload is not None and payload.id == name}
        heirs |= {name: payload.id if payload else None for name, payload in read.items() if name not in there}
        differing = [name for name, payload in there.items() if domain.digest(mapping.company(payload)) != reported[name]]
        new = [NewHint(mapping.company_record(company_id)) for company_id in differing]
        async with self._lane.unit_of_work() as unit:
            await records.note_scanned(unit, self._lane.connection_id, company_ids)
            await missing.note_found(unit, self._lane.connection_id, sorted(there))
            if new:
                await hints.store_from_walk(unit, self._lane.connection_id, new, current_trace())
        return len(differing)

    async def _read(self, company_ids: Sequence[str]) -> dict[str, OrganizationPayload | None]:
        """The companies of one request; when Lime Go refuses it, each alone, so that one company hides no other."""
        try:
            return await self._client.companies(company_ids)
        except PermanentError as error:
            found: dict[str, OrganizationPayload | None] = {}
            for company_id in company_ids:
                found |= await self._read_alone(company_id)
            if not found and len(company_ids) > 1:
                # Not one company is at fault, but the request.
                raise error
            return found

    async def _read_alone(self, company_id: str) -> dict[str, OrganizationPayload | None]:
        try:
            return await self._client.companies([company_id])
        except PermanentError as error:
            logger.warning("company %s is left out of the scan: %s", company_id, error.reason)
            return {}
