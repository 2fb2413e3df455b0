"""What is held is listed with amount and date, asked about with number and sum, and released exactly as it was shown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany
from contracts.values import ConnectionState
from support.html_forms import Page

LANGUAGES = {
    "sv": ("Gå vidare med alla (2)", "Skapa 2 fakturor, 3\xa0500,50\xa0kr?", "Ja, skapa 2 fakturor"),
    "en": ("Continue with all (2)", "Create 2 invoices, SEK\xa03,500.50?", "Yes, create 2 invoices"),
}


async def held_deals(house, make, *values):
    await house.activate(documents_per_hour_limit=1)
    await house.linked_company()
    await house.win(make.deal(100))
    for deal_id, value in enumerate(values, 1):
        await house.win(make.deal(deal_id, value=None if value is None else Decimal(value), name=f"Affär {deal_id}"))
        assert (await house.record(key=deal_id))["state"] == "held" or value is None
    await house.sent()


async def page(browser, address, **form):
    answer = await (browser.post(address, data=form) if form else browser.get(address))
    if answer.is_redirect:
        answer = await browser.get(answer.headers["location"])
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


async def press(browser, found, button, **ticked):
    form = found.form(button)
    assert form.method == "post"
    return await page(browser, form.action, **{**form.fields, **form.buttons[button], **ticked})


def held(house, language="sv"):
    return f"/connections/{house.connection_id}/held?lang={language}"


async def released(house):
    return {one.deal_ids for one in await house.sent() if isinstance(one, ReadLimeGoCompany)}


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_nothing_is_released_before_number_and_sum_were_shown_and_agreed_to(house, make, browser, language):
    await held_deals(house, make, "1000.50", "2500")
    all_of_them, question, yes = LANGUAGES[language]
    first = await page(browser, f"/?lang={language}")
    assert held(house, language) in first.links
    assert not any(form.action.endswith("/release") for form in first.forms)
    listed = await page(browser, held(house, language))
    assert "2026-11-24 13:00" in listed.text
    assert all(name in listed.text for name in ("Affär 1", "Affär 2", "Exempel c1 AB"))
    assert not listed.nameless
    asked = await press(browser, listed, all_of_them)
    assert asked.text.count(question) == 1
    assert await house.sent() == []
    told = await press(browser, asked, yes)
    assert "2 " in told.statuses[0]
    assert await released(house) == {(1, 2)}
    await house.win(make.deal(1, value=Decimal("1000.50")))
    assert (await house.sent_one(CreateFortnoxInvoice)).deal.deal_id == 1


async def test_only_what_is_ticked_is_released(house, make, browser):
    await held_deals(house, make, "1000", "2500", "7")
    asked = await press(browser, await page(browser, held(house)), "Gå vidare med de valda", **{"chosen:2": "1"})
    assert "Skapa 1 faktura, 2\xa0500\xa0kr?" in asked.text
    await press(browser, asked, "Ja, skapa 1 faktura")
    assert [(await house.record(key=key))["state"] for key in (1, 2, 3)] == ["held", "matching", "held"]


async def test_without_a_choice_nothing_is_asked_or_released(house, make, browser):
    await held_deals(house, make, "1000")
    found = await press(browser, await page(browser, held(house)), "Gå vidare med de valda")
    assert found.alerts == ["Inget var valt, så inget släpptes."]
    told = await page(browser, f"/connections/{house.connection_id}/release", lang="sv")
    assert told.alerts == ["Inget var valt, så inget släpptes."]
    assert (await house.record())["state"] == "held"


async def test_what_came_or_changed_since_it_was_shown_stays_held_and_the_page_says_so(house, make, browser):
    await held_deals(house, make, "1000", "2500", "60")
    listed = await page(browser, held(house))
    await house.win(make.deal(4, value=Decimal(9_000_000)))
    await house.win(make.deal(1, value=Decimal(99_999)))
    asked = await press(browser, listed, "Gå vidare med alla (3)")
    assert "Skapa 3 fakturor, 3\xa0560\xa0kr?" in asked.text
    await house.hear(house.reopened(3))
    await house.sent()
    told = await press(browser, asked, "Ja, skapa 3 fakturor")
    assert told.alerts == [
        "Släppt: 1 faktura. Inte släppt: 2 fakturor, vars belopp har ändrats eller som inte hålls längre. Granska igen."
    ]
    states = [(await house.record(key=key))["state"] for key in (1, 2, 3, 4)]
    assert states == ["held", "matching", "withdrawn", "held"]


async def test_an_amount_that_changes_after_the_release_is_asked_about_again(house, make, browser):
    await held_deals(house, make, "1000")
    assert await house.release_held() == 1
    await house.win(make.deal(1, value=Decimal(99_999)))
    record = await house.record()
    assert (record["state"], record["reason"]) == ("held", "changed_since_release")
    assert "99\xa0999\xa0kr" in (await page(browser, held(house))).text
    assert await house.release_held() == 1
    await house.win(make.deal(1, value=Decimal(99_999)))
    assert (await house.record())["state"] == "sending"


async def test_the_api_releases_what_it_is_given_and_refuses_a_call_without_a_list(house, make, browser):
    await held_deals(house, make, "1000", "2500")
    address = f"/api/connections/{house.connection_id}/release"
    for body in ({}, {"documents": [], "sum": "0"}):
        assert (await browser.post(address, json=body)).status_code == 422
    assert (await browser.post(address)).status_code == 422
    listed = (await browser.get("/api/records", params={"state": "held"})).json()["records"]
    documents = [{"record_key": one["record_key"], "value": one["value"]} for one in listed]
    wrong = await browser.post(address, json={"documents": documents, "sum": "3501"})
    assert (wrong.status_code, wrong.json()["error"]) == (409, "sum_differs")
    assert await house.sent() == []
    await house.win(make.deal(2, value=Decimal(2501)))
    done = await browser.post(address, json={"documents": documents, "sum": "3500"})
    assert done.json() == {"released": ["1"], "changed": ["2"], "gone": []}
    assert [(await house.record(key=key))["state"] for key in (1, 2)] == ["matching", "held"]


async def test_a_paused_connection_shows_what_is_held_and_offers_no_release(house, make, browser):
    await held_deals(house, make, "1000")
    await house.actions.set_state(house.connection_id, ConnectionState.PAUSED)
    found = await page(browser, held(house))
    assert found.alerts == ["Kopplingen är pausad. Återuppta den först."]
    assert not any(form.buttons for form in found.forms)


async def test_the_pages_of_a_connection_that_is_not_there_lead_back(house, browser):
    unknown = "/connections/nobody/held"
    assert "Posten finns inte." in (await page(browser, unknown)).text
    assert "Posten finns inte." in (await page(browser, unknown, lang="sv")).text
    assert "Posten finns inte." in (await page(browser, "/connections/nobody/release", **{"shown:1": "1"})).text


@pytest.mark.parametrize("step", ["held", "release"])
@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999", "48 tusen"])
async def test_an_amount_that_is_none_releases_nothing_and_is_told(house, make, browser, step, amount):
    await held_deals(house, make, "1000.50", "2500")
    form = {"shown:1": amount, "chosen:1": "on", "shown:2": "2500", "chosen:2": "on"}
    told = await page(browser, f"/connections/{house.connection_id}/{step}", lang="en", **form)
    assert "An amount in the form cannot be read" in told.text
    assert await released(house) == set()
