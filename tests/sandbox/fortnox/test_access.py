"""Tokens, scopes, the limiter, faults and control."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

STATUSES = (302, 304, 400, 401, 403, 404, 408, 409, 421, 423, 425, 429, 499, 500, 502, 503, 504)


@pytest.mark.checklist("fortnox", 3)
@pytest.mark.checklist("fortnox", 7)
def test_a_token_is_a_jwt_for_its_tenant_and_lives_an_hour(box):
    answer = box.ask_token()
    body = answer.json()["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert (claims["tenantId"], claims["exp"] - claims["iat"]) == (int(box.tenant), 3600)
    assert (answer.json()["expires_in"], answer.headers["Cache-Control"]) == (3600, "no-store")
    box.advance(3601)
    expired = box.get("customers")
    assert (expired.status_code, expired.json()) == (401, {"message": "unauthorized"})
    assert "X-Uid" not in expired.headers


def test_a_wrong_secret_grant_or_tenant_is_refused_in_the_servers_words(box):
    wrong = box.ask_token(secret="nope")
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (401, "text/plain;charset=UTF-8")
    assert wrong.json()["error"] == "invalid_client"
    assert box.ask_token(grant="password").json()["error"] == "unsupported_grant_type"
    assert box.ask_token(tenant="1").json()["error"] == "invalid_grant"


def test_a_revoked_consent_stops_new_tokens_but_not_those_issued(box):
    assert box.control.delete(f"/fortnox/tenants/{box.tenant}/consent").status_code == 200
    assert box.ask_token().status_code == 400
    assert box.get("customers").status_code == 200
    box.control.put(f"/fortnox/tenants/{box.tenant}/consent")
    assert box.ask_token().status_code == 200


def test_a_forged_token_is_unauthorised(box):
    box.http.headers["Authorization"] = f"Bearer {box.token[:-2]}xx"
    assert box.get("customers").status_code == 401


def test_the_old_pair_of_headers_signs_in_only_where_a_switch_says_so(box):
    pair = {"Access-Token": box.token, "Client-Secret": "secret"}
    del box.http.headers["Authorization"]
    assert box.http.get("/3/customers", headers=pair).status_code == 401
    box.switch(legacy_headers=True)
    assert box.http.get("/3/customers", headers=pair).status_code == 200
    assert box.http.get("/3/customers", headers={**pair, "Client-Secret": "other"}).status_code == 401


def test_a_missing_scope_is_403(a_box):
    box = a_box(scopes=["customer"])
    answer = box.get("invoices")
    assert (answer.status_code, answer.json()["ErrorInformation"]["Code"]) == (403, 2001393)


@pytest.mark.checklist("fortnox", 8)
def test_the_26th_request_in_the_window_is_refused_and_another_company_is_not(box, a_box):
    other = a_box()
    assert [box.get("customers").status_code for _ in range(27)] == [200] * 25 + [429] * 2
    refused = box.get("customers")
    assert (refused.reason_phrase, refused.content, "Retry-After" in refused.headers) == ("Too Many Requests", b"", False)
    assert other.get("customers").status_code == 200
    box.advance(5)
    assert box.get("customers").status_code == 200


@pytest.mark.checklist("fortnox", 8)
def test_refused_requests_count_unless_a_switch_says_otherwise(box):
    for counts, after in ((True, 429), (False, 200)):
        box.advance(10)
        box.switch(refused_count=counts)
        for _ in range(25):
            box.get("customers")
        box.advance(3)
        assert [box.get("customers").status_code for _ in range(25)] == [429] * 25
        box.advance(2.5)
        assert box.get("customers").status_code == after


@pytest.mark.checklist("fortnox", 8)
@pytest.mark.parametrize(
    ("kind", "media_type", "text"),
    [
        ("empty", None, ""),
        ("html", "text/html; charset=utf-8", "<html><body><h1>429 Too Many Requests</h1></body></html>"),
        ("json", "application/json", '{"message":"Too Many Requests"}'),
    ],
)
def test_what_a_refused_request_holds_is_a_switch(box, kind, media_type, text):
    box.switch(limit_answer=kind, limit_requests=0, retry_after_header=True)
    answer = box.get("customers")
    assert (answer.status_code, answer.reason_phrase) == (429, "Too Many Requests")
    assert (answer.headers.get("Content-Type"), answer.text) == (media_type, text)
    assert 0 < int(answer.headers["Retry-After"]) <= 6


def test_the_token_endpoint_may_have_a_limit_of_its_own(box):
    box.advance(10)
    box.switch(token_requests=2)
    assert [box.ask_token().status_code for _ in range(3)] == [200, 200, 429]
    box.advance(10)
    assert box.ask_token().status_code == 200


def test_a_switch_takes_only_what_it_can_be(box):
    for value in ("xml", None, 1, True):
        assert box.control.put("/switches", json={"limit_answer": value}).status_code == 400


@pytest.mark.checklist("fortnox", 13)
@pytest.mark.parametrize("kind", ["lost_answer", "answer_502"])
def test_a_lost_answer_has_made_the_record(box, kind):
    box.fault(kind, "POST /3/customers")
    try:
        assert box.post("customers", "Customer", Name="Kvar").status_code == 502
    except httpx.RemoteProtocolError:
        assert kind == "lost_answer"
    assert [one["Name"] for one in box.records("customers")] == ["Kvar"]
    assert box.post("customers", "Customer", Name="Nästa").status_code == 201


@pytest.mark.checklist("fortnox", 13)
@pytest.mark.parametrize("kind", ["cut", *(f"{what}_{status}" for what in ("refuse", "status") for status in STATUSES)])
def test_a_refused_call_has_made_nothing(box, kind):
    box.fault(kind, "POST /3/customers")
    try:
        status = box.post("customers", "Customer", Name="Aldrig").status_code
        assert str(status) == kind.rpartition("_")[2]
    except httpx.RemoteProtocolError:
        assert kind == "cut"
    assert box.records("customers") == []


@pytest.mark.checklist("fortnox", 13)
@pytest.mark.parametrize(("more", "code"), [({}, 2000663), ({"code": 2001101}, 2001101)])
def test_a_missing_right_names_the_scope_or_the_licence(box, more, code):
    box.fault("status_403", "GET /3/customers", **more)
    assert box.get("customers").json()["ErrorInformation"]["Code"] == code


@pytest.mark.checklist("fortnox", 13)
def test_a_late_commit_happens_after_the_client_has_gone(box):
    box.fault("late_commit", "POST /3/customers", delay=60)
    with pytest.raises(httpx.ReadTimeout):
        box.http.post("/3/customers", json={"Customer": {"Name": "Sen"}}, timeout=0.2)
    assert box.records("customers") == []
    box.advance(60)
    assert box.eventually(lambda: box.records("customers"))[0]["Name"] == "Sen"


@pytest.mark.parametrize("kind", [f"early_{status}" for status in STATUSES if status != 304])
def test_a_gateway_may_answer_first_and_pass_the_call_on_later(box, kind):
    box.fault(kind, "POST /3/customers", delay=60)
    answer = box.post("customers", "Customer", Name="Sen")
    assert (f"early_{answer.status_code}", answer.text.lstrip()[:6]) == (kind, "<html>")
    assert box.records("customers") == []
    box.advance(60)
    assert box.eventually(lambda: box.records("customers"))[0]["Name"] == "Sen"


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_may_hide_that_the_record_was_made(box, status):
    box.fault(f"answer_{status}", "POST /3/customers")
    assert box.post("customers", "Customer", Name="Kvar").status_code == status
    assert [one["Name"] for one in box.records("customers")] == ["Kvar"]


@pytest.mark.parametrize("kind", ["status_409", "refuse_409", "early_409", "answer_409"])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("none", ("", None)),
        ("html", ("<html>", "text/html; charset=utf-8")),
        ("json", ('{"stat', "application/json")),
        ("error", ('{"Erro', "application/json")),
    ],
)
def test_the_form_of_a_status_body_can_be_chosen(box, kind, body, found):
    box.fault(kind, "GET /3/customers", body=body)
    answer = box.get("customers")
    assert answer.status_code == 409
    assert (answer.text[:6], answer.headers.get("Content-Type")) == found


@pytest.mark.parametrize("text", ["-5", "soon", "99999999999", "Sun, 01 Jan 2090 00:00:00 GMT", ""])
def test_retry_after_is_whatever_was_ordered(box, text):
    box.fault("status_429", "GET /3/customers", retry_after=text)
    answer = box.get("customers")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, text)


@pytest.mark.parametrize(("kind", "dates"), [("date_doubled", 2), ("date_missing", 0), ("date_garbled", 1)])
def test_the_date_of_one_answer_may_be_spoiled(box, kind, dates):
    box.fault(kind, "POST /3/customers")
    answer = box.post("customers", "Customer", Name="Kvar")
    found = answer.headers.get_list("Date")
    assert (answer.status_code, len(found)) == (201, dates)
    assert not any(text.startswith("yesterday") for text in found) or kind == "date_garbled"
    assert len(box.get("customers").headers.get_list("Date")) == 1


def test_an_answer_that_is_no_json_has_made_the_record(box):
    box.fault("no_json", "POST /3/customers")
    answer = box.post("customers", "Customer", Name="Kvar")
    assert answer.status_code == 201
    with pytest.raises(ValueError, match="utf-8"):
        answer.json()
    assert [one["Name"] for one in box.records("customers")] == ["Kvar"]


@pytest.mark.parametrize(
    "more", [{"body": "xml"}, {"retry_after": "a\r\nb"}, {"retry_after": 7}, {"kind": "status_600"}, {"kind": "status_200"}]
)
def test_a_fault_that_no_answer_could_show_is_refused(box, more):
    ordered = {"system": "fortnox", "operation": "GET /3/customers", "kind": "status_409", **more}
    assert box.control.post("/faults", json=ordered).status_code == 400


def test_a_garbled_answer_has_made_the_record(box):
    box.fault("garbled", "POST /3/customers")
    with pytest.raises(httpx.DecodingError):
        box.post("customers", "Customer", Name="Kvar")
    assert [one["Name"] for one in box.records("customers")] == ["Kvar"]


@pytest.mark.checklist("fortnox", 13)
def test_a_stalled_call_has_committed_and_answers_in_the_end(box):
    box.fault("stall", "POST /3/customers", delay=60)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(box.post, "customers", "Customer", Name="Trög")
        box.eventually(lambda: box.records("customers"))
        assert not answer.done()
        box.advance(60)
        assert answer.result(5).status_code == 201


def test_a_fault_skips_counts_and_keeps_to_its_connection(box, a_box):
    other = a_box()
    box.fault("status_500", "GET /3/customers", skip=1, times=2)
    assert other.get("customers").status_code == 200
    assert [box.get("customers").status_code for _ in range(4)] == [200, 500, 500, 200]


def test_an_unknown_fault_or_switch_is_refused(box):
    assert box.control.post("/faults", json={"system": "fortnox", "operation": "*", "kind": "nope"}).status_code == 400
    assert box.control.put("/switches", json={"nope": 1}).status_code == 400
    box.switch(jitter=[0, 1])


def test_the_call_log_tells_whose_credential_and_which_record(box):
    box.invoice(ExternalInvoiceReference1="go:77")
    (call,) = box.calls(method="POST", route="/3/invoices", ExternalInvoiceReference1="go:77")
    assert (call["status"], call["credential"], call["fields"]["DocumentNumber"]) == (201, box.tenant, "1")


def test_a_state_can_be_taken_and_put_back(box):
    box.customer(Name="Före")
    state = box.control.get("/state").json()
    box.customer(Name="Efter")
    assert box.control.put("/state", json={"fortnox": state["fortnox"]}).status_code == 200
    assert [one["Name"] for one in box.records("customers")] == ["Före"]
    assert box.customer()["CustomerNumber"] == "2"


def test_a_seeded_company_is_believable(box):
    made = box.control.post("/seed", json={"seed": 3, "companies": 60}).json()["fortnox"]
    state = box.control.get("/state").json()["fortnox"]["tenants"][made["tenant"]]
    assert (made["client_id"], len(state["articles"]), len(state["customers"])) == ("dubbelsynk", 20, made["customers"])
    articles = {one["ArticleNumber"]: one for one in state["articles"]}
    assert (articles["1000"]["Type"], articles["1000"]["Active"], articles["9999"]["Active"]) == ("SERVICE", True, False)
    assert any(one["Booked"] and one["Balance"] == 0 for one in state["invoices"])
