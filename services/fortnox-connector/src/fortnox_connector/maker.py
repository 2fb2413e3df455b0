"""What the executor needs to know of a thing that it makes once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from contracts.outcomes import Difference
from fortnox_connector.tokens import Reserved
from servicekit.errors import PermanentError


@dataclass(frozen=True)
class Found:
    """Records in Fortnox that carry exactly our reference; several are adopted by nobody.

    `problem` is the reason why the one that was found needs attention all the same, with `detail`. `differences` is what
    it has otherwise than the command says, where that is no problem by itself.
    """

    remote_ids: tuple[str, ...]
    several_reason: str
    note: Literal["", "cancelled", "credited"] = ""
    problem: str = ""
    detail: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Made:
    """The number that Fortnox gave, and a reason, with its detail, when the record needs attention all the same."""

    remote_id: str
    problem: str = ""
    detail: str = ""


class CandidatesError(PermanentError):
    """A refusal that names the numbers a person should look at."""

    def __init__(self, reason: str, candidates: tuple[str, ...]) -> None:
        super().__init__(reason)
        self.candidates = candidates


class Maker(Protocol):
    """One thing to be made."""

    @property
    def business_key(self) -> str:
        """What makes it one: the company or the deal."""
        ...

    async def look(self, intent_at: datetime, *, is_first: bool) -> Found | None:
        """Looks whether it is there. PermanentError when something stands in the way of making it."""
        ...

    async def known(self, remote_id: str) -> Found:
        """What was made before, as it is now."""
        ...

    async def prepare(self) -> None:
        """Reads and checks what the POST needs. PermanentError when it must not be made."""
        ...

    async def reserve(self) -> Reserved:
        """Waits until a POST may leave at once; what is not sent is released."""
        ...

    async def send(self, reserved: Reserved) -> Made:
        """The one POST."""
        ...
