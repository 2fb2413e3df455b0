"""A refusal names who refused and where to mend it; refusals of one cause stand together and heal by themselves."""

from __future__ import annotations

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany, SaveLimeGoInvoice
from contracts.values import ConnectionState
from support.html_forms import Page
from sync_coordinator.domain.reasons import OUTSIDE, REASONS, reason_of

YEAR = "Det finns inget öppet räkenskapsår för fakturadatumet."
MINUTES = (10, 20, 40, 80, 160, 240, 240)


async def refused(house, make, reason="year_closed", detail=YEAR, deals=(1, 2, 3)):
    await house.activate(documents_per_hour_limit=100)
    await house.linked_company()
    for deal_id in deals:
        await house.win(make.deal(deal_id))
        await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), reason, detail))
        await house.sent()


async def test_what_lies_outside_the_record_is_tried_again_after_pauses_that_double(house, make):
    await refused(house, make, deals=(1,))
    for minutes in MINUTES:
        wait = (await house.record())["recheck_at"] - house.now
        assert wait.total_seconds() == minutes * 60
        house.pass_time(minutes * 60 + 1)
        await house.loops.recheck()
        await house.hear(house.saved(await house.sent_one(ReadLimeGoCompany)))
        await house.win(make.deal())
        await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "year_closed", YEAR))
        await house.sent()


async def test_once_the_year_is_open_all_go_through_without_a_click(house, make):
    await refused(house, make)
    house.pass_time(601)
    await house.loops.recheck()
    await house.hear(house.saved(await house.sent_one(ReadLimeGoCompany)))
    await house.win(make.deal(1))
    await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), "7"))
    # The others would wait much longer by their own pauses.
    assert await house.loops.recheck() == 1
    asked = [one for one in await house.sent() if isinstance(one, ReadLimeGoCompany)]
    assert {deal_id for one in asked for deal_id in one.deal_ids} >= {2, 3}
    for deal_id in (2, 3):
        await house.win(make.deal(deal_id))
        await house.hear(house.saved(await house.sent_one(CreateFortnoxInvoice), str(deal_id)))
        await house.sent()
    rows = await house.database.pool.fetch("SELECT refused_for, refusals FROM record")
    assert {tuple(row) for row in rows} == {("", 0)}


@pytest.mark.parametrize(
    ("language", "words", "button"),
    [
        ("sv", "3 fakturor, 144\xa0000\xa0kr", "Försök igen med alla (3)"),
        ("en", "3 invoices, SEK\xa0144,000", "Try all again (3)"),
    ],
)
async def test_refusals_of_one_cause_stand_together_and_are_tried_again_by_one_button(
    house, make, browser, language, words, button
):
    await refused(house, make)
    page = Page((await browser.get(f"/?lang={language}")).text)
    assert words in page.text
    assert "Fortnox svarade" in page.text or language == "en"
    assert "2026-11-24 13:10" in page.text
    form = page.form(button)
    answer = await browser.post(form.action, data=form.fields)
    told = Page((await browser.get(answer.headers["location"])).text)
    assert "3 " in told.statuses[0]
    assert (await house.sent_one(ReadLimeGoCompany)).deal_ids == (1, 2, 3)
    assert [(await house.record(key=key))["is_asked"] for key in (1, 2, 3)] == [True] * 3
    again = await browser.post(form.action, data=form.fields)
    assert "nothing_to_try" in again.headers["location"]


async def test_a_button_of_another_time_or_for_nonsense_does_no_harm(house, make, browser):
    await refused(house, make)
    address = f"/connections/{house.connection_id}/try-again"
    for form in ({"record:invoice:99": "1"}, {"record:nonsense:1": "1"}, {"lang": "sv"}):
        assert (await browser.post(address, data=form)).status_code == 303
    await house.actions.set_state(house.connection_id, ConnectionState.PAUSED)
    assert "connection_paused" in (await browser.post(address, data={"record:invoice:1": "1"})).headers["location"]
    assert not any("försök igen" in name.lower() for form in Page((await browser.get("/")).text).forms for name in form.buttons)


async def test_refusals_that_only_words_tell_apart_are_not_mixed(house, make, browser):
    await refused(house, make, "validation", "Momsen stämmer inte.", (1, 2))
    for deal_id in (3, 4):
        await house.win(make.deal(deal_id))
        await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "validation", "Fel valuta."))
        await house.sent()
    names = [name for form in Page((await browser.get("/")).text).forms for name in form.buttons]
    assert names.count("Försök igen med alla (2)") == 2


async def test_what_lime_go_refuses_names_lime_go(house, make, browser):
    await house.linked_company()
    for number in ("1", "2"):
        await house.hear(house.invoice_changed(make.invoice(number)))
        await house.hear(house.refused(await house.sent_one(SaveLimeGoInvoice), "validation", "customerName is too long"))
    text = (await browser.get("/")).text
    assert "Lime Go svarade: <q>customerName is too long</q>" in text
    assert "Fortnox meddelande" not in text
    assert (await house.record("erp_invoice", "1"))["recheck_at"] is not None
    form = Page(text).form("Försök igen med alla (2)")
    await browser.post(form.action, data=form.fields)
    await house.loops.show()
    assert [type(one) for one in await house.sent()] == [SaveLimeGoInvoice] * 2


async def test_a_reading_that_lime_go_refuses_names_lime_go(house, make):
    await house.win(make.deal())
    house.pass_time(901)
    await house.loops.recheck()
    await house.hear(house.refused(await house.sent_one(ReadLimeGoCompany), "validation", "Unknown argument"))
    assert (await house.record("customer", "c1"))["reason"] == "limego_refused"


async def test_the_page_says_when_a_record_is_tried_by_itself_and_offers_a_click_only_where_it_can_help(house, make, browser):
    await house.win(make.deal())
    await house.hear(house.review("scored", "c1", ("17",)))
    text = (await browser.get("/?lang=sv")).text
    assert "Provas igen av sig själv 2026-11-24 13:10." in text
    names = [name for form in Page(text).forms for name in form.buttons]
    assert "Skapa ny kund" in names
    assert "Försök igen" not in names
    await house.hear(house.review("organisation_number_missing"))
    page = Page((await browser.get("/?lang=sv")).text)
    # The customer's; the invoice that waits for it has none of its own.
    assert [form.action.split("/")[2] for form in page.forms if "Försök igen" in form.buttons] == ["customer"]


@pytest.mark.parametrize("reason", sorted({"year_closed", "account_missing", "setting_missing", "data_refused", "validation"}))
def test_a_refusal_of_fortnox_names_fortnox_in_both_languages(reason):
    for language in ("sv", "en"):
        assert all("Fortnox" in words for words in reason_of(reason).words(language))


def test_what_is_tried_again_with_growing_pauses_heals():
    assert all(REASONS[code].heals for code in OUTSIDE)
