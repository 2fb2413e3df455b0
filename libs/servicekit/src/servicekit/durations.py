"""Every duration of the product, in one place; chaos runs divide them all by one number and keep the ratios."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Durations:
    """Seconds. The sources of each figure are flows.md section 3 and fortnox.md section 2."""

    lease: float = 30.0
    """How long a lane stays with its holder without renewal."""
    request_timeout: float = 10.0
    """The hard deadline of one request; well inside the lease."""
    settle_time: float = 120.0
    """How long an unknown outcome waits before it is looked for: longer than our timeout plus the server's longest stall."""
    second_look: float = 10.0
    """Between the two looks that must both be empty before another create."""
    rate_window: float = 5.0
    """Fortnox's window; ours is counted from each answer, so it needs no margin (servicekit/budget.py)."""
    poll_overlap: float = 600.0
    """How far a `lastmodified` mark stays behind the server's clock."""
    autumn_overlap: float = 4200.0
    """The same around the autumn clock change, when local time is ambiguous for an hour."""
    stale_item: float = 600.0
    """A queued command older than this goes back for a fresh decision."""
    resend: float = 900.0
    """A command without outcome, or a trigger without decision, is sent again after this."""
    recheck: float = 600.0
    """Companies that wait for a person's correction are read again this often."""
    recheck_longest: float = 14400.0
    """How far the pause grows between two tries of what a remote system refused, doubled from `recheck` on."""
    session: float = 10.0
    """How long Kafka waits for a silent member of a consumer group (never under 2 s: a busy machine is not a dead one)."""
    metadata: float = 30.0
    """How long a Kafka client believes what it knows of topics. A consumer that joined its group while its topic was away
    has no partition until then; aiokafka's default is 300 s (its `GroupCoordinator._handle_metadata_update`)."""
    confirm_removal: float = 60.0
    """A company that Lime Go no longer has is gone when it has been missing for so long, and is read again without success."""
    confirm_many_removals: float = 86400.0
    """The same while many companies are missing at once: time for a person to notice, and to mend the API key."""
    brake_window: float = 3600.0
    """The brake counts the documents made within this; its usual rate is taken over 720 of them (30 days)."""
    health_report: float = 60.0
    """How often a connector reports how each of its connections does."""
    unknown_connection: float = 900.0
    """How long a message waits for its connection to become known."""
    passing_fault: float = 900.0
    """How long a message is tried again that fails by what may pass (servicekit/database_errors.py), before it is dead."""
    retry_first: float = 1.0
    retry_longest: float = 60.0
    """Backoff of lane items: doubled from the first to the longest, with jitter."""

    @classmethod
    def scaled(cls, scale: float) -> Durations:
        """All durations divided by `scale`."""
        plain = cls()
        return replace(plain, **{field.name: getattr(plain, field.name) / scale for field in fields(cls)})
