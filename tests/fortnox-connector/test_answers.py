"""What each answer of Fortnox proves: only its own JSON error, a 401 and a 429 say that a write did nothing."""

import json

import httpx
import pytest

from fortnox_connector.answers import NotFoundError, TokenRefusedError, understand
from servicekit.errors import OutcomeUnknownError, PermanentError, RateLimitedError, TransientError
from servicekit.lanes import LaneStoppedError

OWN = {"ErrorInformation": {"error": 1, "message": "Värdet är för långt.", "code": 2000107}}
CAPITALS = {"ErrorInformation": {"Error": 1, "Message": "Kan inte hitta fakturan.", "Code": "2000434"}}
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


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", FOREIGN)
def test_a_401_and_a_429_say_what_to_do_whatever_their_body(method, body):
    assert type(what(method, 401, body)) is TokenRefusedError
    assert type(what(method, 429, body)) is RateLimitedError
