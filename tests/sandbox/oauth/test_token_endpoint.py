"""Line 7 of the checklist: three grants, single-use refresh tokens with the measured race, ten-minute codes, revoke."""

import base64
import gzip
import json

import pytest

INVALID_GRANT = {"error": "invalid_grant", "error_description": "Invalid refresh token"}
HTML = "text/html; charset=UTF-8"


async def works(person, pair):
    return (await person.get("customers", pair["access_token"])).status_code == 200


async def test_a_code_becomes_a_pair_of_tokens(person):
    answer = await person.exchange(await person.code())
    assert answer.status_code == 200
    assert list(answer.json()) == ["access_token", "expires_in", "token_type", "scope", "refresh_token"]
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    pair = answer.json()
    assert (pair["expires_in"], pair["token_type"], pair["scope"]) == (3600, "bearer", "customer invoice")
    assert len(pair["refresh_token"]) == 40
    assert await works(person, pair)


@pytest.mark.checklist("fortnox", 7)
async def test_an_access_token_has_the_known_claims(person, claims):
    head, body = claims((await person.pair())["access_token"])
    assert head == {"typ": "JWT", "alg": "HS256"}
    assert json.loads(gzip.decompress(base64.b64decode(body.pop("rightsAsJson")))).keys() == {"customer", "invoice"}
    identity = body.pop("id")
    assert (len(identity), body.pop("jti")) == (40, identity)
    assert body == {
        "userId": 1,
        "tenantId": 100,
        "clientId": "app",
        "scopes": ["customer", "invoice"],
        "authsource": "OAUTH2",
        "iss": "https://api.fortnox.se/oauth2",
        "aud": "app",
        "sub": "1@100",
        "iat": 1780315200,
        "exp": 1780318800,
        "token_type": "bearer",
        "scope": "customer invoice",
    }


@pytest.mark.checklist("fortnox", 7)
async def test_a_code_works_once_and_for_ten_minutes(person):
    code = await person.code()
    await person.advance(599)
    assert (await person.exchange(code)).status_code == 200
    again = await person.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    late = await person.code()
    await person.advance(600)
    assert (await person.exchange(late)).status_code == 400


async def test_a_code_is_good_for_its_own_app_and_address_only(person):
    await person.add_app("other")
    code = await person.code()
    assert (await person.exchange(code, client="other")).json()["error"] == "invalid_grant"
    assert (await person.exchange(code, redirect_uri="https://app.example/")).json()["error"] == "invalid_grant"
    assert (await person.exchange(code)).status_code == 400, "the wrong address has spent it"
    own = await person.code()
    assert (await person.exchange(own, client="other")).status_code == 400
    assert (await person.exchange(own)).status_code == 200


async def test_without_access_type_offline_there_is_no_refresh_token(person):
    assert "refresh_token" not in await person.pair(access_type=None)


@pytest.mark.checklist("fortnox", 7)
async def test_a_used_refresh_token_is_refused_and_the_chain_lives_on(person):
    first = await person.pair()
    second = (await person.refresh(first["refresh_token"])).json()
    assert list(second) == list(first)
    assert second["refresh_token"] != first["refresh_token"]
    await person.advance(1)
    used = await person.refresh(first["refresh_token"])
    assert (used.status_code, used.headers["Content-Type"], used.json()) == (400, HTML, INVALID_GRANT)
    assert await works(person, first), "the first access token runs out by itself"
    third = await person.refresh(second["refresh_token"])
    assert third.status_code == 200
    assert await works(person, third.json())


@pytest.mark.checklist("fortnox", 7)
async def test_of_two_refreshes_in_the_same_instant_only_the_last_pair_stays_good(person):
    start = await person.pair()
    early, late = [(await person.refresh(start["refresh_token"])).json() for _ in range(2)]
    assert early.keys() == late.keys()
    assert early["refresh_token"] != late["refresh_token"]
    assert [await works(person, pair) for pair in (start, early, late)] == [True, False, True]
    lost = await person.refresh(early["refresh_token"])
    assert (lost.status_code, lost.json()) == (400, INVALID_GRANT)
    assert (await person.refresh(late["refresh_token"])).status_code == 200


async def test_the_instant_of_the_race_is_a_switch(person):
    await person.switch(refresh_race_window=0)
    first = await person.pair()
    assert [(await person.refresh(first["refresh_token"])).status_code for _ in range(2)] == [200, 400]
    await person.switch(refresh_race_window=5, race_ends_access_token=False)
    second = await person.pair()
    early = (await person.refresh(second["refresh_token"])).json()
    await person.advance(4.9)
    assert (await person.refresh(second["refresh_token"])).status_code == 200
    assert await works(person, early)
    await person.advance(0.2)
    assert (await person.refresh(second["refresh_token"])).status_code == 400


async def test_a_refresh_token_lives_45_days_and_each_refresh_starts_anew(person):
    pair = await person.pair()
    for _ in range(2):
        await person.advance(45 * 86_400 - 1)
        pair = (await person.refresh(pair["refresh_token"])).json()
    await person.advance(45 * 86_400)
    assert (await person.refresh(pair["refresh_token"])).json() == INVALID_GRANT


@pytest.mark.checklist("fortnox", 7)
async def test_a_refresh_whose_answer_is_lost_has_spent_the_token(person):
    pair = await person.pair()
    fault = {"system": "fortnox", "operation": "POST /oauth-v1/token", "kind": "answer_502", "connection": "100"}
    await person.control("POST", "faults", fault)
    assert (await person.refresh(pair["refresh_token"])).status_code == 502
    await person.advance(1)
    assert (await person.refresh(pair["refresh_token"])).json() == INVALID_GRANT


async def test_another_apps_refresh_token_is_unknown(person):
    await person.add_app("other")
    assert (await person.refresh((await person.pair())["refresh_token"], client="other")).json() == INVALID_GRANT


@pytest.mark.parametrize("wrong", [{"client": "nobody"}, {"secret": "guess"}])
async def test_wrong_client_credentials_are_401_in_plain_text(person, wrong):
    for answer in (await person.refresh("x", **wrong), await person.credentials(**wrong), await person.exchange("x", **wrong)):
        assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/plain;charset=UTF-8")
        assert answer.json() == {"error": "invalid_client", "error_description": "The client credentials are invalid"}


async def test_client_id_and_secret_in_the_body_or_fields_as_json_are_not_read(person):
    fields = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "secret"}
    assert (await person.http.post("/fortnox/oauth-v1/token", data=fields)).status_code == 401
    answer = await person.http.post("/fortnox/oauth-v1/token", json=fields, auth=("app", "secret"))
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert (await person.http.get("/fortnox/oauth-v1/token")).status_code == 405


@pytest.mark.checklist("fortnox", 7)
async def test_client_credentials_stand_on_a_service_account(person, claims):
    assert (await person.credentials()).json()["error"] == "invalid_grant"
    await person.pair()
    assert (await person.credentials()).status_code == 400, "a person's consent is not a service account"
    await person.code(account_type="service")
    answer = await person.credentials()
    assert list(answer.json()) == ["access_token", "expires_in", "token_type"]
    body = claims(answer.json()["access_token"])[1]
    assert (body["sub"], body["scope"]) == ("2@100", "customer invoice")
    await person.advance(10 * 365 * 86_400)
    assert (await person.credentials()).status_code == 200, "the consent has no end"


@pytest.mark.checklist("fortnox", 7)
@pytest.mark.parametrize("tenant", [None, "", "999", "abc"])
async def test_client_credentials_without_a_known_tenant_are_refused(person, tenant):
    await person.code(account_type="service")
    assert (await person.credentials(tenant)).json()["error"] == "invalid_grant"
    await person.switch(no_consent_answers_401=True)
    assert (await person.credentials(tenant)).status_code == 401


async def test_a_scope_sent_with_client_credentials_narrows_the_token(person, claims):
    await person.code(account_type="service")
    token = (await person.credentials(scope="customer")).json()["access_token"]
    assert claims(token)[1]["scope"] == "customer"
    assert (await person.credentials(scope="order")).json()["error"] == "invalid_scope"
    await person.switch(credentials_scope_narrows=False, credentials_answer_scope=True)
    assert (await person.credentials(scope="order")).json()["scope"] == "customer invoice"


async def test_an_app_without_the_right_to_service_accounts_gets_no_client_credentials(person):
    await person.code(account_type="service")
    await person.control("POST", "fortnox/apps", {"client_id": "app", "service_accounts": False})
    answer = await person.credentials()
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Client does not allow service account")


async def test_a_vanished_licence_shows_at_the_token_endpoint_and_spends_nothing(person):
    pair = await person.pair()
    await person.code(account_type="service")
    await person.change(licences=["invoicing"])
    for answer in (await person.refresh(pair["refresh_token"]), await person.credentials()):
        assert (answer.status_code, answer.json()["error"]) == (400, "error_missing_license")
    await person.change(licences=["integration", "invoicing"])
    assert (await person.refresh(pair["refresh_token"])).status_code == 200


@pytest.mark.checklist("fortnox", 7)
async def test_revoke_says_yes_to_everything_and_ends_the_chain(person):
    pair = await person.pair()
    for token in ("0" * 40, pair["refresh_token"], pair["refresh_token"]):
        answer = await person.revoke(token)
        assert (answer.status_code, answer.json()) == (200, {"revoked": True})
    assert (await person.refresh(pair["refresh_token"])).json() == INVALID_GRANT
    assert await works(person, pair), "access tokens stay usable until they run out"
    assert (await person.revoke(pair["refresh_token"], secret="guess")).status_code == 401


@pytest.mark.parametrize(("ends", "status"), [(True, 400), (False, 200)])
async def test_revoking_a_service_accounts_token_ends_its_consent_unless_a_switch_says_otherwise(person, ends, status):
    await person.switch(revoke_ends_consent=ends)
    pair = await person.pair(account_type="service")
    await person.revoke(pair["refresh_token"])
    assert (await person.credentials()).status_code == status


async def test_revoking_a_persons_token_or_the_one_that_lost_the_race_leaves_the_rest(person):
    await person.code(account_type="service")
    pair = await person.pair()
    early, late = [(await person.refresh(pair["refresh_token"])).json() for _ in range(2)]
    await person.revoke(early["refresh_token"])
    assert (await person.refresh(late["refresh_token"])).status_code == 200
    await person.revoke((await person.pair())["refresh_token"])
    assert (await person.credentials()).status_code == 200


async def test_a_customer_who_removes_the_app_ends_refresh_tokens_and_unused_codes(person):
    await person.add_app("other")
    pair, others = await person.pair(account_type="service"), await person.pair(client_id="other")
    code = await person.code()
    await person.control("DELETE", "fortnox/tenants/100/consent?client=app")
    assert (await person.refresh(pair["refresh_token"])).json() == INVALID_GRANT
    assert (await person.exchange(code)).status_code == 400
    assert (await person.credentials()).status_code == 400
    assert (await person.refresh(others["refresh_token"], client="other")).status_code == 200
    await person.control("PUT", "fortnox/tenants/100/consent?client=app")
    assert (await person.credentials()).status_code == 200
