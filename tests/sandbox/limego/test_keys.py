"""Keys: how they are given, what each kind reads and may do, and how calls are refused."""

import httpx
import pytest

COMPANY = {
    "name": "Nordvikens Bygg AB",
    "organizationNumber": "559900-0019",
    "email": "info@nordviken.example",
    "phoneNumber": ["010-111 22 33"],
    "integrationId": "2344",
    "tags": ["Import"],
    "customFields": {"Fortnox": "klar"},
    "postalAddress": {"street": "Storgatan 1", "zipCode": "111 11", "city": "Stockholm", "countryCode": "SE"},
    "visitAddress": {"street": "Hamngatan 2", "zipCode": "111 12", "city": "Stockholm", "countryCode": "SE"},
}
READ = """query ($company: String!, $deal: Int!, $person: String!) {
  organization(id: $company) {
    name organizationNumber integrationId tags customFields { title value } customerRelation
    responsibleCoworker { name email phoneNumber } temperature
    city email phoneNumber postalAddress { city } visitAddress { city }
  }
  deal(id: $deal) { name status customerName value }
  person(id: $person) { name email phoneNumber employerName }
}"""
MAKE = """mutation {
  createOrganization(name: "Ny AB") { id } createPerson(name: "Ny Person") { id } createDeal(name: "Ny") { id }
}"""


def a_register(base):
    company = base.a_company(**COMPANY)
    person = base.a_person(email="vera@nordviken.example", phoneNumber=["070-1"], organizationId=company)
    return {"company": company, "deal": base.a_deal(organizationId=company), "person": person}


def graphql(base, headers, **options):
    url = f"{base.full.http.base_url}graphql"
    return httpx.post(url, json={"query": "{deals(first: 1){id}}"}, headers=headers, **options)


@pytest.mark.checklist("limego", 1)
def test_a_key_is_taken_in_the_header_with_its_prefix_or_in_the_query_without(base):
    guid = base.keys["full"].removeprefix("go-api:")
    assert base.keys["full"] == f"go-api:{guid}"
    assert graphql(base, {"Authorization": f"go-api:{guid}"}).json() == {"data": {"deals": []}}
    assert graphql(base, {}, params={"apikey": guid}).json() == {"data": {"deals": []}}
    others = (f"go-key:{guid}", guid, f"Bearer {guid}", f"Bearer go-api:{guid}", "go-api:", "", "go-api:" + guid.replace("-", ""))
    assert [graphql(base, {"Authorization": other}).status_code for other in others] == [401] * len(others)
    assert graphql(base, {}, params={"apikey": f"go-api:{guid}"}).status_code == 401
    # A wrong header is not made good by a right query.
    assert graphql(base, {"Authorization": "go-api:x"}, params={"apikey": guid}).status_code == 401
    assert graphql(base, {}).status_code == 401


@pytest.mark.checklist("limego", 1)
def test_every_address_asks_for_a_key(base):
    calls = [
        ("POST", "graphql"),
        ("POST", "event/subscription"),
        ("DELETE", "event/subscription"),
        ("DELETE", "event/subscription/1"),
        ("GET", "event/feed/"),
        ("PUT", "erp/invoices/1"),
        ("GET", "erp/products"),
    ]
    for method, path in calls:
        assert httpx.request(method, f"{base.full.http.base_url}{path}").status_code == 401, path


def test_a_switch_takes_every_form_that_was_ever_seen(base):
    guid = base.keys["full"].removeprefix("go-api:")
    base.switch(loose_keys=True)
    for form in (f"go-api:{guid}", f"go-key:{guid}", guid):
        assert graphql(base, {"Authorization": form}).status_code == 200
        assert graphql(base, {}, params={"apikey": form}).status_code == 200


def test_the_default_database_has_the_documented_keys(address):
    for number, status in ((1, 200), (2, 200), (3, 200), (4, 401)):
        headers = {"Authorization": f"go-api:00000000-0000-4000-8000-{number:012d}"}
        answer = httpx.post(f"{address}/limego/v1/graphql", json={"query": "{deals(first:1){id}}"}, headers=headers)
        assert answer.status_code == status


def test_a_key_sees_its_own_database_only(base, address):
    company = base.a_company(id="555")
    other = type(base)(address)
    assert other.full.data("query ($id: String!) { organization(id: $id) { id } }", id=company) == {"organization": None}


@pytest.mark.checklist("limego", 2)
def test_a_full_key_and_a_personal_key_read_everything(base):
    ids = a_register(base)
    read = base.full.data(READ, **ids)
    assert base.person.data(READ, **ids) == read
    assert read["organization"]["postalAddress"] == {"city": "Stockholm"}
    assert (read["organization"]["city"], read["organization"]["phoneNumber"]) == ("Stockholm", ["010-111 22 33"])
    assert (read["deal"]["value"], read["person"]["phoneNumber"]) == (1000, ["070-1"])


@pytest.mark.checklist("limego", 2)
@pytest.mark.parametrize(("hidden_as", "no_phone"), [("absent", []), ("null", None), ("error", None)])
def test_a_company_key_reads_no_address_e_mail_or_phone_of_a_company_and_no_phone_of_a_person(base, hidden_as, no_phone):
    ids = a_register(base)
    base.switch(hidden_as=hidden_as)
    answer = base.company.ask(READ, **ids)
    assert answer["data"]["organization"] == {
        "name": "Nordvikens Bygg AB",
        "organizationNumber": "559900-0019",
        "integrationId": 2344,
        "tags": ["Import"],
        "customFields": [{"title": "Fortnox", "value": "klar"}],
        "customerRelation": "NO_RELATION",
        "responsibleCoworker": {"name": "Siv Säljkvist", "email": None, "phoneNumber": None},
        "temperature": None,
        "city": None,
        "email": None,
        "phoneNumber": no_phone,
        "postalAddress": None,
        "visitAddress": None,
    }
    assert answer["data"]["deal"] == {
        "name": "Serviceavtal",
        "status": "Ny",
        "customerName": "Nordvikens Bygg AB",
        "value": None,
    }
    assert answer["data"]["person"] == {
        "name": "Vera Tallmo",
        "email": "vera@nordviken.example",
        "phoneNumber": no_phone,
        "employerName": "Nordvikens Bygg AB",
    }
    errors = [error["message"] for error in answer.get("errors", ())]
    assert bool(errors) is (hidden_as == "error")
    assert all("may not read" in message for message in errors)


def test_what_is_neither_promised_nor_denied_to_a_company_key_is_a_switch(base):
    ids = a_register(base)
    base.switch(company_key_reads_rest=True)
    read = base.company.data(READ, **ids)
    assert (read["deal"]["value"], read["organization"]["temperature"]) == (1000, 0.0)
    assert read["organization"]["responsibleCoworker"]["email"] == "siv.saljkvist@bolaget.example"
    assert read["organization"]["email"] is None


@pytest.mark.checklist("limego", 2)
def test_a_company_key_writes_nothing_unless_a_switch_lets_it(base):
    change = "mutation ($id: String!) { updateOrganization(id: $id, customerRelation: IS_A_CUSTOMER) { customerRelation } }"
    company = base.a_company()
    assert "may not change" in base.company.error(change, id=company)
    assert "may not change" in base.company.error(MAKE)
    base.switch(company_key_writes=True)
    assert base.company.data(change, id=company)["updateOrganization"] == {"customerRelation": "IS_A_CUSTOMER"}


@pytest.mark.checklist("limego", 2)
def test_a_personal_key_may_what_its_user_may(base):
    assert base.change(permissions={"1": ["administer", "delete"]}).status_code == 200
    assert "no permission" in base.person.error(MAKE)
    assert base.person.data('mutation ($id: Int!) { updateDeal(id: $id, name: "Nytt") { name } }', id=base.a_deal())
    base.full.data(MAKE)
    base.change(permissions={"1": ["create"]})
    base.person.data(MAKE)
    assert base.change(permissions={"2": []}).status_code == 400
    assert base.change(permissions={"1": ["everything"]}).status_code == 400


@pytest.mark.parametrize(("kind", "text"), [("empty", ""), ("json", '{"message":"the API key is missing or not valid"}')])
def test_a_refusal_tells_nothing_unless_a_switch_has_it_speak(base, kind, text):
    base.switch(error_body=kind)
    answer = graphql(base, {"Authorization": "go-api:x"})
    assert (answer.status_code, answer.text) == (401, text)
    base.switch(error_body="html", refused_key_status=403)
    answer = graphql(base, {"Authorization": "go-api:x"})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")


def test_the_log_of_calls_says_why_a_call_was_refused(base):
    assert base.full.http.post("/event/subscription", json={"targeturl": "/hook"}).content == b""
    assert base.calls(status="400")[0]["fields"]["refused"] == "targeturl is not an absolute address"


def test_requests_may_be_limited_by_a_switch(base):
    base.switch(limit_requests=3, limit_window=30.0)
    statuses = [base.full.http.post("/graphql", json={"query": "{deals{id}}"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert base.person.ask("{deals{id}}") == {"data": {"deals": []}}
    refused = base.full.http.get("/event/feed/")
    assert "retry-after" not in refused.headers
    base.switch(retry_after_header=True)
    assert base.full.http.get("/event/feed/").headers["retry-after"] == "30"
    base.control.post("/clock", json={"advance": 31})
    base.full.data("{deals{id}}")


def test_a_body_is_sent_as_json(base):
    body = b'{"query": "{deals{id}}"}'
    for kind, status in (
        ("text/plain", 415),
        ("application/json; charset=utf-8", 200),
        ("application/x-www-form-urlencoded", 415),
    ):
        assert base.full.http.post("/graphql", content=body, headers={"Content-Type": kind}).status_code == status
    base.switch(content_type_checked=False)
    assert base.full.http.post("/graphql", content=body).status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/graphql", 405), ("GET", "/event/subscription", 405)])
def test_what_is_not_documented_is_not_there(base, method, path, status):
    assert base.full.http.request(method, path).status_code == status
    for unknown in ("/event/subscribe", "/event/feed", "/organizations", "/../v2/graphql"):
        assert base.full.http.get(unknown).status_code == 404, unknown
