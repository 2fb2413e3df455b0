"""All companies of the Fortnox emulator, the apps that may reach them, and the switches."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.fortnox.company import Company
from sandbox.fortnox.eventlog import EventLog
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.tokens import Tokens

DEFAULT_SCOPES = frozenset(
    {"article", "companyinformation", "currency", "customer", "invoice", "order", "payment", "price", "settings"}
)


@dataclass(frozen=True)
class Admission:
    """What the limiter says of a request: whether it may pass, and seconds until the next one may."""

    passed: bool
    wait: float


class Limiter:
    """At most so many requests in any window that slides, per client and tenant (reference 2)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stamps: dict[tuple[str, str], deque[float]] = {}

    def admit(self, client: str, tenant: str, switches: Switches) -> Admission:
        """Stamps one request; a refused one counts too if the switch says so."""
        now, window = self._clock.monotonic(), self._clock.seconds(switches.limit_window)
        stamps = self._stamps.setdefault((client, tenant), deque())
        while stamps and stamps[0] <= now - window:
            stamps.popleft()
        passed = len(stamps) < switches.limit_requests
        wait = 0.0 if passed or not stamps else stamps[0] + window - now
        if passed or switches.refused_count:
            stamps.append(now)
        return Admission(passed, wait)

    def clear(self) -> None:
        """Forgets every stamp."""
        self._stamps.clear()


class Fortnox:
    """The emulator's state. `companies` is keyed by tenant id as text."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches()
        self.companies: dict[str, Company] = {}
        self.limiter = Limiter(clock)
        self.tokens = Tokens(clock)
        self.events = EventLog(clock)

    def add_company(self, tenant: str, name: str, clients: dict[str, str], scopes: frozenset[str] = DEFAULT_SCOPES) -> Company:
        """Makes a company, or replaces it. `clients` maps client ids with a consent to their secrets."""
        company = Company(tenant, name, self.clock, lambda: self.switches)
        company.events = self.events
        company.clients, company.scopes = dict(clients), scopes
        self.companies[tenant] = company
        return company

    def secret(self, client: str) -> str | None:
        """The client's secret, or None for an unknown client."""
        return next((company.clients[client] for company in self.companies.values() if client in company.clients), None)

    def reset(self) -> None:
        """Removes all companies and sets the switches back."""
        self.switches = Switches()
        self.companies.clear()
        self.limiter.clear()
        self.tokens.forget()
        self.events.clear()

    def state(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            "switches": self.switches.to_json(),
            "tenants": {tenant: company.state() for tenant, company in self.companies.items()},
            "stream": self.events.state(),
        }

    def load(self, data: dict[str, Any]) -> None:
        """Restores a state."""
        switches, tenants = Switches().changed(data.get("switches", {})), data["tenants"]
        self.reset()
        self.switches = switches
        for tenant, state in tenants.items():
            self.add_company(tenant, state["name"], {}).load(state)
        if "stream" in data:
            self.events.load(data["stream"])
