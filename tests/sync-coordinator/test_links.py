"""Links that a person changes: what would move is shown first, both sides stay one to one, and a stranger is never linked."""

from __future__ import annotations

from itertools import pairwise

import pytest

from contracts.commands import (
    CreateFortnoxInvoice,
    ReadFortnoxCustomer,
    SaveLimeGoCompany,
    SaveLimeGoInvoice,
    WithdrawFortnoxInvoice,
)
from contracts.events import CompanyLinked
from contracts.values import Address
from support.html_forms import Page
from support.links import customer_of, link_by_hand, links_of, press
from sync_coordinator.actions import NotPossibleError, UnconfirmedError
from sync_coordinator.domain.linking import masked

OWN, OTHER, PERSON = "5599000011", "5560360793", "19640823-3234"


async def test_a_link_to_the_wrong_customer_is_corrected_from_the_page_of_a_company_that_is_done(house, make, browser):
    await house.linked_company("c1", "17")
    await house.hear(house.invoice_changed(make.invoice("1042", "17")), house.invoice_changed(make.invoice("1050", "18")))
    first = Page((await browser.get("/")).text)
    address = next(one for one in first.links if one.endswith("/c1/link"))
    page = Page((await browser.get(address)).text)
    form = page.form("Visa")
    page = await press_with(browser, form, customer_number="18")
    assert "Kundnummer före: 17" in page.text
    assert "1050" in page.text
    assert "1042" in page.text
    await house.sent()
    await press(browser, page, "Ja, länka")
    sent = await house.sent()
    assert [(one.company_id, one.customer_number) for one in sent if isinstance(one, CompanyLinked)] == [("c1", "18")]
    assert [one.customer_number for one in sent if isinstance(one, SaveLimeGoCompany)] == ["18"]
    shown = [(one.invoice.document_number, one.payment_status) for one in sent if isinstance(one, SaveLimeGoInvoice)]
    assert shown == [("1050", "due"), ("1042", "moved")], "the documents follow their customer's link"
    await house.hear(house.matched("17"))
    assert await links_of(house) == {"c1": "18"}


async def press_with(browser, form, **fields):
    answer = await browser.post(form.action, data={**form.fields, **fields})
    return Page((await browser.get(answer.headers["location"])).text)


async def test_two_companies_swap_their_customers(house, make, browser):
    await house.linked_company("c1", "17")
    await house.linked_company("c2", "18")
    path = f"/records/customer/{house.connection_id}/c1/link"
    page = Page((await browser.get(path, params={"customer_number": "18"})).text)
    assert "Exempel c2 AB" in page.text
    await press(browser, page, "Byt länkarna med varandra")
    assert await links_of(house) == {"c1": "18", "c2": "17"}
    sent = await house.sent()
    told = [(one.company_id, one.customer_number) for one in sent if isinstance(one, CompanyLinked)]
    assert sorted(told) == [("c1", "18"), ("c2", "17")]
    shown = [(one.company_id, one.customer_number) for one in sent if isinstance(one, SaveLimeGoCompany)]
    assert sorted(shown) == [("c1", "18"), ("c2", "17")], "both companies show their new number"
    assert [await customer_of(house, one) for one in ("c1", "c2")] == [("done", "", "18"), ("done", "", "17")]
    await house.hear(house.matched("17", "c1"), house.matched("18", "c2"))
    assert await links_of(house) == {"c1": "18", "c2": "17"}
    assert [(await customer_of(house, one))[0] for one in ("c1", "c2")] == ["done", "done"]


async def test_who_loses_the_customer_waits_for_a_person_and_shows_no_number(house, make):
    await house.linked_company("c1", "17")
    await house.win(make.deal(2, "c2"))
    await house.hear(house.review("name_contradicts", "c2", ("17",)))
    with pytest.raises(UnconfirmedError):
        await house.actions.link(house.connection_id, "c2", "17")
    assert await links_of(house) == {"c1": "17"}
    await house.sent()
    await link_by_hand(house, "c2", "17")
    assert await links_of(house) == {"c2": "17"}
    assert (await customer_of(house, "c1"))[:2] == ("needs_attention", "customer_linked_elsewhere")
    sent = await house.sent()
    assert [one.customer_number for one in sent if isinstance(one, CreateFortnoxInvoice)] == ["17"]
    cleared = next(one for one in sent if isinstance(one, SaveLimeGoCompany) and one.company_id == "c1")
    assert (cleared.customer_number, cleared.clear_customer_number) == (None, True)
    await link_by_hand(house, "c1", "18")
    assert await links_of(house) == {"c1": "18", "c2": "17"}


async def test_an_invoice_on_its_way_to_the_wrong_customer_is_taken_back_and_decided_for_the_right_one(house, make):
    await house.linked_company("c1", "17")
    await house.win(make.deal(1))
    wrong = await house.sent_one(CreateFortnoxInvoice)
    seen = await house.actions.look_at_link(house.connection_id, "c1", "18")
    assert seen.under_way == ("1",)
    await link_by_hand(house, "c1", "18")
    assert [one.deal_id for one in await house.sent() if isinstance(one, WithdrawFortnoxInvoice)] == [1]
    await house.hear(house.superseded(wrong), house.won(make.deal(1)))
    invoices = [one for one in await house.sent() if isinstance(one, CreateFortnoxInvoice)]
    assert [one.customer_number for one in invoices] == ["18"]


async def test_what_was_seen_is_what_is_confirmed(house, make):
    await house.linked_company("c1", "17")
    await house.linked_company("c2", "18")
    seen = await house.actions.look_at_link(house.connection_id, "c2", "19")
    await house.hear(house.customer_changed("19", "En helt annan", OTHER))
    with pytest.raises(UnconfirmedError):
        await house.actions.link(house.connection_id, "c2", "19", confirmed=seen.token)
    assert await links_of(house) == {"c1": "17", "c2": "18"}


async def test_any_sequence_of_moves_and_swaps_leaves_a_bijection(house):
    companies, numbers = ("c1", "c2", "c3"), ("17", "18", "19")
    for company_id, number in zip(companies, numbers, strict=True):
        await house.linked_company(company_id, number)
    for turn, (one, other) in enumerate(pairwise(companies * 4)):
        number = numbers[turn % 3]
        held = await links_of(house)
        may_swap = one in held and held[one] != number and number in held.values()
        await link_by_hand(house, one, number, swap=bool(turn % 2) and may_swap)
        if other not in await links_of(house):
            free = next(number for number in ("88", *numbers) if number not in (await links_of(house)).values())
            await link_by_hand(house, other, free)
        links = await links_of(house)
        assert len(set(links.values())) == len(links)


async def test_a_number_is_shown_with_name_number_and_city_and_a_stranger_asks_again(house, make, browser):
    await house.hear(house.customer_changed("5", "Norrsken Måleri AB", OTHER, address=Address(city="Umeå")))
    await house.win(make.deal(), make.company(organisation_number=OWN))
    await house.hear(house.review("scored", candidates=("17",)))
    page = Page((await browser.get("/")).text)
    page = await press_with(browser, page.form("Visa"), customer_number="5")
    for shown in ("Norrsken Måleri AB", "556036-0793", "Umeå", "Exempel c1 AB", "559900-0011", "Organisationsnumren är olika."):
        assert shown in page.text
    assert await links_of(house) == {}
    api = f"/api/records/customer/{house.connection_id}/c1/link"
    refused = await browser.post(api, json={"customer_number": "5"})
    assert refused.json()["preview"]["contradictions"] == ["organisation_number", "name"]
    await press(browser, page, "Ja, länka")
    assert await links_of(house) == {"c1": "5"}


async def test_a_number_that_fortnox_does_not_have_is_refused(house, make, browser):
    await house.win(make.deal())
    await house.hear(house.review("scored", candidates=("17",)))
    await house.sent()
    page = Page((await browser.get("/")).text)
    page = await press_with(browser, page.form("Visa"), customer_number="99999")
    assert "Numret söks i Fortnox" in page.text
    order = await house.sent_one(ReadFortnoxCustomer)
    assert order.customer_number == "99999"
    await house.hear(house.refused(order, "customer_missing"))
    page = (await browser.get(f"/records/customer/{house.connection_id}/c1/link", params={"customer_number": "99999"})).text
    assert "Fortnox har ingen kund med det numret." in page
    assert "Ja, länka" not in page
    with pytest.raises(NotPossibleError):
        await house.actions.link(house.connection_id, "c1", "99999", confirmed="x")
    assert await links_of(house) == {}


async def test_a_number_that_is_new_to_us_is_looked_up_once_and_linked_when_fortnox_has_it(house, make):
    await house.win(make.deal())
    await house.hear(house.review("scored"))
    await house.sent()
    for _ in range(2):
        with pytest.raises(NotPossibleError) as asked:
            await house.actions.link(house.connection_id, "c1", "4711")
        assert asked.value.code == "customer_looked_up"
    order = await house.sent_one(ReadFortnoxCustomer)
    await house.hear(house.customer_changed("4711", "Exempel c1", OWN), house.saved(order, "4711"))
    await house.actions.link(house.connection_id, "c1", "4711")
    assert await links_of(house) == {"c1": "4711"}


async def test_candidates_have_names_numbers_cities_and_a_button_each(house, make, browser):
    await house.hear(
        house.customer_changed("125", "Nordvik Bygg AB", OTHER, address=Address(city="Kalmar")),
        house.customer_changed("124", "Sven Svensson", PERSON, address=Address(city="Växjö")),
    )
    await house.win(make.deal())
    await house.hear(house.review("name_shared", candidates=("125", "124")))
    text = (await browser.get("/")).text
    assert "125 · Nordvik Bygg AB · 556036-0793 · Kalmar" in text
    assert "124 · Sven Svensson · 640823-**** · Växjö" in text
    assert "3234" not in text
    page = await press(browser, Page(text), "Länka 124")
    assert "640823-****" in page.text
    assert "3234" not in page.text
    await press(browser, page, "Ja, länka")
    assert await links_of(house) == {"c1": "124"}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("5599000011", "559900-0011"),
        ("196408233234", "640823-****"),
        ("640883-3231", "640883-****"),
        ("NO 923 456", "NO 923 456"),
    ],
)
def test_a_personal_number_is_masked_and_a_company_s_is_not(number, shown):
    assert masked(number) == shown


async def test_the_number_of_a_linked_company_changes_and_its_invoices_wait_until_it_is_changed_back(house, make):
    await house.hear(house.customer_changed("17", "Exempel c1", OWN))
    await house.linked_company("c1", "17")
    await house.hear(house.company_changed(make.company(organisation_number=OTHER)))
    assert (await customer_of(house)) == ("needs_attention", "organisation_number_changed", "17")
    await house.hear(house.won(make.deal(7)), house.matched("17"))
    assert (await house.record(key=7))["state"] == "waiting"
    assert await house.count_sent("CreateFortnoxInvoice") == 0
    await house.hear(house.company_changed(make.company()))
    assert (await customer_of(house))[0] == "done"
    assert await house.count_sent("CreateFortnoxInvoice") == 1


async def test_the_matcher_s_word_that_the_number_changed_counts_for_a_company_that_is_done(house):
    await house.linked_company("c1", "17")
    await house.hear(house.review("organisation_number_changed", candidates=("17",)))
    assert (await customer_of(house))[:2] == ("needs_attention", "organisation_number_changed")
    await house.hear(house.matched("17"))
    assert (await customer_of(house))[0] == "done"


async def test_the_customer_s_number_changes_in_fortnox_and_the_same_is_confirmed_for_good(house, make, browser):
    await house.hear(house.customer_changed("17", "Exempel c1", OWN))
    await house.linked_company("c1", "17")
    await house.hear(house.customer_changed("17", "Exempel c1", OTHER))
    assert (await customer_of(house))[:2] == ("needs_attention", "organisation_number_changed")
    await house.hear(house.matched("17"))
    assert (await customer_of(house))[0] == "needs_attention"
    page = await press(browser, Page((await browser.get("/")).text), "Länka 17")
    assert "du bekräftar att det är samma kund" in page.text
    await press(browser, page, "Ja, länka")
    await house.hear(house.review("organisation_number_changed", candidates=("17",)))
    await house.hear(house.customer_changed("17", "Exempel c1", OTHER, email="ny@exempel.example"))
    assert (await customer_of(house))[0] == "done"
    await house.hear(house.company_changed(make.company(organisation_number="5567037485")))
    assert (await customer_of(house))[:2] == ("needs_attention", "organisation_number_changed")


async def test_a_number_changed_on_both_sides_heals_by_itself(house, make):
    await house.hear(house.customer_changed("17", "Exempel c1", OWN))
    await house.linked_company("c1", "17")
    await house.hear(house.company_changed(make.company(organisation_number=OTHER)))
    assert (await customer_of(house))[0] == "needs_attention"
    await house.hear(house.customer_changed("17", "Exempel c1", "556036-0793"))
    assert (await customer_of(house))[0] == "done"
    await house.hear(house.review("organisation_number_changed", candidates=("17",)))
    assert (await customer_of(house))[0] == "done"


async def test_a_number_that_is_only_hidden_or_written_otherwise_is_no_change(house, make):
    await house.hear(house.customer_changed("17", "Exempel c1", OWN))
    await house.linked_company("c1", "17")
    for number in ("559900-0011", "165599000011", None):
        await house.hear(house.company_changed(make.company(organisation_number=number)))
        assert (await customer_of(house))[0] == "done"
