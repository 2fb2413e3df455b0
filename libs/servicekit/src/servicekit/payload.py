"""A remote system's JSON as models."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, model_validator

from servicekit.text import storable


class Payload(BaseModel):
    """A part of an answer: what can be stored of it.

    Unknown fields are ignored: remotes grow without notice. What was read never stands in an error's text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: object) -> object:
        return storable(data)
