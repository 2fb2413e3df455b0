"""Records that are read one by one: one that cannot be read holds up no other, and is not lost."""

import pytest

from servicekit.errors import TransientError


async def documents_of(parts, count):
    """So many invoices of one customer; their numbers."""
    customer = await parts.world.made_customer()
    made = [await parts.world.fortnox("POST", "invoices", {"Invoice": {"CustomerNumber": customer}}) for _ in range(count)]
    numbers = [one["Invoice"]["DocumentNumber"] for one in made]

    async def all_are_listed():
        listed = await parts.world.fortnox("GET", "invoices")
        return {one["DocumentNumber"] for one in listed["Invoices"]} >= set(numbers)

    # A list shows what was just made only after a while.
    await parts.world.until(all_are_listed)
    return numbers


@pytest.mark.parametrize("kind", ["status_500", "status_403", "status_400", "cut", "no_json"])
async def test_one_invoice_that_is_never_answered_holds_up_no_other_and_is_read_as_soon_as_it_can_be(parts, kind):
    bad, *good = await documents_of(parts, 3)
    await parts.world.fault("GET /3/invoices/{number}", kind, times=None, record=bad)
    async with parts.polling():
        for number in good:
            await parts.world.until(lambda number=number: told_of(parts, number))
        await parts.world.until(lambda: completed(parts, "invoices"))
        told = parts.lane.health.reads
        await parts.world.until(lambda: found_unread(told))
        assert told["single records"].records == (f"invoices {bad}",)
        # The mark has moved on, and nothing in the list brings it back: it is read again by itself.
        await parts.database.pool.execute("UPDATE cursor SET mark = now() + interval '1 hour'")
        assert await told_of(parts, bad) == 0
        await parts.world.sandbox.delete("/control/faults")
        await parts.world.until(lambda: told_of(parts, bad))
        await parts.world.until(lambda: mended(told))


async def found_unread(told):
    return "single records" in told and told["single records"].records


async def mended(told):
    return not told["single records"].problem


async def completed(parts, resource):
    return resource in parts.lane.health.reads and parts.lane.health.reads[resource].completed_at


async def told_of(parts, number):
    return [message["invoice"]["document_number"] for message in await parts.world.told("InvoiceChanged")].count(number)


async def products(parts, least):
    return len(await parts.world.told("ProductUpdated")) >= least


async def test_one_article_that_is_never_answered_holds_up_no_other(parts):
    for number in ("2000", "3000"):
        await parts.world.fortnox("POST", "articles", {"Article": {"ArticleNumber": number, "Description": "Vara"}})
    await parts.world.fault("GET /3/articles/{number}", "status_500", times=None, record="2000")
    async with parts.polling():
        await parts.world.until(lambda: products(parts, 2))
        await parts.world.until(lambda: completed(parts, "articles"))
        await parts.world.sandbox.delete("/control/faults")
        await parts.world.until(lambda: products(parts, 3))


async def test_single_records_that_all_fail_are_the_systems_failure(parts):
    """The poll rests, as when its list fails: a register of thousands is not asked for one by one while Fortnox is down."""
    await documents_of(parts, 8)
    await parts.world.fault("GET /3/invoices/{number}", "status_500", times=None)
    with pytest.raises(TransientError):
        await parts.poller._pass("invoices", parts.poller._poll_invoices)
    assert len(await parts.world.calls(route="/3/invoices/{number}")) == 3
