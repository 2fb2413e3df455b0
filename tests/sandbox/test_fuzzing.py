"""Whatever is sent to either emulator gets an answer that its description names, and never a 5xx that nobody ordered."""

from __future__ import annotations

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from sandbox.app import create_app
from support.fortnox_shop import Transport

APP = create_app()
CONTROL = httpx.Client(transport=Transport(APP), base_url="http://sandbox")
EXAMPLES = settings(
    max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
LIMEGO_KEY = {"Authorization": "go-api:00000000-0000-4000-8000-000000000001"}


def _signed_in() -> dict[str, str]:
    CONTROL.post("/control/seed", json={"companies": 10, "in_fortnox": 1.0})
    CONTROL.put("/control/switches", json={"limit_requests": 1_000_000})
    head, ask = {"TenantId": "100001"}, {"grant_type": "client_credentials"}
    answer = CONTROL.post("/fortnox/oauth-v1/token", data=ask, headers=head, auth=("dubbelsynk", "sandbox-secret"))
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


FORTNOX_TOKEN = _signed_in()
FORTNOX = schemathesis.openapi.from_asgi("/control/fortnox/openapi.json", APP)
LIMEGO_REST = schemathesis.openapi.from_asgi("/control/limego/openapi.json", APP)
LIMEGO = schemathesis.graphql.from_asgi("/limego/v1/graphql", APP, headers=LIMEGO_KEY)


def each_operation(schema):
    """A test for each operation, under its name: schemathesis' own gives all of them one, and pytest-xdist runs one of these."""
    operations = [found.ok() for found in schema.get_all_operations()]
    return pytest.mark.parametrize("operation", operations, ids=[operation.label for operation in operations])


def valid_or_not(operation):
    """A call that the description allows, or one that it does not."""
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])


@each_operation(FORTNOX)
@EXAMPLES
@given(data=st.data())
def test_fortnox_answers_anything_as_its_description_says(operation, data):
    case = data.draw(valid_or_not(operation))
    if "number" in case.path_parameters and len(case.path_parameters["number"]) % 2:
        # Every other call is about a record that is there.
        case.path_parameters["number"] = "1"
    answer = case.call(headers=FORTNOX_TOKEN)
    assert str(answer.status_code) in case.operation.definition.raw["responses"], f"{answer.status_code} {answer.text}"
    assert answer.status_code < 500, answer.text


@each_operation(LIMEGO_REST)
@EXAMPLES
@given(data=st.data())
def test_lime_go_answers_anything_as_its_description_says(operation, data):
    case = data.draw(valid_or_not(operation))
    answer = case.call(headers=LIMEGO_KEY)
    assert str(answer.status_code) in case.operation.definition.raw["responses"], f"{answer.status_code} {answer.text}"


@each_operation(LIMEGO)
@EXAMPLES
@given(data=st.data())
def test_lime_go_answers_any_query(operation, data):
    case = data.draw(valid_or_not(operation))
    answer = case.call(headers=LIMEGO_KEY)
    assert answer.status_code < 500, answer.text
