"""How the remedies that are about companies and deals are followed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from contracts.values import Address, ConnectionState
from support.followed import Surroundings

OTHER = "5560360793"
Step = Callable[[Surroundings], Awaitable[None]]


@dataclass(frozen=True)
class Way:
    """How a record gets a reason, and one thing that its remedy says. `itself`: then only time passes.

    `customer`: the customer of the invoice that comes of it; None when none comes. `end`: the record's last state. `leaves`: what
    still waits for a person afterwards, as the remedy says.
    """

    bring: Step
    mend: Step
    itself: bool = False
    customer: str | None = "17"
    end: str = "done"
    leaves: tuple[str, ...] = ()


def asks(reason: str, *candidates: str) -> Step:
    async def bring(there: Surroundings) -> None:
        there.decision = lambda: there.house.review(reason, "c1", candidates)
        await there.win()

    return bring


def decides(number: str | None, **company: object) -> Step:
    """The company is corrected, or a customer in Fortnox: the matcher finds the customer, or nobody."""

    async def mend(there: Surroundings) -> None:
        there.company = there.make.company(**company)
        there.decision = (lambda: there.house.matched(number)) if number else (lambda: there.house.not_found(there.company))

    return mend


def links(number: str) -> Step:
    return lambda there: there.link(number)


async def creates(there: Surroundings) -> None:
    await there.create_new()


async def of_another(there: Surroundings, number: str = "5599000011") -> None:
    await there.house.hear(there.house.company_changed(there.make.company("c2", organisation_number=number)))


def shared(reason: str) -> Step:
    async def bring(there: Surroundings) -> None:
        await of_another(there)
        await asks(reason)(there)

    return bring


async def merges(there: Surroundings) -> None:
    await decides(None)(there)
    await there.house.hear(there.house.removed("c2", merged_into="c1"))
    await there.settle()


def filled_in(reason: str, number: str = "18") -> list[Way]:
    """A question about the number: mended in Lime Go, or linked."""
    way = shared(reason)
    return [Way(way, decides(None), itself=True, customer="51"), Way(way, links(number), customer=number)]


def merged_or(reason: str) -> list[Way]:
    return [*filled_in(reason), Way(shared(reason), merges, customer="51")]


def alike(reason: str) -> list[Way]:
    return [
        Way(asks(reason, "17"), links("17")),
        Way(asks(reason, "17"), creates, customer="51"),
        Way(asks(reason, "17"), decides("17"), itself=True),
    ]


async def renumbered(there: Surroundings) -> None:
    house = there.house
    await house.hear(house.customer_changed("17", "Exempel c1", "5599000011"))
    await house.linked_company()
    there.company = there.make.company(organisation_number=OTHER)
    await house.hear(house.company_changed(there.company))
    await there.win()


async def same_number(there: Surroundings) -> None:
    await there.house.hear(there.house.customer_changed("17", "Exempel c1", OTHER))
    await there.settle()


async def taken(there: Surroundings) -> None:
    await there.house.linked_company("c2", "17")
    await there.win()


async def other_is_gone(there: Surroundings) -> None:
    await there.house.hear(there.house.removed("c2"))
    await there.settle()


async def points_elsewhere(there: Surroundings) -> None:
    await there.house.linked_company()
    there.decision = lambda: there.house.matched("18")
    await there.decide()
    await there.win()


async def merged(there: Surroundings) -> None:
    house = there.house
    await house.linked_company("c1", "17")
    await house.linked_company("c2", "18")
    await house.hear(house.removed("c2", merged_into="c1"))
    await there.win()


def of_company(**company: object) -> Step:
    async def bring(there: Surroundings) -> None:
        await decides(None, **company)(there)
        await there.win()

    return bring


ABROAD = {"postal_address": Address(country_code="NO")}
NOWHERE = {"postal_address": Address(country_code="Sverje")}
COMPANIES: dict[str, list[Way]] = {
    "organisation_number_missing": filled_in("organisation_number_missing"),
    "organisation_number_invalid": filled_in("organisation_number_invalid"),
    "organisation_number_shared": merged_or("organisation_number_shared"),
    "number_claimed": merged_or("number_claimed"),
    "organisation_number_changed": [
        Way(renumbered, links("17")),
        Way(renumbered, same_number),
        Way(renumbered, links("18"), customer="18"),
        Way(renumbered, decides("17"), itself=True),
    ],
    "several_customers": [
        Way(asks("several_customers", "17", "18"), links("18"), customer="18"),
        Way(asks("several_customers", "17", "18"), decides("17"), itself=True),
    ],
    "customer_linked_elsewhere": [
        Way(taken, links("18"), customer="18"),
        Way(taken, lambda there: there.link("18", "c2"), itself=True),
        Way(taken, other_is_gone),
    ],
    "company_linked_elsewhere": [
        Way(points_elsewhere, decides("17"), itself=True),
        Way(points_elsewhere, links("18"), customer="18"),
    ],
    "merged_with_another_customer": [
        Way(merged, links("17")),
        Way(merged, links("18"), customer="18"),
    ],
    "numbers_contradict": [
        Way(asks("numbers_contradict", "17"), decides("17"), itself=True),
        Way(asks("numbers_contradict", "17"), links("18"), customer="18"),
    ],
    "name_contradicts": [
        Way(asks("name_contradicts", "17"), links("17")),
        Way(asks("name_contradicts", "17"), decides(None, organisation_number=OTHER), itself=True, customer="51"),
    ],
    **{reason: alike(reason) for reason in ("name_shared", "little_agrees", "scored")},
    "country_unreadable": [Way(of_company(**NOWHERE), decides(None), itself=True, customer="51")],
    "foreign_vat_unsettled": [
        Way(of_company(**ABROAD), links("88"), customer="88"),
        Way(of_company(**ABROAD), decides("88", **ABROAD), itself=True, customer="88"),
    ],
}


def of_deal(**changes: object) -> Step:
    async def bring(there: Surroundings) -> None:
        there.deals = {1: there.make.deal(**changes)}
        await there.win()

    return bring


async def corrects_deal(there: Surroundings) -> None:
    there.deals = {1: there.make.deal(name="Rättat")}


async def without_company(there: Surroundings) -> None:
    await there.house.hear(there.house.won(there.make.deal(1, None)))
    await there.settle()


async def braked(there: Surroundings) -> None:
    await there.house.activate(documents_per_hour_limit=1)
    there.deals = {2: there.make.deal(2)}
    await there.win()
    there.deals[1] = there.make.deal(1)
    await there.win()


async def won_in_a_pause(there: Surroundings) -> None:
    await there.house.linked_company()
    await there.settle()
    await there.house.actions.set_state(there.house.connection_id, ConnectionState.PAUSED)
    await there.win()


async def changed(there: Surroundings) -> None:
    await braked(there)
    await there.house.release_held()
    there.deals[1] = there.make.deal(1, value=Decimal(99_999))
    await there.settle()


async def releases(there: Surroundings) -> None:
    await there.review_and_release()


async def resumes_and_releases(there: Surroundings) -> None:
    await there.press(await there.page(), "Återuppta", at="/resume")
    await there.settle()
    assert there.made == {}, "what was won in a pause waits for a person"
    await there.review_and_release()


BAD_DEALS = {
    "deal_name_missing": {"name": ""},
    "deal_name_too_long": {"name": "x" * 256},
    "value_unreadable": {"value": None},
    "value_zero": {"value": Decimal(0)},
    "value_negative": {"value": Decimal(-1)},
    "value_unusable": {"value": Decimal("1.001")},
}
DEALS: dict[str, list[Way]] = {
    **{reason: [Way(of_deal(**changes), corrects_deal, itself=True)] for reason, changes in BAD_DEALS.items()},
    "company_missing": [Way(without_company, corrects_deal, itself=True)],
    "waiting_for_customer": [
        Way(asks("organisation_number_missing"), decides(None), itself=True, customer="51"),
        Way(asks("organisation_number_missing"), links("18"), customer="18"),
    ],
    "brake": [Way(braked, releases)],
    "won_while_paused": [Way(won_in_a_pause, resumes_and_releases)],
    "changed_since_release": [Way(changed, releases)],
}
