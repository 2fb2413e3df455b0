"""A token's scopes, a company's licences and its share of the window, on every call (reference 1.8, 2 and 3)."""

import pytest

from sandbox.fortnox.routes import ROUTES

BY_RESOURCE = {
    "customers": ("customer", 2000663),
    "invoices": ("invoice", 2001393),
    "orders": ("order", 2000663),
    "articles": ("article", 2000663),
    "prices": ("price", 2000663),
    "pricelists": ("price", 2000663),
    "invoicepayments": ("payment", 2003330),
    "companyinformation": ("companyinformation", 2000663),
    "settings": ("settings", 2000663),
    "currencies": ("currency", 2000663),
    "termsofpayments": ("settings", 2000663),
    "units": ("settings", 2000663),
    "me": ("profile", 2000663),
}
"""The table of 1.8, with the code of the list in 3.3."""
LISTS = sorted({route.template for route in ROUTES if route.method == "GET" and "{" not in route.template})


async def a_token(person, scope):
    return (await person.pair(scope=scope))["access_token"]


@pytest.mark.parametrize("route", [pytest.param(one, id=f"{one.method} {one.template}") for one in ROUTES])
async def test_every_call_needs_the_scope_of_its_resource(person, route):
    scope, code = BY_RESOURCE[route.template.split("/")[2]]
    other = "customer" if scope == "profile" else "profile"
    headers = {"Authorization": f"Bearer {await a_token(person, other)}"}
    path = "/fortnox" + route.template.replace("{", "").replace("}", "")
    answer = await person.http.request(route.method, path, headers=headers)
    refused = answer.json()["ErrorInformation"]
    assert (answer.status_code, refused["Code"], refused["Error"]) == (403, code, 1)
    headers = {"Authorization": f"Bearer {await a_token(person, scope)}"}
    assert (await person.http.request(route.method, path, headers=headers)).status_code != 403


@pytest.mark.parametrize(
    ("licences", "refused"),
    [
        (["integration", "invoicing"], {"order": 2001101}),
        (["integration", "order"], {"invoice": 2001101, "payment": 2001101}),
        (["integration", "bookkeeping"], dict.fromkeys(("article", "customer", "invoice", "order", "price"), 2001101)),
        (["invoicing"], dict.fromkeys({scope for scope, _ in BY_RESOURCE.values()} - {"companyinformation"}, 2001103)),
        ([], {scope: 2001103 for scope, _ in BY_RESOURCE.values()} | {"companyinformation": 2001101}),
    ],
)
async def test_a_scope_is_worth_nothing_without_the_companys_licence(person, licences, refused):
    token = await a_token(person, " ".join({scope for scope, _ in BY_RESOURCE.values()}))
    await person.change(licences=licences)
    for path in LISTS:
        resource = path.split("/")[2]
        answer = await person.get(path.removeprefix("/3/"), token)
        code = refused.get(BY_RESOURCE[resource][0])
        found = answer.json().get("ErrorInformation", {}).get("Code")
        assert (path, answer.status_code, found) == (path, 403 if code else 200, code)


async def test_status_and_casing_of_a_permission_error_are_switches(person):
    await person.switch(permission_answers_400=True, permission_capitals=False)
    answer = await person.get("customers", await a_token(person, "profile"))
    assert answer.status_code == 400
    assert answer.json()["ErrorInformation"].keys() == {"error", "message", "code"}


async def test_a_scope_is_judged_by_the_token_and_not_by_a_later_consent(person):
    old = await a_token(person, "customer")
    new = await a_token(person, "customer order")
    assert [(await person.get("orders", token)).status_code for token in (old, new)] == [403, 200]


@pytest.mark.checklist("fortnox", 8)
async def test_all_tokens_of_one_app_and_company_share_one_window(person):
    await person.add_app("other")
    await person.add_tenant("101")
    await person.code(account_type="service")
    first, second = [(await person.pair())["access_token"] for _ in range(2)]
    third = (await person.credentials()).json()["access_token"]
    tokens = [first, second, third] * 8 + [first]
    assert {(await person.get("customers", token)).status_code for token in tokens} == {200}
    assert [(await person.get("customers", token)).status_code for token in (first, second, third)] == [429] * 3
    assert (await person.get("customers", (await person.pair())["access_token"])).status_code == 429, "nor does a new one help"
    assert (await person.get("customers", (await person.pair(client_id="other"))["access_token"])).status_code == 200
    assert (await person.get("customers", (await person.pair(bolag="101"))["access_token"])).status_code == 200


@pytest.mark.checklist("fortnox", 8)
async def test_the_window_slides_to_the_instant(person):
    await person.switch(refused_count=False)
    token = await a_token(person, "customer")
    assert (await person.get("customers", token)).status_code == 200
    await person.advance(3)
    assert {(await person.get("customers", token)).status_code for _ in range(24)} == {200}
    await person.advance(1.999)
    assert (await person.get("customers", token)).status_code == 429
    await person.advance(0.001)
    assert [(await person.get("customers", token)).status_code for _ in range(2)] == [200, 429]
