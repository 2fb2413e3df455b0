"""What the whole control API answers when it cannot do what it is asked."""

import pytest

from support.fortnox_shop import whole

BODIES = [
    ("PUT", "/state"),
    ("POST", "/seed"),
    ("POST", "/faults"),
    ("POST", "/clock"),
    ("PUT", "/switches"),
    ("POST", "/fortnox/apps"),
    ("POST", "/fortnox/tenants"),
    ("PATCH", "/fortnox/tenants/1"),
    ("PUT", "/fortnox/tenants/1/settings"),
    ("POST", "/fortnox/stream/events"),
    ("POST", "/limego/databases"),
    ("POST", "/limego/databases/bolaget/bulk"),
    ("PUT", "/limego/switches"),
]


@pytest.fixture(scope="module")
def control():
    client = whole()
    client.post("/control/fortnox/tenants", json={"tenant": "1", "clients": {}}).raise_for_status()
    client.post("/control/limego/databases", json={"name": "bolaget"}).raise_for_status()
    return client


@pytest.mark.parametrize("body", ["{", "7", '"text"', "[7]"])
@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_that_is_no_object_is_refused_in_words(control, method, path, body):
    answer = control.request(method, f"/control{path}", content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["message"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/fortnox/tenants/9"),
        ("GET", "/fortnox/tenants/9/settings"),
        ("PUT", "/fortnox/tenants/9/consent"),
        ("POST", "/limego/databases/nope/bulk"),
    ],
)
def test_what_is_not_there_is_404(control, method, path):
    answer = control.request(method, f"/control{path}", json={})
    assert (answer.status_code, list(answer.json())) == (404, ["message"])


@pytest.mark.parametrize("switches", ["switches", "limego/switches"])
def test_the_kind_set_can_be_set_as_it_is_shown_and_differs_from_the_worst(switches):
    http = whole()
    worst, kind = http.get(f"/control/{switches}").json(), http.get(f"/control/{switches}/kind").json()
    assert kind != worst
    assert http.put(f"/control/{switches}", json=kind).json() == kind


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"advance": None}),
        ("clock", {"advance": "7"}),
        ("seed", {"companies": None}),
        ("seed", {"companies": -1}),
        ("seed", {"in_fortnox": "x"}),
        ("fortnox/tenants/1/fill", {"customers": None}),
        ("fortnox/tenants/1/fill", {"invoices": -1}),
    ],
)
def test_a_number_that_is_none_is_refused_in_words(control, path, body):
    answer = control.post(f"/control/{path}", json=body)
    assert (answer.status_code, list(answer.json())) == (400, ["message"])


@pytest.mark.parametrize(
    "part",
    [
        {"operation": 5},
        {"operation": "POST /3/customer"},
        {"operation": "POST /3/customers/{number}"},
        {"operation": "webhook"},
        {"operation": "WS"},
        {"system": "limego", "operation": "POST /3/customers"},
        {"system": "*", "operation": "GET /v1/event/feed"},
        {"times": "1"},
        {"times": -1},
        {"skip": None},
        {"probability": "1"},
        {"probability": 1.5},
        {"delay": "30"},
        {"delay": -1},
        {"code": "2000663"},
        {"connection": ["100001"]},
        {"kind": "drop"},
        {"kind": "delay"},
        {"kind": "reorder"},
    ],
)
def test_a_fault_that_could_not_strike_is_refused_when_it_is_ordered(control, part):
    fault = {"system": "fortnox", "operation": "*", "kind": "cut", **part}
    answer = control.post("/control/faults", json=fault)
    assert (answer.status_code, list(answer.json())) == (400, ["message"])
    assert control.get("/control/faults").json()["faults"] == []


def test_a_fault_may_name_every_operation_of_its_system(control):
    paths = control.get("/control/fortnox/openapi.json").json()["paths"]
    calls = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    for system, operation in [
        *(("fortnox", call) for call in calls),
        ("fortnox", "POST /oauth-v1/token"),
        ("fortnox", "WS add-topics-v1"),
        ("limego", "POST /v1/graphql"),
        ("limego", "GET /v1/event/feed/"),
        ("limego", "PUT /v1/erp/invoices/{documentNumber}"),
    ]:
        fault = {"system": system, "operation": operation, "kind": "cut"}
        assert control.post("/control/faults", json=fault).status_code == 200, operation
    assert control.post("/control/faults", json={"system": "limego", "operation": "webhook", "kind": "drop"}).status_code == 200
    control.delete("/control/faults")
