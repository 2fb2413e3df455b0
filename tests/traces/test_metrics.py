"""What an operator watches arrives as metrics."""

from __future__ import annotations

import pytest

LIMEGO, FORTNOX, MATCHER, COORDINATOR = "limego-connector", "fortnox-connector", "matcher", "sync-coordinator"
EVERYONE = {LIMEGO, FORTNOX, MATCHER, COORDINATOR}
CONNECTORS = {LIMEGO, FORTNOX}


@pytest.mark.parametrize(
    ("name", "services", "labels"),
    [
        ("dubbelsynk.consumer.lag", EVERYONE, {"messaging.destination.name"}),
        ("dubbelsynk.outbox.age", EVERYONE, set()),
        ("dubbelsynk.outbox.sent_age", EVERYONE, set()),
        ("dubbelsynk.poll.age", CONNECTORS, {"dubbelsynk.resource"}),
        ("dubbelsynk.write.age", CONNECTORS, set()),
        ("dubbelsynk.lane.waiting_age", CONNECTORS, set()),
        ("dubbelsynk.dead_letters", EVERYONE, set()),
        ("dubbelsynk.lane.depth", CONNECTORS, set()),
        (
            "dubbelsynk.remote.requests",
            CONNECTORS,
            {"http.request.method", "url.template", "server.address", "http.response.status_code"},
        ),
        (
            "dubbelsynk.remote.duration",
            CONNECTORS,
            {"http.request.method", "url.template", "server.address", "http.response.status_code"},
        ),
        ("dubbelsynk.budget.left", {FORTNOX}, set()),
    ],
)
def test_a_metric_arrives_from_each_service_that_has_it(played, name, services, labels):
    points = [point for point in played.receiver.points if point.name == name]
    assert {point.service for point in points} == services
    assert {label for point in points for label in point.attributes} == labels


def test_the_budget_is_spent_and_never_overdrawn(played):
    left = {point.value for point in played.receiver.points if point.name == "dubbelsynk.budget.left"}
    assert min(left) < 25
    assert all(0 <= value <= 25 for value in left)


def test_an_untroubled_story_leaves_no_dead_letter_no_lag_and_an_empty_outbox(played):
    last = {(point.service, point.name, *point.attributes.values()): point.value for point in played.receiver.points}
    for (service, name, *_), value in last.items():
        if name in ("dubbelsynk.dead_letters", "dubbelsynk.lane.depth", "dubbelsynk.consumer.lag"):
            assert value == 0, (service, name)
