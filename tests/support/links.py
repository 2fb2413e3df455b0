"""Links by hand in the coordinator's slice."""


async def link_by_hand(house, company_id, number, *, swap=False):
    """A person links, and confirms whatever the preview shows."""
    seen = await house.actions.look_at_link(house.connection_id, company_id, number)
    await house.actions.link(house.connection_id, company_id, number, confirmed=seen.token, swap=swap)


async def links_of(house):
    """Which customer each company is linked to."""
    rows = await house.database.pool.fetch("SELECT * FROM link WHERE connection_id = $1", house.connection_id)
    return {row["company_id"]: row["customer_number"] for row in rows}
