"""The base of every message: frozen, additive, keyed by connection and record."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.kinds import RecordKind


class Value(BaseModel):
    """A frozen value inside a message; unknown fields are ignored, so that a sender may be newer than its receiver."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(Value):
    """What travels on a topic. The type's name travels in the header `ce_type`, its schema version in `ce_dataversion`."""

    topic: ClassVar[str]
    schema_version: ClassVar[int] = 1

    connection_id: UUID

    @property
    def record_id(self) -> str:
        """The record's own id; with the connection it makes the key, and so the order, of the message."""
        raise NotImplementedError

    @property
    def destination(self) -> str:
        """The topic that this message goes to."""
        return self.topic

    @property
    def key(self) -> str:
        """`<connection>/<record>`: messages of one key keep their order."""
        return f"{self.connection_id}/{self.record_id}"


class Command(Message):
    """An order to one service. It carries the tenant and generation that it was decided for (flows.md, lanes)."""

    command_id: UUID
    generation: int

    @property
    def kind(self) -> RecordKind:
        """What the command saves, for its outcome."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """What the command is about: a newer command of the same subject may take the place of an older one."""
        return f"{self.kind}/{self.record_id}"
