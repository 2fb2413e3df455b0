"""All companies of the Fortnox emulator, the apps that may reach them, and the switches."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from sandbox.clock import Clock
from sandbox.fortnox.apps import App
from sandbox.fortnox.company import Company
from sandbox.fortnox.draws import Draws
from sandbox.fortnox.eventlog import EventLog
from sandbox.fortnox.grants import Grants
from sandbox.fortnox.rights import ALL_SCOPES
from sandbox.fortnox.switches import Switches
from sandbox.fortnox.tokens import Tokens


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

    def admit(self, client: str, tenant: str, switches: Switches, most: int | None = None) -> Admission:
        """Stamps one request; a refused one counts too if the switch says so. `most` is the switch's limit unless given."""
        now, window = self._clock.monotonic(), self._clock.seconds(switches.limit_window)
        stamps = self._stamps.setdefault((client, tenant), deque())
        while stamps and stamps[0] <= now - window:
            stamps.popleft()
        passed = len(stamps) < (switches.limit_requests if most is None else most)
        wait = 0.0 if passed or not stamps else stamps[0] + window - now
        if passed or switches.refused_count:
            stamps.append(now)
        return Admission(passed, wait)

    def clear(self) -> None:
        """Forgets every stamp."""
        self._stamps.clear()


class Fortnox:
    """The emulator's state. `companies` is keyed by tenant id as text, `apps` by client id."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches()
        self.companies: dict[str, Company] = {}
        self.apps: dict[str, App] = {}
        self.limiter = Limiter(clock)
        self.draws = Draws()
        self.tokens = Tokens(clock, self.draws)
        self.grants = Grants(clock, self.draws)
        self.events = EventLog(clock)

    def add_company(self, tenant: str, name: str, clients: dict[str, str], scopes: frozenset[str] = ALL_SCOPES) -> Company:
        """Makes a company, or replaces it. `clients` maps the ids of apps that have its consent to their secrets; an app
        that is not registered becomes so."""
        company = Company(tenant, name, self.clock, lambda: self.switches)
        company.events = self.events
        for client, secret in clients.items():
            self.apps[client] = replace(self.apps.get(client) or App(client, secret, client), secret=secret)
            company.give_consent(client, scopes)
        self.grants.end_all(tenant)
        self.companies[tenant] = company
        return company

    def revoke_consent(self, company: Company, client: str | None = None) -> None:
        """The company removes an app, or all: no new tokens, neither by consent nor by refresh."""
        company.set_consent(given=False, client=client)
        self.grants.end_all(company.tenant, client)

    def set_seed(self, seed: int) -> None:
        """What is drawn from now on follows from the seed. Access tokens that another seed signed are void."""
        self.draws.seed = seed
        self.tokens.forget()

    def reset(self) -> None:
        """Removes all companies and apps, and sets seed and switches back."""
        self.switches = Switches()
        self.companies.clear()
        self.apps.clear()
        self.limiter.clear()
        self.draws.reset()
        self.tokens.forget()
        self.grants.clear()
        self.events.clear()

    def state(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            "switches": self.switches.to_json(),
            "draws": self.draws.state(),
            "apps": {client: app.to_json() for client, app in self.apps.items()},
            "grants": self.grants.state(),
            "tokens_taken_back": self.tokens.state(),
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
        self.apps = {client: App.from_json(app) for client, app in data["apps"].items()}
        self.draws.load(data["draws"])
        self.tokens.load(data["tokens_taken_back"])
        self.grants.load(data["grants"])
        if "stream" in data:
            self.events.load(data["stream"])
