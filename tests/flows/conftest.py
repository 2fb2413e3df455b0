"""The whole system, once for all flows; every test has a connection of its own and ends with the invariant checker."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chaos.stage import Stage
from devstack import Stack
from support.activation import Site, site
from support.quiescence import converged, until

SCALE = 20
POLL = {"FORTNOX_CONNECTOR_POLL_INTERVAL_SECONDS": "20"}
_names = itertools.count(1)


class Flow(Stage):
    """A stage, and what a user of the coordinator's pages does."""

    async def customer(self, company_id: str, *states: str) -> dict[str, Any]:
        """A company's customer record, once it is in one of these states."""

        async def look() -> object:
            record = await self.site.record("customer", company_id, self.database)
            return record if record.get("state") in states else None

        found = await until(look, f"the customer of {company_id} is {' or '.join(states)}")
        assert isinstance(found, dict)
        return found

    async def waits_for(self, company_id: str, reason: str) -> None:
        """Waits until a company's customer needs attention for this reason."""

        async def look() -> object:
            record = await self.customer(company_id, "matching", "needs_attention")
            return record if record["reason"] == reason else None

        await until(look, f"the customer of {company_id} waits for {reason}")

    async def is_known_to_the_matcher(self, customer_number: str) -> None:
        """Waits until the matcher has heard of a customer in Fortnox."""

        async def look() -> object:
            query = "SELECT 1 FROM customer_identity WHERE connection_id = $1 AND customer_number = $2"
            return await self.site.world.rows("matcher", query, self.connection.connection_id, customer_number)

        await until(look, "the matcher knows the customer")

    async def company(self, company_id: str) -> dict[str, Any]:
        """A company as Lime Go holds it; custom fields by title."""
        state = (await self.sandbox.state())["limego"]["databases"][self.database]
        return next(one for one in state["organizations"] if one["id"] == company_id)

    async def erp(self, kind: str, number: str) -> dict[str, Any] | None:
        """What Lime Go's ERP tab holds."""
        key = (await self.sandbox.ask("GET", "limego/databases"))["databases"][self.database]["full"]
        path = f"/limego/v1/erp/{kind}/{number}"
        answer = await self.sandbox.http.get(path, headers={"Authorization": key})
        return answer.json() if answer.status_code == 200 else None


@pytest.fixture(scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    directory = tmp_path_factory.mktemp("flows")
    environment = {"fortnox-connector": POLL}
    async with Stack.start(directory, fsync=False, time_scale=SCALE, extra_env=environment) as stack, site(stack) as made:
        yield made


@pytest.fixture
async def flow(running: Site) -> AsyncIterator[Flow]:
    """An activated connection; after the test, all that it did is checked against I1-I7."""
    running.world.connections.clear()
    made = Flow(running, f"flow{next(_names)}")
    await made.set_up()
    await made.activate()
    yield made
    _, violations = await converged(running.world)
    # Thirty connections that poll for nothing would slow the last tests down.
    pause = f"{running.stack.coordinator_url}/api/connections/{made.connection.connection_id}/pause"
    assert (await running.http.post(pause)).status_code == 200
    assert violations == []
