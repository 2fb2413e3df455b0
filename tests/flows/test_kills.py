"""Three kill points with the whole system around them; `make chaos` has the rest, each many times."""

from __future__ import annotations

import pytest

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
