"""Where processes are killed: the named places of a message's way, and which fault points of which services they are."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass

FORTNOX, LIMEGO, MATCHER, COORDINATOR = "fortnox-connector", "limego-connector", "matcher", "sync-coordinator"
EVERYWHERE = (FORTNOX, LIMEGO, MATCHER, COORDINATOR)


@dataclass(frozen=True)
class Place:
    """A named place. `most_passes`: the kill comes at a random one of so many first passes."""

    name: str
    targets: tuple[tuple[str, str], ...]
    most_passes: int = 6


@dataclass(frozen=True)
class Kill:
    """One kill to come: the service ends itself at the n-th pass of the point."""

    place: str
    service: str
    point: str
    passes: int


PLACES = (
    Place("before the look", ((FORTNOX, "fortnox.before_look"),)),
    Place("between look and send", ((FORTNOX, "fortnox.before_send"),)),
    Place("after the send, before the answer is read", ((FORTNOX, "fortnox.after_send"),)),
    Place(
        "after the answer, before the commit",
        (
            (FORTNOX, "fortnox.after_answer"),
            (FORTNOX, "lane.before_outcome_commit"),
            (LIMEGO, "limego.after_write"),
            (LIMEGO, "lane.before_outcome_commit"),
            (COORDINATOR, "unit.before_commit"),
        ),
    ),
    Place("after the commit, before the publish", tuple((service, "unit.after_commit") for service in EVERYWHERE), 12),
    Place("after handling, before the offset is committed", tuple((service, "consumer.before_ack") for service in EVERYWHERE), 5),
    Place("in the relay, between publish and mark", tuple((service, "relay.after_publish") for service in EVERYWHERE), 6),
    Place("in the token save", ((FORTNOX, "token.before_save"),), 1),
    Place("in webhook intake", ((LIMEGO, "webhook.after_store"), (LIMEGO, "webhook.before_store")), 5),
    Place("in the feed", ((LIMEGO, "feed.after_peek"), (LIMEGO, "feed.after_read")), 2),
)


def plan(runs: int, luck: random.Random) -> dict[str, list[Kill]]:
    """`runs` kills, as many at each place (the first ones get what is left over), by service and in random order."""
    kills: dict[str, list[Kill]] = defaultdict(list)
    for index, place in enumerate(PLACES):
        for turn in range(runs // len(PLACES) + (index < runs % len(PLACES))):
            service, point = place.targets[turn % len(place.targets)]
            kills[service].append(Kill(place.name, service, point, luck.randint(1, place.most_passes)))
    for found in kills.values():
        luck.shuffle(found)
    return kills
