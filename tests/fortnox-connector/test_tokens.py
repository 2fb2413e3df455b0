"""Access tokens: one is fetched, kept, and fetched again when it ends or is refused."""

import asyncio

import pytest

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


async def test_a_revoked_consent_stops_the_lane_with_what_fortnox_says(parts):
    await parts.world.sandbox.delete(f"/control/fortnox/tenants/{parts.world.tenant}/consent")
    with pytest.raises(LaneStoppedError) as stop:
        await parts.tokens.get()
    assert stop.value.detail == "No valid consent for the tenant"
