"""The named switches: what Fortnox does where no public source says, at its worst for a client unless set otherwise."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args


class SwitchError(ValueError):
    """An unknown switch, or a value it cannot take."""


KIND: dict[str, Any] = {
    "search_lag": 0.0,
    "modified_behind": 0.0,
    "lastmodified_exclusive": False,
    "payment_touches_invoice": True,
    "refused_count": False,
    "retry_after_header": True,
    "limit_answer": "json",
    "organisation_number_digits": True,
    "numbers_match_exactly": True,
    "mixed_numbers_sort_as_text": False,
    "limit_clamped": True,
    "offset_replaces_page": False,
    "payment_sort_ignored": False,
    "read_only_refused": False,
    "country_names_checked": False,
    "article_numbers_checked": False,
    "document_rows": None,
    "discount_alone_is_amount": False,
    "second_text_row_priced": False,
    "net_holds_fees": True,
    "foreign_row_vat_kept": False,
    "reminder_print_counts": False,
    "credentials_answer_scope": True,
    "race_ends_access_token": False,
    "stream_repeat_every": 0,
    "stream_expiry_ends": False,
    "stream_needs_scope": False,
    "stream_unknown_offset_refused": False,
    "stream_connections": None,
    "stream_settling_updates_invoice": True,
    "stream_price_updates_article": True,
}
"""What is easiest for a client, where that is not the default."""


@dataclass(frozen=True)
class Switches:
    """All switches. Times are in seconds of the real system, `jitter` is (least, most) milliseconds."""

    legacy_headers: bool = False
    search_lag: float = 5.0
    modified_behind: float = 5.0
    lastmodified_exclusive: bool = True
    lastmodified_by_minute: bool = False
    payment_touches_invoice: bool = False
    bookkeep_touches_invoice: bool = True
    reminder_touches_invoice: bool = True
    price_touches_article: bool = True
    refused_count: bool = True
    retry_after_header: bool = False
    limit_answer: Literal["empty", "html", "json"] = "empty"
    limit_requests: int = 25
    limit_window: float = 5.0
    token_requests: int | None = None
    page_limit: int = 500
    reference_cut: int | None = None
    credit_copies_reference: bool = True
    createinvoice_answers_order: bool = False
    organisation_number_digits: bool = False
    numbers_match_exactly: bool = False
    text_matches_start: bool = True
    mixed_numbers_sort_as_text: bool = True
    limit_clamped: bool = False
    page_beyond_refused: bool = False
    offset_replaces_page: bool = True
    empty_list_has_a_page: bool = False
    payment_sort_ignored: bool = True
    read_only_refused: bool = True
    null_clears_headers: bool = True
    country_names_checked: bool = True
    article_numbers_checked: bool = True
    document_rows: int | None = 500
    discount_alone_is_amount: bool = True
    second_text_row_priced: bool = True
    draft_balance_is_total: bool = True
    vat_rounded_by_row: bool = False
    net_holds_fees: bool = False
    foreign_row_vat_kept: bool = True
    zero_keeps_card_terms: bool = False
    reminder_print_counts: bool = True
    delete_in_use: bool = False
    delete_booked_payment: bool = False
    database_number_text: bool = False
    contract_reference_text: bool = True
    hidden_numbers: bool = False
    unknown_enum: bool = False
    unknown_field: bool = False
    jitter: tuple[float, float] = (0.0, 0.0)
    token_life: float = 3600.0
    code_life: float = 600.0
    refresh_token_life: float = 45 * 86_400.0
    refresh_race_window: float = 0.7
    race_ends_access_token: bool = True
    credentials_answer_scope: bool = False
    credentials_scope_narrows: bool = True
    no_consent_answers_401: bool = False
    revoke_ends_consent: bool = True
    service_refusal_redirects: bool = False
    app_licence_error: bool = True
    units_scope: Literal["settings", "article"] = "settings"
    permission_answers_400: bool = False
    permission_capitals: bool = True
    stream_repeat_every: int = 5
    stream_repeat: int = 3
    stream_expiry_ends: bool = True
    stream_needs_scope: bool = True
    stream_partial: bool = False
    stream_topics_later: bool = False
    stream_unknown_offset_refused: bool = True
    stream_tenants: int | None = None
    stream_connections: int | None = 1
    stream_close_code: int | None = None
    stream_payment_extras: bool = False
    stream_settling_updates_invoice: bool = False
    stream_price_updates_article: bool = False

    @classmethod
    def kind(cls) -> "Switches":
        """The set that is easiest for a client."""
        return cls().changed(KIND)

    def changed(self, values: dict[str, Any]) -> "Switches":
        """These switches with some set otherwise; raises SwitchError."""
        types = {field.name: _name(field.type) for field in fields(self)}
        for name, value in values.items():
            if name not in types:
                raise SwitchError(f"unknown switch {name!r}; one of {', '.join(types)}")
            if not _fits(types[name], value):
                raise SwitchError(f"switch {name!r} takes {types[name]}, not {value!r}")
        if "jitter" in values:
            values = {**values, "jitter": tuple(values["jitter"])}
        return replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """The switches as control shows them."""
        return asdict(self)


def _name(kind: object) -> str:
    if choices := get_args(kind if str(kind).startswith("typing.Literal") else None):
        return "one of " + ", ".join(choices)
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _fits(kind: str, value: object) -> bool:
    if kind.startswith("one of "):
        return value in kind.removeprefix("one of ").split(", ")
    if kind.startswith("tuple"):
        return isinstance(value, list | tuple) and len(value) == 2 and all(_fits("float", part) for part in value)
    if kind == "bool":
        return isinstance(value, bool)
    if value is None:
        return kind.endswith("None")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value >= 0 and (kind == "float" or isinstance(value, int))
