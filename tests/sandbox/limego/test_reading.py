"""Keys, queries, paging and search."""

import httpx
import pytest

COMPANY = """query ($id: String!) { organization(id: $id) {
  id name city email phoneNumber organizationNumber customerRelation postalAddress { street zipCode city countryCode }
} }"""
FULL_COMPANY = {
    "name": "Nordvikens Bygg AB",
    "organizationNumber": "559900-0019",
    "email": "info@nordviken.example",
    "phoneNumber": ["010-111 22 33"],
    "postalAddress": {"street": "Storgatan 1", "zipCode": "111 11", "city": "Stockholm", "countryCode": "SE"},
}


def test_a_wrong_key_is_refused(base):
    for key in ("", "go-api:", "go-api:11111111-1111-4111-8111-111111111111", base.keys["full"].removeprefix("go-api:")):
        answer = base.full.http.post("/graphql", json={"query": "{deals{id}}"}, headers={"Authorization": key})
        assert answer.status_code == 401, key


def test_a_record_may_be_made_unreadable(base):
    companies = [base.a_company(**FULL_COMPANY) for _ in range(2)]
    base.switch(unreadable=companies[0])
    found = [base.full.data(COMPANY, id=company)["organization"] for company in companies]
    assert [(one["id"], one["name"]) for one in found] == [(companies[0], None), (companies[1], FULL_COMPANY["name"])]


def test_a_key_may_stand_in_the_query_string(base, address):
    guid = base.keys["full"].removeprefix("go-api:")
    url = f"{address}/limego/v1/graphql"
    assert httpx.post(url, params={"apikey": guid}, json={"query": "{deals{id}}"}).json() == {"data": {"deals": []}}


def test_the_default_database_has_the_documented_keys(address):
    for number, status in ((1, 200), (2, 200), (3, 200), (4, 401)):
        headers = {"Authorization": f"go-api:00000000-0000-4000-8000-{number:012d}"}
        answer = httpx.post(f"{address}/limego/v1/graphql", json={"query": "{deals(first:1){id}}"}, headers=headers)
        assert answer.status_code == status


def test_a_full_key_reads_contact_data(base):
    found = base.full.data(COMPANY, id=base.a_company(**FULL_COMPANY))["organization"]
    assert found["email"] == "info@nordviken.example"
    assert found["phoneNumber"] == ["010-111 22 33"]
    assert found["postalAddress"]["zipCode"] == "111 11"
    assert found["city"] == "Stockholm"


def test_a_company_key_reads_names_and_numbers_only(base):
    company = base.a_company(**FULL_COMPANY)
    found = base.company.data(COMPANY, id=company)["organization"]
    assert found["organizationNumber"] == "559900-0019"
    assert [found[name] for name in ("email", "phoneNumber", "postalAddress", "city")] == [None] * 4
    deal = base.a_deal(organizationId=company)
    query = "query ($id: Int!) { deal(id: $id) { name value } }"
    assert base.company.data(query, id=deal)["deal"] == {"name": "Serviceavtal", "value": None}
    assert base.full.data(query, id=deal)["deal"]["value"] == 1000


def test_a_key_sees_its_own_database_only(base, address):
    company = base.a_company(id="555")
    other = type(base)(address)
    assert other.full.data(COMPANY, id=company) == {"organization": None}


def test_what_is_not_there_is_null(base):
    assert base.full.data('{ organization(id: "x") { id } person(id: "x") { id } deal(id: 1) { id } }') == {
        "organization": None,
        "person": None,
        "deal": None,
    }


def test_pages_are_walked_by_offset(base):
    base.bulk(deals=[{"name": f"Affär {number}"} for number in range(45)])
    query = "query ($offset: Int) { deals(first: 20, offset: $offset) { id } }"
    pages = [[deal["id"] for deal in base.full.data(query, offset=offset)["deals"]] for offset in (0, 20, 40, 60)]
    assert [len(page) for page in pages] == [20, 20, 5, 0]
    assert [deal for page in pages for deal in page] == list(range(1001, 1046))
    assert len(base.full.data("{ deals { id } }")["deals"]) == 10


def test_more_than_twenty_are_refused_unless_the_switch_clamps(base):
    base.bulk(deals=[{"name": "Affär"} for _ in range(25)])
    assert base.full.error("{ deals(first: 21) { id } }") == "first is at most 20"
    base.switch(too_many="clamp")
    assert len(base.full.data("{ deals(first: 21) { id } }")["deals"]) == 20


def test_a_change_in_mid_walk_moves_the_rest_one_step(base):
    base.bulk(deals=[{"name": "Affär"} for _ in range(25)])
    first = base.full.data("{ deals(first: 20) { id } }")["deals"]
    base.person.data('mutation { updateDeal(id: 1003, status: "Offert") { id } }')
    rest = base.full.data("{ deals(first: 20, offset: 20) { id } }")["deals"]
    assert {deal["id"] for deal in first + rest} == set(range(1001, 1026)) - {1021}


def test_an_unknown_field_is_an_error_with_status_200(base):
    answer = base.full.http.post("/graphql", json={"query": "{ deals { price } }"})
    assert answer.status_code == 200
    assert "price" in answer.json()["errors"][0]["message"]
    assert "data" not in answer.json()


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"query": 1}', b'{"query": "{deals{id}}", "variables": []}'])
def test_what_is_no_graphql_request_gets_400(base, body):
    assert base.full.http.post("/graphql", content=body).status_code == 400


def test_search_finds_by_name_number_and_e_mail(base):
    company = base.a_company(**FULL_COMPANY)
    base.a_company(name="Sydtuna El AB")
    query = "query ($text: String) { organizations(query: $text) { id } }"
    for text in ("nordvik", "559900-00", "info@nord", "bygg nordvikens"):
        assert base.full.data(query, text=text)["organizations"] == [{"id": company}], text
    assert base.full.data(query, text="5599000019")["organizations"] == []


def test_search_lags_behind_writes(base):
    made = base.full.data('mutation { createOrganization(name: "Ny AB") { id } }')["createOrganization"]
    query = '{ organizations(query: "ny ab") { id } }'
    assert base.full.data(query)["organizations"] == []
    base.switch(search_lag=0.0)
    assert base.full.data(query)["organizations"] == [made]


def test_the_schema_is_read_by_introspection(base):
    found = base.full.data("{ __schema { types { name } mutationType { fields { name } } } }")["__schema"]
    assert {"Organization", "Person", "Deal", "Coworker", "CustomField"} <= {one["name"] for one in found["types"]}
    assert {one["name"] for one in found["mutationType"]["fields"]} >= {"updateOrganization", "updateDeal"}
