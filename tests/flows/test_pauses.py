"""A pause: what is won in it waits for a person, what is won after it goes through by itself."""

from __future__ import annotations

from decimal import Decimal

from support.quiescence import until


async def ask(flow, action, body=None):
    url = f"{flow.site.stack.coordinator_url}/api/connections/{flow.connection.connection_id}/{action}"
    answer = await flow.site.http.post(url, json=body)
    assert answer.is_success, answer.text


async def release_held(flow):
    query = {"connection_id": str(flow.connection.connection_id), "state": "held"}
    answer = await flow.site.http.get(f"{flow.site.stack.coordinator_url}/api/records", params=query)
    documents = [{"record_key": one["record_key"], "value": one["value"]} for one in answer.json()["records"]]
    total = sum(Decimal(one["value"]) for one in documents)
    await ask(flow, "release", {"documents": documents, "sum": str(total)})


async def pause(flow):
    """Pauses, and waits until the Lime Go connector works on the connection no longer."""
    await ask(flow, "pause")

    async def is_left():
        query = """
            SELECT 1 FROM connection JOIN lane USING (connection_id)
            WHERE connection_id = $1 AND state = 'paused' AND leased_until <= clock_timestamp()
        """
        return await flow.site.world.rows("limego_connector", query, flow.connection.connection_id)

    await until(is_left, "the connector has left the paused connection")


async def test_a_deal_won_in_a_pause_waits_for_a_person_and_one_won_after_it_does_not(flow):
    during, after = await flow.new_deals(2)
    await pause(flow)
    await flow.sales.win(during)

    async def is_hinted():
        query = "SELECT 1 FROM hint WHERE connection_id = $1"
        return await flow.site.world.rows("limego_connector", query, flow.connection.connection_id)

    await until(is_hinted, "the web hook is stored")
    await ask(flow, "resume")
    assert (await flow.reached(during, "held", "done"))["reason"] == "won_while_paused"
    await flow.sales.win(after)
    await flow.reached(after, "done")
    assert await flow.documents(during) == []
    await release_held(flow)
    await flow.reached(during, "done")
    assert [len(await flow.documents(deal)) for deal in (during, after)] == [1, 1]
