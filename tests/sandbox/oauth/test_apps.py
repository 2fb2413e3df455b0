"""Several apps and companies in one world: control, snapshot, reset, and the same answers from the same seed."""

import pytest

from sandbox.fortnox.rights import ALL_SCOPES


async def test_an_app_is_registered_and_changed_in_parts(person):
    made = await person.add_app("second", scopes=["order", "customer"], service_accounts=False)
    assert made["scopes"] == ["customer", "order"]
    changed = await person.control("POST", "fortnox/apps", {"client_id": "second", "client_secret": "new"})
    assert changed == {**made, "client_secret": "new"}
    assert [app["client_id"] for app in (await person.control("GET", "fortnox/apps"))["apps"]] == ["app", "second"]
    assert (await person.credentials(client="second")).status_code == 401
    assert (await person.credentials(client="second", secret="new")).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": ""},
        {"client_id": "new", "client_secret": None},
        {"scopes": ["nonsense"]},
        {"scopes": "customer"},
        {"service_accounts": "yes"},
        {"colour": "red"},
    ],
)
async def test_a_wrong_app_is_refused(person, wrong):
    await person.control("POST", "fortnox/apps", {"client_id": "app", **wrong}, status=400)


@pytest.mark.parametrize("wrong", [{"licences": ["nonsense"]}, {"is_locked": 1}, {"scopes": ["nonsense"]}, {"tenant": "x"}])
async def test_a_wrong_company_is_refused(person, wrong):
    await person.add_tenant(**{"tenant": "500", **wrong}, status=400)
    assert (await person.http.patch("/control/fortnox/tenants/500", json={})).status_code == 404


async def test_a_company_made_with_clients_has_given_them_all_scopes_and_has_all_licences(person, claims):
    made = await person.add_tenant("200001", clients={"dubbelsynk": "sandbox-secret"})
    assert (made["clients"], made["is_locked"], len(made["licences"])) == ({"dubbelsynk": "sandbox-secret"}, False, 4)
    answer = await person.credentials("200001", client="dubbelsynk", secret="sandbox-secret")
    assert set(claims(answer.json()["access_token"])[1]["scopes"]) == ALL_SCOPES


async def test_the_seeded_company_gives_tokens_by_client_credentials(person):
    seeded = (await person.control("POST", "seed", {"companies": 3, "seed": 9}, status=201))["fortnox"]
    answer = await person.credentials(seeded["tenant"], client=seeded["client_id"], secret=seeded["client_secret"])
    assert (await person.get("customers", answer.json()["access_token"])).status_code == 200


async def test_a_company_that_is_made_anew_has_forgotten_its_consents(person):
    pair = await person.pair(account_type="service")
    await person.add_tenant()
    assert (await person.refresh(pair["refresh_token"])).status_code == 400
    assert (await person.credentials()).status_code == 400


async def test_a_snapshot_holds_apps_consents_codes_chains_and_tokens(person):
    await person.change(is_administrator=False, licences=["integration", "invoicing"])
    start = await person.pair()
    early, late = [(await person.refresh(start["refresh_token"])).json() for _ in range(2)]
    code = await person.code()
    state = await person.control("GET", "state")
    await person.refresh(late["refresh_token"])
    await person.exchange(code)
    await person.control("POST", "reset")
    assert (await person.get("customers", late["access_token"])).status_code == 401
    await person.control("PUT", "state", {"fortnox": state["fortnox"]})
    assert (await person.control("GET", "state"))["fortnox"] == state["fortnox"]
    for pair, status in ((start, 200), (early, 401), (late, 200)):
        assert (await person.get("customers", pair["access_token"])).status_code == status
    assert (await person.refresh(early["refresh_token"])).status_code == 400
    assert (await person.refresh(late["refresh_token"])).status_code == 200
    assert (await person.exchange(code)).status_code == 200
    assert (await person.answer(account_type="service"))["error"] == "error_missing_system_admin_right"


async def test_a_reset_forgets_the_apps(person):
    await person.control("POST", "reset")
    assert (await person.control("GET", "fortnox/apps"))["apps"] == []
    assert (await person.credentials()).status_code == 401


async def transcript(person, seed):
    """What a seeded world answers to a consent, a race of two refreshes and two calls."""
    await person.control("POST", "seed", {"companies": 1, "seed": seed}, status=201)
    await person.add_app()
    code = await person.code(bolag="100001")
    first = (await person.exchange(code)).json()
    pairs = [(await person.refresh(first["refresh_token"])).json() for _ in range(2)]
    return code, first, pairs, [(await person.get("customers", pair["access_token"])).status_code for pair in pairs]


async def test_the_same_seed_and_calls_give_the_same_codes_and_tokens(person, make_person):
    other = make_person()
    await person.control("POST", "reset")
    first = await transcript(person, 7)
    assert first == await transcript(other, 7)
    assert first[3] == [401, 200]
    await person.control("POST", "reset")
    assert first == await transcript(person, 7)
    await other.control("POST", "reset")
    assert first[0] != (await transcript(other, 8))[0]
    await other.http.aclose()


async def test_another_seed_voids_access_tokens_and_the_same_one_does_not(person):
    token = (await person.pair())["access_token"]
    for seed, status in ((1, 200), (2, 401)):
        await person.control("POST", "seed", {"companies": 1, "seed": seed}, status=201)
        assert (await person.get("customers", token)).status_code == status


async def test_the_call_log_names_the_company_of_a_refresh_and_a_revoke(person):
    pair = await person.pair()
    await person.refresh(pair["refresh_token"])
    await person.revoke((await person.pair())["refresh_token"])
    calls = (await person.http.get("/control/calls", params={"credential": "100", "client": "app"})).json()["calls"]
    assert [call["route"].rpartition("/")[2] for call in calls] == ["token", "token", "token", "revoke"]
