"""The remedy "merge the companies in Lime Go" leads out, whatever becomes of the merged company's id."""

from __future__ import annotations

import pytest

from support.companies import a_company

MERGE = "mutation ($id: String!, $into: String!) { mergeOrganization(id: $id, into: $into) { id } }"
DELETE = "mutation ($id: String!) { deleteOrganization(id: $id) }"


async def two_with_one_number(flow):
    """Two companies with one number, and a won deal of the second, which waits because of it."""
    one = a_company()
    first, second = [await flow.sales.add_company(**one) for _ in range(2)]
    first_deal, deal = await flow.sales.add_deal(first), await flow.sales.add_deal(second)
    await flow.sales.win(first_deal)
    await flow.reached(first_deal, "done", "needs_attention", "waiting")
    await flow.sales.win(deal)
    await flow.waits_for(second, "organisation_number_shared")
    return first, first_deal, second, deal


@pytest.mark.parametrize("merged_id", ["gone", "survivor"])
async def test_two_companies_with_one_number_go_on_when_they_are_merged(flow, merged_id):
    first, first_deal, second, deal = await two_with_one_number(flow)
    await flow.sandbox.switch_limego(merged_id=merged_id)
    try:
        await flow.sales.ask(MERGE, id=first, into=second)
        await flow.try_again("customer", second)
        await flow.reached(deal, "done", within=60)
        await flow.reached(first_deal, "done", within=60)
    finally:
        await flow.sandbox.switch_limego(merged_id="gone")
    assert len(await flow.documents(deal)) == len(await flow.documents(first_deal)) == 1
    tenant = (await flow.sandbox.state())["fortnox"]["tenants"][str(flow.tenant)]
    made = [one for one in tenant["customers"] if (one["ExternalReference"] or "").startswith(f"limego:{flow.database}:")]
    assert len(made) == 1


async def test_a_company_that_is_deleted_lets_its_namesake_go_on_by_itself(flow):
    first, _, second, deal = await two_with_one_number(flow)
    await flow.sales.ask(DELETE, id=first)
    await flow.reached(deal, "done", within=90)
    assert (await flow.customer(second, "done"))["state"] == "done"
