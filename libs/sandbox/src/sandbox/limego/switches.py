"""What no public source says about the classic Lime Go API: one named switch each, set to the worst for a client."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sandbox.limego.refusals import InputError


@dataclass(frozen=True)
class Switches:
    """The defaults are the worst plausible behaviour, with the two exceptions that say so."""

    too_many: str = "error"
    """`first` above 20: "error" or "clamp"."""
    graphql_error_status: int = 200
    """The HTTP status of an answer that holds only errors."""
    search_lag: float = 5.0
    """Seconds until a list or a search finds a new record, or a changed one by its new text."""
    search_ignores_dash: bool = False
    """Whether a search for 5599001234 finds 559900-1234 and the other way round."""
    listing_order: str = "changed"
    """"changed" (least recently changed first: a change in mid-walk moves the rest one step) or "created"."""
    winning_sets_relation: bool = False
    """Whether a won deal makes its company a customer by itself."""
    own_writes_fire_events: bool = True
    """Whether what a key of an integration writes comes back as an event."""
    unknown_custom_field: str = "error"
    """A custom field that no administrator has made: "error" or "create"."""
    company_key_writes: bool = False
    """Whether a company key with reduced data may use mutations."""
    personal_key_subscribes: bool = False
    """Whether a personal key may subscribe and read the feed."""
    feed_per: str = "key"
    """Who shares a position in the feed: "key" or "account". "key" is the milder one: it is what we were told."""
    feed_starts: str = "oldest"
    """Where a new key's feed begins: "oldest" (with all old events) or "now"."""
    same_target_subscribes_twice: bool = True
    """Whether a second subscription of one address sends everything twice, or gives the first one's id."""
    webhook_attempts: int = 1
    """How often a webhook that was not answered 2xx is sent in all."""
    webhook_retry_after: float = 60.0
    """Seconds between attempts, if there is more than one."""
    webhook_timeout: float = 5.0
    """Seconds until a webhook's answer no longer counts."""
    webhooks_in_order: bool = False
    """Whether one subscription gets its events one at a time, in order."""
    dead_hook_after: int = 0
    """Removes a subscription after this many failures in a row; 0 never does, and is the milder one."""
    unreadable: str = ""
    """The id of a deal or company that comes with its id and nothing else: all its other fields are null."""
    negative_deal_value: bool = True
    """Whether a deal's value may be below zero (the import tool refuses it)."""

    def changed(self, data: object) -> "Switches":
        """These switches with some of them set from JSON; raises InputError."""
        if not isinstance(data, dict):
            raise InputError("switches are an object")
        types = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in data.items():
            if name not in types:
                raise InputError(f"unknown switch {name!r}")
            if not _fits(value, types[name]):
                raise InputError(f"switch {name!r} is of type {types[name].__name__}")
        return replace(self, **data)

    def to_json(self) -> dict[str, Any]:
        """All switches by name."""
        return asdict(self)


def _fits(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is kind
