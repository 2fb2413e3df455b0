"""The rate budget against the remote's exact limiter, in virtual time."""

from __future__ import annotations

import asyncio
import selectors
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from servicekit.budget import RateBudget

LIMIT, WINDOW, FLIGHT = 25, 5.0, 10.0
TINY = 1e-6


class Selector(selectors.DefaultSelector):
    """Instead of waiting it moves the clock."""

    now = 1000.0

    def select(self, timeout=None):
        assert timeout is not None, "everybody waits for ever"
        self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which hours pass at once."""

    def __init__(self):
        self.virtual = Selector()
        super().__init__(self.virtual)

    def time(self):
        return self.virtual.now


def in_virtual_time(play):
    """Plays with a budget's clock that is the loop's."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(play(loop))
    finally:
        loop.close()


def a_budget(loop, *, starts_full=False):
    return RateBudget(limit=LIMIT, window=WINDOW, flight=FLIGHT, starts_full=starts_full, clock=loop.time)


async def request(loop, budget, counted, *, at=0.0, way=0.0, back=0.0, priority=0):
    """One request: granted, on its way, counted by the remote, answered."""
    await asyncio.sleep(at)
    place = await budget.acquire(priority)
    await asyncio.sleep(way)
    counted.append(loop.time())
    await asyncio.sleep(back)
    budget.answered(place)


def most_in_a_window(counted):
    times = sorted(counted)
    return max(sum(1 for other in times if start <= other < start + WINDOW - TINY) for start in times)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.floats(0, 0.4), st.floats(0, 2), st.integers(0, 10)), min_size=LIMIT + 1, max_size=120
    ),
    st.booleans(),
)
def test_no_window_holds_more_than_the_limit_whatever_the_way_takes(requests, starts_full):
    async def play(loop):
        budget, counted = a_budget(loop, starts_full=starts_full), []
        await asyncio.gather(
            *(request(loop, budget, counted, at=at, way=way, back=back, priority=p) for at, way, back, p in requests)
        )
        return counted

    counted = in_virtual_time(play)
    assert len(counted) == len(requests)
    assert most_in_a_window(counted) <= LIMIT


def test_a_busy_lane_uses_nearly_all_of_it():
    async def play(loop):
        budget, counted, started = a_budget(loop), [], loop.time()
        await asyncio.gather(*(request(loop, budget, counted, way=0.05, back=0.05) for _ in range(500)))
        return len(counted) / (loop.time() - started)

    assert in_virtual_time(play) > 0.9 * LIMIT / 5.2


def test_what_matters_more_goes_first_and_the_rest_keep_their_order():
    async def play(loop):
        budget, order = a_budget(loop), []

        async def one(name, priority):
            place = await budget.acquire(priority)
            order.append(name)
            budget.answered(place)

        await asyncio.gather(*(one(f"first {number}", 0) for number in range(LIMIT)))
        polls, writes = (one(f"poll {number}", 10) for number in range(30)), (one(f"write {number}", 0) for number in range(3))
        await asyncio.gather(*polls, *writes)
        return order[LIMIT:]

    assert in_virtual_time(play) == [f"write {number}" for number in range(3)] + [f"poll {number}" for number in range(30)]


def test_a_new_holder_waits_for_a_whole_window():
    async def play(loop):
        budget, counted, started = a_budget(loop, starts_full=True), [], loop.time()
        await request(loop, budget, counted)
        return counted[0] - started

    assert abs(in_virtual_time(play) - WINDOW) < 0.01


def test_a_refusal_stops_everything_for_so_long():
    async def play(loop):
        budget, counted, started = a_budget(loop), [], loop.time()
        budget.penalise(7)
        await asyncio.gather(*(request(loop, budget, counted) for _ in range(3)))
        return min(counted) - started

    assert 7 <= in_virtual_time(play) < 7.01


def test_a_waiter_that_gave_up_takes_no_place():
    async def play(loop):
        budget, counted = a_budget(loop, starts_full=True), []
        waiting = [asyncio.ensure_future(budget.acquire()) for _ in range(LIMIT)]
        await asyncio.sleep(1)
        for waiter in waiting:
            waiter.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.gather(*(request(loop, budget, counted) for _ in range(LIMIT)))
        return max(counted) - min(counted)

    assert in_virtual_time(play) < 0.01


def test_a_place_whose_answer_nobody_tells_is_free_again_after_the_deadline_and_a_window():
    async def play(loop):
        budget, started = a_budget(loop), loop.time()
        for _ in range(LIMIT + 1):
            await budget.acquire()
        return loop.time() - started

    assert abs(in_virtual_time(play) - FLIGHT - WINDOW) < 0.01


def test_places_are_given_one_after_the_other_not_in_bursts_after_a_wait():
    async def play(loop):
        budget, counted = a_budget(loop), []
        await asyncio.gather(*(request(loop, budget, counted, at=number * 0.1) for number in range(100)))
        return counted

    counted = in_virtual_time(play)
    assert most_in_a_window(counted) <= LIMIT
    assert all(later >= earlier for earlier, later in pairwise(counted))
