"""Three kill points with the whole system around them; `make chaos` has the rest, each many times."""

from __future__ import annotations

import pytest

from chaos.disturbances import lost_leases
from chaos.stage import armed, killed


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("fortnox-connector", "fortnox.after_answer"),
        ("sync-coordinator", "relay.after_publish"),
        ("limego-connector", "webhook.after_store"),
    ],
)
async def test_a_service_killed_at_a_point_neither_loses_nor_doubles(flow, service, point):
    deals = await flow.new_deals(3)
    async with armed(flow.site, service, point):
        await flow.sales.win(*deals)
        await killed(flow.site.stack.services[service])
    for deal in deals:
        await flow.reached(deal, "done")
        assert len(await flow.documents(deal)) == 1


async def test_a_lease_that_nobody_holds_and_a_resource_that_nobody_polls_are_found(flow):
    fortnox = flow.site.stack.services["fortnox-connector"]
    fortnox.kill()
    found = await lost_leases(flow.site, within=10)
    fortnox.start()
    await fortnox.ready()
    database = flow.connection.database
    assert f"I9: {database}: nobody holds its lease in fortnox_connector" in found
    assert f"I9: {database}: /3/customers is not polled" in found
    assert not any("limego_connector" in text for text in found)
    assert await lost_leases(flow.site, within=60) == []
