"""A walk by offset over a list that moves under it."""

from __future__ import annotations

import random

import pytest

from limego_connector.paging import PAGE, Cursor, advance


def walk(records: list[str], between_pages) -> tuple[set[str], int]:
    """All ids that a walk sees, and its requests; `between_pages` may change the list."""
    cursor: Cursor | None = Cursor()
    seen: set[str] = set()
    requests = 0
    while cursor is not None:
        page = records[cursor.offset : cursor.offset + PAGE]
        requests += 1
        seen.update(page)
        cursor = advance(cursor, page)
        between_pages(records)
        assert requests < 1000
    return seen, requests


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 38, 40, 1000])
def test_a_list_that_stands_still_is_seen_whole_at_little_extra_cost(count: int) -> None:
    records = [str(number) for number in range(count)]
    seen, requests = walk(records, lambda _: None)
    assert seen == set(records)
    assert requests <= count / (PAGE - 2) + 2


@pytest.mark.parametrize("moves", [1, 5, 17])
@pytest.mark.parametrize("seed", range(20))
def test_records_that_move_to_the_end_hide_no_other(moves: int, seed: int) -> None:
    rand = random.Random(seed)
    records = [str(number) for number in range(400)]
    left = [30]

    def change(now: list[str]) -> None:
        if left[0] > 0:
            left[0] -= 1
            for _ in range(moves):
                now.append(now.pop(rand.randrange(len(now) // 2)))

    seen, _ = walk(records, change)
    assert seen == set(records)


def test_a_list_that_shrinks_in_mid_walk_ends_the_walk() -> None:
    records = [str(number) for number in range(100)]
    seen, requests = walk(records, lambda now: now.clear())
    assert len(seen) == PAGE
    assert requests < 10
