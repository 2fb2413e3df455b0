"""Links by hand in the coordinator's slice, and what becomes of them."""

from support.html_forms import Page


async def link_by_hand(house, company_id, number, *, swap=False):
    """A person links, and confirms whatever the preview shows."""
    seen = await house.actions.look_at_link(house.connection_id, company_id, number)
    await house.actions.link(house.connection_id, company_id, number, confirmed=seen.token, swap=swap)


async def links_of(house):
    """Which customer each company is linked to."""
    rows = await house.database.pool.fetch("SELECT * FROM link WHERE connection_id = $1", house.connection_id)
    return {row["company_id"]: row["customer_number"] for row in rows}


async def customer_of(house, company_id="c1"):
    """A company's customer record: state, reason and number."""
    record = await house.record("customer", company_id)
    return record["state"], record["reason"], record["remote_id"]


async def press(browser, page, button):
    """Presses a button of a page; the page to which it leads."""
    form = page.form(button)
    answer = await browser.post(form.action, data=form.fields)
    assert answer.status_code == 303
    return Page((await browser.get(answer.headers["location"])).text)
