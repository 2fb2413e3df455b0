"""The tree of errors: what is worth another try, and what is not.

Error
├── TransientError          another try may succeed
│   ├── OutcomeUnknownError a write whose effect is not known
│   └── RateLimitedError    the remote asks us to wait
├── PermanentError          no try will succeed without a change
└── UnknownConnectionError  the connection's own message has not come yet
"""

from __future__ import annotations

from uuid import UUID


class Error(Exception):
    """The root of our own errors."""


class TransientError(Error):
    """Another try may succeed."""


class OutcomeUnknownError(TransientError):
    """A write was sent and its answer did not come: look before doing anything else (flows.md, rule 3)."""


class RateLimitedError(TransientError):
    """The remote refused for now; wait `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(Error):
    """No repetition helps. `reason` is a stable code, `detail` what the other side said."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class UnknownConnectionError(Error):
    """A message for a connection that this service has not heard of yet."""

    def __init__(self, connection_id: UUID) -> None:
        super().__init__(f"connection {connection_id} is not known; it must be activated first")
        self.connection_id = connection_id
