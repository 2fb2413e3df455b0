"""Guards of what is told and decided: claim, inbox, outbox, baseline."""

from __future__ import annotations

from datetime import UTC, datetime

from chaos.scenarios_kafka import replay
from chaos.stage import COORDINATOR, LIMEGO, MATCHER, Stage, killed
from support.companies import a_company, an_organisation_number
from support.quiescence import quiescent, until


async def claim(stage: Stage, off: str) -> None:
    """Company A may be created and its POST is on its way; its number is corrected, and B, whose number it really is,
    wins before Fortnox shows A's customer."""
    await stage.activate()
    await stage.site.restart(MATCHER, off)
    number = an_organisation_number()
    first = await stage.sales.add_company(**a_company(organizationNumber=number))
    deals = [await stage.sales.add_deal(first) for _ in range(2)]
    await stage.fault("POST /3/customers", "late_commit", delay=100)
    await stage.sales.win(deals[0])
    await _customer_sent(stage, first)
    await stage.sales.set_number(first, an_organisation_number())
    # The second win has the company read again: the matcher learns of the new number.
    await stage.sales.win(deals[1])
    await _known_by_another_number(stage, first, number)
    second = await stage.sales.add_company(**a_company(organizationNumber=number))
    third = await stage.sales.add_deal(second)
    await stage.sales.win(third)
    await stage.reached(deals[0], "done", within=60)
    await stage.reached(third, "done", "waiting", within=60)
    await stage.pause(120)


async def _customer_sent(stage: Stage, company: str) -> None:
    query = "SELECT 1 FROM creation WHERE connection_id = $1 AND business_key = $2 AND sent_at IS NOT NULL"

    async def look() -> object:
        return await stage.site.world.rows("fortnox_connector", query, stage.connection.connection_id, f"company:{company}")

    await until(look, f"the customer of {company} is being sent")


async def _known_by_another_number(stage: Stage, company: str, number: str) -> None:
    query = """
        SELECT 1 FROM company_identity
        WHERE connection_id = $1 AND company_id = $2 AND company ->> 'organisation_number' IS DISTINCT FROM $3
    """

    async def look() -> object:
        return await stage.site.world.rows("matcher", query, stage.connection.connection_id, company, number)

    await until(look, f"the new number of {company} is known")


async def inbox(stage: Stage, off: str) -> None:
    """A win that makes no document is told in the timeline; then all that Lime Go's connector has sent comes once more."""
    since = datetime.now(UTC)
    await stage.activate(create_document="nothing")
    await stage.site.restart(COORDINATOR, off)
    company = await stage.sales.add_company(**a_company())
    await stage.sales.set_relation(company, "IS_A_CUSTOMER")
    await _told(stage, company, "linked")
    await stage.sales.win(await stage.sales.add_deal(company))
    await _told(stage, company, "won_without_document")
    await replay(stage.site, LIMEGO, since)
    await quiescent(stage.site.world, within=60)


async def _told(stage: Stage, company: str, code: str) -> None:
    query = "SELECT 1 FROM timeline WHERE connection_id = $1 AND record_key = $2 AND code = $3"

    async def look() -> object:
        return await stage.site.world.rows("sync_coordinator", query, stage.connection.connection_id, company, code)

    await until(look, f"{code} is told of {company}", within=60)


async def outbox(stage: Stage, off: str) -> None:
    """The process dies when its state is stored and its messages are not sent."""
    await stage.activate()
    deals = await stage.new_deals(3)
    points = ",".join(filter(None, ("unit.after_commit.DealWon:kill", off)))
    await stage.site.restart(LIMEGO, points)
    await stage.sales.win(*deals)
    await killed(stage.site.stack.services[LIMEGO])
    # A deal of an earlier scenario that was read again passes the point as well.
    while not await _is_any_known_as_won(stage):
        await stage.site.restart(LIMEGO, points)
        await killed(stage.site.stack.services[LIMEGO])
    await stage.site.restart(LIMEGO, off)


async def _is_any_known_as_won(stage: Stage) -> bool:
    query = "SELECT 1 FROM deal WHERE connection_id = $1 AND state = 'won'"
    return bool(await stage.site.world.rows("limego_connector", query, stage.connection.connection_id))


async def baseline(stage: Stage, off: str) -> None:
    """Deals were won long before the activation."""
    await stage.site.restart(LIMEGO, off)
    await stage.sandbox.put_in(
        stage.database,
        organizations=[a_company() for _ in range(5)],
        deals=[{"name": "Gammal affär", "value": 100, "status": "ORDER", "organizationIndex": index} for index in range(5)],
        events=True,
    )
    await stage.activate()
    # The feed and a walk have gone over everything; without the guard the first reading of either is too much.
    await stage.pause(100 if off else 650)
