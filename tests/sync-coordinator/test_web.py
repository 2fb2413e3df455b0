"""The API and the pages."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from contracts.commands import CreateFortnoxInvoice, ReadLimeGoCompany
from contracts.events import CompanyConfirmedNew, ConnectionChanged
from support.html_forms import Page

BODY = {"limego_database": "other", "fortnox_tenant": 5, "settings": {"standard_article": "7"}}


async def a_waiting_company(house, make, company_id="c1"):
    await house.win(make.deal(1, company_id), make.company(company_id, organisation_number="5599000011"))
    await house.hear(house.review("several_customers", company_id, ("17", "18")))
    await house.sent()


async def test_activation_makes_a_connection_and_tells_everybody(house, browser):
    answer = await browser.post("/api/connections", json=BODY)
    assert answer.status_code == 201
    house.connection_id, house.read = UUID(answer.json()["connection_id"]), 0
    (message,) = await house.sent()
    assert isinstance(message, ConnectionChanged)
    assert (message.limego_database, message.settings.standard_article, message.generation) == ("other", "7", 1)


@pytest.mark.parametrize(
    ("change", "error"), [({"fortnox_tenant": 6}, "database_taken"), ({"limego_database": "x"}, "tenant_taken")]
)
async def test_a_database_or_a_tenant_has_one_connection_for_ever(browser, house, change, error):
    first = await browser.post("/api/connections", json=BODY)
    second = await browser.post("/api/connections", json={**BODY, **change})
    assert (second.status_code, second.json()) == (409, {"error": error, "owner": first.json()["connection_id"]})


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"{}",
        b'{"limego_database": "", "fortnox_tenant": 1}',
        b'{"limego_database": "a", "fortnox_tenant": 1, "settings": {"curency": "SEK"}}',
        b'{"limego_database": "a", "fortnox_tenant": 1, "settings": {"documents_per_hour_limit": 0}}',
    ],
)
async def test_a_wrong_activation_says_what_is_wrong(browser, house, body):
    answer = await browser.post("/api/connections", content=body)
    assert answer.status_code == 422
    assert answer.json()["fields"]


async def test_a_pause_is_told_with_a_higher_version_and_the_same_generation(house, browser):
    for action, state in (("pause", "paused"), ("pause", "paused"), ("resume", "active")):
        answer = await browser.post(f"/api/connections/{house.connection_id}/{action}")
        assert answer.json() == {"state": state}
    told = await house.sent()
    assert [(message.state, message.generation) for message in told] == [("paused", 1), ("active", 1)]
    assert told[0].version < told[1].version


async def test_records_are_listed_with_reason_remedy_and_timeline(house, make, browser):
    await a_waiting_company(house, make)
    answer = (await browser.get("/api/records", params={"kind": "customer", "key": "c1", "lang": "en"})).json()
    (record,) = answer["records"]
    assert (record["state"], record["reason"], record["candidates"]) == ("needs_attention", "several_customers", ["17", "18"])
    assert "Choose the right customer number" in record["remedy"]
    assert [entry["code"] for entry in record["timeline"]] == ["triggered", "needs_attention"]
    assert (await browser.get("/api/records", params={"state": "done"})).json() == {"records": [], "total": 0}
    assert (await browser.get("/api/records", params={"state": "odd"})).status_code == 422


async def test_try_again_orders_a_fresh_reading(house, make, browser):
    await a_waiting_company(house, make)
    path = f"/api/records/customer/{house.connection_id}/c1"
    assert (await browser.post(f"{path}/try-again")).status_code == 202
    await house.sent_one(ReadLimeGoCompany)


@pytest.mark.parametrize("reason", ["scored", "organisation_number_missing"])
async def test_try_again_answers_over_the_api_as_the_page_shows_it(house, make, browser, reason):
    await house.win(make.deal())
    await house.hear(house.review(reason))
    await house.sent()
    path = f"/records/customer/{house.connection_id}/c1/try-again"
    is_offered = path in (await browser.get("/")).text
    answer = await browser.post(f"/api{path}")
    assert (answer.status_code == 202) is is_offered is (reason != "scored")
    if not is_offered:
        assert answer.json() == {"error": "cannot_help", "owner": None, "reason": "scored"}
        assert (
            "Another try does not help"
            in (await browser.get((await browser.post(path, data={"lang": "en"})).headers["location"])).text
        )
        assert (await house.record("customer", "c1"))["state"] == "needs_attention"
    assert bool(await house.sent()) is is_offered


async def test_try_again_of_what_is_done_or_unknown_is_refused(house, make, browser):
    await house.invoiced()
    done = await browser.post(f"/api/records/invoice/{house.connection_id}/1/try-again")
    assert (done.status_code, done.json()["error"]) == (409, "nothing_to_try")
    paths = (f"invoice/{house.connection_id}/99", f"invoice/{uuid4()}/1", f"nonsense/{house.connection_id}/1", "invoice/x/1")
    for path in paths:
        assert (await browser.post(f"/api/records/{path}/try-again")).status_code == 404


async def test_linking_by_api_releases_the_invoice_and_shows_what_another_link_would_move(house, make, browser):
    await a_waiting_company(house, make)
    path = f"/api/records/customer/{house.connection_id}/c1/link"
    assert (await browser.post(path, json={"customer_number": " 17 "})).status_code == 200
    invoice, told = await house.sent_with_link(CreateFortnoxInvoice)
    assert (invoice.customer_number, told.customer_number, told.company_id) == ("17", "17", "c1")
    again = await browser.post(path, json={"customer_number": "18"})
    assert (again.status_code, again.json()["error"]) == (409, "not_confirmed")
    seen = (await browser.get(path, params={"customer_number": "18"})).json()
    assert seen == again.json()["preview"]
    assert (seen["customer_before"]["customer_number"], seen["customer"]["customer_number"]) == ("17", "18")
    assert (await browser.post(path, json={"customer_number": "18", "confirmed": "stale"})).status_code == 409
    assert (await browser.post(path, json={"customer_number": "18", "confirmed": seen["token"]})).status_code == 200
    assert (await browser.post(path, json={"customer_number": ""})).status_code == 422


async def test_a_company_id_with_odd_characters_has_its_own_address(house, make, browser):
    await a_waiting_company(house, make, "T3Jn/OjE=?")
    page = (await browser.get("/")).text
    path = f"/records/customer/{house.connection_id}/T3Jn%2FOjE%3D%3F/try-again"
    assert path in page
    answer = await browser.post(path, data={"lang": "en"})
    assert answer.headers["location"] == "/?lang=en&notice=asked"


async def test_the_state_is_whole_and_holds_no_personal_data(house, make, browser):
    await house.invoiced()
    answer = await browser.get("/api/state")
    state = answer.json()
    assert [link["customer_number"] for link in state["links"]] == ["17"]
    assert {record["kind"] for record in state["records"]} == {"customer", "invoice"}
    assert "5599000011" not in answer.text
    assert "Exempel" not in answer.text


async def test_the_page_shows_state_reason_and_remedy_in_both_languages(house, make, browser):
    await a_waiting_company(house, make)
    swedish = (await browser.get("/")).text
    assert "Flera kunder i Fortnox har organisationsnumret" in swedish
    assert "Försök igen" in swedish
    assert 'aria-label="Länka 17"' in swedish
    english = (await browser.get("/", headers={"accept-language": "en-GB,en;q=0.8"})).text
    assert "Several customers in Fortnox have the organisation number" in english
    assert (await browser.get("/?lang=sv", headers={"accept-language": "en"})).text.count("Behöver åtgärd")
    assert "5599000011" not in swedish


async def test_the_page_escapes_what_others_wrote(house, make, browser):
    await house.linked_company()
    await house.win(make.deal(1, name="<script>alert(1)</script>"))
    assert "<script>" not in (await browser.get("/")).text


async def test_the_page_is_cut_at_a_hundred_and_filters_by_state(house, make, browser):
    await house.linked_company()
    for deal_id in range(1, 121):
        await house.hear(house.won(make.deal(deal_id, value=None)))
    first, second = (
        (await browser.get("/?state=needs_attention")).text,
        (await browser.get("/?state=needs_attention&page=2")).text,
    )
    assert (first.count('class="record"'), second.count('class="record"')) == (100, 20)
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert (await browser.get("/?state=nonsense&page=x")).status_code == 200


async def test_the_forms_work_and_come_back_with_a_notice(house, make, browser):
    await a_waiting_company(house, make)
    path = f"/records/customer/{house.connection_id}/c1"
    assert (await browser.post(f"{path}/link", data={"customer_number": ""})).headers["location"] == "/?notice=invalid"
    asked = await browser.post(f"{path}/link", data={"customer_number": "17", "state": "needs_attention", "lang": "sv"})
    assert asked.headers["location"] == f"{path}/link?lang=sv&state=needs_attention&customer_number=17"
    page = Page((await browser.get(asked.headers["location"])).text)
    linked = await browser.post(page.form("Ja, länka").action, data=page.form("Ja, länka").fields)
    assert (linked.status_code, linked.headers["location"]) == (303, "/?lang=sv&state=needs_attention&notice=linked")
    assert "Företaget är länkat." in (await browser.get(linked.headers["location"])).text
    paused = await browser.post(f"/connections/{house.connection_id}/pause", data={})
    assert paused.headers["location"] == "/?notice=paused"


async def test_a_refusal_is_announced_as_one_and_an_unknown_notice_is_not_shown(house, browser):
    done, refused = (await browser.get("/?notice=linked")).text, (await browser.get("/?notice=invalid")).text
    assert 'role="status"' in done
    assert 'role="alert"' not in done
    assert 'role="alert"' in refused
    assert "Ring 0900" not in (await browser.get("/?notice=Ring+0900")).text


async def test_an_invoice_whose_customer_is_gone_offers_the_link_of_its_company(house, make, browser):
    await house.linked_company("T3J/=", "17")
    await house.win(make.deal(1, "T3J/="))
    await house.hear(house.refused(await house.sent_one(CreateFortnoxInvoice), "customer_missing"))
    await house.sent()
    path = f"/records/customer/{house.connection_id}/T3J%2F%3D/link"
    assert f'action="{path}"' in (await browser.get("/?state=needs_attention")).text
    page = Page((await browser.get(path, params={"customer_number": "18"})).text)
    await browser.post(path, data=page.form("Ja, länka").fields)
    invoice, _ = await house.sent_with_link(CreateFortnoxInvoice)
    assert invoice.customer_number == "18"


async def test_a_company_that_is_only_alike_can_be_created_from_the_page_in_both_languages(house, make, browser):
    await house.win(make.deal(1, "T3J/="), make.company("T3J/="))
    await house.hear(house.review("scored", "T3J/=", ("17",)))
    await house.sent()
    path = f"/records/customer/{house.connection_id}/T3J%2F%3D/confirm-new"
    for language, button in (("sv", "Skapa ny kund"), ("en", "Create a new customer")):
        page = (await browser.get(f"/?lang={language}")).text
        assert page.count(f'action="{path}"') == 1
        assert f"{button}</button>" in page
    done = await browser.post(path, data={"lang": "sv"})
    assert done.headers["location"] == "/?lang=sv&notice=confirmed_new"
    assert 'role="status"' in (await browser.get(done.headers["location"])).text
    assert (await house.sent_one(CompanyConfirmedNew)).company_id == "T3J/="
    again = await browser.post(path, data={"lang": "sv"})
    assert again.headers["location"] == "/?lang=sv&notice=customer_under_way"
    assert path not in (await browser.get("/")).text


async def test_where_the_number_decides_the_page_offers_no_new_customer_and_says_what_to_do(house, make, browser):
    await a_waiting_company(house, make)
    path = f"/records/customer/{house.connection_id}/c1/confirm-new"
    assert path not in (await browser.get("/")).text
    refused = await browser.post(path, data={"lang": "sv"})
    assert refused.headers["location"] == "/?lang=sv&notice=not_about_likeness"
    assert "Gör det som står på raden" in (await browser.get(refused.headers["location"])).text
    api = f"/api/records/customer/{house.connection_id}/c1/confirm-new"
    answer = await browser.post(api)
    assert (answer.status_code, answer.json()["error"]) == (409, "not_about_likeness")
    await house.hear(house.review("little_agrees", "c1", ("17",)))
    assert (await browser.post(api)).status_code == 202
    for other in (api.replace("customer", "invoice"), api.replace("c1", "c9")):
        assert (await browser.post(other)).status_code == 404


async def test_an_address_that_is_not_there_is_answered_in_the_reader_s_form(house, browser):
    for answer, code in ((await browser.get("/api/nowhere"), 404), (await browser.put("/api/records"), 405)):
        assert answer.status_code == code
        assert answer.json() == {"error": {404: "not_found", 405: "method_not_allowed"}[code]}
    assert "Gå till /" in (await browser.get("/nowhere")).text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"host": "evil.example"},
    ],
)
async def test_another_site_can_do_nothing(house, browser, headers):
    for path in (f"/connections/{house.connection_id}/pause", f"/api/connections/{house.connection_id}/pause"):
        assert (await browser.post(path, headers=headers)).status_code == 403
    assert await house.sent() == []


async def test_our_own_page_may_post(house, browser):
    headers = {"sec-fetch-site": "same-origin", "origin": "http://test"}
    assert (await browser.post(f"/connections/{house.connection_id}/pause", headers=headers)).status_code == 303


async def test_every_answer_is_guarded_by_a_strict_policy(house, browser):
    for path in ("/", "/api/state", "/static/style.css", "/nowhere"):
        answer = await browser.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
    page = (await browser.get("/")).text
    assert "http://" not in page.replace("http://test", "")
    assert "<script" not in page
    assert " style=" not in page
