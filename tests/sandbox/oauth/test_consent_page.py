"""The consent page: which requests it shows, and where a person's answer leads (reference 1.1)."""

import pytest


async def test_the_page_names_the_app_the_areas_and_the_companies(person):
    await person.add_tenant("101", name="Låsta <b>AB", is_locked=True, is_administrator=False, licences=["order"])
    answer = await person.page()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    for text in (
        "Provappen vill komma åt",
        "Kundfakturor",
        "Bolag 100 AB",
        "Låsta &lt;b&gt;AB",
        "låst",
        "saknar licens",
        "Godkänn",
        "Neka",
    ):
        assert text in answer.text
    assert "servicekonto" not in answer.text
    of_a_service = (await person.page(account_type="service")).text
    assert all(text in of_a_service for text in ("servicekonto", "du är inte systemadministratör"))


async def test_yes_leads_back_with_a_code_and_the_state_untouched(person):
    values = await person.answer()
    assert values.keys() == {"code", "state"}
    assert values["state"] == "s/1 å"


async def test_the_chosen_company_is_the_tokens_company(person, claims):
    await person.add_tenant("101")
    assert claims((await person.pair(bolag="101"))["access_token"])[1]["tenantId"] == 101
    answer = await person.http.post("/fortnox/oauth-v1/auth", params=person.asked({}), data={"svar": "godkann", "bolag": "9"})
    assert answer.status_code == 400


async def test_no_leads_back_with_access_denied(person):
    values = await person.answer("neka")
    assert values.pop("error_description")
    assert values == {"error": "access_denied", "state": "s/1 å"}
    assert (await person.answer("")).get("error") == "access_denied"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://app.example/callback"},
        {"redirect_uri": "https://evil.example/"},
        {"response_type": "token"},
        {"response_type": None},
        {"state": None},
        {"access_type": "online"},
        {"account_type": "person"},
    ],
)
async def test_a_wrong_request_stops_at_an_error_page(person, wrong):
    for answer in (
        await person.page(**wrong),
        await person.http.post("/fortnox/oauth-v1/auth", params=person.asked(wrong), data={"svar": "godkann", "bolag": "100"}),
    ):
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert 'role="alert"' in answer.text


async def test_the_registered_address_may_be_named(person):
    app = (await person.control("GET", "fortnox/apps"))["apps"][0]
    assert (await person.page(redirect_uri=app["redirect_uri"])).status_code == 200


@pytest.mark.parametrize("scope", ["customer nonsense", "Customer", "order", "", None, "customer,invoice"])
async def test_a_scope_that_the_app_does_not_have_is_sent_back_without_a_page(person, scope):
    await person.control("POST", "fortnox/apps", {"client_id": "app", "scopes": ["customer", "invoice"]})
    answer = await person.page(scope=scope)
    assert answer.status_code == 302
    values = person.followed(answer)
    assert (values["error"], values["state"]) == ("invalid_scope", "s/1 å")


async def test_a_locked_company_leads_back_without_code_and_without_state(person):
    await person.change(is_locked=True)
    assert await person.answer() == {}


async def test_only_a_system_administrator_can_approve_a_service_account(person):
    await person.change(is_administrator=False)
    assert (await person.answer(account_type="service"))["error"] == "error_missing_system_admin_right"
    assert "code" in await person.answer()
    assert (await person.credentials()).status_code == 400


@pytest.mark.parametrize(
    ("licences", "switch", "error"),
    [
        (["integration", "order"], True, "error_missing_license"),
        ([], True, "error_missing_license"),
        (["invoicing"], True, "error_missing_app_license"),
        (["invoicing"], False, "error_missing_license"),
    ],
)
async def test_a_company_without_the_licence_is_sent_back(person, licences, switch, error):
    await person.switch(app_licence_error=switch)
    await person.change(licences=licences)
    assert (await person.answer())["error"] == error


async def test_an_app_that_may_not_use_service_accounts_never_hears_of_it_unless_a_switch_says_so(person):
    await person.control("POST", "fortnox/apps", {"client_id": "app", "service_accounts": False})
    answer = await person.page(account_type="service")
    assert (answer.status_code, "Client does not allow service account" in answer.text) == (400, True)
    assert (await person.page()).status_code == 200
    await person.switch(service_refusal_redirects=True)
    assert person.followed(await person.page(account_type="service"))["error"] == "unauthorized_client"


async def test_an_app_without_a_registered_address_cannot_ask(person):
    await person.add_tenant("101", clients={"bare": "secret"})
    assert (await person.page(client_id="bare")).status_code == 400


async def test_a_new_approval_changes_the_one_service_account_and_not_the_tokens_issued(person, claims):
    old = await person.pair(scope="customer", account_type="service")
    await person.code(scope="customer order", account_type="service")
    assert claims((await person.credentials()).json()["access_token"])[1]["scope"] == "customer order"
    assert (await person.refresh(old["refresh_token"])).json()["scope"] == "customer"
