"""What each answer of Fortnox proves: only its own JSON error, a 401 and a 429 say that a write did nothing."""

import json
from decimal import Decimal

import httpx
import pytest

from fortnox_connector.answers import NotFoundError, TokenRefusedError, oauth_error, understand
from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.lanes import LaneStoppedError

OWN = {"ErrorInformation": {"error": 1, "message": "Värdet är för långt.", "code": 2000107}}
CAPITALS = {"ErrorInformation": {"Error": 1, "Message": "Kan inte hitta fakturan.", "Code": "2000434"}}
NO_RIGHT = {
    **{2000310: "Ogiltig inloggning", 2000311: "token missing at login", 2000663: "no right for the scope"},
    **{2001101: "no active licence for scope", 2001103: "API licence missing", 2001393: "no access to customer invoices"},
    **{2001427: "no right: accruals", 2002455: "no right: vouchers", 2003330: "no right: list payments"},
    **{2003275: "Saknar behörighet", 2004054: "invalid login (v2)"},
}
"""Fortnox' list of codes, as far as they say that a right, a licence or a login is missing."""
PROVES_NOTHING = (301, 302, 307, 308, 400, 403, 404, 405, 408, 409, 411, 413, 421, 422, 423, 425, 451, 499, 500, 502, 503, 504)
FOREIGN = ("", "<html>Bad Request</html>", "[]", '"no"', '{"message": "no"}', '{"ErrorInformation": null}', "{")


def answer(method, status, body=""):
    content = json.dumps(body).encode() if isinstance(body, dict) else body.encode()
    return httpx.Response(status, content=content, request=httpx.Request(method, "http://fortnox/3/invoices"))


def what(method, status, body=""):
    with pytest.raises((PermanentError, TransientError, LaneStoppedError)) as raised:
        understand(answer(method, status, body), "/3/invoices", 5.0)
    return raised.value


@pytest.mark.parametrize("status", PROVES_NOTHING)
@pytest.mark.parametrize("body", FOREIGN)
def test_what_is_not_fortnox_own_error_leaves_a_write_unknown_and_a_read_to_be_repeated(status, body):
    assert type(what("POST", status, body)) is OutcomeUnknownError
    assert type(what("GET", status, body)) is TransientError


@pytest.mark.parametrize("status", [302, 408, 425, 499, 500, 502, 503, 504])
def test_fortnox_own_error_under_a_status_that_promises_nothing_leaves_a_write_unknown(status):
    assert type(what("POST", status, OWN)) is OutcomeUnknownError
    assert type(what("GET", status, OWN)) is TransientError


@pytest.mark.parametrize("body", ["<html>", "[]", "1", "\xff"])
def test_a_good_answer_that_cannot_be_read_leaves_a_write_unknown(body):
    assert type(what("POST", 201, body)) is OutcomeUnknownError
    assert type(what("GET", 200, body)) is TransientError


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_fortnox_own_refusals_are_what_they_are(method):
    refused = what(method, 400, OWN)
    assert (type(refused), refused.reason, refused.detail) == (PermanentError, "data_refused", "Värdet är för långt.")
    assert what(method, 409, OWN).reason == "data_refused"
    missing = what(method, 404, CAPITALS)
    assert (type(missing), missing.detail) == (NotFoundError, "Kan inte hitta fakturan.")
    assert what(method, 400, {"ErrorInformation": {"code": 2000204}}).reason == "customer_missing"
    assert what(method, 400, {"ErrorInformation": {"message": "?", "code": "none"}}).reason == "validation"
    assert isinstance(what(method, 403, CAPITALS), LaneStoppedError)
    assert isinstance(what(method, 400, {"ErrorInformation": {"code": 2000663}}), LaneStoppedError)


@pytest.mark.parametrize(("code", "words"), NO_RIGHT.items())
def test_a_missing_right_stops_the_lane_under_any_status_and_says_code_and_words(code, words):
    stop = what("GET", 400, {"ErrorInformation": {"code": code, "message": words}})
    assert isinstance(stop, LaneStoppedError)
    assert (stop.detail, str(code) in str(stop), "GET /3/invoices" in str(stop)) == (words, True, True)


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 201), ("PUT", 204)])
def test_a_good_answer_is_its_body_with_exact_amounts_or_nothing(method, status):
    assert understand(answer(method, status), "/3/invoices", 5.0) == {}
    assert understand(answer(method, status, '{"Total": 12345678901234.56}'), "/3/invoices", 5.0) == {
        "Total": Decimal("12345678901234.56")
    }


def test_an_answer_nested_beyond_reason_cannot_be_read():
    assert type(what("POST", 201, "[" * 100_000)) is OutcomeUnknownError
    assert type(what("POST", 400, "[" * 100_000)) is OutcomeUnknownError


@pytest.mark.parametrize("code", ["", None, "³", "-1", "12a"])
def test_a_code_that_is_no_number_leaves_the_words(code):
    refused = what("POST", 400, {"ErrorInformation": {"code": code, "message": "Kan inte sparas"}})
    assert (type(refused), refused.reason, refused.detail) == (PermanentError, "validation", "Kan inte sparas")
    assert "(code 0)" in str(what("POST", 403, {"ErrorInformation": {"code": code, "message": "Nej"}}))
    silent = what("POST", 400, {"ErrorInformation": {"code": code, "message": None}})
    assert (silent.reason, silent.detail) == ("validation", "")


def test_a_wait_is_as_long_as_the_window_of_the_rate_limit():
    assert what("POST", 429).retry_after == 5.0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "invalid_grant", "error_description": "Inget samtycke."}, "Inget samtycke."),
        ({"error": "invalid_client", "error_description": ""}, "invalid_client"),
        ({"error_description": "Inget samtycke."}, None),
        ({}, None),
        ("<html>", None),
        ("", None),
    ],
)
def test_the_token_endpoint_s_words_are_found_under_any_content_type(body, words):
    assert oauth_error(answer("POST", 400, body)) == words


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", FOREIGN)
def test_a_401_and_a_429_say_what_to_do_whatever_their_body(method, body):
    assert type(what(method, 401, body)) is TokenRefusedError
    assert type(what(method, 429, body)) is RateLimitedError
