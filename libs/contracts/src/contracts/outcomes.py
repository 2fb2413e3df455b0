"""What became of a command. Each command gets exactly one outcome; a repeated command repeats its outcome."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from contracts import topics
from contracts.kinds import RecordKind
from contracts.message import Message, Value


class Outcome(Message):
    """The common part: which command, of which record. `record_id` repeats the command's, and so its order."""

    topic: ClassVar[str] = topics.FORTNOX_OUTCOME
    command_id: UUID
    command_record_id: str
    kind: RecordKind
    generation: int

    @property
    def destination(self) -> str:
        """The outcome topic of the connector that handles this kind of record."""
        return topics.FORTNOX_OUTCOME if self.kind in (RecordKind.CUSTOMER, RecordKind.INVOICE) else topics.LIMEGO_OUTCOME

    @property
    def record_id(self) -> str:
        return self.command_record_id


DifferingField = Literal["name", "organisation_number", "street", "postcode", "city"]


class Difference(Value):
    """One thing that the record in Fortnox has otherwise than the command says, each as a person would write it."""

    field: DifferingField
    made: str
    wanted: str


class RecordSaved(Outcome):
    """Done. `remote_id` is the number that the remote gave; `adopted` is true when this command found it instead of creating it.

    What was found may have been made with an older content than this command's: `differences` says how it differs.
    """

    remote_id: str
    adopted: bool = False
    note: Literal["", "cancelled", "credited"] = ""
    differences: tuple[Difference, ...] = ()


class RecordRefused(Outcome):
    """Not done, and will not be without a change: `reason` is a stable code, `detail` the remote's own message.

    With a `remote_id` it is done, and not as it was asked for (the sum, the reference): a person looks at that one, and none
    is made besides.
    """

    reason: str
    detail: str = ""
    candidates: tuple[str, ...] = ()
    remote_id: str | None = None


class RecordSuperseded(Outcome):
    """Not done, because a newer command for the same record took its place."""

    superseded_by: UUID
