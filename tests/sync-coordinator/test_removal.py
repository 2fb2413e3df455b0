"""Companies that Lime Go no longer has: they hold nothing, and what they blocked goes on."""

from __future__ import annotations

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany, SaveFortnoxCustomer, SaveLimeGoCompany, SaveLimeGoInvoice
from contracts.events import CompanyLinked
from support.html_forms import Page
from support.links import customer_of, links_of, press
from sync_coordinator.actions import NotPossibleError

OWN, OTHER = "5599000011", "5560360793"


async def test_a_company_that_lime_go_no_longer_has_holds_no_link_and_its_records_end(house, make, browser):
    await house.linked_company("c1", "17")
    await house.hear(house.won(make.deal(1, value=None)))
    await house.win(make.deal(2, "c2"))
    await house.hear(house.matched("17", "c2"))
    await house.sent()
    await house.hear(house.removed("c1"))
    assert await links_of(house) == {}
    assert (await customer_of(house)) == ("withdrawn", "", None)
    assert (await house.record(key=1))["state"] == "withdrawn"
    assert [one.company_id for one in await house.sent() if isinstance(one, ReadLimeGoCompany)] == ["c2"]
    await house.hear(house.matched("17", "c2"), house.matched("17", "c1"))
    assert await links_of(house) == {"c2": "17"}
    assert "Företaget finns inte längre i Lime Go" in (await browser.get("/?state=withdrawn")).text
    with pytest.raises(NotPossibleError) as refused:
        await house.actions.look_at_link(house.connection_id, "c1", "18")
    assert refused.value.code == "company_removed"


@pytest.mark.parametrize("merged_into", [None, "c2"])
@pytest.mark.parametrize("is_told_first", [True, False])
async def test_a_company_that_went_while_its_line_was_written_leaves_nothing_to_show(house, make, merged_into, is_told_first):
    await house.linked_company("c1", "17")
    await house.win(make.deal(1, value=None))
    line = await house.sent_one(SaveLimeGoCompany)
    gone, refused = house.removed("c1", merged_into=merged_into), house.refused(line, "company_missing")
    await house.hear(*((gone, refused) if is_told_first else (refused, gone)))
    for _ in range(2):
        house.pass_time(901)
        await house.loops.recheck()
        await house.loops.show()
    assert (await house.record("company", "c1")).get("state", "withdrawn") == "withdrawn"
    due = "SELECT count(*) FROM company_shown WHERE connection_id = $1 AND is_due"
    assert await house.database.pool.fetchval(due, house.connection_id) == 0


async def test_a_merged_company_s_link_and_documents_go_to_the_survivor(house, make):
    await house.invoiced(1, "1042")
    await house.win(make.deal(2, "c2"), make.company("c2"))
    await house.hear(house.review("organisation_number_shared", "c2", ("17",)), house.invoice_changed(make.invoice("1042", "17")))
    await house.sent()
    await house.hear(house.removed("c1", merged_into="c2"))
    assert await links_of(house) == {"c2": "17"}
    assert (await customer_of(house, "c2"))[0] == "done"
    assert (await house.record(key=1))["company_id"] == "c2"
    sent = await house.sent()
    assert [(one.company_id, one.customer_number) for one in sent if isinstance(one, CompanyLinked)] == [("c2", "17")]
    assert [one.customer_number for one in sent if isinstance(one, CreateFortnoxInvoice)] == ["17"]
    assert {one.company_id for one in sent if isinstance(one, SaveLimeGoInvoice | SaveLimeGoCompany)} == {"c2"}


async def test_a_survivor_with_a_customer_of_its_own_waits_for_a_person(house, browser):
    await house.linked_company("c1", "17")
    await house.linked_company("c2", "18")
    await house.hear(house.removed("c1", merged_into="c2"), house.matched("18", "c2"))
    assert (await customer_of(house, "c2"))[:2] == ("needs_attention", "merged_with_another_customer")
    page = await press(browser, Page((await browser.get("/?state=needs_attention")).text), "Länka 17")
    await press(browser, page, "Ja, länka")
    assert await links_of(house) == {"c2": "17"}
    assert (await customer_of(house, "c2"))[0] == "done"


async def test_a_survivor_with_another_number_waits_for_a_person(house, make):
    await house.linked_company("c1", "17")
    await house.hear(house.company_changed(make.company("c2", organisation_number=OTHER)), house.removed("c1", merged_into="c2"))
    assert await links_of(house) == {}
    assert (await customer_of(house, "c2"))[:2] == ("needs_attention", "merged_with_another_customer")


async def test_a_customer_that_was_being_made_for_a_company_that_went_is_linked_to_nobody_and_made_once(house, make):
    await house.win(make.deal(1, "c1"))
    await house.hear(house.not_found())
    order = await house.sent_one(SaveFortnoxCustomer)
    await house.hear(house.removed("c1", merged_into="c2"), *house.win_messages(make.deal(2, "c2"), make.company("c2")))
    await house.hear(house.not_found(make.company("c2")))
    assert await house.count_sent("SaveFortnoxCustomer") == 1
    await house.hear(house.saved(order, "51"))
    assert (await customer_of(house))[0] == "withdrawn"
    await house.hear(house.customer_changed("51", "Exempel c2", OWN), house.matched("51", "c2"))
    assert await links_of(house) == {"c2": "51"}
    assert "made_for_nobody" in await house.story("customer", "c1")


async def test_a_company_that_comes_back_is_a_client_again(house, make):
    await house.linked_company("c1", "17")
    gone = house.removed("c1")
    await house.hear(gone)
    await house.win(make.deal(3))
    await house.hear(gone)
    assert (await customer_of(house))[0] == "matching"
    await house.hear(house.matched("17"))
    assert await links_of(house) == {"c1": "17"}
