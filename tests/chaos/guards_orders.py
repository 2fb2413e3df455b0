"""Guards of what is told and decided: claim, inbox, outbox, baseline."""

from __future__ import annotations

from chaos.stage import FORTNOX, LIMEGO, MATCHER, Stage, killed
from support.companies import a_company, an_organisation_number
from support.emulators import OPEN
from support.quiescence import until


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
        WHERE connection_id = $1 AND company_id = $2 AND organisation_number_normal IS DISTINCT FROM $3
    """

    async def look() -> object:
        return await stage.site.world.rows("matcher", query, stage.connection.connection_id, company, number)

    await until(look, f"the new number of {company} is known")


async def inbox(stage: Stage, off: str) -> None:
    """A deal is won, reopened and won again while the connector is away; it reads all of it, dies before it
    acknowledges, and reads it once more: the withdrawal must not come a second time, after the second order."""
    await stage.activate()
    company = await stage.linked_company()
    first, second = [await stage.sales.add_deal(company, value) for value in (100, 200)]
    # The first deal's answer is lost: for a settle time nothing else of this company is begun.
    await stage.fault("POST /3/invoices", "lost_answer")
    await stage.sales.win(first)
    await stage.sent(first)
    service = stage.site.stack.services[FORTNOX]
    service.kill()
    await stage.sales.win(second)
    await stage.reached(second, "sending")
    await stage.sales.move(second, OPEN)
    await _told(stage, "WithdrawFortnoxInvoice", 1)
    await stage.sales.win(second)
    await _told_of_deal(stage, second)
    assert service.environment is not None
    service.environment["FAULT_POINTS"] = ",".join(filter(None, ("consumer.before_ack:kill", off)))
    service.start()
    await killed(service)
    await stage.site.restart(FORTNOX, off)
    await stage.reached(first, "done", within=60)
    await stage.reached(second, "done", "withdrawn", "needs_attention", within=60)


async def _told(stage: Stage, kind: str, count: int) -> None:
    query = "SELECT count(*) FROM outbox WHERE type = $1 AND sent_at IS NOT NULL AND key LIKE $2"
    prefix = f"{stage.connection.connection_id}/%"

    async def look() -> bool:
        return int((await stage.site.world.rows("sync_coordinator", query, kind, prefix))[0][0]) >= count

    await until(look, f"{count} {kind}")


async def _told_of_deal(stage: Stage, deal: int) -> None:
    """Waits until the coordinator knows that the deal is won again."""

    async def look() -> bool:
        return not (await stage.record(deal)).get("is_reopened", True)

    await until(look, f"deal {deal} is known to be won again")


async def outbox(stage: Stage, off: str) -> None:
    """The process dies when its state is stored and its messages are not sent."""
    await stage.activate()
    deals = await stage.new_deals(3)
    await stage.site.restart(LIMEGO, ",".join(filter(None, ("reader.after_report:kill", off))))
    await stage.sales.win(*deals)
    await killed(stage.site.stack.services[LIMEGO])
    await stage.site.restart(LIMEGO, off)
    await stage.pause(700)


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
    await stage.pause(650)
