"""The one schema file: what is confirmed, what is marked, what introspection serves, and that it can be replaced."""

import pytest

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.limego import LimeGo, edits, schema
from sandbox.limego.events import read_feed
from sandbox.limego.execution import Documents, execute
from sandbox.limego.execution import schema as executable

# limego.md, 2.2 and 4.3: what public documentation names.
CONFIRMED = {
    "Query": "organization organizations person persons deal deals",
    "Organization": "id name city email phoneNumber organizationNumber responsibleCoworker customFields integrationId "
    "temperature customerRelation tags employees deals",
    "Coworker": "id name email phoneNumber",
    "CustomField": "title type value",
    "Person": "id name email phoneNumber employerName employer tags customFields",
    "Deal": "id name customerName customer status source tags responsibleCoworker customFields",
    "CustomerRelation": "IS_A_CUSTOMER",
    "Event": "position eventType coworker",
    "EventCoworker": "firstName lastName email",
}
UNDESCRIBED = {"String", "Int", "Float", "Boolean", "ID"}
INTROSPECTION = "{ __schema { types { name description fields { name description } enumValues { name description } } } }"


def marked(thing):
    return (thing["description"] or "").startswith("UNCONFIRMED")


def parts(kind):
    return [*(kind["fields"] or ()), *(kind["enumValues"] or ())]


@pytest.mark.checklist("limego", 10)
def test_introspection_tells_what_is_confirmed_and_what_is_not(base):
    served = base.full.data(INTROSPECTION)["__schema"]["types"]
    ours = [kind for kind in served if kind["name"] not in UNDESCRIBED and not kind["name"].startswith("__")]
    assert {kind["name"] for kind in ours if marked(kind)} == {
        *("Address", "AddressInput", "CustomFieldInput", "Decimal", "IntegrationId", "Mutation", "StatusAssessment")
    }
    for kind in ours:
        if not marked(kind):
            assert {part["name"] for part in parts(kind) if not marked(part)} == set(CONFIRMED[kind["name"]].split())


@pytest.mark.checklist("limego", 10)
def test_the_bodies_of_events_stand_in_the_file_and_are_not_served(base):
    names = {kind["name"] for kind in base.full.data(INTROSPECTION)["__schema"]["types"]}
    whole = {name: kind for name, kind in schema.whole().type_map.items() if name.startswith("Event")}
    assert set(whole) == {"Event", "EventCoworker", "EventDeal", "EventOrganization", "EventPerson"}
    assert not names & set(whole)
    for name, kind in whole.items():
        if not (kind.description or "").startswith("UNCONFIRMED") or name == "Event":
            confirmed = {one for one, field in kind.fields.items() if not (field.description or "").startswith("UNCONFIRMED")}
            assert confirmed == set(CONFIRMED[name].split())


@pytest.fixture
def replaced(tmp_path, monkeypatch):
    """Puts another schema file in the place of ours."""

    def put(*changes):
        text = schema.FILE.read_text("utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "schema.graphql"
        path.write_text(text, "utf-8")
        monkeypatch.setattr(schema, "FILE", path)
        forget()

    def forget():
        for cached in (schema.whole, schema.served, executable):
            cached.cache_clear()

    yield put
    monkeypatch.undo()
    forget()


@pytest.mark.checklist("limego", 10)
def test_another_file_changes_the_answers_and_the_bodies(replaced):
    replaced(
        ("  eventType: String!\n  coworker: EventCoworker\n", "  coworker: EventCoworker\n  eventType: String!\n"),
        ("type EventDeal {\n  id: Int!\n  name: String!\n", "type EventDeal {\n  id: Int!\n"),
        ("  updatePerson(id: String!, email: String): Person!\n", "  updatePerson(id: String!, email: String!): Person!\n"),
    )
    limego = LimeGo(Clock(), Faults())
    caller = limego.caller_of("bolaget", "personal")
    deal = edits.create_deal(caller, "Affär")
    edits.update_deal(caller, deal.id, status="ORDER")
    first = read_feed(limego.caller_of("bolaget", "full"), peek=True)[0]
    assert list(first) == ["position", "coworker", "eventType", "deal", "organization", "person"]
    assert set(first["deal"]) == {"id", "value", "status"}
    [refused] = execute(caller, Documents().get('mutation { updatePerson(id: "1") { id } }'), None, None)["errors"]
    assert "email" in refused["message"]


@pytest.mark.checklist("limego", 4)
@pytest.mark.parametrize(
    "query",
    [
        "{ deals { price } }",
        "{ deals { amount } }",
        '{ organization(id: "1") { phonenumber } }',
        '{ organization(id: "1") { vatNumber website zipCode } }',
        "{ persons { firstName } }",
        "{ invoices { id } }",
        "{ deals(limit: 5) { id } }",
        "{ deals(after: 5) { id } }",
        "{ deals }",
        "mutation { deleteDeal(id: 1) { id } }",
        'mutation { updateOrganization(id: "1", relation: IS_A_CUSTOMER) { id } }',
        "subscription { deals { id } }",
    ],
)
def test_an_unknown_field_or_argument_is_an_error_and_nothing_else(base, query):
    answer = base.full.http.post("/graphql", json={"query": query})
    assert answer.status_code == 200
    assert set(answer.json()) == {"errors"}
    assert all(error["message"] for error in answer.json()["errors"])


@pytest.mark.checklist("limego", 4)
def test_an_error_has_status_200_unless_a_switch_says_otherwise(base):
    base.switch(graphql_error_status=400)
    assert base.full.http.post("/graphql", json={"query": "{ deals { price } }"}).status_code == 400
    assert base.full.http.post("/graphql", json={"query": "{ deals { id } }"}).status_code == 200


@pytest.mark.checklist("limego", 5)
@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ deal(id: "1001") { id } }', {}),
        ("{ organization(id: 1001) { id } }", {}),
        ("{ person(id: 1001) { id } }", {}),
        ("query ($id: String!) { deal(id: $id) { id } }", {"id": "1001"}),
        ("query ($id: Int!) { deal(id: $id) { id } }", {"id": "1001"}),
        ("query ($id: Int!) { deal(id: $id) { id } }", {"id": 2**31}),
        ("query ($id: String!) { organization(id: $id) { id } }", {"id": 1001}),
        ("{ deal { id } }", {}),
    ],
)
def test_an_id_of_the_wrong_type_is_refused(base, query, variables):
    answer = base.full.ask(query, **variables)
    assert "errors" in answer
    assert "data" not in answer


@pytest.mark.checklist("limego", 5)
def test_ids_numbers_and_arrays_come_as_documented(base):
    company = base.a_company(id="pase106797", phoneNumber=["1", "2"], integrationId="2344", customFields={"Fortnox": "klar"})
    bare = base.a_company(integrationId="a-17")
    person = base.a_person(id="pase1578159", phoneNumber=["070-1"], organizationId=company)
    deal = base.a_deal(organizationId=company)
    query = """query ($company: String!, $bare: String!, $person: String!, $deal: Int!) {
      organization(id: $company) {
        id phoneNumber integrationId temperature tags customFields { title type value } responsibleCoworker { id phoneNumber }
        employees { id phoneNumber tags } deals { id status tags }
      }
      bare: organization(id: $bare) { id phoneNumber integrationId email customFields { title } employees { id } }
      person(id: $person) { id phoneNumber employer { id } employerName }
      deal(id: $deal) { id status customer { id } customerName source tags }
    }"""
    read = base.full.data(query, company=company, bare=bare, person=person, deal=deal)
    assert read["organization"] == {
        "id": "pase106797",
        "phoneNumber": ["1", "2"],
        "integrationId": 2344,
        "temperature": 0.0,
        "tags": [],
        "customFields": [{"title": "Fortnox", "type": "String", "value": "klar"}],
        "responsibleCoworker": {"id": 1, "phoneNumber": "010-555 01 01"},
        "employees": [{"id": "pase1578159", "phoneNumber": ["070-1"], "tags": []}],
        "deals": [{"id": deal, "status": "Ny", "tags": []}],
    }
    assert read["bare"] == {
        "id": bare,
        "phoneNumber": [],
        "integrationId": "a-17",
        "email": None,
        "customFields": [],
        "employees": [],
    }
    assert read["person"] == {
        "id": "pase1578159",
        "phoneNumber": ["070-1"],
        "employer": {"id": "pase106797"},
        "employerName": "Nordvikens Bygg AB",
    }
    assert read["deal"] == {
        "id": deal,
        "status": "Ny",
        "customer": {"id": "pase106797"},
        "customerName": "Nordvikens Bygg AB",
        "source": None,
        "tags": [],
    }
    base.switch(integration_id_numbers=False, id_without_source=True)
    by_number = base.full.data('{ organization(id: "106797") { id integrationId } }')
    assert by_number["organization"] == {"id": "pase106797", "integrationId": "2344"}
