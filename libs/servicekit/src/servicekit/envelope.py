"""A message as it travels: CloudEvents in Kafka headers (binary mode), the pydantic model as JSON in the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError

from contracts.message import Message
from contracts.registry import TYPES
from servicekit.errors import PermanentError

M = TypeVar("M", bound=Message, covariant=True)


@dataclass(frozen=True)
class Received(Generic[M]):
    """A decoded message. `trace` is the traceparent of its processing; what it causes carries it on."""

    message: M
    message_id: UUID
    trace: str


def headers(message_id: UUID, type_name: str, key: str, source: str, trace: str) -> list[tuple[str, bytes]]:
    """The CloudEvents attributes of a message, and its trace context."""
    connection_id, _, subject = key.partition("/")
    values = {
        "ce_specversion": "1.0",
        "ce_id": str(message_id),
        "ce_type": type_name,
        "ce_source": source,
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_subject": subject,
        "ce_connectionid": connection_id,
        "ce_dataversion": str(TYPES[type_name].schema_version),
        "content-type": "application/json",
    }
    if trace:
        values["traceparent"] = trace
    return [(name, value.encode()) for name, value in values.items()]


def decode(head: Mapping[str, str], body: bytes) -> tuple[UUID, Message]:
    """The message of a record; PermanentError says what about it cannot be understood."""
    type_name = head.get("ce_type", "")
    model = TYPES.get(type_name)
    if model is None:
        raise PermanentError("unknown_message_type", type_name)
    if head.get("ce_dataversion") != str(model.schema_version):
        raise PermanentError("unknown_message_version", f"{type_name} {head.get('ce_dataversion')}")
    try:
        return UUID(head.get("ce_id", "")), model.model_validate_json(body)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, problem["loc"])) or "body" for problem in error.errors())
        raise PermanentError("unreadable_body", f"{type_name}: {places}") from None
    except ValueError:
        raise PermanentError("unreadable_id", type_name) from None
