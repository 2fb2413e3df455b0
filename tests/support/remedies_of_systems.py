"""How the remedies are followed that are about Fortnox, Lime Go, and what lies between them."""

from __future__ import annotations

from decimal import Decimal

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany, SaveFortnoxCustomer, SaveLimeGoInvoice
from contracts.events import TriggerUnreadable
from contracts.message import Command
from contracts.outcomes import Difference
from support.followed import Surroundings
from support.remedies_of_records import Step, Way, decides, links

MADE = "1042"


def refused(command: type[Command], reason: str, **more: object) -> Step:
    """A remote system answers every such command with this until it is mended there."""

    async def bring(there: Surroundings) -> None:
        there.refusals[command] = {"reason": reason, **more}
        await there.win()

    return bring


def by_fortnox(reason: str, **more: object) -> Step:
    return refused(CreateFortnoxInvoice, reason, detail="Fortnox meddelande", **more)


async def is_mended(there: Surroundings) -> None:
    there.refusals.clear()


async def tries(there: Surroundings) -> None:
    there.refusals.clear()
    await there.try_again()


async def links_another(there: Surroundings) -> None:
    there.refusals.clear()
    await there.link("18")


async def corrects_in_lime_go(there: Surroundings) -> None:
    there.refusals.clear()
    there.deals = {1: there.make.deal(name="Rättat")}
    await there.house.win(there.deals[1], there.company)
    await there.settle()


def heals(reason: str) -> list[Way]:
    return [Way(by_fortnox(reason), is_mended, itself=True), Way(by_fortnox(reason), tries)]


def of_customer(reason: str) -> list[Way]:
    return [*heals(reason), Way(by_fortnox(reason), links_another, customer="18")]


def with_document(reason: str, **more: object) -> Step:
    """The deal's invoice stands in Fortnox."""

    async def bring(there: Surroundings) -> None:
        there.made[1] = (MADE, "17")
        await by_fortnox(reason, **more)(there)

    return bring


def polled(number: str = MADE, **changes: object) -> Step:
    """The next poll tells how the invoice stands in Fortnox now."""

    async def mend(there: Surroundings) -> None:
        there.refusals.clear()
        query = "SELECT limego_database FROM connection WHERE connection_id = $1"
        database = await there.house.database.pool.fetchval(query, there.house.connection_id)
        reference = f"limego:{database}:deal:1;"
        invoice = there.make.invoice(number, external_reference=reference, **{"net": Decimal(48_049), **changes})
        await there.house.hear(there.house.invoice_changed(invoice))
        await there.settle()

    return mend


async def cancels_the_double(there: Surroundings) -> None:
    await there.try_again()
    assert (await there.house.record())["reason"] == "several_documents", "both stand: neither is chosen"
    await polled("1043", is_cancelled=True)(there)
    await there.try_again()


async def customer_made_otherwise(there: Surroundings) -> None:
    house, there.decision = there.house, None
    await there.win()
    await house.hear(house.not_found(there.company))
    order = await house.sent_one(SaveFortnoxCustomer)
    difference = Difference(field="name", made="Exempel", wanted="Exempel c1 AB")
    await house.hear(house.customer_changed("51"), house.saved(order, "51", adopted=True, differences=(difference,)))
    await there.settle()


async def nothing_helps(there: Surroundings) -> None:
    page = await there.page()
    assert not any("Försök igen" in form.buttons for form in page.forms)
    await there.time_passes()
    assert there.made == {}
    await there.house.hear(there.house.reopened())


differs = with_document("document_differs", remote_id=MADE)
several = with_document("several_documents", candidates=(MADE, "1043"))
lost = with_document("document_reference_lost", remote_id=MADE)
FORTNOX: dict[str, list[Way]] = {
    **{
        reason: heals(reason)
        for reason in (
            *("article_missing", "article_inactive", "customer_currency", "customer_vat", "customer_vat_number"),
            *("customer_vat_unknown", "year_closed", "account_missing", "setting_missing", "validation", "no_right"),
            "outcome_unknown",
        )
    },
    "customer_missing": of_customer("customer_missing"),
    "customer_inactive": of_customer("customer_inactive"),
    "document_differs": [
        Way(differs, polled(net=Decimal(48_000))),
        Way(differs, polled(is_cancelled=True)),
        Way(differs, corrects_in_lime_go),
        Way(differs, tries),
    ],
    "several_documents": [Way(several, cancels_the_double)],
    "document_reference_lost": [Way(lost, tries)],
    "customer_differs": [Way(customer_made_otherwise, links("51"), customer="51")],
    "data_refused": [Way(by_fortnox("data_refused"), corrects_in_lime_go), Way(by_fortnox("data_refused"), tries)],
    "database_name_too_long": [Way(by_fortnox("database_name_too_long"), nothing_helps, customer=None, end="withdrawn")],
}


def unread(reason: str) -> Step:
    """The company's reading is refused; the matcher has not decided."""

    async def bring(there: Surroundings) -> None:
        there.decision = None
        await refused(ReadLimeGoCompany, reason)(there)
        await there.time_passes()

    return bring


async def deal_unreadable(there: Surroundings) -> None:
    house = there.house
    await house.linked_company()
    version = house.won(there.make.deal()).version
    await house.hear(TriggerUnreadable(connection_id=house.connection_id, version=version, company_id="c1", deal_id=1))
    await there.settle()


async def reads_customer(there: Surroundings) -> None:
    there.refusals.clear()
    there.decision = there.house.matched
    await there.try_again("customer", "c1")


def unshown(reason: str) -> Step:
    """An invoice cannot be shown in Lime Go."""

    async def bring(there: Surroundings) -> None:
        there.deals = {}
        there.refusals[SaveLimeGoInvoice] = {"reason": reason, "detail": "customerName is too long"}
        await there.house.linked_company()
        await there.house.hear(there.house.invoice_changed(there.make.invoice(MADE)))
        await there.settle()

    return bring


async def shows_again(there: Surroundings) -> None:
    there.refusals.clear()
    await there.try_again("erp_invoice", MADE)
    await there.house.loops.show()
    await there.settle()


def shown_at_last(reason: str) -> list[Way]:
    return [Way(unshown(reason), is_mended, itself=True, customer=None), Way(unshown(reason), shows_again, customer=None)]


async def appeared(there: Surroundings) -> None:
    there.decision = lambda: there.house.not_found(there.company)
    await refused(SaveFortnoxCustomer, "customer_appeared")(there)
    for _ in range(3):
        await there.time_passes()


LIME_GO: dict[str, list[Way]] = {
    "company_unreadable": [Way(deal_unreadable, tries), Way(unread("company_missing"), reads_customer)],
    "unreadable_answer": [Way(unread("unreadable_answer"), reads_customer)],
    "limego_refused": shown_at_last("validation"),
}
THE_WAY: dict[str, list[Way]] = {
    "message_too_large": [Way(unread("message_too_large"), reads_customer)],
    "write_unanswered": shown_at_last("write_unanswered"),
    "stale": heals("stale"),
    "connection_changed": heals("connection_changed"),
    "customer_appeared": [
        Way(appeared, links("17")),
        Way(appeared, decides("17"), itself=True),
        Way(appeared, reads_customer),
    ],
}
