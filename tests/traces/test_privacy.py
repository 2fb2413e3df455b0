"""Nothing of the story's companies and people, and no secret, is in any log, span or metric (house.md, names, rule 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from devstack.people import BOOKKEEPER, FULL_KEY, PERSONAL_KEY
from devstack.services import CLIENT_SECRET, SERVICES

# Fields of both emulators' records that tell who a company or a person is.
PERSONAL = {
    *("Name", "CustomerName", "OrganisationNumber", "Email", "EmailAddressTo", "Phone1", "Address1"),
    *("organizationNumber", "organization_number", "email", "phone_number", "street", "customerName", "last_name", "lastName"),
}
WHO = {"organizations", "persons", "organization", "users"}
SHORTEST = 6
"""Shorter values are parts of ordinary words."""


def values(state: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """All texts of a state with the names that lead to them."""
    if isinstance(state, dict):
        for name, value in state.items():
            yield from values(value, (*path, str(name)))
    elif isinstance(state, list):
        for value in state:
            yield from values(value, path)
    elif isinstance(state, str) and path:
        yield path, state


@pytest.fixture
def personal(played) -> set[str]:
    """What says who somebody is."""
    found = set()
    for path, text in values(played.state):
        if path[-1] in PERSONAL or (path[-1] == "name" and path[-2] in WHO):
            found.add(text)
            if text.replace("-", "").isdigit():
                found.add(text.replace("-", ""))
    found = {text for text in found if len(text) >= SHORTEST}
    assert len([text for text in found if text.replace("-", "").isdigit()]) > 50
    assert len([text for text in found if "@" in text]) > 50
    assert len([text for text in found if text.endswith(" AB")]) > 30
    return found


@pytest.fixture
def secrets(played) -> set[str]:
    """What opens something."""
    hooks = {text.rpartition("/")[2] for path, text in values(played.state) if path[-1] == "targeturl"}
    assert hooks
    keys = {key.partition(":")[2] for key in (FULL_KEY, PERSONAL_KEY)}
    return {*played.secrets, *hooks, *keys, CLIENT_SECRET, BOOKKEEPER[1]}


def found_in(text: str, wanted: set[str]) -> list[str]:
    return sorted(one for one in wanted if one in text)


@pytest.mark.parametrize("service", list(SERVICES))
def test_no_log_tells_who_or_opens_anything(played, personal, secrets, service):
    log = played.logs[service]
    assert "DEBUG" in log
    assert not found_in(log, personal | secrets)


def test_no_log_holds_an_access_token(played):
    assert not [name for name in SERVICES if "Bearer" in played.logs[name] or "access_token" in played.logs[name]]


def test_no_span_and_no_metric_tells_who_or_opens_anything(played, personal, secrets):
    exported = b"\n".join(played.receiver.bodies)
    assert b"fortnox poll" in exported, "the bodies cannot be read"
    assert not [one for one in sorted(personal | secrets) if one.encode() in exported]
