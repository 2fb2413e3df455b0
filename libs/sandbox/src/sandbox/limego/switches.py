"""What no public source says about the classic Lime Go API: one named switch each, set to the worst for a client."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

from sandbox.limego.refusals import InputError

T = TypeVar("T")
WORST, KIND = "worst", "kind"


def _switch(*, worst: T, kind: T, choices: tuple[T, ...] = ()) -> T:
    """A switch: its default, its value in the kind set, and what it may be if that is not any value of its type."""
    return field(default=worst, metadata={KIND: kind, "choices": choices})


@dataclass(frozen=True)
class Switches:
    """The defaults are the worst plausible behaviour, except where a docstring says that one is not. Times are in
    seconds of the real system."""

    # Keys and refusals
    loose_keys: bool = _switch(worst=False, kind=True)
    """Whether `go-key:`, a bare GUID in the header and a prefix in the query string are taken, too."""
    refused_key_status: int = _switch(worst=401, kind=401, choices=(400, 401, 403))
    """The status for a missing or unknown key. Not the worst: 400 looks like a wrong request."""
    error_body: str = _switch(worst="empty", kind="json", choices=("empty", "json", "html"))
    """What a refusal outside GraphQL holds: nothing, `{"message"}`, or a page."""
    content_type_checked: bool = _switch(worst=True, kind=False)
    """Whether a body that is not sent as application/json is refused with 415."""
    extra_keys_refused: bool = _switch(worst=True, kind=False)
    """Whether an unknown key in a subscription's body is refused with 400."""
    limit_requests: int = _switch(worst=0, kind=0)
    """Requests per key in any `limit_window`; 0 is no limit. Not the worst: no number is known at all."""
    limit_window: float = _switch(worst=60.0, kind=60.0)
    """The width of the sliding window in which requests are counted."""
    retry_after_header: bool = _switch(worst=False, kind=True)
    """Whether 429 carries `Retry-After`."""

    # What a key reads and does
    hidden_as: str = _switch(worst="absent", kind="null", choices=("absent", "null", "error"))
    """How a field comes that a key may not read: as in a record that has no such data (null, `[]`), as null, or as null with
    an entry in `errors`."""
    company_key_reads_rest: bool = _switch(worst=False, kind=True)
    """Whether a company key with reduced data reads what its documentation neither promises nor denies: a deal's value, a
    company's temperature, a coworker's e-mail and phone."""
    company_key_writes: bool = _switch(worst=False, kind=True)
    """Whether a company key with reduced data may use mutations."""
    personal_key_subscribes: bool = _switch(worst=False, kind=True)
    """Whether a personal key may subscribe and read the feed."""

    # Reading
    graphql_error_status: int = _switch(worst=200, kind=400, choices=(200, 400))
    """The status of an answer that holds only errors."""
    too_many: str = _switch(worst="error", kind="clamp", choices=("error", "clamp"))
    """`first` above 20."""
    search_lag: float = _switch(worst=5.0, kind=0.0)
    """Seconds until a list or a search finds a new record, or a changed one by its new text."""
    search_names_only: bool = _switch(worst=True, kind=False)
    """Whether a search for companies and deals reads their names only; off, also number, e-mail, city, and the customer."""
    search_ignores_dash: bool = _switch(worst=False, kind=True)
    """Whether a search for 5599001234 finds 559900-1234 and the other way round."""
    listing_order: str = _switch(worst="changed", kind="created", choices=("changed", "created"))
    """Least recently changed first (a change in mid-walk moves the rest one step), or as they were made."""
    id_without_source: bool = _switch(worst=False, kind=True)
    """Whether a company of the register is also found by the number in its id alone."""
    integration_id_numbers: bool = _switch(worst=True, kind=False)
    """Whether an integration id of digits comes as a JSON number."""
    merged_id: str = _switch(worst="gone", kind="survivor", choices=("gone", "survivor"))
    """What the id of a company reads as that was merged into another: null, or the company that it was merged into."""
    unreadable: str = _switch(worst="", kind="")
    """The id of a deal or company that comes with its id and nothing else: all its other fields are null."""

    # Editing
    text_limit: int = _switch(worst=255, kind=0)
    """The most characters of any text; 0 is no limit."""
    unknown_custom_field: str = _switch(worst="error", kind="create", choices=("error", "create"))
    """A custom field that no administrator has made."""
    register_data: str = _switch(worst="kept", kind="free", choices=("kept", "refused", "free"))
    """A new name or number for a company of Lime's register: passed over without a word, refused, or taken."""
    deal_value_decimals: bool = _switch(worst=True, kind=False)
    """Whether a deal's value may have decimals (the import tool knows none)."""
    negative_deal_value: bool = _switch(worst=True, kind=False)
    """Whether a deal's value may be below zero (the import tool refuses it)."""
    closed_deals_locked: bool = _switch(worst=True, kind=False)
    """Whether a won or lost deal refuses edits until it is moved back into the process."""
    winning_sets_relation: bool = _switch(worst=False, kind=True)
    """Whether a won deal makes its company a customer by itself."""

    # Events
    closing_fires_status_change: bool = _switch(worst=True, kind=False)
    """Whether a won or lost deal fires DealStatusChange besides its own event."""
    unchanged_fires: bool = _switch(worst=True, kind=False)
    """Whether setting a relation or a step to what it is fires its event again."""
    own_writes_fire_events: bool = _switch(worst=True, kind=False)
    """Whether what a key of an integration writes comes back as an event."""
    event_ids: bool = _switch(worst=True, kind=True)
    """Whether events carry ids. Not the worst: without them an event says no more than that something happened."""
    feed_per: str = _switch(worst="account", kind="key", choices=("account", "key"))
    """Who shares a position in the feed."""
    feed_starts: str = _switch(worst="oldest", kind="now", choices=("oldest", "now"))
    """Where a new reader's feed begins: with all old events, or with what comes next."""
    drained_feed_lacks_items: bool = _switch(worst=True, kind=False)
    """Whether a feed with nothing more to tell answers `{}`, not `{"items":[]}`."""

    # Webhooks
    subscription_answer: str = _switch(worst="bare", kind="object", choices=("bare", "object"))
    """A new subscription's id: a JSON string, or `{"id"}`."""
    unsubscribe_by: str = _switch(worst="query", kind="both", choices=("query", "path", "both"))
    """Where DELETE takes the id: `?id=`, the path, or either."""
    unknown_event: str = _switch(worst="error", kind="ignore", choices=("error", "ignore"))
    """An event's name in a subscription that is none of the thirteen."""
    same_target_subscribes_twice: bool = _switch(worst=True, kind=False)
    """Whether a second subscription of one address sends everything twice, or gives the first one's id."""
    webhook_attempts: int = _switch(worst=1, kind=3)
    """How often a webhook that was not answered 2xx is sent in all."""
    webhook_retry_after: float = _switch(worst=60.0, kind=60.0)
    """Seconds between attempts, if there is more than one."""
    webhook_timeout: float = _switch(worst=5.0, kind=30.0)
    """Seconds until a webhook's answer no longer counts."""
    webhooks_in_order: bool = _switch(worst=False, kind=True)
    """Whether one subscription gets its events one at a time, in order."""
    dead_hook_after: int = _switch(worst=0, kind=0)
    """Removes a subscription after this many failures in a row; 0 never does. Not the worst: no number is known."""

    @classmethod
    def kind(cls) -> "Switches":
        """All switches at the value that is kindest to a client."""
        return cls(**{one.name: one.metadata[KIND] for one in fields(cls)})

    def changed(self, data: object) -> "Switches":
        """These switches with some of them set from JSON; `all` is "worst" or "kind" and is set before the others. Raises
        InputError."""
        if not isinstance(data, dict):
            raise InputError("switches are an object")
        start, found = self, {one.name: one for one in fields(self)}
        for name, value in data.items():
            if name == "all":
                start = _set(value)
            elif name not in found:
                raise InputError(f"unknown switch {name!r}")
            elif not _fits(value, type(found[name].default)):
                raise InputError(f"switch {name!r} is of type {type(found[name].default).__name__}")
            elif (choices := found[name].metadata["choices"]) and value not in choices:
                raise InputError(f"switch {name!r} is one of {', '.join(map(str, choices))}")
        return replace(start, **{name: value for name, value in data.items() if name != "all"})

    def to_json(self) -> dict[str, Any]:
        """All switches by name."""
        return asdict(self)


def _set(name: object) -> Switches:
    if name not in (WORST, KIND):
        raise InputError(f"all is {WORST!r} or {KIND!r}")
    return Switches() if name == WORST else Switches.kind()


def _fits(value: object, kind: type) -> bool:
    if kind in (int, float) and isinstance(value, (int, float)) and value < 0:
        return False
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is kind
