"""What each answer of Lime Go proves: only its own refusal says that a write did nothing."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest

from limego_connector.responses import Answer, classify, is_throttle, message_of
from servicekit.errors import OutcomeUnknownError, RateLimitedError, TransientError
from servicekit.lanes import LaneStoppedError

REFUSALS = (400, 404, 405, 410, 413, 414, 415, 422)
PROVES_NOTHING = (301, 302, 304, 307, 402, 406, 407, 408, 409, 411, 412, 416, 417, 421, 423, 425, 451, 499, 500, 502, 503, 504)


def answered(status, body=None, *, is_write=True, **headers):
    content = json.dumps(body).encode() if isinstance(body, dict | list) else (body or b"")
    return classify(httpx.Response(status, content=content, headers=headers), is_write=is_write)


@pytest.mark.parametrize("status", PROVES_NOTHING)
def test_a_status_that_something_in_between_may_have_given_proves_nothing(status):
    for body in (None, {"message": "no"}):
        with pytest.raises(OutcomeUnknownError, match=f"Lime Go answered {status}"):
            answered(status, body)
        with pytest.raises(TransientError) as raised:
            answered(status, body, is_write=False)
        assert type(raised.value) is TransientError


@pytest.mark.parametrize("status", [200, 201, 204, *REFUSALS])
def test_lime_go_s_own_yes_and_no_are_taken_empty_or_as_json_and_amounts_stay_exact(status):
    assert answered(status).body is None
    answer = answered(status, b'{"value": 12345678901234.56}')
    assert (answer.status, answer.body) == (status, {"value": Decimal("12345678901234.56")})


@pytest.mark.parametrize("status", [200, 201, *REFUSALS])
@pytest.mark.parametrize("body", [b"<html>Bad Request</html>", b"{", b"\xff", b"[" * 100_000])
def test_an_answer_that_cannot_be_read_proves_nothing(status, body):
    with pytest.raises(OutcomeUnknownError, match=f"answer \\({status}\\) cannot be read"):
        answered(status, body)
    with pytest.raises(TransientError) as raised:
        answered(status, body, is_write=False)
    assert type(raised.value) is TransientError


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_the_lane_whatever_the_body(status):
    for body in (None, b"<html>", {"message": "no"}):
        with pytest.raises(LaneStoppedError, match=str(status)):
            answered(status, body)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("0.5", 0.5),
        ("600", 600),
        ("601", 600),
        ("inf", 600),
        ("-1", 5),
        ("nan", 5),
        ("in a while", 5),
        (None, 5),
    ],
)
def test_a_wait_is_as_long_as_it_is_told_within_reason(told, seconds):
    headers = {} if told is None else {"retry-after": told}
    with pytest.raises(RateLimitedError) as raised:
        answered(429, b"<html>", **headers)
    assert raised.value.retry_after == seconds
    assert answered(200, **headers).retry_after == seconds


@pytest.mark.parametrize(
    "error",
    [
        {"extensions": {"code": "THROTTLED"}},
        {"extensions": {"code": "rate_limited"}},
        {"extensions": {"code": "RATE_LIMIT_EXCEEDED"}, "message": "no"},
        {"extensions": {"code": "TOO_MANY_REQUESTS"}},
        {"message": "Throttled"},
        {"message": "Rate limit exceeded"},
        {"message": "rate-limit"},
        {"message": "Request was throttled. Wait."},
        {"message": "Requests are throttled"},
        {"message": "Too many requests"},
        {"message": '"too many requests"'},
        {"extensions": None, "message": "Too many requests"},
    ],
)
def test_a_throttle_is_known_by_its_code_or_by_how_its_message_begins(error):
    assert is_throttle([error])
    assert is_throttle([{"message": "something else"}, "no error", error])


@pytest.mark.parametrize(
    "errors",
    [
        None,
        {},
        [],
        "THROTTLED",
        ["THROTTLED"],
        [{}],
        [{"extensions": {"code": "BAD_INPUT"}, "message": "The deal is throttled by name"}],
        [{"extensions": "THROTTLED"}],
        [{"extensions": {}, "message": None}],
        [{"message": "The name 'Too many requests AB' is taken"}],
    ],
)
def test_what_only_speaks_of_a_throttle_is_none(errors):
    assert is_throttle(errors) is False


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errors": [{"message": "Namnet är för långt"}, {"message": "andra"}], "message": "tredje"}, "Namnet är för långt"),
        ({"errors": [{"message": "Namnet är för långt"}, "text"]}, "Namnet är för långt"),
        ({"errors": [{"code": 1}], "message": "tredje"}, ""),
        ({"errors": [], "message": "Finns inte"}, "Finns inte"),
        ({"errors": ["text"], "message": "Finns inte"}, "Finns inte"),
        ({"errors": {"message": "x"}, "message": "Finns inte"}, "Finns inte"),
        ({"message": ""}, "HTTP 422"),
        ({}, "HTTP 422"),
        ([], "HTTP 422"),
        (None, "HTTP 422"),
        ({"errors": [{"message": "x" * 501}]}, "x" * 500),
        ({"message": "x" * 501}, "x" * 500),
    ],
)
def test_a_refusal_is_told_in_lime_go_s_own_words(body, words):
    assert message_of(Answer(422, body)) == words
