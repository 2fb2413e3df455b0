"""Queries, paging and search."""

import pytest

COMPANY = "query ($id: String!) { organization(id: $id) { id name organizationNumber } }"
LISTS = ["organizations", "persons", "deals", "employees", "deals of a company"]
SEARCH = """query ($text: String) {
  organizations(query: $text) { name } persons(query: $text) { name } deals(query: $text) { name }
}"""


def a_list(base, which, count=0):
    """Puts records in, and gives a reader of pages by arguments such as `(first: 5)`."""
    company = base.a_company(name="Bolag 0 AB")
    if which == "organizations":
        base.bulk(organizations=[{"name": f"Bolag {one} AB"} for one in range(1, count)])
    elif which in ("persons", "employees"):
        people = [{"id": str(one), "name": f"Person {one}", "organizationId": company} for one in range(count)]
        base.bulk(persons=people)
    else:
        base.bulk(deals=[{"name": f"Affär {one}", "organizationId": company} for one in range(count)])
    field = which.partition(" ")[0]
    nested = which in ("employees", "deals of a company")

    def query(arguments):
        text = f"{field}{arguments} {{ name }}"
        return f'{{ organization(id: "{company}") {{ {text} }} }}' if nested else f"{{ {text} }}"

    def read(arguments=""):
        data = base.full.data(query(arguments))
        return [one["name"] for one in (data["organization"] if nested else data)[field]]

    read.error = lambda arguments: base.full.error(query(arguments))
    return read


@pytest.mark.checklist("limego", 3)
@pytest.mark.parametrize("which", LISTS)
def test_a_page_holds_ten_at_most_twenty_and_goes_on_by_offset(base, which):
    read = a_list(base, which, 45)
    everything = [name for offset in (0, 20, 40, 60) for name in read(f"(first: 20, offset: {offset})")]
    assert len(everything) == len(set(everything)) == 45
    assert read() == read("(offset: 0)") == read("(first: null, offset: null)") == everything[:10]
    assert read("(first: 3, offset: 41)") == everything[41:44]
    assert read("(first: 3, offset: 43)") == everything[43:]
    assert read("(first: 0)") == read("(offset: 45)") == []


@pytest.mark.checklist("limego", 3)
@pytest.mark.parametrize("which", LISTS)
def test_more_than_twenty_are_refused_unless_a_switch_clamps(base, which):
    read = a_list(base, which, 25)
    assert read.error("(first: 21)") == "first is at most 20"
    assert "negative" in read.error("(first: -1)")
    assert "negative" in read.error("(offset: -1)")
    base.switch(too_many="clamp")
    assert len(read("(first: 21)")) == 20


@pytest.mark.checklist("limego", 3)
def test_there_are_six_queries(base):
    fields = base.full.data("{ __schema { queryType { fields { name args { name type { kind ofType { name } name } } } } } }")
    queries = {one["name"]: one["args"] for one in fields["__schema"]["queryType"]["fields"]}
    assert set(queries) == {"organization", "organizations", "person", "persons", "deal", "deals"}
    for name, arguments in queries.items():
        expected = ["query", "first", "offset"] if name.endswith("s") else ["id"]
        assert [argument["name"] for argument in arguments] == expected
    assert queries["deal"][0]["type"]["ofType"]["name"] == "Int"
    assert {queries[name][0]["type"]["ofType"]["name"] for name in ("organization", "person")} == {"String"}


@pytest.mark.checklist("limego", 3)
def test_what_is_not_there_is_null(base):
    assert base.full.data('{ organization(id: "x") { id } person(id: "x") { id } deal(id: 1) { id } }') == {
        "organization": None,
        "person": None,
        "deal": None,
    }


def test_a_record_may_be_made_unreadable(base):
    companies = [base.a_company(organizationNumber="559900-0019") for _ in range(2)]
    base.switch(unreadable=companies[0])
    found = [base.full.data(COMPANY, id=company)["organization"] for company in companies]
    assert [(one["id"], one["name"]) for one in found] == [(companies[0], None), (companies[1], "Nordvikens Bygg AB")]


@pytest.mark.parametrize(("order", "missed"), [("changed", {1021}), ("created", set())])
def test_a_change_in_mid_walk_moves_the_rest_one_step(base, order, missed):
    base.switch(listing_order=order)
    base.bulk(deals=[{"name": "Affär"} for _ in range(25)])
    first = base.full.data("{ deals(first: 20) { id } }")["deals"]
    base.person.data('mutation { updateDeal(id: 1003, status: "Offert") { id } }')
    rest = base.full.data("{ deals(first: 20, offset: 20) { id } }")["deals"]
    assert {deal["id"] for deal in first + rest} == set(range(1001, 1026)) - missed


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"query": 1}', b'{"query": "{deals{id}}", "variables": []}'])
def test_what_is_no_graphql_request_gets_400(base, body):
    answer = base.full.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_a_search_reads_names_and_of_persons_e_mail_and_employer_too(base):
    company = base.a_company(organizationNumber="559900-0019", email="info@nordviken.example", postalAddress={"city": "Umeå"})
    base.a_company(name="Sydtuna El AB")
    base.a_person(email="vera@nordviken.example", organizationId=company)
    base.a_deal(organizationId=company)

    def found(text):
        data = base.full.data(SEARCH, text=text)
        return [one["name"] for name in ("organizations", "persons", "deals") for one in data[name]]

    assert found("bygg nordvikens") == ["Nordvikens Bygg AB", "Vera Tallmo"]
    assert found("vera@") == ["Vera Tallmo"]
    assert found("service") == ["Serviceavtal"]
    assert found("559900") == found("info@nord") == found("Umeå") == found("nordvikens el") == []
    base.switch(search_names_only=False)
    assert found("bygg nordvikens") == ["Nordvikens Bygg AB", "Vera Tallmo", "Serviceavtal"]
    assert found("559900-00") == found("info@nord") == found("Umeå") == ["Nordvikens Bygg AB"]
    assert found("5599000019") == []
    base.switch(search_ignores_dash=True)
    assert found("5599000019") == found("559900-0019") == ["Nordvikens Bygg AB"]


def test_search_lags_behind_writes_and_a_read_by_id_does_not(base):
    made = base.full.data('mutation { createOrganization(name: "Ny AB") { id } }')["createOrganization"]
    query = '{ organizations(query: "ny ab") { id } }'
    assert base.full.data(query)["organizations"] == []
    assert base.full.data(COMPANY, id=made["id"])["organization"]["name"] == "Ny AB"
    base.switch(search_lag=0.0)
    assert base.full.data(query)["organizations"] == [made]
