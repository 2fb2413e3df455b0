"""What a connector may refuse a record with, and the words that a person reads for it."""

from __future__ import annotations

import re
from pathlib import Path

from sync_coordinator.domain.reasons import REASONS

SERVICES = Path(__file__).resolve().parents[2] / "services"
OF_NO_RECORD = {"subscription_refused", "feed_refused", "unknown_command"}
"""Told to whoever runs the system: no company and no deal waits for them."""


def test_every_permanent_error_of_a_connector_has_words() -> None:
    sources = "".join(path.read_text() for path in sorted(SERVICES.glob("*-connector/src/**/*.py")))
    codes = set(re.findall(r'(?:PermanentError|CandidatesError|Found)\(\s*"([a-z_]+)"', sources))
    assert len(codes) > 10
    assert codes - OF_NO_RECORD - set(REASONS) == set()
