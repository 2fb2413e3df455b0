"""The polls of one lane: marks, walks, and records that cannot be read."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from fortnox_connector import card, mapping
from servicekit.errors import PermanentError, TransientError

START = timedelta(seconds=30)
"""The poll overlap of these tests: 600 s at their time scale."""


async def cursor(parts, resource="customers"):
    return await parts.database.pool.fetchrow(
        "SELECT * FROM cursor WHERE connection_id = $1 AND resource = $2", parts.world.connection_id, resource
    )


async def customers(parts, count):
    """So many customers, in the list; their numbers."""
    numbers = [await parts.world.made_customer() for _ in range(count)]
    await listed(parts, numbers)
    return numbers


async def listed(parts, numbers):
    async def look():
        page = await parts.world.fortnox("GET", "customers?limit=500")
        return {line["CustomerNumber"] for line in page["Customers"]} == set(numbers)

    await parts.world.until(look)


async def poll_customers(parts):
    await parts.poller._pass("customers", parts.poller._poll_customers)


async def test_the_mark_moves_after_the_last_page_to_the_servers_time_at_the_first(parts, monkeypatch):
    monkeypatch.setattr("fortnox_connector.client.PAGE", 2)
    await customers(parts, 3)
    parts.poller.activated_at -= timedelta(hours=1)
    await parts.world.fault("GET /3/customers", "status_500", skip=1)
    with pytest.raises(TransientError):
        await poll_customers(parts)
    begun = await cursor(parts)
    assert begun["mark"] == parts.poller.activated_at - START
    assert begun["next_page"] == 2
    assert timedelta(0) <= parts.client.server_time - begun["first_page_at"] <= timedelta(seconds=2)

    async def is_later():
        await parts.client.articles_page(1, {})
        return parts.client.server_time > begun["first_page_at"]

    await parts.world.until(is_later)
    await poll_customers(parts)
    after = await cursor(parts)
    assert after["mark"] == begun["first_page_at"] - START
    assert (after["first_page_at"], after["next_page"]) == (None, 1)
    assert len(await parts.world.told("CustomerChanged")) == 3


async def test_a_pass_that_fell_back_in_time_never_moves_the_mark_back(parts):
    await poll_customers(parts)
    mark = (await cursor(parts))["mark"] + timedelta(hours=1)
    await parts.database.pool.execute("UPDATE cursor SET mark = $1 WHERE connection_id = $2", mark, parts.world.connection_id)
    await poll_customers(parts)
    assert (await cursor(parts))["mark"] == mark


async def test_a_walk_that_missed_a_neighbour_starts_again(parts, monkeypatch):
    monkeypatch.setattr("fortnox_connector.client.PAGE", 2)
    first, second, third = await customers(parts, 3)
    await parts.world.fault("GET /3/customers", "status_500", skip=1)
    with pytest.raises(TransientError):
        await parts.poller._list_customers()
    await parts.world.fortnox("DELETE", f"customers/{first}")
    await listed(parts, [second, third])
    await parts.poller._list_customers()
    assert await parts.world.told("CustomerListingCompleted") == []
    assert (await parts.repository.listing(parts.world.connection_id))[1] == 1
    await parts.poller._list_customers()
    (completed,) = await parts.world.told("CustomerListingCompleted")
    told = {message["customer"]["customer_number"] for message in await parts.world.told("CustomerChanged")}
    assert (told, completed["count"]) == ({first, second, third}, 3)


async def test_a_list_that_counts_more_than_it_holds_is_walked_once_a_round(parts, caplog):
    first, second = await customers(parts, 2)
    await parts.world.alter("customers", second, CustomerNumber=first)

    async def rounds():
        return len(await parts.world.calls(route="/3/articles"))

    async with parts.polling():
        await parts.world.until(lambda: _at_least(rounds, 6))
        seen = await rounds()
    # A walk and a poll in each round.
    assert len(await parts.world.calls(route="/3/customers")) <= 2 * (seen + 1)
    assert "walk 5 over the customers" in caplog.text
    assert "walk 4 over the customers" not in caplog.text
    assert await parts.world.told("CustomerListingCompleted") == []


async def _at_least(count, number):
    return await count() >= number


async def test_types_that_lie_are_read_where_their_meaning_is_clear(parts):
    number = await parts.world.made_customer()
    rows = [{"ArticleNumber": "1000", "Price": 10, "DeliveredQuantity": "1"}] * 2
    body = {"Invoice": {"CustomerNumber": number, "InvoiceRows": rows}}
    made = (await parts.world.fortnox("POST", "invoices", body))["Invoice"]
    null, empty = ({**row, "DeliveredQuantity": odd} for row, odd in zip(made["InvoiceRows"], (None, ""), strict=True))
    await parts.world.alter("invoices", made["DocumentNumber"], DueDate=None, Freight=None, InvoiceRows=[null, empty])
    await parts.world.alter("articles", "1000", VAT=None, SalesPrice="")
    async with parts.polling():
        (invoice,) = await parts.world.until(lambda: parts.world.told("InvoiceChanged"))
        (product,) = await parts.world.until(lambda: parts.world.told("ProductUpdated"))
    assert invoice["invoice"]["due_date"] == made["InvoiceDate"]
    assert [row["quantity"] for row in invoice["invoice"]["rows"]] == ["0", "0"]
    assert product["product"]["price"] is None


async def test_an_article_without_vat_leaves_the_rate_to_fortnox_and_never_says_none(parts):
    await parts.world.alter("articles", "1000", VAT=None)
    article = await parts.client.article("1000")
    (row,) = mapping.invoice_body(parts.world.invoice("1"), article, card.RULES["SEVAT"], "reference")["Invoice"]["InvoiceRows"]
    assert "VAT" not in row


async def test_a_record_that_cannot_be_read_is_left_out_until_it_can_and_its_neighbours_go_on(parts, caplog):
    good, odd = await customers(parts, 2)
    documents = [
        (await parts.world.fortnox("POST", "invoices", {"Invoice": {"CustomerNumber": good}}))["Invoice"]["DocumentNumber"]
        for _ in range(2)
    ]
    await parts.world.alter("customers", odd, CustomerNumber=None, Name="Hemliga Bolaget AB")
    await parts.world.alter("invoices", documents[0], Balance="hemligt")
    await parts.world.alter("articles", "1000", Active="hemligt")
    with caplog.at_level(logging.WARNING):
        async with parts.polling():
            (told,) = await parts.world.until(lambda: parts.world.told("InvoiceChanged"))
            assert told["invoice"]["document_number"] == documents[1]
            # The walk is complete without the odd one.
            (completed,) = await parts.world.until(lambda: parts.world.told("CustomerListingCompleted"))
            assert completed["count"] == 1
            await parts.world.until(
                lambda: _at_least(lambda: _count(caplog, "articles 1000 cannot be read (ValidationError)"), 1)
            )
            await parts.world.alter("invoices", documents[0], Balance=0)
            await parts.world.alter("articles", "1000", Active=True)
            await parts.world.until(lambda: parts.world.told("ProductUpdated"))
            await parts.world.until(lambda: _at_least(lambda: _told_of(parts, documents[0]), 1))
    assert f"invoices {documents[0]} cannot be read (ValidationError)" in caplog.text
    assert "customers without number cannot be read (ValidationError)" in caplog.text
    assert "emlig" not in caplog.text


async def test_an_invoice_too_large_for_kafka_is_left_out_and_its_neighbours_go_on(parts, caplog):
    (customer,) = await customers(parts, 1)
    huge, neighbour = [
        (await parts.world.fortnox("POST", "invoices", {"Invoice": {"CustomerNumber": customer}}))["Invoice"]["DocumentNumber"]
        for _ in range(2)
    ]
    await parts.world.alter("invoices", huge, CustomerName="x" * 1_000_000)
    async with parts.polling():
        await parts.world.until(lambda: _at_least(lambda: _told_of(parts, neighbour), 1))
    assert f"invoices {huge} cannot be read (PermanentError)" in caplog.text
    assert await _told_of(parts, huge) == 0


async def _count(caplog, text):
    return caplog.text.count(text)


async def _told_of(parts, number):
    return [message["invoice"]["document_number"] for message in await parts.world.told("InvoiceChanged")].count(number)


@pytest.mark.parametrize("operation", ["GET /3/customers", "GET /3/invoices"])
@pytest.mark.parametrize("kind", ["status_400", "status_403"])
async def test_a_list_that_is_refused_holds_up_no_other(parts, operation, kind):
    await parts.world.fault(operation, kind, times=None)
    async with parts.polling():
        await parts.world.until(lambda: parts.world.told("ProductUpdated"))
        await parts.world.until(lambda: _at_least(lambda: _calls(parts, operation), 3))
    assert not parts.lane.rest_left()


async def _calls(parts, operation):
    return len(await parts.world.calls(route=operation.partition(" ")[2]))


async def test_a_refused_single_record_is_left_out(parts):
    await parts.world.fortnox("POST", "articles", {"Article": {"ArticleNumber": "2000", "Description": "Vara"}})
    await parts.world.fault("GET /3/articles/{number}", "status_400")
    async with parts.polling():
        await parts.world.until(lambda: _at_least(lambda: _products(parts), 2))


async def _products(parts):
    return len(await parts.world.told("ProductUpdated"))


async def test_a_search_for_our_own_documents_leaves_nothing_out(parts):
    """What cannot be read there may be the very document that is looked for."""
    number = await parts.world.made_customer()
    body = {"Invoice": {"CustomerNumber": number, "ExternalInvoiceReference1": "limego:bolaget:deal:1;"}}
    made = (await parts.world.fortnox("POST", "invoices", body))["Invoice"]["DocumentNumber"]
    await parts.world.alter("invoices", made, DocumentNumber=None)
    with pytest.raises(ValueError, match="DocumentNumber"):
        await parts.client.find_invoices("limego:bolaget:deal:1;")


async def test_the_refusal_of_a_list_is_an_error_of_its_pass(parts):
    await parts.world.fault("GET /3/customers", "status_400")
    with pytest.raises(PermanentError):
        await poll_customers(parts)


LISTS = ("customers", "invoices", "invoicepayments", "articles")


@pytest.mark.parametrize("resource", LISTS)
@pytest.mark.parametrize("kind", ["status_500", "garbled", "refuse_502", "cut"])
async def test_a_list_that_fails_holds_up_no_other_and_is_asked_ever_more_seldom(parts, resource, kind):
    await parts.world.fault(f"GET /3/{resource}", kind, times=None)
    (other, *_) = [name for name in LISTS if name not in (resource, "customers")]
    parts.poller.interval = 0.1
    async with parts.polling():
        await parts.world.until(lambda: _at_least(lambda: _calls(parts, f"GET /3/{other}"), 20))
        failed = await _calls(parts, f"GET /3/{resource}")
    # From 0.05 s doubling to 3 s, with jitter: 20 rounds of 0.1 s are 6 to 8 tries, and customers are asked for by two parts.
    assert 2 <= failed <= 18
    polled = {one: parts.lane.health.reads[one] for one in LISTS}
    assert [one for one in LISTS if polled[one].completed_at is None] == [resource]


async def test_a_list_that_recovers_is_polled_from_where_it_stood(parts, monkeypatch):
    monkeypatch.setattr("fortnox_connector.client.PAGE", 2)
    numbers = await customers(parts, 3)
    parts.poller.activated_at -= timedelta(hours=1)
    await parts.world.fault("GET /3/customers", "garbled", skip=1, times=3)
    async with parts.polling():
        await parts.world.until(lambda: parts.world.told("CustomerListingCompleted"))
    told = {message["customer"]["customer_number"] for message in await parts.world.told("CustomerChanged")}
    assert told == set(numbers)


@pytest.mark.parametrize("times", [1, None])
async def test_a_date_that_is_sent_twice_stops_no_poll(parts, times):
    await parts.world.fault("*", "date_doubled", times=times)
    async with parts.polling():
        await parts.world.until(lambda: parts.world.told("ProductUpdated"))
        await parts.world.until(lambda: _at_least(lambda: _calls(parts, "GET /3/articles"), 3))
    marks = [await cursor(parts, resource) for resource in LISTS]
    assert all(abs(mark["mark"] + START - datetime.now(UTC)) < timedelta(minutes=1) for mark in marks)
    assert all(parts.lane.health.reads[one].completed_at for one in LISTS)


@pytest.mark.parametrize("kind", ["uncounted", "miscounted"])
async def test_a_list_whose_pages_are_counted_wrongly_is_read_to_its_end(parts, monkeypatch, kind):
    monkeypatch.setattr("fortnox_connector.client.PAGE", 2)
    numbers = await customers(parts, 5)
    await parts.world.fault("GET /3/customers", kind, times=None)
    parts.poller.activated_at -= timedelta(hours=1)
    async with parts.polling():
        await parts.world.until(lambda: _at_least(lambda: _told_customers(parts), 5))
        await parts.world.until(lambda: _completed(parts, "customers"))
    assert set(numbers) == {message["customer"]["customer_number"] for message in await parts.world.told("CustomerChanged")}


async def _told_customers(parts):
    return len({message["customer"]["customer_number"] for message in await parts.world.told("CustomerChanged")})


async def _completed(parts, resource):
    return resource in parts.lane.health.reads and parts.lane.health.reads[resource].completed_at


async def test_a_search_reads_on_where_pages_are_not_counted_and_trusts_no_empty_page_before_the_last(parts, monkeypatch):
    monkeypatch.setattr("fortnox_connector.client.PAGE", 1)
    number = await parts.world.made_customer()
    body = {"Invoice": {"CustomerNumber": number, "ExternalInvoiceReference1": "limego:bolaget:deal:7;"}}
    for _ in range(3):
        await parts.world.fortnox("POST", "invoices", body)

    async def found():
        return len(await parts.client.find_invoices("limego:bolaget:deal:7;")) == 3

    await parts.world.until(found)
    await parts.world.fault("GET /3/invoices", "uncounted", times=4)
    assert await found()
    await parts.world.fault("GET /3/invoices", "miscounted", times=4)
    with pytest.raises(TransientError, match="empty page"):
        await parts.client.find_invoices("limego:bolaget:deal:7;")
