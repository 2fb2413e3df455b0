"""Access tokens: one is fetched, kept, and fetched again when it ends or is refused."""

import asyncio

import httpx
import pytest

from contracts.health import Access
from fortnox_connector.client import read_token
from servicekit.errors import TransientError
from servicekit.lanes import LaneStoppedError


async def fetched(parts):
    return len(await parts.world.calls(route="/oauth-v1/token"))


async def test_a_token_is_fetched_once_and_kept_sealed(parts):
    tokens = await asyncio.gather(*(parts.tokens.get() for _ in range(5)))
    assert (len(set(tokens)), await fetched(parts)) == (1, 1)
    assert await parts.token_source().get() == tokens[0]
    assert await fetched(parts) == 1
    sealed, _ = await parts.repository.find_token(parts.world.connection_id)
    assert tokens[0].encode() not in sealed


async def test_a_token_is_renewed_before_it_ends(parts):
    first = await parts.tokens.get()
    await parts.database.pool.execute(
        "UPDATE token SET expires_at = now() + interval '2 seconds' WHERE connection_id = $1", parts.world.connection_id
    )
    # A minute before its end is 3 s at this time scale.
    assert await parts.token_source().get() != first
    assert await fetched(parts) == 2


async def test_a_refused_token_is_forgotten_and_the_read_goes_on_with_another(parts):
    await parts.world.fault("GET /3/articles", "status_401")
    first = await parts.tokens.get()
    assert (await parts.client.articles_page(1, {})).meta.total_pages in (0, 1)
    assert await parts.tokens.get() != first
    assert await fetched(parts) == 2


async def test_a_second_token_that_is_refused_stops_the_lane(parts):
    await parts.world.fault("GET /3/articles", "status_401", times=None)
    with pytest.raises(LaneStoppedError):
        await parts.client.articles_page(1, {})
    assert await fetched(parts) == 2
    assert parts.lane.health.access is Access.REFUSED
    # Another token proves nothing: the page says "refused" until a call succeeds.
    assert await parts.tokens.get()
    assert parts.lane.health.access is Access.REFUSED
    await parts.world.sandbox.delete("/control/faults")
    await parts.client.articles_page(1, {})
    assert parts.lane.health.access is Access.GRANTED


async def test_a_revoked_consent_stops_the_lane_with_what_fortnox_says(parts):
    await parts.world.sandbox.delete(f"/control/fortnox/tenants/{parts.world.tenant}/consent")
    with pytest.raises(LaneStoppedError) as stop:
        await parts.tokens.get()
    assert stop.value.detail == "No valid consent for the tenant"


@pytest.mark.parametrize("kind", ["odd_life", "garbled", "refuse_502"])
async def test_a_token_endpoint_that_answers_oddly_costs_a_try_and_no_more(parts, kind):
    await parts.world.fault("POST /oauth-v1/token", kind)
    async with parts.polling():
        await parts.world.until(lambda: parts.world.told("ProductUpdated"))
    # A life that cannot be read is the usual one: no token is fetched for each request.
    assert await fetched(parts) == (1 if kind == "odd_life" else 2)


@pytest.mark.parametrize(
    ("body", "token"),
    [
        ({"access_token": "good", "expires_in": 600}, ("good", 600)),
        ({"access_token": "good", "expires_in": "600"}, ("good", 600)),
        ({"access_token": "good"}, ("good", 3600)),
        ({"access_token": "good", "expires_in": -5}, ("good", 3600)),
        ({"access_token": "good", "expires_in": 10**30}, ("good", 86_400)),
        ({"access_token": "good", "expires_in": "an hour"}, ("good", 3600)),
        ({"access_token": "good", "expires_in": [1]}, ("good", 3600)),
        ({"access_token": "g\nood"}, None),
        ({"access_token": "gööd"}, None),
        ({"access_token": None}, None),
        ({}, None),
        (["good"], None),
        ("good", None),
    ],
)
def test_a_token_is_taken_or_asked_for_again_and_never_lives_for_ever_or_not_at_all(body, token):
    answer = httpx.Response(200, json=body)
    if token is not None:
        assert read_token(answer) == token
        return
    with pytest.raises(TransientError):
        read_token(answer)


async def test_a_stored_token_that_cannot_be_opened_is_fetched_anew(parts):
    first = await parts.tokens.get()
    await parts.database.pool.execute("UPDATE token SET sealed = 'x' WHERE connection_id = $1", parts.world.connection_id)
    assert await parts.token_source().get() != first
