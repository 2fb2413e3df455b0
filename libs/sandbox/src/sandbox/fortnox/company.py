"""One company in Fortnox: its registers, its settings, and the shape of a call to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

from sandbox.clock import Clock
from sandbox.fortnox.apps import Consent
from sandbox.fortnox.errors import bad
from sandbox.fortnox.eventlog import EventLog
from sandbox.fortnox.rights import ALL_LICENCES
from sandbox.fortnox.standard import Settings, standard_rows
from sandbox.fortnox.store import STOCKHOLM, Register, Value
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.topics import happening

BASE = "https://api.fortnox.se/3"
REGISTERS = (
    "customers", "articles", "invoices", "orders", "invoicepayments", "prices", "pricelists", "termsofpayments", "units",
    "currencies",
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """What a handler sees of a request: the keys of its path, its query and its JSON."""

    keys: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def wrapped(self, name: str) -> dict[str, Any]:
        """The record inside the body's wrapper; raises Refusal 2001392."""
        inner = self.body.get(name) if isinstance(self.body, dict) and set(self.body) == {name} else None
        if not isinstance(inner, dict):
            raise bad(2001392)
        return inner


@dataclass(frozen=True)
class Answer:
    """What a handler says. `location` is the plural name that a POST answers (reference 0), `pdf` a printed document."""

    body: dict[str, Any] | None
    status: int = 200
    location: str | None = None
    pdf: bytes | None = None


class Company:
    """A tenant. `switches` is a function so that a switch set later is seen at once. `is_administrator` is of the person
    who is signed in at the consent page; `is_locked` is a company whose bill to Fortnox is unpaid. `events` is None until
    the company is in a world: what it has from the start is no news."""

    def __init__(self, tenant: str, name: str, clock: Clock, switches: Callable[[], Switches]) -> None:
        self.tenant = tenant
        self.name = name
        self.organisation_number = "559900-0019"
        self.consents: dict[str, Consent] = {}
        self.licences = ALL_LICENCES
        self.is_administrator = True
        self.is_locked = False
        self.clock = clock
        self.events: EventLog | None = None
        self._switches = switches
        self.settings = Settings()
        self.row_id = 0
        self.voucher = 0
        lag, behind = (lambda: switches().search_lag), (lambda: switches().modified_behind)
        self.registers = {kind: Register(clock, lag, behind, partial(self._tell, kind)) for kind in REGISTERS}
        for kind, rows in standard_rows(self.today().isoformat()).items():
            records = {code: {"@url": f"{BASE}/{kind}/{quoted(code)}", "Code": code, **row} for code, row in rows.items()}
            # Loaded, not saved: they were always there.
            self.registers[kind].load({"records": records, "modified": dict.fromkeys(rows, ""), "used": list(rows), "last": 0})

    @property
    def switches(self) -> Switches:
        """The switches in force."""
        return self._switches()

    def __getitem__(self, kind: str) -> Register:
        return self.registers[kind]

    def consent_to(self, client: str) -> Consent | None:
        """The consent that an app has now."""
        consent = self.consents.get(client)
        return consent if consent and consent.given else None

    def give_consent(self, client: str, scopes: frozenset[str]) -> None:
        """Gives an app its one service account, or that account these scopes."""
        self.consents[client] = Consent(scopes)

    def set_consent(self, *, given: bool, client: str | None = None) -> None:
        """Revokes the consents or gives them again, as they were: one app's or all."""
        for name in self.consents if client is None else self.consents.keys() & {client}:
            self.consents[name] = replace(self.consents[name], given=given)

    def today(self) -> date:
        """The date in Stockholm."""
        return self.clock.now().astimezone(STOCKHOLM).date()

    def next_row_id(self) -> int:
        """A new row id; rows get new ones with every update."""
        self.row_id += 1
        return self.row_id

    def next_voucher(self) -> int:
        """The next number of the voucher series."""
        self.voucher += 1
        return self.voucher

    def _tell(self, kind: str, key: str, old: Value | None, new: Value | None, *, quiet: bool) -> None:
        """The one place where a change becomes an event, whoever made it: a call, a click, an edit by control."""
        found = happening(kind, old, new)
        if self.events is None or found is None or quiet:
            return
        extra = self._of_payment(new or old or {}) if kind == "invoicepayments" and self.switches.stream_payment_extras else {}
        self.events.add(*found, self.tenant, key, extra)

    def _of_payment(self, payment: Value) -> dict[str, Any]:
        number = str(payment["InvoiceNumber"])
        invoice = self["invoices"].get(number) or {}
        return {"invoiceId": number, "fullyPaid": invoice.get("Balance") == 0}

    def state(self) -> dict[str, Any]:
        """The company's records for a reader, and the dump that restores them."""
        return {
            "tenant": self.tenant,
            "name": self.name,
            "organisation_number": self.organisation_number,
            "consents": {client: {"scopes": sorted(one.scopes), "given": one.given} for client, one in self.consents.items()},
            "licences": sorted(self.licences),
            "is_administrator": self.is_administrator,
            "is_locked": self.is_locked,
            "row_id": self.row_id,
            "voucher": self.voucher,
            "settings": self.settings.to_json(),
            **{kind: register.values() for kind, register in self.registers.items()},
            "registers": {kind: register.dump() for kind, register in self.registers.items()},
        }

    def load(self, data: dict[str, Any]) -> None:
        """Restores a state."""
        self.organisation_number = data["organisation_number"]
        self.consents = {client: Consent(frozenset(one["scopes"]), one["given"]) for client, one in data["consents"].items()}
        self.licences = frozenset(data["licences"])
        self.is_administrator, self.is_locked = data["is_administrator"], data["is_locked"]
        self.row_id, self.voucher = data["row_id"], data["voucher"]
        self.settings = Settings().changed(data.get("settings", {}))
        for kind, register in self.registers.items():
            # A state taken before a register existed leaves its standard rows.
            if kind in data["registers"]:
                register.load(data["registers"][kind])


Handler = Callable[[Company, Call], Answer]


def quoted(key: str) -> str:
    """A key inside `@url`, percent-encoded."""
    return quote(key, safe="")
