"""What goes wrong with Postgres, in one table: who waits, who tries again, and what is the message's own fault.

By SQLSTATE (PostgreSQL's appendix A, "Error Codes"), the longest prefix first; by class for what asyncpg raises itself.
docs/architecture.md, section 6, shows the same table.
"""

from __future__ import annotations

from enum import Enum

import asyncpg

from servicekit.errors import TransientError


class Fault(Enum):
    """What an error of the database means for the one who meets it."""

    OUTAGE = "outage"
    """The server is away, or takes no session or no write: nothing can be stored, so all wait for it."""
    SESSION = "session"
    """This session is lost, and what it did is undone: the same with another session at once, then like a passing one."""
    PASSING = "passing"
    """It may succeed later: tried again, alone, while others go on."""
    MESSAGE = "message"
    """No repetition helps: the statement or its values cannot be."""


DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All that may come of a statement or of opening a session. Loops that try again anyway catch these."""

STATES = {
    # A connection was refused, was lost, or was never there.
    "08": Fault.SESSION,
    "08001": Fault.OUTAGE,
    "08004": Fault.OUTAGE,
    # The server takes no writes: a standby, or a switch to another primary.
    "25006": Fault.OUTAGE,
    # idle_in_transaction_session_timeout and transaction_timeout ended the session.
    "25P03": Fault.SESSION,
    "25P04": Fault.SESSION,
    # A prepared statement that the session does not know.
    "26000": Fault.SESSION,
    # A password or a database that is being changed under us. At the start it ends the process instead.
    "28": Fault.PASSING,
    "3D000": Fault.PASSING,
    # Serialization failures and deadlocks.
    "40": Fault.PASSING,
    "40002": Fault.MESSAGE,
    # Memory and temporary files; a full disk and too many sessions stop everyone.
    "53": Fault.PASSING,
    "53100": Fault.OUTAGE,
    "53300": Fault.OUTAGE,
    # In use, and lock_timeout.
    "55006": Fault.PASSING,
    "55P03": Fault.PASSING,
    # The server starts, stops or has crashed; a statement was cancelled; one session was ended.
    "57": Fault.OUTAGE,
    "57014": Fault.PASSING,
    "57P01": Fault.SESSION,
    "57P05": Fault.SESSION,
    # Input and output, and the server's own faults.
    "58": Fault.PASSING,
    "XX": Fault.PASSING,
}
CLASSES: tuple[tuple[type[Exception], Fault], ...] = (
    # A statement that does not end in time is no outage, although TimeoutError is an OSError.
    (TimeoutError, Fault.PASSING),
    (OSError, Fault.OUTAGE),
    (asyncpg.InvalidCachedStatementError, Fault.PASSING),
    # Of no host a session that can write.
    (asyncpg.TargetServerAttributeNotMatched, Fault.OUTAGE),
    (asyncpg.InternalClientError, Fault.SESSION),
    (asyncpg.ClientConfigurationError, Fault.MESSAGE),
    (asyncpg.UnsupportedClientFeatureError, Fault.MESSAGE),
    (asyncpg.UnsupportedServerFeatureError, Fault.MESSAGE),
    (asyncpg.InterfaceError, Fault.SESSION),
)


def fault_of(error: BaseException) -> Fault | None:
    """What the error means; None when it is none of the database's."""
    for kind, fault in CLASSES:
        if isinstance(error, kind):
            return fault
    if not isinstance(error, asyncpg.PostgresError):
        return None
    state = str(getattr(error, "sqlstate", None) or "")
    for length in (5, 2):
        if state[:length] in STATES:
            return STATES[state[:length]]
    return Fault.MESSAGE


def is_outage(error: BaseException) -> bool:
    """Whether all must wait: nothing can be stored."""
    return fault_of(error) is Fault.OUTAGE


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed later; that is said of our own TransientError too."""
    return fault_of(error) in (Fault.SESSION, Fault.PASSING) or isinstance(error, TransientError)
