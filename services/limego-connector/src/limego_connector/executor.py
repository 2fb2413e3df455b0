"""Carries out commands: readings that somebody asked for, and what is to be shown in Lime Go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from contracts.commands import ReadLimeGoCompany, SaveLimeGoCompany, SaveLimeGoInvoice, SaveLimeGoProduct
from limego_connector import domain, mapping
from limego_connector.client import FIELD_LIMIT, NUMBER_FIELD, STATUS_FIELD, LimeGoClient
from limego_connector.erp import ErpSurface
from limego_connector.payloads import OrganizationPayload
from limego_connector.reading import Reader
from limego_connector.repository import connections, records
from servicekit import work
from servicekit.clock import utc_now
from servicekit.database import UnitOfWork, next_versions
from servicekit.durations import Durations
from servicekit.errors import OutcomeUnknownError, PermanentError
from servicekit.fault_points import fault_point
from servicekit.lanes import Lane
from servicekit.work import Finished, Item, Postponed, Result

Prepare = Callable[[UnitOfWork], Awaitable[None]]


class Executor:
    """Executes one lane's items.

    No item is refused for its age: these commands show a state, and a newer one takes an older one's place in the queue.
    The state they show is the latest that anybody decided.
    """

    def __init__(self, lane: Lane, client: LimeGoClient, erp: ErpSurface, reader: Reader, durations: Durations) -> None:
        self._lane = lane
        self._client = client
        self._erp = erp
        self._reader = reader
        self._durations = durations

    async def execute(self, item: Item) -> Result:
        """The outcome of an item, or when to try it again."""
        if (elsewhere := await self._elsewhere(item)) is not None:
            return elsewhere
        try:
            return await self._carry_out(item)
        except OutcomeUnknownError as error:
            if utc_now() - item.created_at <= timedelta(seconds=self._durations.stale_item):
                raise
            # Every write begins with a look, so telling it gives nothing up; not telling it would be waiting in silence.
            return Finished(work.refusal(item, "write_unanswered", str(error)))

    async def _carry_out(self, item: Item) -> Result:
        match item.command:
            case ReadLimeGoCompany():
                return await self._read(item, item.command)
            case SaveLimeGoCompany():
                return await self._save_company(item, item.command)
            case SaveLimeGoInvoice():
                return await self._save_invoice(item, item.command)
            case SaveLimeGoProduct():
                return await self._save_product(item, item.command)
        raise PermanentError("unknown_command", item.type)

    async def _elsewhere(self, item: Item) -> Result | None:
        """A command was decided for a connection as it was then: it must still be so."""
        command = item.command
        assert isinstance(command, ReadLimeGoCompany | SaveLimeGoCompany | SaveLimeGoInvoice | SaveLimeGoProduct)
        stored = await connections.find(self._lane.database.pool, item.connection_id)
        if stored is not None and command.generation > stored.generation:
            # The connection's own message is on its way.
            return Postponed(self._durations.retry_first)
        if (
            stored is None
            or stored.state != "active"
            or stored.generation != command.generation
            or stored.limego_database != command.limego_database
        ):
            return Finished(work.refusal(item, "connection_changed"))
        return None

    async def _read(self, item: Item, command: ReadLimeGoCompany) -> Result:
        deal_ids = set(command.deal_ids)
        if command.company_id is not None:
            deal_ids.update(await records.reported_deals(self._lane.database.pool, item.connection_id, command.company_id))
        found = await self._reader.read(command.company_id, sorted(deal_ids))

        async def store(unit: UnitOfWork) -> None:
            await self._reader.report(unit, found, is_asked_for=True, awaited=command.deal_ids)

        if command.company_id is not None and command.company_id not in found.companies:
            return Finished(work.refusal(item, "company_missing"), store)
        return Finished(work.saved(item, command.record_id), store)

    async def _save_company(self, item: Item, command: SaveLimeGoCompany) -> Result:
        fields = company_fields(command)
        organization, _ = await self._client.read(command.company_id, [])
        # What it shows already is not written again, whoever wrote it: a command may come twice.
        if organization is not None and _shows(organization, fields, command.set_is_customer):
            return Finished(work.saved(item, command.company_id))

        async def note(unit: UnitOfWork) -> None:
            if command.set_is_customer:
                await records.note_relation_write(unit, item.connection_id, command.company_id)

        if not await self._may_write(item, note):
            return Postponed(self._durations.retry_first)
        [version] = await next_versions(self._lane.database.pool, 1)
        saved = await self._client.save_organization(command.company_id, fields, make_customer=command.set_is_customer)
        fault_point("limego.after_write")

        async def store(unit: UnitOfWork) -> None:
            known = await records.lock_company(unit, item.connection_id, command.company_id)
            company, made = mapping.company(saved), command.set_is_customer
            await self._reader.store(unit, domain.absorb(item.connection_id, version, company, known, made_customer=made))

        return Finished(work.saved(item, command.company_id), store)

    async def _save_invoice(self, item: Item, command: SaveLimeGoInvoice) -> Result:
        if await self._erp.shows_invoice(command):
            return Finished(work.saved(item, command.invoice.document_number))
        if not await self._may_write(item):
            return Postponed(self._durations.retry_first)
        await self._erp.save_invoice(command)
        fault_point("limego.after_write")
        return Finished(work.saved(item, command.invoice.document_number))

    async def _save_product(self, item: Item, command: SaveLimeGoProduct) -> Result:
        if await self._erp.shows_product(command.product):
            return Finished(work.saved(item, command.product.article_number))
        if not await self._may_write(item):
            return Postponed(self._durations.retry_first)
        await self._erp.save_product(command.product)
        fault_point("limego.after_write")
        return Finished(work.saved(item, command.product.article_number))

    async def _may_write(self, item: Item, prepare: Prepare | None = None) -> bool:
        """Stores the intent; False when a newer command took this one's place meanwhile.

        From here on the item rests for the settle time should this process end: its write may still take effect, and
        whoever takes it up then reads first.
        """
        async with self._lane.unit_of_work() as unit:
            if not await work.mark_intent(unit, item):
                return False
            await work.postpone(unit, item, self._durations.settle_time)
            if prepare is not None:
                await prepare(unit)
        self._lane.require(self._durations.request_timeout)
        fault_point("limego.before_write")
        return True


def company_fields(command: SaveLimeGoCompany) -> dict[str, str]:
    """The custom fields of a command, by title; a customer number is cleared only where the command says so."""
    fields = {STATUS_FIELD: _cut(command.status_text)}
    if command.clear_customer_number:
        fields[NUMBER_FIELD] = ""
    if command.customer_number is not None:
        fields[NUMBER_FIELD] = _cut(command.customer_number)
    return fields


def _cut(text: str) -> str:
    return text if len(text) <= FIELD_LIMIT else text[: FIELD_LIMIT - 1].rstrip() + "…"


def _shows(organization: OrganizationPayload, fields: Mapping[str, str], is_customer: bool) -> bool:
    shown = {field.title: field.value or "" for field in organization.customFields}
    has_relation = organization.customerRelation == mapping.IS_A_CUSTOMER or not is_customer
    return has_relation and all(shown.get(title, "") == value for title, value in fields.items())
